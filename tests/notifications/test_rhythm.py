# SPDX-License-Identifier: EUPL-1.2
"""When people are reminded: once before the date, the day after it, then at most every so many days; missed once, made up once."""

from datetime import date, timedelta

import pytest

from notifications.due.rhythm import Rhythm, Step, Told, next_step

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
