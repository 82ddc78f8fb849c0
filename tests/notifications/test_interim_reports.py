# SPDX-License-Identifier: EUPL-1.2
"""Interim reports of CPO: awaited from the month the rule gives, reminded until recorded or until the final one is."""

from datetime import date, datetime

import pytest
from sqlalchemy.orm import Session, sessionmaker

from notifications.due.items import reminders_of_dossier
from tests.factories.world import World
from tests.notifications.test_due import Days, text_of
from workflow.completion import complete_request
from workflow.models import Dossier
from workflow.permissions import actor_for


@pytest.fixture
def days(world: World, write: sessionmaker[Session], now: datetime) -> Days:
    return Days(world, write, now)


def in_cpo(world: World, **changes: object) -> Dossier:
    """A contracted dossier of 2026 in a three-year CPO."""
    values = {"stage": "contracted", "year": 2026, "cpo": True, "cpo_years": 3} | changes
    return world.dossier(**values)


def kinds(days: Days) -> list[str]:
    return [row.kind for row in days.messages()]


def test_interim_report_is_recalled_before_september_then_every_month_until_recorded(
    days: Days, world: World
) -> None:
    dossier = in_cpo(world)
    asked = [date(2026, 8, 1), date(2026, 8, 2), date(2026, 9, 1), date(2026, 9, 2), date(2026, 10, 1)]
    told = [on for on in (*asked, date(2026, 10, 2)) if days.plan(on)]

    assert told == [date(2026, 8, 2), date(2026, 9, 2), date(2026, 10, 2)]
    assert kinds(days) == ["interim_report_due", "interim_report_late", "interim_report_late"]
    assert {row.recipient for row in days.messages()} == {"contact@ateliers.test"}
    assert "attendu à partir du mardi 1er septembre 2026" in text_of(days.messages()[0])
    assert days.messages()[0].key.startswith(f"interim_report_due:{dossier.id}:2026-09-01:0:o")

    secretary = actor_for(world.db, world.secretary, date(2026, 10, 3))
    complete_request(world.db, dossier, {"interim_report_on": "2026-10-03"}, secretary, days.host.now())
    assert days.plan(date(2026, 11, 1)) == 0
    assert [due.item.about for due in reminders_of_dossier(world.db, dossier, date(2026, 11, 1))] == [
        "report"
    ]


def test_final_report_takes_over_from_the_interim_one(days: Days, world: World) -> None:
    in_cpo(world)
    days.plan(date(2027, 5, 30))
    days.plan(date(2027, 5, 31))

    assert kinds(days) == ["interim_report_late", "report_due"]
    assert [row.created_at.date() for row in days.messages()] == [date(2027, 5, 30), date(2027, 5, 31)]


@pytest.mark.parametrize(
    "changes",
    [
        {"cpo": False},
        {"cpo": None},
        {"cpo_years": None},  # nothing says that it runs on
        {"cpo_years": 1},
        {"cpo_trajectory": {"2026": "8000.00"}},
        {"stage": "reported"},
        {"stage": "committed"},
        {"follow_up": {"interim_report_on": "2026-08-20"}},
    ],
)
def test_nothing_is_asked_where_no_interim_report_is_due(
    days: Days, world: World, changes: dict[str, object]
) -> None:
    in_cpo(world, **changes)

    assert days.plan(date(2026, 9, 2)) == 0


def test_cpo_signed_earlier_still_covers_its_later_years_but_not_its_last(days: Days, world: World) -> None:
    signed = in_cpo(
        world, year=2025, stage="reported", cpo_trajectory={"2025": "1", "2026": "1", "2027": "1"}
    )
    later = in_cpo(world, cpo=None, cpo_years=None)
    last = in_cpo(world, year=2027, cpo=None, cpo_years=None)
    later.action = last.action = signed.action
    days.plan(date(2026, 9, 2))
    days.plan(date(2027, 9, 2))

    assert kinds(days) == ["interim_report_late", "report_late"]
    assert [row.subject_ref for row in days.messages()] == [f"dossier:{later.id}"] * 2


@pytest.mark.parametrize(("declared", "told"), [("recu", 0), ("manquant", 1), (None, 1)])
def test_request_of_the_next_year_that_declares_it_received_stops_the_reminders(
    days: Days, world: World, declared: str | None, told: int
) -> None:
    dossier = in_cpo(world)
    renewed = world.dossier(year=2027, stage="submitted", renewal=True, previous_report=declared)
    renewed.action = dossier.action

    assert days.plan(date(2026, 11, 15)) == told


def test_page_shows_the_interim_report_then_the_final_one(world: World) -> None:
    dossier = in_cpo(world)
    world.db.flush()

    def shown(on: date) -> list[tuple[str, date, date]]:
        return [
            (due.item.about, due.item.due_on, due.next.on)
            for due in reminders_of_dossier(world.db, dossier, on)
        ]

    final = ("report", date(2027, 6, 30), date(2027, 5, 31))
    assert shown(date(2026, 6, 1)) == [final, ("interim_report", date(2026, 9, 1), date(2026, 8, 2))]
    assert shown(date(2027, 6, 1)) == [final]
