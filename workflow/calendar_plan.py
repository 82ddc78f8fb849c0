# SPDX-License-Identifier: EUPL-1.2
"""Proposes a body's séances for a year from its cadence, with the reason of each shift. Pure: values in, dates out."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from workflow.calendar_days import closed_because, is_working_day, school_holiday, shifted
from workflow.errors import NotAllowedHereError
from workflow.firing import PARIS
from workflow.territory import Body, CallKind, Territory

__all__ = [
    "Proposal",
    "Slot",
    "Taken",
    "day_for",
    "is_working_day",
    "months_of",
    "nth_weekday",
    "propose",
    "slots_of",
]

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday")
DEFAULT_WEEK, DEFAULT_WEEKDAY = 2, "tuesday"
AUGUST = 8
MOVED = timedelta(days=21)  # a séance this near its day answers it: moved by hand, it is not doubled
FURTHEST = 62  # days looked at around a day
INVITING = frozenset({CallKind.AMI, CallKind.ANNUAL})


@dataclass(frozen=True, slots=True)
class Slot:
    """One séance that the rule asks for: its day before any shift, and the days between which it must stay."""

    day: date
    earliest: date
    latest: date
    note: str = ""


@dataclass(frozen=True, slots=True)
class Taken:
    """When a séance of another body sits, with the members of that body."""

    starts_at: datetime
    duration: timedelta
    members: frozenset[str]
    label: str

    @property
    def day(self) -> date:
        """The local day."""
        return self.starts_at.astimezone(PARIS).date()


@dataclass(frozen=True, slots=True)
class Proposal:
    """One séance proposed: its moment (aware UTC), the day its rule gave, and why it differs, in French."""

    body: str
    label: str
    starts_at: datetime
    planned_on: date
    reasons: tuple[str, ...] = ()


def months_of(body: Body) -> tuple[int, ...]:
    """The months in which the body meets: those named, else its number of séances spread over the year, August spared."""
    cadence = body.cadence
    if cadence.months:
        return tuple(sorted(set(cadence.months)))
    number = count_of(body, 12)
    if number >= 10:
        spared = (AUGUST, AUGUST - 1)[: 12 - number]
        return tuple(month for month in range(1, 13) if month not in spared)
    spread = [12 * rank // number + (12 // number + 1) // 2 for rank in range(number)]
    return tuple(AUGUST + 1 if month == AUGUST and AUGUST + 1 not in spread else month for month in spread)


def count_of(body: Body, most: int) -> int:
    """How many séances a year the body's cadence asks for, `most` at the utmost."""
    cadence = body.cadence
    return min(max(cadence.promised_per_year or 0, cadence.per_year_min), cadence.per_year_max or most, most)


def nth_weekday(year: int, month: int, week: int, weekday: str) -> date:
    """The second Tuesday of a month, and the like."""
    first = date(year, month, 1)
    offset = (WEEKDAYS.index(weekday) - first.weekday()) % 7
    return first + timedelta(days=offset + 7 * (week - 1))


def slots_of(body: Body, year: int, territory: Territory) -> list[Slot]:
    """The days the body's rule gives that year, in order, before any shift.

    Without a known call or council date the months of the configuration serve, and the slot says so.
    """
    anchor, note = body.cadence.anchor, ""
    if anchor == "call":
        found = list(_before_calls(body, year, territory))
        note = "aucun appel connu : mois de la configuration"
    elif anchor == "council":
        found = list(_before_councils(body, year, territory))
        note = f"aucune date du conseil communautaire en {year} : mois de la configuration"
    else:
        found = []
    return found or [_of_month(body, year, month, note) for month in months_of(body)]


def _of_month(body: Body, year: int, month: int, note: str = "") -> Slot:
    cadence = body.cadence
    on = nth_weekday(year, month, cadence.week or DEFAULT_WEEK, cadence.weekday or DEFAULT_WEEKDAY)
    first = date(year, month, 1)
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    return Slot(on, first, last, note)


def _before_calls(body: Body, year: int, territory: Territory) -> Iterator[Slot]:
    """So many days before the first opening of each year's call."""
    for opens in first_openings(territory).values():
        target = opens - timedelta(days=body.cadence.days_before)
        if target.year == year:
            note = f"avant l’appel, qui ouvre le {opens:%d/%m/%Y}"
            yield Slot(
                _on_weekday(target, body), target - timedelta(days=28), opens - timedelta(days=1), note
            )


def first_openings(territory: Territory) -> dict[int, date]:
    """The first opening of the calls of each year, those that invite requests; year of the dossiers → day."""
    found: dict[int, date] = {}
    for call in sorted(territory.calls, key=lambda call: call.opens_on, reverse=True):
        if call.kind in INVITING:
            found[call.year] = call.opens_on
    return dict(sorted(found.items()))


def _before_councils(body: Body, year: int, territory: Territory) -> Iterator[Slot]:
    """So many days before the dates of the community council: those of the months named, spread when there are more."""
    days = timedelta(days=body.cadence.days_before)
    dates = sorted(on for on in territory.calendar.council_dates if (on - days).year == year)
    named = [on for on in dates if not body.cadence.months or on.month in body.cadence.months]
    wanted = count_of(body, 52) or len(named)
    chosen = named if len(named) <= wanted else [named[len(named) * rank // wanted] for rank in range(wanted)]
    for on in chosen:
        note = f"aligné sur le conseil communautaire du {on:%d/%m/%Y}"
        latest = on - timedelta(days=1) if days else on
        yield Slot(_on_weekday(on - days, body), on - days - timedelta(days=20), latest, note)


def _on_weekday(target: date, body: Body) -> date:
    """The last such weekday on or before the target, when the body has one."""
    weekday = body.cadence.weekday
    return (
        target
        if weekday is None
        else target - timedelta(days=(target.weekday() - WEEKDAYS.index(weekday)) % 7)
    )


def day_for(
    slot: Slot,
    body: Body,
    territory: Territory,
    taken: Iterable[Taken] = (),
    members: frozenset[str] = frozenset(),
) -> Proposal:
    """The day that suits best: outside school holidays if the slot's bounds allow it, on the same weekday if it can.

    Members who sit elsewhere put it off to the nearest day.
    Never a weekend, a public holiday, or the hours of members who sit elsewhere. NotAllowedHereError when no day is left.
    """
    busy = [each for each in taken if each.members & members]
    clash = not closed_because(slot.day, territory.departement) and _refused(slot.day, body, territory, busy)
    possible = [
        on for on in _candidates(slot.day, nearest=bool(clash)) if not _refused(on, body, territory, busy)
    ]
    inside = [on for on in possible if slot.earliest <= on <= slot.latest]
    found = next((on for on in inside if not school_holiday(on, territory)), None)
    reasons = [slot.note] if slot.note else []
    if found is None:
        if not (inside or possible):
            raise NotAllowedHereError(f"{body.label} : aucun jour libre autour du {slot.day:%d/%m/%Y}.")
        found = (inside or possible)[0]
        holidays = school_holiday(found, territory)
        if holidays:
            reasons.append(f"pendant les vacances scolaires ({holidays}) : aucun jour libre en dehors")
    if found != slot.day:
        why = _refused(slot.day, body, territory, busy) or _school(slot.day, territory)
        reasons.insert(0, shifted(slot.day, found, why))
    return Proposal(body.code, body.label, moment_of(body, found), slot.day, tuple(reasons))


def _school(on: date, territory: Territory) -> str:
    return f"vacances scolaires ({school_holiday(on, territory)})"


def moment_of(body: Body, on: date) -> datetime:
    """The body's usual hour that day, in Paris whatever the season, as aware UTC."""
    return datetime.combine(on, time.fromisoformat(body.starts_at), PARIS).astimezone(UTC)


def _candidates(day: date, *, nearest: bool) -> Iterator[date]:
    """The day, then those around, later before earlier: nearest first, else the same weekday of the weeks around first."""
    yield day
    steps: Iterable[int] = range(1, FURTHEST)
    if not nearest:
        steps = sorted(steps, key=lambda step: (step % 7 != 0 or step > MOVED.days, step))
    for step in steps:
        yield day + timedelta(days=step)
        yield day - timedelta(days=step)


def _refused(on: date, body: Body, territory: Territory, busy: Collection[Taken]) -> str:
    """Why the body cannot meet that day; empty when it can."""
    closed = closed_because(on, territory.departement)
    if closed:
        return closed
    starts, lasts = moment_of(body, on), timedelta(minutes=body.duration_minutes)
    for each in busy:
        overlap = starts < each.starts_at + each.duration and each.starts_at < starts + lasts
        if overlap or (each.day == on and not territory.calendar.same_day_allowed):
            return f"des membres siègent ce jour-là en « {each.label} »"
    return ""


def propose(
    body: Body,
    year: int,
    territory: Territory,
    taken: Iterable[Taken] = (),
    members: frozenset[str] | None = None,
) -> list[Proposal]:
    """The body's séances that year, in order. `members`: who sits, by any stable word; the organisations by default."""
    sitting = (frozenset(body.members) if members is None else members) | {f"body:{body.code}"}
    busy, lasts = list(taken), timedelta(minutes=body.duration_minutes)
    proposals: list[Proposal] = []
    for slot in slots_of(body, year, territory):
        proposals.append(day_for(slot, body, territory, busy, sitting))
        busy.append(Taken(proposals[-1].starts_at, lasts, sitting, body.label))
    return sorted(proposals, key=lambda proposal: proposal.starts_at)


def still_missing(slots: Iterable[Slot], existing: Iterable[date]) -> list[Slot]:
    """The slots that no séance answers yet: one within its bounds or three weeks of its day does, moved or cancelled as it may be."""
    free = sorted(existing)
    missing = []
    for slot in sorted(slots, key=lambda slot: slot.day):
        near = [on for on in free if abs(on - slot.day) <= MOVED or slot.earliest <= on <= slot.latest]
        if near:
            free.remove(min(near, key=lambda on: (abs(on - slot.day), on)))
        else:
            missing.append(slot)
    return missing
