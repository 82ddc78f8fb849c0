# SPDX-License-Identifier: EUPL-1.2
"""One's column as a file: the page that gives it and takes it back, and what a file brought back would change."""

import json
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from rules import wording
from web.forms import Field, FormView, Typed
from web.presenters.grid_block import faults_view
from web.presenters.seance import seance_heading
from workflow.errors import InvalidInputError
from workflow.grid.block import CellFault, Place, PlacedEdit
from workflow.grid.column_file import WORDS, ColumnReading, FileCell, FileEdit
from workflow.grid.rows import GridColumn, GridRow
from workflow.grid.words import CellEdit
from workflow.inputs import parse_amount
from workflow.models import Seance
from workflow.stages import LineState

LINE = "ligne"
UNREADABLE = "Aperçu illisible\u00a0: envoyez de nouveau le fichier."


def column_view(seance: Seance, column: GridColumn, *, may_type: bool) -> dict[str, Any]:
    """The page where a column leaves and comes back."""
    address = f"/seances/{seance.id}/table/colonnes/{column.id}"
    form = FormView(
        address,
        "Envoyer et voir l’aperçu",
        (
            Field(
                "file",
                "Fichier rempli",
                "file",
                required=True,
                hint="Le fichier XLSX exporté d’ici, ou le même en ODS ou CSV. Rien n’est enregistré avant que vous ayez lu l’aperçu.",
                accept=".xlsx,.ods,.csv",
            ),
        ),
    )
    return seance_heading(seance) | {"column": column, "address": address, "form": form if may_type else None}


def preview_view(
    seance: Seance,
    column: GridColumn,
    reading: ColumnReading,
    refused: Sequence[CellFault],
    rows: Sequence[GridRow],
) -> dict[str, Any]:
    """What the file would do: what is applied, what was changed on both sides, what cannot be read or is refused."""
    references = {row.id: row.reference for row in rows}
    return column_view(seance, column, may_type=True) | {
        "plain": [_shown(edit) for edit in reading.plain],
        "conflicts": [_shown(edit) for edit in reading.conflicts],
        "faults": reading.faults,
        "refused": faults_view(refused, references, {column.id: column.label}),
        "unchanged": reading.unchanged,
        "absent": reading.absent,
        "may_apply": bool(reading.edits) and not reading.faults and not refused,
    }


def _shown(edit: FileEdit) -> dict[str, Any]:
    return {
        "number": edit.number,
        "reference": edit.row.reference,
        "title": edit.row.title,
        "before": said(edit.present),
        "after": said(edit.wanted),
        "value": _packed(edit),
    }


def said(cell: FileCell) -> str:
    """What a cell says, in one line."""
    parts = [
        cell.answer,
        "" if cell.amount is None else wording.euros(cell.amount),
        "" if cell.expected_on is None else f"décision le {cell.expected_on:%d/%m/%Y}",
        cell.why or "",
        "" if cell.value is None else f"valeur {wording.euros(cell.value)}",
    ]
    return " · ".join(part for part in parts if part) or "vide"


def placed(edit: FileEdit) -> PlacedEdit:
    """The edit of one row of the file."""
    return PlacedEdit(edit.place, edit.edit, said(edit.wanted))


def _packed(edit: FileEdit) -> str:
    """One edit as the form of the preview carries it."""
    made, place = edit.edit, edit.place
    on = made.expected_on.isoformat() if made.expected_on else None
    amount, proposed = (None if each is None else str(each) for each in (made.amount, made.proposed))
    return json.dumps(
        [place.dossier_id, place.version, made.answer, amount, on, made.reason, made.description, proposed],
        ensure_ascii=False,
    )


def unpacked(typed: Typed, credit_id: int) -> list[PlacedEdit]:
    """The edits that the form of the preview carries. Raises InvalidInputError."""
    return [_unpacked(text, credit_id) for text in typed.texts(LINE)]


def _unpacked(text: str, credit_id: int) -> PlacedEdit:
    try:
        dossier_id, version, answer, amount, on, reason, description, proposed = json.loads(text)
        place = Place(_count(dossier_id), credit_id, _count(version))
        edit = CellEdit(
            _word(answer) or "",
            _amount(amount),
            None if on is None else date.fromisoformat(_word(on) or ""),
            _word(reason),
            _word(description),
            _amount(proposed),
        )
    except (ValueError, TypeError):
        raise InvalidInputError(UNREADABLE, LINE) from None
    why = edit.reason or edit.description
    amount, value = (None, edit.amount) if edit.answer == LineState.IN_KIND else (edit.amount, None)
    cell = FileCell(WORDS.get(edit.answer, ""), amount, edit.expected_on, why, value)
    return PlacedEdit(place, edit, said(cell))


def _count(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 2**31:
        raise ValueError(value)
    return value


def _amount(value: object) -> Decimal | None:
    text = _word(value)
    return None if text is None else parse_amount(text)


def _word(value: object) -> str | None:
    if value is not None and not isinstance(value, str):
        raise TypeError(value)
    return value
