# SPDX-License-Identifier: EUPL-1.2
"""The table of the board: the columns chosen as heads that sort and cells ready to print."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from reports.board import BoardColumn
from reports.sheet import Kind, as_text
from reports.summary.words import Words
from rules import wording
from web.presenters.board_address import Board
from web.presenters.stages import tone_of
from workflow.queries_board import PER_FINANCER, BoardRow

SUMS = PER_FINANCER  # the columns whose sums are shown: code, amount
UNDER = ("porteur", "qpv", "theme")  # shown under the title when it is there
NUMBERS = frozenset({Kind.EUROS, Kind.COUNT})
NAMES_WIDTH = 30  # characters: from there on a column holds several names
Cell = dict[str, Any]


@dataclass(frozen=True, slots=True)
class ShownColumn:
    """A column on the screen, with those folded under it."""

    column: BoardColumn
    folded: tuple[BoardColumn, ...] = ()

    @property
    def is_number(self) -> bool:
        """True when it is aligned to the right."""
        return self.column.kind in NUMBERS and len(self.column.cells) == 1


def layout(columns: Sequence[BoardColumn]) -> list[ShownColumn]:
    """The columns in order; porteur, neighbourhoods and group go under the title, so that a row stays readable."""
    has_title = any(column.code == "titre" for column in columns)
    folded = tuple(column for column in columns if has_title and column.code in UNDER)
    return [
        ShownColumn(column, folded if column.code == "titre" else ())
        for column in columns
        if column not in folded
    ]


def heads(board: Board, columns: Sequence[ShownColumn], *, is_sorted: bool) -> list[dict[str, Any]]:
    """The heads: each one sorts, first up for words and down for amounts."""
    sort = board.sort if is_sorted else ("", False)
    return [
        {
            "code": shown.column.code,
            "label": shown.column.label,
            "is_number": shown.is_number,
            **_sorting(board, sort, shown.column),
            "under": [{"label": c.label, **_sorting(board, sort, c)} for c in shown.folded],
        }
        for shown in columns
    ]


def _sorting(board: Board, sort: tuple[str, bool], column: BoardColumn) -> dict[str, str]:
    name, descending = sort
    is_here = column.code == name
    down = not descending if is_here else column.kind in NUMBERS
    said = ("descending" if descending else "ascending") if is_here else "none"
    word = f"-{column.code}" if down else column.code
    return {"address": board.address.with_(tri=word, page="", vue="tableau"), "said": said}


def shown_row(row: BoardRow, columns: Sequence[ShownColumn], words: Words) -> dict[str, Any]:
    """The row as the template reads it."""
    return {
        "id": row.id,
        "reference": row.reference,
        "cells": [_cell(row, shown, words) for shown in columns],
    }


def _cell(row: BoardRow, shown: ShownColumn, words: Words) -> Cell:
    special = SPECIAL.get(shown.column.code)
    if special is not None:
        return special(row, shown, words)
    value = shown.column.values(row, words)[0]
    match shown.column.kind:
        case Kind.EUROS:
            return {"as": "n", "text": _money(value)}
        case Kind.COUNT:
            return {"as": "n", "text": "–" if value is None else wording.number(int(str(value)))}
        case Kind.DATE:
            return {"as": "since", "text": f"{value:%d/%m/%y}" if isinstance(value, date) else "–"}
    is_long = len(shown.column.cells) == 1 and shown.column.cells[0].width >= NAMES_WIDTH
    return {"as": "names" if is_long else "", "text": as_text(value) or "–"}


def _money(value: object) -> str:
    return wording.euros(value) if isinstance(value, Decimal) else "—"


def _title(row: BoardRow, shown: ShownColumn, words: Words) -> Cell:
    under = (_few(row, words) if c.code == "qpv" else as_text(c.values(row, words)[0]) for c in shown.folded)
    return {"as": "what", "text": row.title, "under": " · ".join(text for text in under if text)}


def _few(row: BoardRow, words: Words) -> str:
    """The neighbourhoods, in the room of a row."""
    codes = row.qpv or []
    return (
        ", ".join(words.qpv.get(code, code) for code in codes)
        if len(codes) < 4
        else f"{len(codes)} quartiers"
    )


def _ratio(done: int, total: int, late: int = 0) -> Cell:
    return {"as": "ratio", "done": done, "total": total, "late": late}


SPECIAL: dict[str, Callable[[BoardRow, ShownColumn, Words], Cell]] = {
    "reference": lambda row, _s, _w: {"as": "ref", "text": row.reference},
    "titre": _title,
    "etape": lambda row, s, w: {
        "as": "badge",
        "text": s.column.values(row, w)[0],
        "tone": tone_of(row.stage),
    },
    "avis": lambda row, _s, _w: _ratio(row.opinions_in, len(row.opinions), row.opinions_late),
    "financeurs": lambda row, _s, _w: _ratio(row.answered, len(row.lines)),
}
