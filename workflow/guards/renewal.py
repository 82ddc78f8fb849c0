# SPDX-License-Identifier: EUPL-1.2
"""Guards of a CPO's next year: the year before has its interim report and its indicators, the lines carry promises."""

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from rules.findings import Finding
from rules.themes.renewal import INTERIM
from workflow.firing import Firing, refusal
from workflow.forecasts import FUNDED, HELD, forecasts_of, later_years, opened_in
from workflow.models import Dossier, Forecast, FundingLine
from workflow.stages import FUNDED_STAGES, LineState, Stage

READINGS = "cpo_readings"  # in `dossier.follow_up`: {indicator: what was read that year}
INTERIM_ON = f"{INTERIM}_report_on"
REPORTED = frozenset({Stage.REPORTED, Stage.CLOSED})
DROPPED = frozenset({LineState.INELIGIBLE, LineState.CANCELLED, LineState.REFUSED})


def report_received(dossier: Dossier) -> bool:
    """True once this year's interim report, or its final one, is received."""
    return bool(dossier.follow_up.get(INTERIM_ON)) or dossier.stage in REPORTED


def readings_of(dossier: Dossier) -> Mapping[str, str]:
    """What was read of each indicator of the CPO that year."""
    found: Mapping[str, str] = dossier.follow_up.get(READINGS, {})
    return found


def year_missing(dossier: Dossier) -> Iterable[Finding]:
    """What a year of a CPO lacks to be followed by the next one: its report, its indicators, their readings."""
    if not report_received(dossier):
        yield refusal("guard.renewal", "report", reference=dossier.reference, year=str(dossier.year))
    if not dossier.cpo_indicators:
        yield refusal("guard.renewal", "indicators", reference=dossier.reference)
    unread = [name for name in dossier.cpo_indicators or () if not readings_of(dossier).get(name)]
    if unread:
        yield refusal(
            "guard.renewal", "readings", reference=dossier.reference, year=str(dossier.year), names=unread
        )


def renewal_missing(db: Session, dossier: Dossier) -> list[Finding]:
    """What stops the creation of the year after this one."""
    opened = opened_in(db, dossier)
    opening = dossier if opened == dossier.year else _dossier_of(db, dossier.action_id, opened)
    return missing_of(dossier, opening, forecasts_of(db, dossier))


def missing_of(dossier: Dossier, opening: Dossier | None, forecasts: Sequence[Forecast]) -> list[Finding]:
    """The same, from what was read: the dossier that opened its CPO, and the forecasts of the action."""
    year = dossier.year + 1
    if dossier.stage not in FUNDED_STAGES or opening is None or year not in later_years(opening):
        return [refusal("guard.renewal", "over", reference=dossier.reference, year=str(year))]
    found = list(year_missing(dossier))
    if not any(one.amount > 0 for one in forecasts if one.year == year and one.state == HELD):
        found.append(refusal("guard.renewal", "unforecast", reference=dossier.reference, year=str(year)))
    return found


def follows_a_cpo(firing: Firing) -> Iterable[Finding]:
    """The dossier carries promised amounts, and the year before has what it needs: no new opinion is asked."""
    dossier = firing.dossier
    if not carries_promises(dossier):
        yield refusal("guard.renewal", "not_cpo")
        return
    before = _dossier_of(firing.db, dossier.action_id, dossier.year - 1)
    if before is None:
        yield refusal("guard.renewal", "not_cpo")
    else:
        yield from year_missing(before)


def carries_promises(dossier: Dossier) -> bool:
    """True of a year that takes over the forecasts of a CPO."""
    return any(line.forecast is not None and line.state not in DROPPED for line in dossier.lines)


def _dossier_of(db: Session, action_id: int, year: int | None) -> Dossier | None:
    if year is None:
        return None
    query = select(Dossier).where(Dossier.action_id == action_id, Dossier.year == year)
    return db.scalars(query.where(Dossier.stage.in_(FUNDED)).order_by(Dossier.id)).first()


# --- promised amounts


def promise_kept(firing: Firing) -> Iterable[Finding]:
    """An answer that departs from a promised amount says why."""
    line: FundingLine = firing.subject
    yield from departs_unsaid(line, firing.details.get("amount"), firing.reason)


def promise_left(firing: Firing) -> Iterable[Finding]:
    """An answer without the promised money says why."""
    yield from departs_unsaid(firing.subject, None, firing.reason)


def departs_unsaid(line: FundingLine, amount: object, reason: str | None) -> Iterable[Finding]:
    """Refuses another amount than the CPO promised, without a reason."""
    if line.forecast is None or amount == line.forecast or (reason or "").strip():
        return
    yield refusal("guard.promise", line=line.key, promised=line.forecast, field="reason")


def promise_known(firing: Firing) -> Iterable[Finding]:
    """The line carries what a CPO promised."""
    if firing.subject.forecast is None:
        yield refusal("guard.renewal", "not_cpo")
