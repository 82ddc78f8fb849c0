# SPDX-License-Identifier: EUPL-1.2
"""A block pasted in the round table: the page that does it without a script, the places it names, the report cell by cell."""

from collections.abc import Sequence
from typing import Any

from web.forms import Typed
from web.presenters.grid import Screen
from web.presenters.grid_cell import told
from web.presenters.seance import seance_heading
from workflow.errors import InvalidInputError
from workflow.grid.block import CellFault, Place

LONGEST = 400_000  # characters of a block
GONE = "Case de départ\u00a0: elle n’est plus dans la table, rechargez la page."


def block_text(typed: Typed) -> str:
    """The block as it was pasted, tabs and line ends kept. Raises InvalidInputError when it is enormous."""
    text = (typed.values.get("bloc") or ("",))[0]
    if len(text) > LONGEST or "\x00" in text:
        raise InvalidInputError("Bloc à coller\u00a0: illisible ou trop grand.", "bloc")
    return text


def block_places(typed: Typed) -> list[list[Place]]:
    """The cells from the corner, row by row, with the versions that the page showed.

    `colonnes`: the credits in the order of the page; `etat`: of each of its rows, `dossier:version,version…`; `dossier` and
    `credit`: the corner. Raises InvalidInputError.
    """
    credits, rows = _numbers(typed.text("colonnes"), ","), [_state(text) for text in typed.texts("etat")]
    dossier, credit = (
        typed.integer("dossier", "Dossier de départ"),
        typed.integer("credit", "Crédit de départ"),
    )
    at_row = next((rank for rank, (id_, _) in enumerate(rows) if id_ == dossier), None)
    if at_row is None or credit not in credits:
        raise InvalidInputError(GONE, "dossier" if at_row is None else "credit")
    first = credits.index(credit)
    if any(len(versions) != len(credits) for _, versions in rows):
        raise InvalidInputError(GONE, "dossier")
    return [
        [Place(id_, one, version) for one, version in zip(credits[first:], versions[first:], strict=True)]
        for id_, versions in rows[at_row:]
    ]


def _state(text: str) -> tuple[int, list[int]]:
    id_, _, versions = text.partition(":")
    numbers = _numbers(id_, ",")
    if len(numbers) != 1:
        raise InvalidInputError(GONE, "dossier")
    return numbers[0], _numbers(versions, ",")


def _numbers(text: str, between: str) -> list[int]:
    parts = text.split(between) if text else []
    if not all(part.isascii() and part.isdigit() and len(part) < 10 for part in parts):
        raise InvalidInputError(GONE, "dossier")
    return [int(part) for part in parts]


def block_view(
    screen: Screen, typed: Typed | None = None, faults: Sequence[CellFault] = ()
) -> dict[str, Any]:
    """The page, with what was pasted and its report when it was just refused."""
    columns = [column for column in screen.shown if column.id in screen.editable]
    rows = [one.row for one in screen.rows]
    labels = {one.row.id: one.row.reference for one in screen.rows}
    names = {column.id: f"{column.organisation}, {column.label}" for column in screen.columns}
    return seance_heading(screen.seance) | {
        "columns": columns,
        "rows": rows,
        "shown": ",".join(str(column.id) for column in columns),
        "states": [
            f"{row.id}:{','.join(str(row.lines[c.id].version if c.id in row.lines else 0) for c in columns)}"
            for row in rows
        ],
        "bloc": (typed.values.get("bloc") or ("",))[0] if typed else "",
        "corner": (typed.text("dossier"), typed.text("credit")) if typed else ("", ""),
        "faults": faults_view(faults, labels, names),
    }


def faults_view(
    faults: Sequence[CellFault], references: dict[int, str], columns: dict[int, str]
) -> list[dict[str, str]]:
    """Each cell refused: where, what was pasted, why, and on a conflict what it holds now."""
    return [
        {
            "reference": references.get(fault.place.dossier_id, "—"),
            "column": columns.get(fault.place.credit_id, "—"),
            "typed": fault.text,
            "message": told(fault.error),
            "present": "" if fault.present is None else fault.present or "vide",
        }
        for fault in faults
    ]
