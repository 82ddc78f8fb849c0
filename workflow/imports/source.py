# SPDX-License-Identifier: EUPL-1.2
"""A file as a table: headers, then rows numbered as a spreadsheet numbers them (the header is row 1)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import NamedTuple

from workflow.errors import InvalidInputError
from workflow.imports.limits import MAX_COLUMNS
from workflow.names import key, typeset

Cell = str | int | float | bool | Decimal | date | datetime | time | timedelta | None


class UnreadableFileError(InvalidInputError):
    """The file as a whole cannot be read: nothing was written. Exit code 2."""

    def __init__(self, message: str) -> None:
        super().__init__(typeset(message), "file")


class Row(NamedTuple):
    """One row: its number in the spreadsheet and its cells, as many as there are headers or more."""

    number: int
    cells: Sequence[Cell]


@dataclass(slots=True)
class Table:
    """A readable file. `total`: about how many rows it has; `headers` as typed, unnamed ones empty."""

    headers: tuple[str, ...]
    rows: Iterator[Row]
    total: int
    warnings: list[str] = field(default_factory=list)


def header_key(header: str) -> str:
    """How a header is compared: without accents or case, spaces and dashes around `:` removed."""
    parts = [key(part).replace(" ", "_") for part in header.split(":")]
    return ":".join(part.strip("_") for part in parts)


def checked_headers(cells: Sequence[Cell]) -> tuple[str, ...]:
    """The headers of the first row. Raises UnreadableFileError: none, too many, or one given twice."""
    headers = ["" if cell is None else str(cell).strip() for cell in cells]
    while headers and not headers[-1]:
        headers.pop()
    if not headers:
        raise UnreadableFileError("La première ligne est vide : elle doit porter les en-têtes des colonnes.")
    if len(headers) > MAX_COLUMNS:
        raise UnreadableFileError(f"Trop de colonnes : {len(headers)} (au plus {MAX_COLUMNS}).")
    seen: dict[str, str] = {}
    for header in filter(None, headers):
        first = seen.setdefault(header_key(header), header)
        if first is not header:
            raise UnreadableFileError(
                f"Deux colonnes portent le même en-tête : « {header} ». Gardez-en une seule."
            )
    return tuple(headers)


def is_blank(cell: Cell) -> bool:
    """True for a cell with nothing to read in it."""
    return cell is None or (isinstance(cell, str) and not cell.strip())


def column_letters(index: int) -> str:
    """The letters of the column at this zero-based index: 0 → A, 26 → AA."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
