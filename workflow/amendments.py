# SPDX-License-Identifier: EUPL-1.2
"""What changes a CPO under way: an amendment of its trajectory, its early end, a financer or the porteur who renounces."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from rules.money import split
from workflow.errors import ConflictError, InvalidInputError, NotAllowedHereError, NotPermittedError
from workflow.forecasts import (
    AMENDMENTS,
    HELD,
    RELEASED,
    RENOUNCE,
    Released,
    forecasts_of,
    hold,
    later_years,
    may_set_forecast,
    opening_dossier,
    release_held,
)
from workflow.guards.renewal import carries_promises
from workflow.inputs import check_amount
from workflow.journal import record_on
from workflow.living import carried_years, living_dossiers
from workflow.models import Credit, Dossier, Forecast
from workflow.permissions import Actor
from workflow.programme_facts import kept_of
from workflow.request.beginning import one_at_a_time
from workflow.stages import Role
from workflow.structured import FIRST_YEAR, LAST_YEAR, trajectory_of

AMEND, END = "amend_cpo", "end_cpo"
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Signed:
    """What every change of a CPO says: the day it is signed or received, and why."""

    on: date | None
    reason: str


def amend(
    db: Session,
    dossier: Dossier,
    trajectory: Mapping[int, Decimal],
    signed: Signed,
    actor: Actor,
    now: datetime,
    *,
    expected_version: int | None = None,
) -> None:
    """A new trajectory for the years that no dossier carries yet: forecasts follow it, shared as before. Flushes.

    `trajectory`: euros of all financers by year; a later year left out is released, another one is added after the last.
    The years before are kept with it at what its financers gave or promised, so that one trajectory has one unit.
    Raises NotPermittedError, NotAllowedHereError, InvalidInputError, ConflictError.
    """
    opening = _changing(db, dossier, signed, actor, expected_version)
    before = dict(trajectory_of(opening.cpo_trajectory) or ())
    known = forecasts_of(db, opening)
    settled = settled_until(db, opening)
    _check_trajectory(opening, trajectory, settled)
    after = {year: _given(opening, known, year) for year in range(opening.year, settled + 1)} | dict(
        trajectory
    )
    changed = _follow(db, opening, trajectory, known, signed.reason, now)
    released = release_held(db, opening, signed.reason, now, after=max(trajectory))
    opening.cpo_trajectory = {str(year): f"{amount:.2f}" for year, amount in sorted(after.items())}
    opening.cpo_years = len(after)
    said = {"before": _plain(before), "after": _plain(after), "forecasts": changed, "released": released}
    _keep(db, opening, AMEND, signed, actor, now, said)
    _follow_later(db, opening, AMEND, signed, actor, now, before)


def end_early(
    db: Session,
    dossier: Dossier,
    last_year: int,
    signed: Signed,
    actor: Actor,
    now: datetime,
    *,
    expected_version: int | None = None,
) -> Released:
    """The CPO stops after that year: what is forecast for later is released. Gives what was. Flushes.

    Raises NotPermittedError, NotAllowedHereError, InvalidInputError, ConflictError.
    """
    opening = _changing(db, dossier, signed, actor, expected_version)
    settled = settled_until(db, opening)
    if last_year < settled:
        raise InvalidInputError(
            f"Dernière année\u00a0: {settled} au plus tôt, cette année a déjà son dossier.", "last_year"
        )
    released = release_held(db, opening, signed.reason, now, after=last_year)
    if not released:
        raise InvalidInputError(f"Dernière année\u00a0: rien n’est prévu après {last_year}.", "last_year")
    planned = dict(trajectory_of(opening.cpo_trajectory) or ())
    if planned:
        opening.cpo_trajectory = {str(y): f"{a:.2f}" for y, a in sorted(planned.items()) if y <= last_year}
    opening.cpo_years = last_year - opening.year + 1
    _keep(db, opening, END, signed, actor, now, {"last_year": last_year, "released": released})
    _follow_later(db, opening, END, signed, actor, now, planned)
    return released


def renounce(
    db: Session,
    dossier: Dossier,
    credit: Credit,
    signed: Signed,
    actor: Actor,
    now: datetime,
    *,
    expected_version: int | None = None,
) -> Released:
    """One financer renounces its later years: they are released, the others stay. Gives what was. Flushes.

    This year's line is cancelled apart, by its own transition, which lists what was paid.
    """
    if not may_set_forecast(actor, credit):
        raise NotPermittedError(
            f"Seuls «\u00a0{credit.organisation.name}\u00a0» et le pilote peuvent y renoncer."
        )
    opening = opening_dossier(db, dossier)
    _check_signed(opening, signed, expected_version)
    released = release_held(db, opening, signed.reason, now, credit_id=credit.id)
    if not released:
        raise NotAllowedHereError("Ce financeur ne prévoit plus rien pour les années suivantes.")
    _keep(db, opening, RENOUNCE, signed, actor, now, {"line": credit.code, "released": released})
    return released


def amendments_of(opening: Dossier) -> list[Mapping[str, Any]]:
    """The changes of a CPO, oldest first."""
    found: list[Mapping[str, Any]] = opening.follow_up.get(AMENDMENTS, [])
    return found


def _changing(
    db: Session, dossier: Dossier, signed: Signed, actor: Actor, expected_version: int | None
) -> Dossier:
    if not actor.has(Role.PILOT, dossier.contract_id):
        raise NotPermittedError("Seul le pilote du contrat modifie une convention pluriannuelle.")
    one_at_a_time(db, dossier.contract)  # a renewal of the same action waits, or is waited for
    opening = opening_dossier(db, dossier)
    _check_signed(opening, signed, expected_version)
    return opening


def _check_signed(opening: Dossier, signed: Signed, expected_version: int | None) -> None:
    if expected_version is not None and opening.version != expected_version:
        raise ConflictError
    if not signed.reason.strip():
        raise InvalidInputError("Motif\u00a0: à renseigner, il est gardé au journal.", "reason")
    if signed.on is None:
        raise InvalidInputError("Date\u00a0: à renseigner, celle de la signature ou du courrier.", "on")


def settled_until(db: Session, opening: Dossier) -> int:
    """The last year that has its dossier: nothing changes any more until then."""
    return max({opening.year, *(carried_years(db, opening.action_id) & set(later_years(opening)))})


def _given(opening: Dossier, known: Sequence[Forecast], year: int) -> Decimal:
    """What the financers give in the first year, or promised of a later one."""
    if year == opening.year:
        return sum((amount for _, amount in _first_year(opening)), ZERO)
    return sum((one.amount for one in known if one.year == year and one.state == HELD), ZERO)


def _first_year(opening: Dossier) -> list[tuple[Credit, Decimal]]:
    """What each financer gives in the year of the opening dossier: granted, else retained; one that gives nothing is left out."""
    kept = ((line.credit, kept_of(line)) for line in opening.lines)
    return [(credit, amount) for credit, amount in kept if amount]


def _check_trajectory(opening: Dossier, trajectory: Mapping[int, Decimal], settled: int) -> None:
    early = [year for year in trajectory if not max(settled, FIRST_YEAR) < year <= LAST_YEAR]
    if early:
        raise InvalidInputError(
            f"Trajectoire\u00a0: {early[0]} a déjà son dossier, ou n’est pas une année de la convention.",
            "trajectory",
        )
    if sorted(trajectory) != list(range(settled + 1, settled + 1 + len(trajectory))):
        raise InvalidInputError("Trajectoire\u00a0: des années qui se suivent sont attendues.", "trajectory")
    for amount in trajectory.values():
        check_amount(amount, "Un montant de la trajectoire")
    if not trajectory:
        raise InvalidInputError(
            "Trajectoire\u00a0: pour tout arrêter, saisir la fin anticipée.", "trajectory"
        )


def _follow(
    db: Session,
    opening: Dossier,
    trajectory: Mapping[int, Decimal],
    known: Sequence[Forecast],
    reason: str,
    now: datetime,
) -> Released:
    """Each year's total, shared as it was that year; a new year as the one before it."""
    changed: Released = {}
    by_place = {(one.year, one.credit_id): one for one in known}
    shares = _first_year(opening)
    for year in sorted({one.year for one in known} | set(trajectory)):
        held = [(one.credit, one.amount) for one in known if one.year == year and one.state != RELEASED]
        shares = held or shares
        if year not in trajectory or not shares:
            continue
        parts = split(trajectory[year], [weight for _, weight in shares])
        for (credit, _), amount in zip(shares, parts, strict=True):
            hold(db, by_place.get((year, credit.id)), opening, credit, year, amount, reason, now)
            changed[f"{year} {credit.code}"] = f"{amount:.2f}"
    return changed


def _plain(trajectory: Mapping[int, Decimal]) -> dict[str, str]:
    return {str(year): f"{amount:.2f}" for year, amount in sorted(trajectory.items())}


def _keep(
    db: Session,
    opening: Dossier,
    trigger: str,
    signed: Signed,
    actor: Actor,
    now: datetime,
    details: dict[str, Any],
) -> None:
    """In the journal, and with the dossier that opened the CPO, whose version grows."""
    on = signed.on.isoformat() if signed.on else None
    said = {"kind": trigger, "on": on, "reason": signed.reason.strip(), "by": actor.name, **details}
    opening.follow_up = {**opening.follow_up, AMENDMENTS: [*amendments_of(opening), said]}
    record_on(db, opening, trigger, actor, now, {"date": on, **details}, reason=signed.reason.strip())
    db.flush()


def _follow_later(
    db: Session,
    opening: Dossier,
    trigger: str,
    signed: Signed,
    actor: Actor,
    now: datetime,
    before: Mapping[int, Decimal],
) -> None:
    """The years already renewed state their CPO as the opening dossier does: what is in force, said in their journal."""
    after = dict(trajectory_of(opening.cpo_trajectory) or ())
    said = {
        "date": signed.on.isoformat() if signed.on else None,
        "reference": opening.reference,
        "before": _plain(before),
        "after": _plain(after),
    }
    for (_, year), later in sorted(living_dossiers(db, [opening.action_id]).items()):
        if year > opening.year and carries_promises(later):
            later.cpo_years, later.cpo_trajectory = opening.cpo_years, opening.cpo_trajectory
            record_on(db, later, trigger, actor, now, said, reason=signed.reason.strip())
    db.flush()
