# SPDX-License-Identifier: EUPL-1.2
"""What the contract demands of a year's calendar, compared with the séances planned or held. Changes nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from workflow.calendar_plan import first_openings
from workflow.contracts import territory_of
from workflow.firing import PARIS
from workflow.models import Contract, Dossier, Seance, SeanceItem
from workflow.stages import SeanceStatus, Stage
from workflow.territory import Body, BodyKind, Territory

PLAN = "prévoir les séances manquantes"


@dataclass(frozen=True, slots=True)
class YearlyFault:
    """One demand that the calendar does not meet: the body, a French sentence, what to do."""

    body: str
    message: str
    remedy: str


def check_year(db: Session, contract: Contract, year: int) -> list[YearlyFault]:
    """The demands that the year's séances do not meet; cancelled ones do not count."""
    return yearly_faults(territory_of(contract), year, days_of_year(db, contract, year))


def days_of_year(db: Session, contract: Contract, year: int) -> dict[str, list[date]]:
    """The local days of the year's séances by body, in order, without the cancelled ones."""
    rows = db.execute(
        select(Seance.body, Seance.starts_at)
        .where(Seance.contract_id == contract.id, Seance.status != SeanceStatus.CANCELLED)
        .order_by(Seance.starts_at)
    )
    found: dict[str, list[date]] = {}
    for body, starts_at in rows:
        on = starts_at.astimezone(PARIS).date()
        if on.year == year:
            found.setdefault(body, []).append(on)
    return found


def waiting_for_conference(db: Session, contract: Contract, now: datetime) -> tuple[int, datetime | None]:
    """How many dossiers at the conference's stage are on no agenda ahead, and when the next conference is."""
    codes = [b.code for b in territory_of(contract).bodies if b.kind is BodyKind.CONFERENCE]
    ahead = (
        select(Seance)
        .where(Seance.contract_id == contract.id, Seance.body.in_(codes), Seance.starts_at > now)
        .where(Seance.status.in_((SeanceStatus.PLANNED, SeanceStatus.CONVOKED)))
        .order_by(Seance.starts_at)
    )
    following = db.scalars(ahead).all()
    listed = select(SeanceItem.dossier_id).where(SeanceItem.seance_id.in_([row.id for row in following]))
    count = db.scalar(
        select(func.count())
        .select_from(Dossier)
        .where(Dossier.contract_id == contract.id, Dossier.stage == Stage.FINANCERS_CONFERENCE)
        .where(Dossier.id.not_in(listed))
    )
    return count or 0, following[0].starts_at if following else None


def yearly_faults(territory: Territory, year: int, held: Mapping[str, Sequence[date]]) -> list[YearlyFault]:
    """The same, on given days."""
    if not territory.starts_on.year <= year <= territory.ends_on.year:
        return []
    faults = []
    for body in territory.bodies:
        days = held.get(body.code, ())
        faults += _number(body, year, len(days))
        if body.kind is BodyKind.ANNUAL:
            faults += _before_the_call(body, year, days, territory)
    return faults


def _number(body: Body, year: int, count: int) -> list[YearlyFault]:
    cadence, remedy = body.cadence, PLAN
    promised, most = cadence.promised_per_year, cadence.per_year_max
    there = f"{body.label} : {_sessions(count)} au calendrier de {year}"
    if promised is not None and count < promised:
        return [YearlyFault(body.code, f"{there}, le contrat en demande {promised}", remedy)]
    if count < cadence.per_year_min:
        return [
            YearlyFault(body.code, f"{there}, la configuration en demande {cadence.per_year_min}", remedy)
        ]
    if most is not None and count > most:
        return [YearlyFault(body.code, f"{there}, la configuration en admet {most}", "annuler une séance")]
    return []


def _sessions(count: int) -> str:
    return "aucune séance" if not count else f"{count} séance{'s' if count > 1 else ''}"


def _before_the_call(body: Body, year: int, days: Sequence[date], territory: Territory) -> list[YearlyFault]:
    """The annual meeting comes before the first opening of next year's call."""
    opens = first_openings(territory).get(year + 1)
    if opens is None or not days or min(days) < opens:
        return []
    text = f"{body.label} : le {min(days):%d/%m/%Y}, alors que l’appel {year + 1} ouvre le {opens:%d/%m/%Y}"
    return [YearlyFault(body.code, text, "déplacer la réunion avant l’ouverture de l’appel")]
