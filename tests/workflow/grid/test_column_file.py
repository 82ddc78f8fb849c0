# SPDX-License-Identifier: EUPL-1.2
"""A column that leaves as a workbook and comes back: what was changed, on one side or both, and the file of another place."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from reports.grid_column import COLUMNS, column_sheet
from reports.sheet import Sheet
from reports.xlsx import write_xlsx
from tests.factories import NOW
from tests.factories.world import World
from tests.workflow.grid.tables import CAF, STATE, conference
from tests.workflow.journey import at
from workflow.errors import InvalidInputError, NotPermittedError
from workflow.grid.column_file import AMOUNT, ANSWER, EXPECTED, KEY, VALUE, WHY, ColumnReading, read_column
from workflow.grid.editing import edit_cell
from workflow.grid.reading import columns_of, read_rows
from workflow.grid.rows import GridColumn
from workflow.grid.words import CellEdit
from workflow.imports.opening import open_table
from workflow.models import Seance
from workflow.round_table import answer, propose

LABELS = [column.label for column in COLUMNS]


class Column:
    """One column of one conference, exported then filled by hand."""

    def __init__(self, world: World, folder: Path, key: str = CAF, number: int = 3) -> None:
        self.world, self.folder = world, folder
        self.journeys = [at(world, "financers_conference", world.dossier()) for _ in range(number)]
        self.seance = conference(world, *self.journeys)
        self.column = self.named(key)
        self.sheet = self.exported(self.seance, self.column)

    def named(self, key: str) -> GridColumn:
        return next(one for one in columns_of(self.world.db, self.world.contract) if one.key == key)

    def exported(self, seance: Seance, column: GridColumn) -> Sheet:
        self.world.db.flush()
        return column_sheet(seance.id, column, read_rows(self.world.db, seance))

    def fill(self, rank: int, **cells: Any) -> None:
        names = {"answer": ANSWER, "amount": AMOUNT, "on": EXPECTED, "why": WHY, "value": VALUE, "key": KEY}
        row = list(self.sheet.rows[rank])
        for name, value in cells.items():
            row[LABELS.index(names[name])] = value
        self.sheet.rows[rank] = tuple(row)

    def brought_back(self) -> ColumnReading:
        path = self.folder / "colonne.xlsx"
        path.write_bytes(write_xlsx([self.sheet], title="x", created=NOW))
        self.world.db.flush()
        rows = read_rows(self.world.db, self.seance)
        return read_column(open_table(path), self.seance.id, self.column, rows)


@pytest.fixture
def column(world: World, tmp_path: Path) -> Column:
    return Column(world, tmp_path)


def test_the_workbook_says_what_is_asked_and_suggested(world: World, tmp_path: Path) -> None:
    made = Column(world, tmp_path, STATE, 1)
    content = write_xlsx([made.sheet], title="x", created=NOW)
    (tmp_path / "a.xlsx").write_bytes(content)
    head, row, total = CalamineWorkbook.from_path(tmp_path / "a.xlsx").get_sheet_by_index(0).to_python()
    assert head == LABELS
    assert row[:6] == ["D001", "Ateliers du soir", world.porteur.name, 10000.0, 5000.0, 4000.0]
    assert total[0] == "Total"


def test_brought_back_untouched_it_changes_nothing(column: Column) -> None:
    journey = column.journeys[0]
    answer(column.world.db, journey.line(CAF), "declined", journey.secretary, journey.now, reason="épuisé")
    column.sheet = column.exported(column.seance, column.column)
    found = column.brought_back()
    assert (found.edits, found.faults, found.unchanged) == ([], [], 3)


def test_each_row_filled_becomes_an_edit(column: Column) -> None:
    column.fill(0, answer="Ferme", amount=3000, on=date(2026, 6, 12))
    column.fill(1, answer="refus", why="crédits épuisés")
    column.fill(2, answer="en nature", why="une salle")
    found = column.brought_back()
    assert [one.edit for one in found.plain] == [
        CellEdit("firm", Decimal(3000), date(2026, 6, 12)),
        CellEdit("declined", reason="crédits épuisés"),
        CellEdit("in_kind", description="une salle"),
    ]
    assert found.conflicts == [] and found.faults == []


def test_a_contribution_in_kind_keeps_its_value_apart_from_the_amounts(column: Column) -> None:
    db, journey = column.world.db, column.journeys[0]
    said = {"amount": Decimal(800), "description": "une salle"}
    answer(db, journey.line(CAF), "in_kind", journey.secretary, journey.now, **said)  # type: ignore[arg-type]
    column.sheet = column.exported(column.seance, column.column)
    row = dict(zip(LABELS, column.sheet.rows[0], strict=True))
    assert (row[AMOUNT], row[VALUE], row[WHY]) == (None, Decimal(800), "une salle")
    assert column.brought_back().unchanged == 3
    column.fill(0, why="une salle et un agent")
    column.fill(1, answer="en nature", why="un minibus", value=450)
    column.fill(
        2, answer="en nature", why="un gymnase", amount=90
    )  # the one amount typed can only be its value
    edits = [one.edit for one in column.brought_back().plain]
    assert edits == [
        CellEdit("in_kind", Decimal(800), description="une salle et un agent"),
        CellEdit("in_kind", Decimal(450), description="un minibus"),
        CellEdit("in_kind", Decimal(90), description="un gymnase"),
    ]
    dossier, place = journey.dossier, column.brought_back().plain[0].place
    assert edit_cell(
        db, column.seance, dossier, column.column, edits[0], journey.secretary, journey.now,
        expected_version=place.version,
    )  # fmt: skip
    assert (journey.line(CAF).in_kind_value, journey.line(CAF).in_kind) == (
        Decimal(800),
        edits[0].description,
    )
    column.fill(0, why="une salle et un agent", value=None)  # cleared in the file, it is cleared
    (cleared,) = column.brought_back().conflicts  # the table moved too
    assert cleared.edit == CellEdit("in_kind", description="une salle et un agent")
    assert edit_cell(
        db, column.seance, dossier, column.column, cleared.edit, journey.secretary,
        journey.now, expected_version=None,
    )  # fmt: skip
    assert journey.line(CAF).in_kind_value is None


def test_dossiers_missing_from_the_file_are_named(column: Column) -> None:
    assert column.brought_back().absent == []
    del column.sheet.rows[2], column.sheet.rows[0]
    assert column.brought_back().absent == [column.journeys[rank].dossier.reference for rank in (0, 2)]


def test_a_proposed_amount_is_typed_or_cleared(world: World, tmp_path: Path) -> None:
    made = Column(world, tmp_path, STATE, 2)
    journey = made.journeys[1]
    propose(world.db, journey.line(STATE), Decimal(500), journey.secretary, journey.now)
    made.sheet = made.exported(made.seance, made.column)
    made.fill(0, answer="proposé", amount=700)
    made.fill(1, answer="", amount=None)
    assert [one.edit for one in made.brought_back().plain] == [CellEdit(amount=Decimal(700)), CellEdit()]


def test_what_changed_on_both_sides_is_a_conflict_with_both_values(column: Column) -> None:
    column.fill(0, answer="ferme", amount=3000)
    first, second = column.journeys[:2]
    for journey in (first, second):  # the second row is changed in the table alone
        answer(column.world.db, journey.line(CAF), "declined", journey.secretary, journey.now, reason="non")
    found = column.brought_back()
    (conflict,) = found.conflicts
    assert (conflict.row.id, conflict.present.answer, conflict.wanted.answer) == (
        first.dossier.id,
        "refus",
        "ferme",
    )
    assert conflict.place.version == first.line(CAF).version  # chosen, it replaces what is there now
    assert found.plain == [] and found.unchanged == 2


def test_the_same_thing_said_on_both_sides_is_no_conflict(column: Column) -> None:
    column.fill(0, answer="refus", why="non")
    journey = column.journeys[0]
    answer(column.world.db, journey.line(CAF), "declined", journey.secretary, journey.now, reason="non")
    assert column.brought_back().edits == []


@pytest.mark.parametrize(
    ("cells", "where", "said"),
    [
        ({"answer": "ferme", "amount": -5}, AMOUNT, "négatif"),
        ({"answer": "ferme", "amount": 1e15}, AMOUNT, "démesuré"),
        ({"answer": "peut-être", "amount": 5}, ANSWER, "attendu l’un de"),
        ({"answer": "retenu", "amount": 5}, ANSWER, "attendu l’un de"),
        ({"key": "autre chose"}, KEY, "clé absente ou modifiée"),
        ({"key": None}, KEY, "clé absente ou modifiée"),
        ({"answer": "refus", "why": "x" * 2001}, WHY, "trop long"),
    ],
)
def test_each_fault_is_told_where_a_spreadsheet_shows_it(
    column: Column, cells: dict[str, Any], where: str, said: str
) -> None:
    column.fill(1, **cells)
    (fault,) = column.brought_back().faults
    assert (fault.number, fault.column) == (3, where) and said in fault.reason


def test_a_row_copied_or_sorted_without_its_key_is_told(column: Column) -> None:
    column.fill(0, answer="ferme", amount=3000)
    column.sheet.rows.append(column.sheet.rows[0])
    (twice,) = column.brought_back().faults
    assert (twice.number, twice.column) == (5, KEY) and "déjà à la ligne 2" in twice.reason

    column.sheet.rows.pop()
    first, second = column.sheet.rows[0][-1], column.sheet.rows[1][-1]
    column.fill(0, key=second)
    column.fill(1, key=first)
    found = column.brought_back()
    assert [(one.number, one.column) for one in found.faults] == [(2, "Référence"), (3, "Référence")]
    assert "D002" in found.faults[0].reason and found.edits == []


def test_an_amount_left_alone_keeps_what_was_answered_apart_from_what_is_proposed(column: Column) -> None:
    journey, db = column.journeys[0], column.world.db
    secretary, now = journey.secretary, journey.now
    answer(db, journey.line(CAF), "firm", secretary, now, amount=Decimal(3000))
    propose(db, journey.line(CAF), Decimal(2000), secretary, now)
    column.sheet = column.exported(column.seance, column.column)
    column.fill(0, on=date(2026, 6, 12))
    (one,) = column.brought_back().plain
    assert one.edit == CellEdit("firm", Decimal(3000), date(2026, 6, 12), proposed=Decimal(2000))


def test_a_line_that_moved_without_changing_its_cell_is_no_conflict(column: Column) -> None:
    column.fill(0, answer="ferme", amount=3000)
    line = column.journeys[0].line(CAF)
    line.requested = Decimal(1234)
    (one,) = column.brought_back().edits
    assert not one.is_conflict and one.place.version == line.version


def test_a_date_without_an_answer_is_not_dropped_in_silence(world: World, tmp_path: Path) -> None:
    made = Column(world, tmp_path, STATE, 1)
    made.fill(0, amount=500, on=date(2026, 6, 12))
    (one,) = made.brought_back().plain
    assert one.edit == CellEdit(amount=Decimal(500), expected_on=date(2026, 6, 12))  # which the table refuses


def test_a_file_of_another_seance_or_of_another_credit_is_refused(column: Column) -> None:
    world = column.world
    other = conference(world, *column.journeys, days=50)
    column.sheet = column.exported(other, column.column)
    with pytest.raises(InvalidInputError, match=f"autre séance \\(n° {other.id}\\)"):
        column.brought_back()
    column.sheet = column.exported(column.seance, column.named(STATE))
    with pytest.raises(NotPermittedError, match="autre crédit"):
        column.brought_back()


def test_a_dossier_that_left_the_agenda_is_told(column: Column) -> None:
    column.fill(2, answer="ferme", amount=5)
    column.seance.items.pop()
    (fault,) = column.brought_back().faults
    assert "ordre du jour" in fault.reason


def test_any_other_file_is_refused(column: Column, tmp_path: Path) -> None:
    path = tmp_path / "autre.csv"
    path.write_text("a;b\n1;2\n", encoding="utf-8")
    with pytest.raises(InvalidInputError, match="Référence"):
        read_column(open_table(path), column.seance.id, column.column, [])
