# SPDX-License-Identifier: EUPL-1.2
"""A block of cells: laid on the table from its corner, kept whole or not at all, each refused cell with its reason."""

from decimal import Decimal

import pytest

from tests.factories.world import World
from tests.workflow.grid.tables import CAF, STATE, TOWN, conference
from tests.workflow.journey import Journey, at
from workflow.errors import InvalidInputError, NotAllowedHereError, NotPermittedError
from workflow.grid.block import BlockRefusedError, Place, PlacedEdit, edit_block, place_block, read_block
from workflow.grid.reading import columns_of, read_rows
from workflow.grid.rows import GridColumn
from workflow.machine import fire
from workflow.models import Person, Seance


def columns(world: World) -> dict[int, GridColumn]:
    return {column.id: column for column in columns_of(world.db, world.contract)}


def laid(world: World, seance: Seance, text: str, keys: tuple[str, ...]) -> list[PlacedEdit]:
    """The block on these columns, from the first row, as the page shows them now."""
    rows = read_rows(world.db, seance)
    credits = [world.credits[key].id for key in keys]
    at_ = [[Place(row.id, c, row.lines[c].version if c in row.lines else 0) for c in credits] for row in rows]
    return place_block(read_block(text), at_, {row.id: row for row in rows}, columns(world))


def keep(world: World, seance: Seance, edits: list[PlacedEdit], by: Person, journey: Journey) -> int:
    return edit_block(world.db, seance, columns(world), edits, journey.actor(by), journey.now)


def two(world: World) -> tuple[Journey, Journey, Seance]:
    first, second = at(world, "financers_conference"), at(world, "financers_conference", world.dossier())
    return first, second, conference(world, first, second)


def test_a_block_is_read_as_a_spreadsheet_copies_it() -> None:
    assert read_block('1\t2\r\n\t"refus : a\tb"\r\n') == [["1", "2"], ["", "refus : a\tb"]]
    for empty in ("", "\n\n", "\t\n"):
        with pytest.raises(InvalidInputError, match="vide"):
            read_block(empty)
    with pytest.raises(InvalidInputError, match="au plus"):
        read_block("1\t" * 20_001)
    with pytest.raises(InvalidInputError, match="guillemet"):
        read_block('"' + "1\n" * 70_000)


def test_a_block_is_kept_in_one_sending(world: World) -> None:
    first, second, seance = two(world)
    edits = laid(world, seance, "3000 ferme\t4000\nrefus : hors priorités\t3500", (CAF, STATE))
    assert keep(world, seance, edits, world.secretary, first) == 4
    assert (first.line(CAF).state, first.line(CAF).promised) == ("firm", Decimal(3000))
    assert (second.line(CAF).state, second.line(CAF).reason) == ("declined", "hors priorités")
    assert [j.line(STATE).proposed for j in (first, second)] == [Decimal(4000), Decimal(3500)]


def test_empty_cells_and_cells_that_say_the_same_change_nothing(world: World) -> None:
    first, _, seance = two(world)
    first.answer_all()
    world.db.flush()
    assert laid(world, seance, "3000\t4000\n\t", (CAF, STATE)) == []
    assert [one.text for one in laid(world, seance, "3000\t-", (CAF, STATE))] == ["-"]


def test_every_cell_that_cannot_be_read_is_told(world: World) -> None:
    _, _, seance = two(world)
    with pytest.raises(BlockRefusedError) as refused:
        laid(world, seance, "abc\t-5\n10\t4.000", (CAF, STATE))
    assert [fault.text for fault in refused.value.cells] == ["abc", "-5", "4.000"]


def test_a_block_larger_than_what_is_left_of_the_table_is_refused(world: World) -> None:
    _, _, seance = two(world)
    for text in ("1\n2\n3", "1\t2\t3"):
        with pytest.raises(InvalidInputError, match="dépasse du tableau"):
            laid(world, seance, text, (CAF, STATE))


def test_one_refused_cell_refuses_all_with_each_reason(world: World) -> None:
    first, second, seance = two(world)
    edits = laid(world, seance, "3000\t99999\n1\t6000", (CAF, STATE))
    with pytest.raises(BlockRefusedError) as refused:
        keep(world, seance, edits, world.secretary, first)
    places = [(fault.place.dossier_id, fault.text) for fault in refused.value.cells]
    assert places == [(first.dossier.id, "99999"), (second.dossier.id, "6000")]
    assert "2 cases sont refusées" in refused.value.message


def test_a_cell_changed_meanwhile_is_told_with_what_it_holds(world: World) -> None:
    first, _, seance = two(world)
    edits = laid(world, seance, "3000\t4000", (CAF, STATE))
    keep(world, seance, laid(world, seance, "\t1234", (CAF, STATE)), world.secretary, first)
    with pytest.raises(BlockRefusedError) as refused:
        keep(world, seance, edits, world.secretary, first)
    (fault,) = refused.value.cells
    assert (fault.text, fault.present) == ("4000", "1234")


def test_somebody_elses_column_is_refused_cell_by_cell(world: World) -> None:
    first, _, seance = two(world)
    edits = laid(world, seance, "100\t200\t300", (CAF, TOWN, STATE))
    with pytest.raises(BlockRefusedError) as refused:
        keep(world, seance, edits, world.financers["caf"], first)
    assert [fault.text for fault in refused.value.cells] == ["200", "300"]
    assert all(isinstance(fault.error, NotPermittedError) for fault in refused.value.cells)


def test_a_seance_that_is_over_takes_no_block(world: World) -> None:
    first, _, seance = two(world)
    edits = laid(world, seance, "3000", (CAF,))
    fire(world.db, seance, "cancel", first.secretary, "grève", first.now)
    with pytest.raises(NotAllowedHereError):
        keep(world, seance, edits, world.secretary, first)


def test_a_cell_that_is_no_longer_in_the_table_is_told(world: World) -> None:
    first, _, seance = two(world)
    (edit,) = laid(world, seance, "3000", (CAF,))
    stray = edit._replace(place=Place(999_999, edit.place.credit_id, 0))
    with pytest.raises(BlockRefusedError, match="une case est refusée"):
        keep(world, seance, [stray], world.secretary, first)
