# SPDX-License-Identifier: EUPL-1.2
"""What each financer forecasts for the later years of a CPO: written when year one is retained, corrected, released.

A forecast is under the vote of its credits: it holds the envelope of its year until the dossier of that year takes it over.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, joinedload

from rules.cpo_figures import LONGEST, covered_years
from rules.money import CENT, split
from workflow import journal
from workflow.errors import (
    ConflictError,
    InvalidInputError,
    NotAllowedHereError,
    NotPermittedError,
    UnknownReferenceError,
)
from workflow.inputs import check_amount
from workflow.living import carried_years, is_carried, living_dossier
from workflow.models import Contract, Credit, Dossier, Forecast, FundingLine, Organisation
from workflow.permissions import Actor
from workflow.stages import FUNDED_STAGES, LineState, Role, Stage
from workflow.structured import trajectory_of

HELD, RELEASED = "held", "released"
STATE_LABELS = {HELD: "prévu", RELEASED: "libéré"}
RENOUNCE = "renounce_cpo"
AMENDMENTS = "amendments"  # in `dossier.follow_up` of the dossier that opened the CPO
SET = "set_forecast"
ZERO = Decimal(0)
FUNDED = [stage.value for stage in FUNDED_STAGES]
KEPT = frozenset({LineState.RETAINED, LineState.GRANTED})
Released = dict[str, str]  # « 2027 etat:specifique » → euros


def later_years(dossier: Dossier) -> tuple[int, ...]:
    """The years of its CPO after its own: those of the trajectory, else those of its duration."""
    planned = trajectory_of(dossier.cpo_trajectory)
    if planned:
        return tuple(year for year, _ in planned if year > dossier.year)
    last = dossier.year + min(dossier.cpo_years or 1, LONGEST)
    return tuple(range(dossier.year + 1, last))


def opened_years(db: Session, action_ids: Collection[int], year: int) -> Mapping[int, int]:
    """By action, the year of the earlier retained dossier whose CPO still covers this one. One statement."""
    rows = db.execute(
        select(Dossier.action_id, Dossier.year, Dossier.cpo_years, Dossier.cpo_trajectory).where(
            Dossier.action_id.in_(action_ids),
            Dossier.year < year,
            Dossier.cpo.is_(True),
            Dossier.stage.in_(FUNDED),
        )
    )
    return covering(rows, year)


def covering(rows: Iterable[Any], year: int) -> Mapping[int, int]:
    """By action, the year that opened the CPO covering this one, out of (action, year, duration, trajectory)."""
    signed: defaultdict[int, list[tuple[int, int | None, frozenset[int] | None]]] = defaultdict(list)
    for action_id, begun, years, planned in rows:
        signed[action_id].append((begun, years, frozenset(map(int, planned)) if planned else None))
    covered = {action_id: covered_years(known).get(year) for action_id, known in signed.items()}
    return {action_id: opened for action_id, opened in covered.items() if opened is not None}


def opened_in(db: Session, dossier: Dossier) -> int | None:
    """The year of the dossier that opened the CPO covering this one (perhaps its own); None when none does."""
    earlier = opened_years(db, [dossier.action_id], dossier.year).get(dossier.action_id)
    return earlier or (dossier.year if dossier.cpo else None)


def establish(
    db: Session, dossier: Dossier, now: datetime, *, again: bool = False
) -> tuple[Released, Released]:
    """The forecasts of a dossier that opens a CPO, from what was just retained: those written, those released.

    `again`, after a rectification: those that nobody corrected follow the new amounts, those of a line that is retained
    again hold again, those of a line no longer retained are released. A year that has its dossier is left to it.
    """
    years = later_years(dossier) if dossier.cpo else ()
    if not years or opened_in(db, dossier) != dossier.year:
        return {}, {}
    known = {(one.year, one.credit_id): one for one in _of_dossier(db, dossier)} if again else {}
    free = set(years) - carried_years(db, dossier.action_id) if again else set(years)
    left = {
        place for place, one in known.items() if one.year in free and one.state == HELD and not one.reason
    }
    written: Released = {}
    for year, amounts in _amounts(dossier, sorted(free)).items():
        for line, amount in amounts:
            forecast = known.get((year, line.credit_id))
            left.discard((year, line.credit_id))
            if forecast is None or _follows(forecast, dossier):
                hold(db, forecast, dossier, line.credit, year, amount, None, now)
                written[f"{year} {line.key}"] = f"{amount:.2f}"
    return written, _release([known[place] for place in sorted(left)], "plus rien n’est retenu", now)


def _follows(forecast: Forecast, dossier: Dossier) -> bool:
    """True of a forecast that a rectification moves: not corrected by somebody, not given up by its financer."""
    if forecast.state == HELD:
        return not forecast.reason
    changes = dossier.follow_up.get(AMENDMENTS, [])
    return not any(said["kind"] == RENOUNCE and said["line"] == forecast.credit.code for said in changes)


def _amounts(dossier: Dossier, years: Iterable[int]) -> dict[int, list[tuple[FundingLine, Decimal]]]:
    """Year by year, the retained lines following the trajectory; without it, the same amounts each year.

    A trajectory tells the whole action, lines only what is retained of it: the year's share of the first year is what
    both have in common. Silent on the first year, it is compared with the cost of the action.
    """
    lines = [line for line in dossier.lines if line.state in KEPT and line.retained]
    if not lines:
        return {}
    retained = [line.retained or ZERO for line in lines]
    planned = dict(trajectory_of(dossier.cpo_trajectory) or ())
    first, total = planned.get(dossier.year) or dossier.total_cost, sum(retained, ZERO)
    found = {}
    for year in years:
        wanted = total * planned[year] / first if first and year in planned else total
        found[year] = list(zip(lines, split(wanted.quantize(CENT), retained), strict=True))
    return found


def hold(
    db: Session,
    forecast: Forecast | None,
    opening: Dossier,
    credit: Credit,
    year: int,
    amount: Decimal,
    reason: str | None,
    now: datetime,
) -> None:
    """Writes one forecast, new or known: its year holds that amount from now on."""
    if forecast is None:
        forecast = Forecast(dossier=opening, credit=credit, year=year)
        db.add(forecast)
    forecast.state, forecast.amount, forecast.changed_at = HELD, amount, now
    forecast.reason = (reason or "").strip() or None


def _of_dossier(db: Session, dossier: Dossier) -> Sequence[Forecast]:
    return db.scalars(select(Forecast).where(Forecast.dossier_id == dossier.id)).all()


def forecasts_of(db: Session, dossier: Dossier) -> Sequence[Forecast]:
    """Every forecast of the action, by year, in the order of its contract's credits."""
    return forecasts_of_actions(db, [dossier.action_id]).get(dossier.action_id, [])


def forecasts_of_actions(db: Session, action_ids: Collection[int]) -> Mapping[int, Sequence[Forecast]]:
    """The same for several actions. One statement."""
    query = (
        select(Forecast)
        .join(Forecast.dossier)
        .join(Forecast.credit)
        .where(Dossier.action_id.in_(action_ids))
        .options(joinedload(Forecast.credit).joinedload(Credit.organisation), joinedload(Forecast.dossier))
        .order_by(Forecast.year, Credit.rank, Forecast.id)
    )
    found: defaultdict[int, list[Forecast]] = defaultdict(list)
    for one in db.scalars(query):
        found[one.dossier.action_id].append(one)
    return found


def may_set_forecast(actor: Actor, credit: Credit) -> bool:
    """Whoever answers for the financer of the credit, and the pilot."""
    if actor.has(Role.PILOT, credit.contract_id):
        return True
    return any(
        seat.role is Role.FINANCER and seat.organisation_id == credit.organisation_id
        for seat in actor.seats_for(credit.contract_id)
    )


def set_forecast(
    db: Session,
    dossier: Dossier,
    credit: Credit,
    year: int,
    amount: Decimal,
    reason: str,
    actor: Actor,
    now: datetime,
    *,
    expected_version: int | None = None,
) -> bool:
    """Corrects what one financer forecasts for one later year, with its reason; False when nothing changed. Flushes.

    Raises NotPermittedError, NotAllowedHereError, InvalidInputError, ConflictError (`expected_version` 0: none was shown).
    """
    if not may_set_forecast(actor, credit):
        raise NotPermittedError(
            f"La prévision de ce crédit se corrige par « {credit.organisation.name} » ou par le pilote."
        )
    opening = _opening(db, dossier, year)
    _check(opening, year, amount)
    _require_without_dossier(db, opening, year)
    known = {(one.year, one.credit_id): one for one in _of_dossier(db, opening)}
    forecast = known.get((year, credit.id))
    if expected_version is not None and expected_version != (forecast.version if forecast else 0):
        raise ConflictError
    if forecast is not None and forecast.state != HELD:
        raise NotAllowedHereError(f"Cette prévision est déjà « {STATE_LABELS[forecast.state]} ».")
    before = None if forecast is None else forecast.amount
    if before == amount:
        return False
    if not reason.strip():
        raise InvalidInputError("Motif : à renseigner, il est gardé au journal.", "reason")
    hold(db, forecast, opening, credit, year, amount, reason, now)
    details = {
        "line": credit.code,
        "year": year,
        "before": None if before is None else f"{before:.2f}",
        "after": f"{amount:.2f}",
    }
    journal.record_on(db, opening, SET, actor, now, details, reason=reason.strip())
    db.flush()
    return True


def _require_without_dossier(db: Session, opening: Dossier, year: int) -> None:
    """A year that has its dossier is no forecast any more: its amounts are those of its lines."""
    made = living_dossier(db, opening.action_id, year)
    if made is not None and made.stage != Stage.DRAFT:
        raise NotAllowedHereError(
            f"{year} a déjà son dossier, {made.reference} : ses montants se saisissent sur ses lignes."
        )


def opening_dossier(db: Session, dossier: Dossier) -> Dossier:
    """The retained dossier that opened the CPO of this one. Raises NotAllowedHereError."""
    opening = _opening_if_any(db, dossier)
    if opening is None:
        raise NotAllowedHereError("Aucune convention pluriannuelle retenue ne couvre cette action.")
    return opening


def next_year(db: Session, dossier: Dossier) -> int | None:
    """The year of its CPO after this one's; None in the last one, and outside a CPO."""
    opening = _opening_if_any(db, dossier)
    year = dossier.year + 1
    return year if opening is not None and year in later_years(opening) else None


def _opening_if_any(db: Session, dossier: Dossier) -> Dossier | None:
    year = opened_in(db, dossier)
    opening = dossier if year == dossier.year else None
    if year is not None and opening is None:
        query = select(Dossier).where(Dossier.action_id == dossier.action_id, Dossier.year == year)
        opening = db.scalar(query.where(Dossier.stage.in_(FUNDED)))
    return opening if opening is not None and opening.stage in FUNDED_STAGES else None


def _opening(db: Session, dossier: Dossier, year: int) -> Dossier:
    opening = opening_dossier(db, dossier)
    if year not in later_years(opening):
        raise NotAllowedHereError(f"{year} n’est pas une année suivante de cette convention.")
    return opening


def _check(opening: Dossier, year: int, amount: Decimal) -> None:
    check_amount(amount, "Une prévision")
    planned = dict(trajectory_of(opening.cpo_trajectory) or ())
    most = max(
        (known for known in (opening.total_cost, planned.get(year)) if known is not None), default=None
    )
    if most is not None and amount > most:
        raise InvalidInputError("Montant : plus que le coût de l’action.", "amount")


def release_held(
    db: Session,
    dossier: Dossier,
    reason: str,
    now: datetime,
    *,
    credit_id: int | None = None,
    after: int | None = None,
    own_year: bool = False,
) -> Released:
    """Releases what is held after this dossier's year (`after`: after that year), on one credit or on all.

    A year that its dossier carries is left alone, but this dossier's own (`own_year`) when it is what comes to an end.
    Gives what was released, for the journal.
    """
    later = (Forecast.year > (dossier.year if after is None else after)) & ~is_carried(Forecast.year)
    query = (
        select(Forecast)
        .join(Forecast.dossier)
        .where(Dossier.action_id == dossier.action_id, Forecast.state == HELD)
        .where(later | (Forecast.year == dossier.year) if own_year else later)
        .options(joinedload(Forecast.credit))
        .order_by(Forecast.year, Forecast.id)
    )
    if credit_id is not None:
        query = query.where(Forecast.credit_id == credit_id)
    return _release(db.scalars(query).all(), reason, now)


def _release(forecasts: Iterable[Forecast], reason: str, now: datetime) -> Released:
    released: Released = {}
    for one in forecasts:
        one.state, one.reason, one.changed_at = RELEASED, reason.strip() or None, now
        released[f"{one.year} {one.credit.code}"] = f"{one.amount:.2f}"
    return released


def holding() -> ColumnElement[bool]:
    """True of a forecast that still holds its year: of a retained action that has no living dossier that year yet.

    For a query that joins `Forecast.dossier`.
    """
    return (Forecast.state == HELD) & Dossier.stage.in_(FUNDED) & ~is_carried(Forecast.year)


def held_sums(db: Session, contract: Contract, year: int) -> Mapping[int, Decimal]:
    """By credit, what the CPO under way hold of one year. One statement."""
    rows = db.execute(
        select(Forecast.credit_id, func.sum(Forecast.amount))
        .join(Forecast.dossier)
        .where(Dossier.contract_id == contract.id, Forecast.year == year, holding())
        .group_by(Forecast.credit_id)
    )
    return {credit_id: total or ZERO for credit_id, total in rows}


def held_on_credit(db: Session, credit: Credit, year: int) -> Sequence[Any]:
    """What CPO hold of one credit in one year, action by action, as rows of columns."""
    return db.execute(
        select(
            Dossier.id, Dossier.reference, Dossier.title, Organisation.name.label("porteur"), Forecast.amount
        )
        .join(Forecast.dossier)
        .join(Organisation, Organisation.id == Dossier.porteur_id)
        .where(Forecast.credit_id == credit.id, Forecast.year == year, holding())
        .order_by(Dossier.reference)
    ).all()


def credit_of(db: Session, contract_id: int, code: str) -> Credit:
    """An open credit of the contract by its code. Raises UnknownReferenceError."""
    query = select(Credit).where(Credit.contract_id == contract_id, Credit.code == code)
    found = db.scalar(query.where(Credit.closed_on.is_(None)).options(joinedload(Credit.organisation)))
    if found is None:
        raise UnknownReferenceError(f"Crédit inconnu du contrat : « {code} ».")
    return found
