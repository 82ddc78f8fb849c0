# SPDX-License-Identifier: EUPL-1.2
"""When a request of the demonstration is filed: inside a window of its year when one is near, and in which call."""

from datetime import date, datetime, timedelta

from app.demo.calendar import DemoCalendar, local
from workflow.calendar_plan import is_working_day
from workflow.firing import PARIS
from workflow.territory import Call, CallKind, Territory

DAY = timedelta(days=1)
NEAR = timedelta(
    days=75
)  # farther than that, the request is filed when the story says, and the pilot accepts it


def near_a_window(
    calendar: DemoCalendar, territory: Territory, year: int, wanted: datetime, latest: datetime
) -> datetime:
    """The working hour inside a window of that year nearest to `wanted`, at `latest` at most; else `wanted` itself."""
    on, last = _day(wanted), _day(latest)
    nearest: date | None = None
    for call in _windows(territory, year):
        day = _working_day(call, min(max(on, call.opens_on), call.closes_on), calendar)
        if day is None or day > last or abs(day - on) > NEAR:
            continue
        if nearest is None or abs(day - on) < abs(nearest - on):
            nearest = day
    return wanted if nearest in (None, on) else local(nearest, 10)


def just_after_a_window(
    calendar: DemoCalendar, territory: Territory, year: int, earliest: datetime, latest: datetime
) -> datetime | None:
    """The first working day after a window of that year, between both moments and in no other; None without one."""
    windows = _windows(territory, year)
    for call in windows:
        day = call.closes_on + DAY
        while not is_working_day(day, calendar.departement):
            day += DAY
        if _day(earliest) <= day <= _day(latest) and not any(_is_open(other, day) for other in windows):
            return local(day, 10)
    return None


def call_of(territory: Territory, year: int, filed_on: date, written: str | None) -> str | None:
    """The call a request answers that day: the one it names when it is open, else the one that is; None: rolling, or late."""
    named = next((call for call in territory.calls if call.code == written and call.year == year), None)
    if named is not None and _is_open(named, filed_on):
        return named.code
    opened = [c for c in _windows(territory, year) if c.kind != CallKind.ROLLING and _is_open(c, filed_on)]
    return opened[0].code if opened else None


def _windows(territory: Territory, year: int) -> list[Call]:
    """The calls of that year that anybody may answer, in order of time."""
    found = [call for call in territory.calls if call.year == year and call.kind != CallKind.RESERVED]
    return sorted(found, key=lambda call: call.opens_on)


def _is_open(call: Call, on: date) -> bool:
    return call.opens_on <= on <= call.closes_on


def _working_day(call: Call, day: date, calendar: DemoCalendar) -> date | None:
    """This day or the nearest working one inside the window: later after its opening, earlier before its end."""
    for step in (-DAY, DAY):
        near = day
        while _is_open(call, near) and not is_working_day(near, calendar.departement):
            near += step
        if _is_open(call, near):
            return near
    return None


def _day(moment: datetime) -> date:
    return moment.astimezone(PARIS).date()
