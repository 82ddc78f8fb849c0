# SPDX-License-Identifier: EUPL-1.2
"""The yearly calendar: working days only, members never in two places, each shift explained, planned once."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories.contract import make_contract, toy_territory
from tests.factories.world import World
from workflow.calendar_days import school_holiday
from workflow.calendar_plan import (
    Proposal,
    Taken,
    is_working_day,
    months_of,
    propose,
    slots_of,
    still_missing,
)
from workflow.errors import NotAllowedHereError
from workflow.firing import PARIS
from workflow.machine import fire
from workflow.models import Seance
from workflow.permissions import SCHEDULER, actor_for
from workflow.territory import Body, Territory
from workflow.yearly_plan import plan_year, propose_year

SCHOOL = [
    {"label": "vacances d’hiver", "starts_on": "2026-02-14", "ends_on": "2026-03-01"},
    {"label": "vacances de printemps", "starts_on": "2026-04-11", "ends_on": "2026-04-26"},
    {"label": "vacances d’été", "starts_on": "2026-07-04", "ends_on": "2026-08-31"},
]
TERRITORY = toy_territory()
SCHOOLED = toy_territory(calendar={"school_zone": "B", "school_holidays": SCHOOL})


def body(**cadence: Any) -> Body:
    return Body.model_validate({"code": "comite", "label": "Comité", "kind": "committee", "cadence": cadence})


def local_days(proposals: list[Proposal]) -> list[date]:
    return [proposal.starts_at.astimezone(PARIS).date() for proposal in proposals]


def elsewhere(*days: date, members: tuple[str, ...] = ("etat",), hour: int = 8) -> list[Taken]:
    """Another body sits those days, from `hour` (UTC), for two hours."""
    starts = [datetime(on.year, on.month, on.day, hour, tzinfo=UTC) for on in days]
    return [Taken(at, timedelta(hours=2), frozenset(members), "Réseau") for at in starts]


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
    proposed = propose(body(per_year_min=12, week=2, weekday="tuesday"), 2026, TERRITORY)

    assert local_days(proposed)[6] == date(2026, 7, 21)
    assert proposed[6].reasons == ("reportée du 14 au 21\u00a0juillet : jour férié (Fête nationale)",)
    assert [p.reasons for p in proposed if p.planned_on.month != 7] == [()] * 11
    assert {f"{p.starts_at.astimezone(PARIS):%H:%M}" for p in proposed} == {"09:30"}  # both clock changes
    assert {f"{p.starts_at:%H:%M}" for p in proposed} == {"07:30", "08:30"}
    assert {p.starts_at.tzinfo for p in proposed} == {UTC}


@pytest.mark.parametrize("year", range(2024, 2031))
@pytest.mark.parametrize("weekday", ["monday", "thursday", "friday"])
def test_no_proposal_falls_on_a_weekend_or_holiday(year: int, weekday: str) -> None:
    for week in (1, 2, 3, 4):
        days = local_days(propose(body(per_year_min=12, week=week, weekday=weekday), year, TERRITORY))
        assert [on for on in days if not is_working_day(on)] == []


def test_local_holidays_put_the_seance_off_to_the_same_weekday() -> None:
    friday = body(per_year_min=1, months=(4,), week=1, weekday="friday")

    assert local_days(propose(friday, 2026, TERRITORY)) == [date(2026, 4, 3)]
    assert local_days(propose(friday, 2026, toy_territory(departement="57"))) == [date(2026, 4, 10)]


def test_school_holidays_are_avoided_inside_the_month_and_kept_when_it_has_no_other_day() -> None:
    monthly = propose(body(per_year_min=12, week=2, weekday="tuesday"), 2026, SCHOOLED)
    april, july, august = monthly[3], monthly[6], monthly[7]

    assert local_days([april, july, august]) == [date(2026, 4, 7), date(2026, 7, 3), date(2026, 8, 11)]
    assert april.reasons == ("avancée du 14 au 7\u00a0avril : vacances scolaires (vacances de printemps)",)
    assert august.reasons == ("pendant les vacances scolaires (vacances d’été) : aucun jour libre en dehors",)


def test_members_who_sit_elsewhere_put_the_seance_off_to_the_nearest_day() -> None:
    tuesday = body(per_year_min=1, months=(6,), week=2, weekday="tuesday")
    etat = frozenset({"etat"})
    busy = elsewhere(date(2026, 6, 9))

    (proposal,) = propose(tuesday, 2026, TERRITORY, busy, etat)
    (alone,) = propose(tuesday, 2026, TERRITORY, busy, frozenset({"caf"}))

    assert local_days([proposal, alone]) == [date(2026, 6, 10), date(2026, 6, 9)]
    assert proposal.reasons == (
        "reportée du 9 au 10\u00a0juin : des membres siègent ce jour-là en « Réseau »",
    )


@pytest.mark.parametrize(("hour", "day"), [(12, 9), (8, 10)])
def test_one_day_is_shared_only_where_it_is_allowed_and_hours_do_not_overlap(hour: int, day: int) -> None:
    tuesday = body(per_year_min=1, months=(6,), week=2, weekday="tuesday")
    busy, etat = elsewhere(date(2026, 6, 9), hour=hour), frozenset({"etat"})
    shared = toy_territory(calendar={"same_day_allowed": True})

    assert local_days(propose(tuesday, 2026, shared, busy, etat)) == [date(2026, 6, day)]
    assert local_days(propose(tuesday, 2026, TERRITORY, busy, etat)) == [date(2026, 6, 10)]


def test_a_body_anchored_on_the_call_meets_before_it_opens() -> None:
    annual = body(per_year_min=1, anchor="call", days_before=14, months=(9,), week=3, weekday="thursday")

    (before,) = propose(annual, 2025, TERRITORY)  # the call of 2026 opens on 1 October 2025
    (without,) = propose(annual, 2028, TERRITORY)

    assert local_days([before, without]) == [date(2025, 9, 11), date(2028, 9, 21)]
    assert before.reasons == ("avant l’appel, qui ouvre le 01/10/2025",)
    assert without.reasons == ("aucun appel connu : mois de la configuration",)


def test_a_body_aligned_on_the_council_meets_before_its_dates() -> None:
    dates = ["2026-03-19", "2026-06-25", "2026-10-01", "2026-12-17"]
    territory = toy_territory(calendar={"council_dates": dates})
    twice = body(per_year_min=2, anchor="council", days_before=7, weekday="monday")
    same_day = body(per_year_min=4, anchor="council", days_before=0)

    assert local_days(propose(twice, 2026, territory)) == [date(2026, 3, 9), date(2026, 9, 21)]
    assert local_days(propose(same_day, 2026, territory)) == [date.fromisoformat(day) for day in dates]
    assert slots_of(twice, 2027, territory)[0].note.startswith("aucune date du conseil communautaire en 2027")


def test_moved_seance_answers_its_slot() -> None:
    slots = slots_of(body(per_year_min=12, week=2, weekday="tuesday"), 2026, TERRITORY)
    existing = [slot.day + timedelta(days=9) for slot in slots[1:]]

    assert still_missing(slots, existing) == slots[:1]


def test_a_body_whose_members_sit_every_day_is_told() -> None:
    tuesday = body(per_year_min=1, months=(6,), week=2, weekday="tuesday")
    every = elsewhere(*(date(2026, 1, 1) + timedelta(days=rank) for rank in range(365)))

    with pytest.raises(NotAllowedHereError, match="aucun jour libre autour du 09/06/2026"):
        propose(tuesday, 2026, TERRITORY, every, frozenset({"etat"}))


cadences = st.builds(
    lambda months, week, weekday: body(
        per_year_min=len(months), months=tuple(months), week=week, weekday=weekday
    ),
    st.sets(st.integers(1, 12), min_size=1),
    st.integers(1, 4),
    st.sampled_from(["monday", "tuesday", "wednesday", "thursday", "friday"]),
)
taken_days = st.lists(st.dates(date(2026, 1, 1), date(2026, 12, 31)), max_size=40)


@given(cadence=cadences, busy=taken_days, schooled=st.booleans())
def test_every_proposal_is_a_working_day_without_clash_and_the_number_is_kept(
    cadence: Body, busy: list[date], *, schooled: bool
) -> None:
    territory = SCHOOLED if schooled else TERRITORY
    others, members = elsewhere(*busy), frozenset({"etat"})

    proposals = propose(cadence, 2026, territory, others, members)

    days = local_days(proposals)
    assert len(days) == len(set(days)) == len(cadence.cadence.months)
    assert [on for on in days if not is_working_day(on) or on in busy] == []
    assert all(p.reasons for p in proposals if p.starts_at.astimezone(PARIS).date() != p.planned_on)
    assert proposals == propose(cadence, 2026, territory, others, members)


@given(cadence=cadences)
def test_school_holidays_hold_a_seance_only_in_a_month_without_another_day(cadence: Body) -> None:
    for proposal in propose(cadence, 2026, SCHOOLED):
        on = proposal.starts_at.astimezone(PARIS).date()
        if school_holiday(on, SCHOOLED):
            assert on.month == 8
            assert any("aucun jour libre en dehors" in reason for reason in proposal.reasons)


def test_planning_a_year_twice_adds_nothing(world: World, now: datetime) -> None:
    first = plan_year(world.db, world.contract, 2026, SCHEDULER, now)
    again = plan_year(world.db, world.contract, 2026, SCHEDULER, now)

    bodies = {row.body for row in first}
    days = [(row.body, row.starts_at) for row in world.db.query(Seance)]
    assert (bodies, again) == ({"comite"}, [])
    assert len(days) == len(set(days)) == len(first) == 9  # April to December: March’s is over
    assert all(row.starts_at > now for row in first)


def everywhere() -> Territory:
    """The toy contract where each body meets the second Tuesday of four months: every one of them clashes."""
    cadence = {"per_year_min": 4, "months": [3, 6, 9, 11], "week": 2, "weekday": "tuesday"}
    bodies = [each.model_dump(mode="json") | {"cadence": cadence} for each in toy_territory().bodies]
    return toy_territory(bodies=bodies)


def test_bodies_with_common_members_never_share_a_day(world: World, now: datetime) -> None:
    contract = make_contract(world.db, everywhere().model_copy(update={"code": "partout"}))

    proposals = propose_year(world.db, contract, 2027, now)

    days = local_days(proposals)
    assert len(days) == len(set(days)) == 20
    assert [on for on in days if not is_working_day(on)] == []
    assert proposals == propose_year(world.db, contract, 2027, now)


def test_a_proposal_writes_nothing_and_a_moved_seance_is_not_proposed_again(
    world: World, now: datetime
) -> None:
    proposed = propose_year(world.db, world.contract, 2026, now)
    none = world.db.query(Seance).count()
    planned = plan_year(world.db, world.contract, 2026, SCHEDULER, now)
    secretary = actor_for(world.db, world.secretary, now.date())
    fire(
        world.db, planned[3], "move", secretary, None, now, starts_at=planned[3].starts_at + timedelta(days=2)
    )

    assert none == 0
    assert [row.starts_at for row in planned if row is not planned[3]] == [
        p.starts_at for rank, p in enumerate(proposed) if rank != 3
    ]
    assert propose_year(world.db, world.contract, 2026, now) == []
