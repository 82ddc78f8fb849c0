# SPDX-License-Identifier: EUPL-1.2
"""One action for life: a renewed request joins the action it renews; conventions recorded on dossiers are counted."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.factories import YEAR
from tests.factories.world import World
from tests.workflow.journey import Journey
from workflow.models import Dossier
from workflow.permissions import IMPORT
from workflow.programme_facts import programme_facts
from workflow.request_values import RequestValues
from workflow.submission import register_request


def request(world: World, journey: Journey, **changes: Any) -> Dossier:
    values = {
        "reference": f"R-{changes.get('year', YEAR)}-{changes.get('title', 'x')}",
        "year": YEAR,
        "porteur_name": "Les Ateliers du coin",
        "title": "Chorale de quartier",
        "total_cost": Decimal("1000.00"),
        **changes,
    }
    return register_request(world.db, world.contract, RequestValues(**values), journey.now, IMPORT)


@pytest.mark.parametrize(
    ("changes", "same"),
    [
        ({"year": YEAR + 1, "title": "CHORALE de  quartier", "renewal": True}, True),
        ({"year": YEAR + 1, "renewal": False}, False),
        ({"year": YEAR + 1, "renewal": None}, False),
        ({"year": YEAR + 1, "renewal": True, "title": "Chorale du centre"}, False),
        ({"year": YEAR + 1, "renewal": True, "porteur_name": "Une autre association"}, False),
        ({"year": YEAR - 1, "renewal": True}, False),
        ({"year": YEAR, "reference": "R-2", "renewal": True}, False),
    ],
)
def test_a_renewed_request_joins_its_action(world: World, changes: dict[str, Any], same: bool) -> None:
    journey = Journey(world)
    first = request(world, journey)

    second = request(world, journey, **changes)

    assert (second.action is first.action) is same


def test_conventions_are_unknown_until_one_is_recorded_then_counted_once_each(world: World) -> None:
    assert programme_facts(world.db, world.contract, YEAR).conventions is None
    for rank, cpo in enumerate((True, False, False)):
        journey = Journey(world, world.dossier(cpo=cpo))
        journey.now += timedelta(days=rank)
        journey.to("committed").grant_all()
        journey.fire("contract", world.pilot, revised_plan=True, convention="CPO-1" if cpo else "CV-2")

    found = programme_facts(world.db, world.contract, YEAR).conventions

    assert found is not None and (found.count, found.cpo) == (2, 1)
