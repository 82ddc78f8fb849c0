# SPDX-License-Identifier: EUPL-1.2
"""What `doctor` says of the calendar: dates to give, demands of the contract not met."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from app.bootstrap import Application
from app.doctor_calendar import calendar_diagnoses, calendar_kept
from tests.factories.contract import toy_settings, toy_territory
from workflow.models import Contract
from workflow.permissions import SCHEDULER
from workflow.territory import Territory
from workflow.yearly_plan import plan_year

SCHOOL = [{"label": "été", "starts_on": "2026-07-04", "ends_on": "2026-08-31"}]
ANNUAL = {"code": "annuelle", "label": "Réunion annuelle", "kind": "annual"}


def territory(**calendar: Any) -> Territory:
    return toy_territory(bodies=[*toy_settings()["bodies"], ANNUAL], calendar=calendar)


def subjects(given: Territory, on: date) -> list[str]:
    return [each.subject for each in calendar_diagnoses("c", given, on)]


def test_school_holidays_of_the_years_in_hand_are_asked_for() -> None:
    spring, autumn = date(2026, 3, 1), date(2026, 10, 1)

    assert subjects(territory(), spring) == ["c.calendar.school_holidays"]
    assert subjects(territory(school_holidays=SCHOOL), spring) == []
    assert subjects(territory(school_holidays=SCHOOL), autumn) == ["c.calendar.school_holidays", "c.calls"]


def test_a_contract_without_annual_meeting_or_council_dates_is_told() -> None:
    bodies = toy_settings()["bodies"]
    bodies[0]["cadence"] = {"anchor": "council", "months": [3]}
    given = toy_territory(bodies=bodies, calendar={"school_holidays": SCHOOL})

    assert subjects(given, date(2026, 3, 1)) == ["c.calendar.council_dates", "c.bodies"]


def test_the_year_in_the_database_is_compared_with_the_contract(application: Application) -> None:
    year = application.today().year
    with application.write() as db:
        empty = [each.message for each in calendar_kept(application.config, db) if f".{year}" in each.subject]
        contract = db.scalars(select(Contract)).first()
        assert contract is not None
        plan_year(db, contract, year, SCHEDULER, application.now().replace(month=1, day=1, hour=0))
        full = [each.message for each in calendar_kept(application.config, db) if f".{year}" in each.subject]

    assert empty == [f"aucune séance n’est au calendrier de {year}"]
    assert full == []


@pytest.mark.parametrize("key", ["school_holidays", "council_dates"])
def test_a_calendar_that_contradicts_itself_is_refused(key: str) -> None:
    wrong = {
        "school_holidays": [{"label": "été", "starts_on": "2026-08-31", "ends_on": "2026-07-04"}],
        "council_dates": ["2026-03-19", "2026-03-19"],
    }

    with pytest.raises(ValueError, match=r"les vacances finissent|est citée deux fois"):
        toy_territory(calendar={key: wrong[key]})
