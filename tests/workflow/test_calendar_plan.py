# SPDX-License-Identifier: EUPL-1.2
"""The yearly calendar: working days only, planned once."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from tests.factories.world import World
from workflow.calendar_plan import is_working_day, months_of, propose, still_missing
from workflow.firing import PARIS
from workflow.models import Seance
from workflow.permissions import SCHEDULER
from workflow.territory import Body
from workflow.yearly_plan import plan_year


def body(**cadence: Any) -> Body:
    return Body.model_validate({"code": "comite", "label": "Comité", "kind": "committee", "cadence": cadence})


def local_days(moments: list[datetime]) -> list[date]:
    return [moment.astimezone(PARIS).date() for moment in moments]


@pytest.mark.parametrize(
    ("cadence", "months"),
    [
        ({}, ()),
        ({"per_year_min": 12}, tuple(range(1, 13))),
        ({"promised_per_year": 24}, tuple(range(1, 13))),
        ({"per_year_min": 11}, (1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 12)),
        ({"per_year_min": 10}, (1, 2, 3, 4, 5, 6, 9, 10, 11, 12)),
        ({"per_year_min": 4}, (2, 5, 9, 11)),
        ({"per_year_min": 2}, (3, 9)),
        ({"per_year_min": 4, "per_year_max": 1}, (6,)),
        ({"per_year_min": 2, "months": (8, 3)}, (3, 8)),
    ],
)
def test_months_follow_the_cadence(cadence: dict[str, Any], months: tuple[int, ...]) -> None:
    assert months_of(body(**cadence)) == months


def test_second_tuesdays_avoid_public_holidays_at_the_same_local_hour() -> None:
    proposed = propose(body(per_year_min=12, week=2, weekday="tuesday"), 2026)

    assert local_days(proposed)[6] == date(2026, 7, 15)  # the 14th is a holiday
    assert all(is_working_day(on) for on in local_days(proposed))
    assert {f"{moment.astimezone(PARIS):%H:%M}" for moment in proposed} == {"09:30"}
    assert {moment.tzinfo for moment in proposed} == {UTC}


@pytest.mark.parametrize("year", range(2024, 2031))
@pytest.mark.parametrize("weekday", ["monday", "thursday", "friday"])
def test_no_proposal_falls_on_a_weekend_or_holiday(year: int, weekday: str) -> None:
    for week in (1, 2, 3, 4):
        days = local_days(propose(body(per_year_min=12, week=week, weekday=weekday), year))
        assert [on for on in days if not is_working_day(on)] == []


def test_local_holidays_and_days_taken_by_another_body_are_avoided() -> None:
    friday = body(per_year_min=1, months=(4,), week=1, weekday="friday")

    assert local_days(propose(friday, 2026)) == [date(2026, 4, 3)]
    assert local_days(propose(friday, 2026, "57")) == [date(2026, 4, 7)]  # Good Friday, then Easter Monday
    assert local_days(propose(friday, 2026, taken={date(2026, 4, 3)})) == [date(2026, 4, 7)]


def test_moved_seance_answers_its_proposal() -> None:
    proposed = propose(body(per_year_min=12, week=2, weekday="tuesday"), 2026)
    existing = [moment + timedelta(days=9) for moment in proposed[1:]]

    assert still_missing(proposed, existing) == proposed[:1]


def test_planning_a_year_twice_adds_nothing(world: World, now: datetime) -> None:
    first = plan_year(world.db, world.contract, 2026, SCHEDULER, now)
    again = plan_year(world.db, world.contract, 2026, SCHEDULER, now)

    bodies = {row.body for row in first}
    days = [(row.body, row.starts_at) for row in world.db.query(Seance)]
    assert (bodies, again) == ({"comite"}, [])
    assert len(days) == len(set(days)) == len(first) == 9  # April to December: March’s is over
    assert all(row.starts_at > now for row in first)
