# SPDX-License-Identifier: EUPL-1.2
"""Year n+1 of a CPO: its dossier made from year n, at the promised amounts, under the vote of the credits."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from rules.findings import Finding
from rules.themes.renewal import RECEIVED
from workflow.errors import NotAllowedHereError, NotPermittedError, RefusedError
from workflow.forecasts import HELD, forecasts_of, forecasts_of_actions, opened_years, opening_dossier
from workflow.guards.renewal import missing_of, renewal_missing
from workflow.journal import record_on
from workflow.living import living_dossier, living_dossiers
from workflow.machine import fire
from workflow.models import Contract, Dossier, Forecast, FundingLine
from workflow.permissions import Actor, Seat
from workflow.request.beginning import COPIED, copy_facts, one_at_a_time
from workflow.stages import FUNDED_STAGES, Role, Stage
from workflow.territory import Nature

RENEW = "renew_cpo"
SUBJECT_TO = "prévu par la CPO, sous réserve du vote des crédits"
LONGEST_YEAR = timedelta(days=366)
FUNDED = [stage.value for stage in FUNDED_STAGES]
IN_FORCE = ("cpo_years", "cpo_trajectory")  # as the opening dossier says them, whatever the year before asked
INSTRUCTED = ("lead_instructor_id", "theme", "partners", "republican_commitment", "pieces")


@dataclass(frozen=True, slots=True)
class Renewal:
    """What came of one renewal: the dossier made, and what keeps it from the conference, when something does."""

    dossier: Dossier
    waiting: list[Finding] = field(default_factory=list)
    said: str = ""

    @property
    def is_in_conference(self) -> bool:
        """True when it went all the way."""
        return self.dossier.stage == Stage.FINANCERS_CONFERENCE


@dataclass(frozen=True, slots=True)
class Renewable:
    """A CPO action in its year n: what its financers promise next, what is missing, the dossier when it is made."""

    dossier: Dossier
    forecasts: Sequence[Forecast]
    missing: Sequence[Finding]
    renewed: Dossier | None

    @property
    def is_ready(self) -> bool:
        """True when nothing is missing and nothing is made yet."""
        return self.renewed is None and not self.missing


def may_renew(actor: Actor, contract_id: int) -> bool:
    """The pilot and the secretaries."""
    return any(actor.has(role, contract_id) for role in (Role.PILOT, Role.SECRETARY))


def renew(db: Session, source: Dossier, actor: Actor, now: datetime) -> Renewal:
    """Makes the next year's dossier, once: filed, its lines at the promised amounts, then as far as its rules allow.

    Raises NotPermittedError, NotAllowedHereError when that year has its dossier, RefusedError saying all that is missing.
    """
    contract, year = source.contract, source.year + 1
    if not may_renew(actor, contract.id):
        raise NotPermittedError("L’année suivante d’une CPO se crée par le pilote ou le secrétariat.")
    one_at_a_time(db, contract)
    known = living_dossier(db, source.action_id, year)
    if known is not None:
        raise NotAllowedHereError(
            f"Cette action a déjà un dossier pour {year}\u00a0: {known.reference}. Il n’y en a qu’un par action et par an."
        )
    missing = renewal_missing(db, source)
    if missing:
        raise RefusedError(f"L’année {year} de cette CPO ne peut pas encore être créée.", missing)
    dossier = _make(db, source, year, actor, now)
    record_on(db, source, RENEW, actor, now, {"reference": dossier.reference, "year": year})
    return _advance(db, dossier, actor, now)


def _make(db: Session, source: Dossier, year: int, actor: Actor, now: datetime) -> Dossier:
    promised = [
        one for one in forecasts_of(db, source) if one.year == year and one.state == HELD and one.amount
    ]
    opening = opening_dossier(db, source)
    kept = {name: getattr(source, name) for name in INSTRUCTED}
    kept |= {name: getattr(opening, name) for name in IN_FORCE}
    ordinary = [one.credit.code for one in promised if one.credit.nature == Nature.DROIT_COMMUN]
    dossier = copy_facts(
        db,
        source,
        year,
        actor,
        now,
        previous_report=RECEIVED,
        **_period(opening, source),
        follow_up={COPIED: source.reference},
        holders=ordinary,
        **kept,
    )
    for one in promised:
        before = source.line(one.credit.code)
        line = FundingLine(credit=one.credit, key=one.credit.code, year=year, requested=one.amount)
        line.forecast = one.amount
        line.condition_confirmed = before.condition_confirmed if before else None
        dossier.lines.append(line)
    db.flush()
    return dossier


def _period(opening: Dossier, source: Dossier) -> dict[str, date]:
    """Dates that tell the whole agreement, not one year of it, keep their end: no year of it runs past it.

    The last one is what is left of it: it begins with the year when the day of the year before comes after the end.
    """
    starts, ends, year, before = opening.starts_on, opening.ends_on, source.year + 1, source.starts_on
    if starts is None or ends is None or ends - starts <= LONGEST_YEAR or ends.year < year:
        return {}
    is_past = before is not None and (year, before.month, before.day) > (ends.year, ends.month, ends.day)
    return {"ends_on": ends} | ({"starts_on": date(year, 1, 1)} if is_past else {})


def _advance(db: Session, dossier: Dossier, actor: Actor, now: datetime) -> Renewal:
    """Filed and promised by the procedure, in this person's name; admissible and sent by their own rights."""
    system = Seat(Role.SYSTEM, "", 0, dossier.contract_id)
    clerk = replace(actor, seats=(*actor.seats, system))
    fire(db, dossier, "submit", clerk, None, now)
    for line in dossier.lines:
        fire(db, line, "carry_forecast", clerk, SUBJECT_TO, now)
    db.flush()
    for trigger in ("declare_admissible", "renew"):
        try:
            fire(db, dossier, trigger, actor, None, now)
        except RefusedError as error:
            return Renewal(dossier, error.findings, error.message)
        except NotPermittedError as error:
            return Renewal(dossier, said=error.message)
        db.flush()
    return Renewal(dossier)


def renewables(db: Session, contract: Contract, year: int) -> list[Renewable]:
    """Every CPO action of that year that its financers forecast for the next one, made or not, by reference.

    A constant number of queries, whatever the number of actions.
    """
    actions = select(Dossier.action_id).join(Forecast, Forecast.dossier_id == Dossier.id)
    query = (
        select(Dossier)
        .where(Dossier.contract_id == contract.id, Dossier.year == year, Dossier.stage.in_(FUNDED))
        .where(Dossier.action_id.in_(actions.where(Forecast.year == year + 1)))
        .options(joinedload(Dossier.porteur))
        .order_by(Dossier.reference)
    )
    dossiers = db.scalars(query).all()
    ids = [one.action_id for one in dossiers]
    living, opened, known = (
        living_dossiers(db, ids),
        opened_years(db, ids, year),
        forecasts_of_actions(db, ids),
    )
    found = []
    for dossier in dossiers:
        action = dossier.action_id
        made, promised = living.get((action, year + 1)), known.get(action, [])
        opening = (
            living.get((action, opened[action])) if action in opened else dossier if dossier.cpo else None
        )
        missing = [] if made else missing_of(dossier, opening, promised)
        later = [one for one in promised if one.year == year + 1]
        found.append(Renewable(dossier, later, missing, made))
    return found


def years_to_renew(db: Session, contract: Contract) -> list[int]:
    """The years followed by a forecast one, whatever became of it."""
    query = select(Forecast.year).join(Forecast.dossier).where(Dossier.contract_id == contract.id).distinct()
    return sorted(year - 1 for year in db.scalars(query))
