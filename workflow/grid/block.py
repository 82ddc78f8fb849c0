# SPDX-License-Identifier: EUPL-1.2
"""Many cells changed at once, a block pasted or a column's file: all of them, or none with what is wrong of each."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow import journal
from workflow.errors import ConflictError, InvalidInputError, UnknownReferenceError, WorkflowError
from workflow.grid.editing import WITH_LINES, edit_cell
from workflow.grid.reading import read_rows
from workflow.grid.rights import require_open_table
from workflow.grid.rows import GridColumn, GridRow, known_euros
from workflow.grid.words import CellEdit, read_cell, write_cell
from workflow.models import Dossier, Seance, SeanceItem
from workflow.permissions import Actor

LARGEST = 20_000  # cells of one block


class Place(NamedTuple):
    """A cell as the page showed it."""

    dossier_id: int
    credit_id: int
    version: int


class PlacedEdit(NamedTuple):
    """What is typed in one cell; `text` as it was typed, to be shown again."""

    place: Place
    edit: CellEdit
    text: str


@dataclass(frozen=True, slots=True)
class CellFault:
    """Why one cell refuses what was typed in it; on a conflict, what it holds now."""

    place: Place
    text: str
    error: WorkflowError
    present: str | None = None


class BlockRefusedError(WorkflowError):
    """Nothing of the block was kept: `cells` say why, one by one."""

    def __init__(self, faults: Sequence[CellFault]) -> None:
        number = len(faults)
        said = "une case est refusée" if number == 1 else f"{number} cases sont refusées"
        super().__init__(f"Rien n’a été enregistré\u00a0: {said}.")
        self.cells = list(faults)


def read_block(text: str) -> list[list[str]]:
    """A block as a spreadsheet copies it: tabs between cells, a row a line, quotes around a cell that holds either."""
    lines = io.StringIO(text.replace("\r\n", "\n").replace("\r", "\n"))
    try:
        rows = list(csv.reader(lines, delimiter="\t"))
    except csv.Error:  # one cell longer than any cell can be: most often a quote that nothing closes
        raise InvalidInputError(
            "Bloc à coller\u00a0: une case est démesurée, un guillemet n’y est peut-être pas refermé.", "bloc"
        ) from None
    while rows and not any(cell.strip() for cell in rows[-1]):
        rows.pop()
    if not rows:
        raise InvalidInputError("Bloc à coller\u00a0: il est vide.", "bloc")
    if sum(map(len, rows)) > LARGEST:
        raise InvalidInputError(f"Bloc à coller\u00a0: au plus {LARGEST} cases à la fois.", "bloc")
    return rows


def place_block(
    cells: Sequence[Sequence[str]],
    at: Sequence[Sequence[Place]],
    rows: Mapping[int, GridRow],
    columns: Mapping[int, GridColumn],
) -> list[PlacedEdit]:
    """The cells laid on the places of the page, from its corner. An empty one changes nothing, nor one that says what is there.

    Raises InvalidInputError when the block overflows the table, BlockRefusedError with each cell that cannot be read.
    """
    if len(cells) > len(at) or any(len(row) > len(at[rank]) for rank, row in enumerate(cells)):
        raise InvalidInputError("Bloc à coller\u00a0: il dépasse du tableau à partir de cette case.", "bloc")
    placed, faults = [], []
    for typed, places in zip(cells, at, strict=False):
        for text, place in zip(typed, places, strict=False):
            row, column = rows.get(place.dossier_id), columns.get(place.credit_id)
            line = row.lines.get(place.credit_id) if row else None
            if not text.strip() or " ".join(text.split()) == write_cell(line):
                continue
            try:
                is_ordinary = column is not None and column.is_ordinary
                state, value = (line.state, known_euros(line.in_kind_value)) if line else ("", None)
                edit = read_cell(text, is_ordinary=is_ordinary, state=state, value=value)
                placed.append(PlacedEdit(place, edit, text))
            except InvalidInputError as error:
                faults.append(CellFault(place, text, error))
    if faults:
        raise BlockRefusedError(faults)
    return placed


def edit_block(
    db: Session,
    seance: Seance,
    columns: Mapping[int, GridColumn],
    edits: Sequence[PlacedEdit],
    actor: Actor,
    now: datetime,
) -> int:
    """Does every edit, and gives how many changed something. The caller's transaction is to be undone when it raises.

    Raises BlockRefusedError with every cell that refuses, each tried on its own.
    """
    require_open_table(seance)
    dossiers = _dossiers(db, seance, {edit.place.dossier_id for edit in edits})
    journal.preload_heads(db, [f"dossier:{id_}" for id_ in dossiers])
    changed, faults = 0, []
    for one in edits:
        try:
            changed += _edit_one(db, seance, dossiers, columns, one, actor, now)
        except WorkflowError as error:
            faults.append(_fault(db, seance, one, error))
    if faults:
        raise BlockRefusedError(faults)
    return changed


def _dossiers(db: Session, seance: Seance, ids: Iterable[int]) -> dict[int, Dossier]:
    """Those of the agenda among these, with their lines: a constant number of statements."""
    found = db.scalars(
        select(Dossier)
        .join(SeanceItem, SeanceItem.dossier_id == Dossier.id)
        .where(SeanceItem.seance_id == seance.id, Dossier.id.in_(sorted(ids)))
        .options(*WITH_LINES)
    )
    return {dossier.id: dossier for dossier in found}


def _edit_one(
    db: Session,
    seance: Seance,
    dossiers: Mapping[int, Dossier],
    columns: Mapping[int, GridColumn],
    one: PlacedEdit,
    actor: Actor,
    now: datetime,
) -> bool:
    dossier, column = dossiers.get(one.place.dossier_id), columns.get(one.place.credit_id)
    if dossier is None or column is None:
        raise UnknownReferenceError("Cette case n’est plus dans la table.")
    return edit_cell(db, seance, dossier, column, one.edit, actor, now, expected_version=one.place.version)


def _fault(db: Session, seance: Seance, one: PlacedEdit, error: WorkflowError) -> CellFault:
    present = None
    if isinstance(error, ConflictError):
        rows = read_rows(db, seance, [one.place.dossier_id])
        present = write_cell(rows[0].lines.get(one.place.credit_id)) if rows else ""
    return CellFault(one.place, one.text, error, present)
