# SPDX-License-Identifier: EUPL-1.2
"""What the contract demands of a year, compared with its séances."""

from datetime import date, datetime
from typing import Any

import pytest

from tests.factories.contract import toy_settings, toy_territory
from tests.factories.world import World
from workflow.machine import fire
from workflow.permissions import SCHEDULER, actor_for
from workflow.territory import Territory
from workflow.yearly_checks import check_year, yearly_faults
from workflow.yearly_plan import plan_year

ANNUAL = {"code": "annuelle", "label": "Réunion annuelle", "kind": "annual"}


def territory(**cadence: Any) -> Territory:
    """The toy contract with four conferences promised, and one annual meeting."""
    bodies = [body for body in toy_settings()["bodies"] if body["code"] == "conference"]
    bodies[0]["cadence"] = {"promised_per_year": 4}
    annual = ANNUAL | {"cadence": {"promised_per_year": 1, "per_year_max": 1} | cadence}
    return toy_territory(bodies=[*bodies, annual])


FOUR = [date(2025, month, 3) for month in (2, 6, 9, 11)]


@pytest.mark.parametrize(
    ("conferences", "annual", "messages"),
    [
        (FOUR, [date(2025, 9, 30)], []),
        (
            FOUR[:3],
            [date(2025, 9, 30)],
            ["Conférence des financeurs : 3 séances au calendrier de 2025, le contrat en demande 4"],
        ),
        (
            FOUR,
            [],
            ["Réunion annuelle : aucune séance au calendrier de 2025, le contrat en demande 1"],
        ),
        (
            FOUR,
            [date(2025, 10, 1)],
            ["Réunion annuelle : le 01/10/2025, alors que l’appel 2026 ouvre le 01/10/2025"],
        ),
        (
            FOUR,
            [date(2025, 9, 1), date(2025, 9, 2)],
            ["Réunion annuelle : 2 séances au calendrier de 2025, la configuration en admet 1"],
        ),
    ],
)
def test_each_demand_is_compared(conferences: list[date], annual: list[date], messages: list[str]) -> None:
    faults = yearly_faults(territory(), 2025, {"conference": conferences, "annuelle": annual})

    assert [fault.message for fault in faults] == messages


def test_a_year_outside_the_contract_demands_nothing() -> None:
    assert yearly_faults(territory(), 2031, {}) == []


def test_a_cancelled_seance_no_longer_counts(world: World, now: datetime) -> None:
    planned = plan_year(world.db, world.contract, 2027, SCHEDULER, now)
    before = check_year(world.db, world.contract, 2027)
    fire(world.db, planned[0], "cancel", actor_for(world.db, world.secretary, now.date()), "grève", now)
    (fault,) = check_year(world.db, world.contract, 2027)

    assert (len(planned), before) == (12, [])
    assert (fault.body, "11 séances au calendrier de 2027, le contrat en demande 12" in fault.message) == (
        "comite",
        True,
    )
