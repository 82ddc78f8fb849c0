# SPDX-License-Identifier: EUPL-1.2
"""When people are reminded: once before the date, the day after it, then at most every so many days; missed once, made up once."""

from datetime import UTC, date, datetime, timedelta

import pytest

from notifications.due.preview import next_moment
from notifications.due.rhythm import Rhythm, Step, Told, next_run, next_step

WEEKLY = Rhythm(before=5, every=7)
DUE = date(2026, 3, 31)
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("today", "since", "told", "expected"),
    [
        (date(2026, 3, 1), None, Told(), Step(date(2026, 3, 26), 0)),
        (date(2026, 3, 26), None, Told(), Step(date(2026, 3, 26), 0)),
        (date(2026, 3, 30), None, Told(), Step(date(2026, 3, 26), 0)),  # missed, still useful
        (date(2026, 3, 30), date(2026, 3, 27), Told(), Step(date(2026, 4, 1), 1)),  # asked four days before
        (date(2026, 3, 27), None, Told(before=date(2026, 3, 26)), Step(date(2026, 4, 1), 1)),
        (date(2026, 4, 9), None, Told(), Step(date(2026, 4, 1), 1)),  # nobody worked: late, once
        (date(2026, 4, 9), None, Told(None, date(2026, 4, 9), 1), Step(date(2026, 4, 16), 2)),
        (date(2026, 4, 9), None, Told(date(2026, 3, 26), date(2026, 4, 8), 2), Step(date(2026, 4, 15), 3)),
    ],
)
def test_next_reminder(today: date, since: date | None, told: Told, expected: Step) -> None:
    assert next_step(DUE, WEEKLY, today, since=since, told=told) == expected


def test_nothing_before_the_date_without_days_before() -> None:
    assert next_step(DUE, Rhythm(None, 30), date(2026, 3, 1)) == Step(date(2026, 4, 1), 1)


def test_whole_life_of_a_date_never_tells_twice_within_the_delay() -> None:
    told, days = Told(), []
    for today in (date(2028, 2, 20) + rank * DAY for rank in range(40)):  # over a 29 February
        step = next_step(date(2028, 2, 28), WEEKLY, today, told=told)
        if step.on <= today:
            days.append(today)
            told = Told(told.before, today, step.rank) if step.is_late else Told(today)

    assert [day.isoformat() for day in days] == [
        "2028-02-23",
        "2028-02-29",
        "2028-03-07",
        "2028-03-14",
        "2028-03-21",
        "2028-03-28",
    ]


@pytest.mark.parametrize(
    ("now", "run", "moment"),
    [
        (datetime(2026, 3, 28, 6, 29, tzinfo=UTC), date(2026, 3, 28), "2026-03-28T06:30:00+00:00"),
        (datetime(2026, 3, 28, 6, 30, tzinfo=UTC), date(2026, 3, 29), "2026-03-29T05:30:00+00:00"),
        (datetime(2026, 3, 29, 5, 29, tzinfo=UTC), date(2026, 3, 29), "2026-03-29T05:30:00+00:00"),
        (datetime(2026, 10, 25, 6, 29, tzinfo=UTC), date(2026, 10, 25), "2026-10-25T06:30:00+00:00"),
        (datetime(2028, 2, 28, 22, 59, tzinfo=UTC), date(2028, 2, 29), "2028-02-29T06:30:00+00:00"),
        (datetime(2028, 2, 29, 23, 30, tzinfo=UTC), date(2028, 3, 1), "2028-03-01T06:30:00+00:00"),
    ],
)
def test_next_run_is_half_past_seven_in_paris_through_clock_changes_and_a_leap_day(
    now: datetime, run: date, moment: str
) -> None:
    assert next_run(now) == run
    assert next_moment(now).astimezone(UTC).isoformat() == moment


def test_request_asked_by_a_digest_takes_the_place_of_the_reminder_before_the_date() -> None:
    asked = Told(asked=date(2026, 3, 26))
    assert next_step(DUE, WEEKLY, date(2026, 3, 26), told=asked) == Step(date(2026, 4, 1), 1)
    asked = Told(asked=date(2026, 3, 25))
    assert next_step(DUE, WEEKLY, date(2026, 3, 26), told=asked) == Step(date(2026, 3, 26), 0)
