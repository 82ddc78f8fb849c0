# SPDX-License-Identifier: EUPL-1.2
"""`arbitrate`: what it shows, what it writes, its JSON, its refusals and their exit codes."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from sqlalchemy import select

from app.bootstrap import Application
from tests.conftest import Answer
from tests.docs.test_cli_page import shapes
from tests.factories.world import make_world
from tests.workflow.conference_room import STATE, Room
from workflow.models import Scenario

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
Run = Callable[..., Answer]
SECRETARY = ("--as", "secretariat@epci.test")


@pytest.fixture
def seance(opened: Application) -> str:
    """The number of a conference with two dossiers of the toy world, and a scenario whose lock cannot be kept."""
    with opened.write() as db:
        room = Room(make_world(db), 2)
        line = room.line(STATE, 1)
        room.create("Verrou", amounts={line.id: Decimal(3000)}, locked=[line.id])
        room.dossiers[1].own_resources = room.dossiers[1].total_cost  # nothing is left to fund
        return str(room.seance.id)


def test_a_proposal_is_shown_and_nothing_is_written(
    seance: str, opened: Application, coinstruction: Run
) -> None:
    answer = coinstruction("arbitrate", seance)

    assert answer.code == 0
    assert "Meilleure répartition possible, démontrée." in answer.out
    assert "Rien n’est écrit" in answer.out
    with opened.read() as db:
        assert db.scalars(select(Scenario.name)).all() == ["Verrou"]


def test_json_has_the_shape_of_the_page_and_a_scenario_is_written_once(
    seance: str, opened: Application, coinstruction: Run
) -> None:
    written = coinstruction("arbitrate", seance, "--scenario", "Solveur", *SECRETARY, "--json")
    again = coinstruction("arbitrate", seance, "--scenario", "Solveur", *SECRETARY)

    assert (written.code, again.code) == (0, 2)
    assert "déjà un scénario" in again.err
    found = written.json
    assert set(found) == shapes("arbitrate")[0]
    assert found["status"] == "optimal"
    total = sum(Decimal(one["amount"]) for one in found["amounts"])
    assert total == Decimal(found["total"]) > 0
    with opened.read() as db:
        scenario = db.get_one(Scenario, found["scenario"])
        assert scenario.created_by == "secretariat@epci.test"
        assert sum(one.amount for one in scenario.amounts) == total


def test_refusals_have_their_reason_and_their_code(
    seance: str, opened: Application, coinstruction: Run
) -> None:
    locked = coinstruction("arbitrate", seance, "--from", "Verrou")
    unknown = coinstruction("arbitrate", "999")
    nobody = coinstruction("arbitrate", seance, "--from", "Absent")
    bearer = coinstruction("arbitrate", seance, "--scenario", "A", "--as", "contact@ateliers.test")

    assert (locked.code, unknown.code, nobody.code, bearer.code) == (1, 2, 2, 1)
    assert "le reste à financer de" in locked.err
    assert "le montant verrouillé à 3\u202f000\u00a0€" in locked.err
    assert "Scénario inconnu" in nobody.err
