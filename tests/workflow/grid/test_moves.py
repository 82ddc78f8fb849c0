# SPDX-License-Identifier: EUPL-1.2
"""What a screen hears: nothing while nothing moves, the dossiers acted on, and an act committed after a later one was read."""

from decimal import Decimal

import pytest

from tests.factories.world import World
from tests.workflow.grid.tables import STATE, conference
from tests.workflow.journey import at
from workflow.errors import InvalidInputError
from workflow.grid.moves import Mark, moves_since, present_mark, read_mark
from workflow.round_table import propose


def test_the_mark_moves_with_each_act_and_names_its_dossier(world: World) -> None:
    journey, other = at(world, "financers_conference"), at(world, "financers_conference", world.dossier())
    seance = conference(world, journey, other)
    mark = present_mark(world.db, world.contract.id)
    assert present_mark(world.db, world.contract.id) == mark == read_mark(str(mark))
    assert moves_since(world.db, world.contract.id, mark) == (frozenset(), frozenset())
    propose(world.db, journey.line(STATE), Decimal(5), journey.secretary, journey.now)
    world.db.flush()
    assert present_mark(world.db, world.contract.id) != mark
    assert moves_since(world.db, world.contract.id, mark).dossiers == {journey.dossier.id}
    conference(world, journey, days=60)
    assert moves_since(world.db, world.contract.id, mark).others == {f"seance:{seance.id + 1}"}


def test_an_act_that_comes_late_is_heard(world: World) -> None:
    journey = at(world, "financers_conference")
    conference(world, journey)
    mark = present_mark(world.db, world.contract.id)
    without = Mark(mark.last, mark.near - 1)  # as read while that act was not committed yet
    assert without != mark
    assert journey.dossier.id in moves_since(world.db, world.contract.id, without).dossiers
    assert journey.dossier.id not in moves_since(world.db, world.contract.id, mark).dossiers


@pytest.mark.parametrize("text", ["", "12", "a-b", "-1-2", "9" * 30 + "-1", "1-99999", "١-١"])
def test_a_mark_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(InvalidInputError, match="rechargez"):
        read_mark(text)
