# SPDX-License-Identifier: EUPL-1.2
"""A table to be written in a spreadsheet: typed columns and plain rows. The writers add no figure."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

from reports.csv_text import inert

Value = str | int | float | Decimal | date | bool | None


@dataclass(frozen=True, slots=True)
class Formula:
    """A cell that the spreadsheet computes again. `text`: as Excel writes it, `=` left out; `value`: what it gives today.

    References only, never a typed text: what people wrote cannot become a formula. The value comes from the prepared structure.
    """

    text: str
    value: int | float | Decimal | None


Cell = Value | Formula


class Kind(StrEnum):
    """What a column holds, hence how it is written and aligned."""

    TEXT = "text"
    EUROS = "euros"
    COUNT = "count"
    PERCENT = "percent"
    DATE = "date"
    YEAR = "year"  # a number without thousands


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its header, its kind, its width in characters; `total`: summed under the table."""

    label: str
    kind: Kind = Kind.TEXT
    width: int = 14
    total: bool = False


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet: a title line if any, then the headers, then one row per item."""

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: list[tuple[Cell, ...]] = field(default_factory=list)
    landscape: bool = True


def column_total(sheet: Sheet, index: int) -> Decimal:
    """The sum of the known values of a column."""
    amount = Decimal(0)
    for row in sheet.rows:
        cell = row[index]
        value = cell.value if type(cell) is Formula else cell
        if isinstance(value, int | Decimal):
            amount += value
    return amount


def value_of(cell: Cell) -> Value:
    """What a cell shows today."""
    return cell.value if isinstance(cell, Formula) else cell


def cell_name(index: int, row: int) -> str:
    """A cell by its column and its row, both from 0: A1."""
    return f"{column_letter(index)}{row + 1}"


def column_range(sheet: Sheet, label: str) -> str:
    """The cells under this header, as another sheet names them: 'Dossiers'!$C$3:$C$40."""
    index = [column.label for column in sheet.columns].index(label)
    letter, first = column_letter(index), head_row(sheet) + 2
    return f"'{sheet.name}'!${letter}${first}:${letter}${first + max(len(sheet.rows), 1) - 1}"


def has_totals(sheet: Sheet) -> bool:
    """True when a line of totals ends the table."""
    return bool(sheet.rows) and any(column.total for column in sheet.columns)


def as_text(cell: Cell) -> str:
    """A cell of a text column: oui or non for a boolean, nothing for the unknown; of a formula, its value."""
    if type(cell) is str:  # most of them
        return cell
    value = value_of(cell)
    if value is None:
        return ""
    if isinstance(value, bool):
        return "oui" if value else "non"
    return str(value)


def csv_cell(cell: Cell) -> str:
    """A cell as CSV: decimal comma, ISO date, no text that a spreadsheet would run; of a formula, its value."""
    value = value_of(cell)
    if isinstance(value, Decimal):
        return f"{value:.2f}".replace(".", ",")
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if isinstance(value, date):
        return value.isoformat()
    return inert(as_text(value))


def head_row(sheet: Sheet) -> int:
    """The row of the headers, from 0: after the title, when there is one."""
    return 1 if sheet.title else 0


def column_letter(index: int) -> str:
    """The letters of a column, from 0: A, B… Z, AA."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def widths(columns: Sequence[Column]) -> list[int]:
    """Widths in characters, never narrower than the header's longest word."""
    return [max(column.width, *(len(word) + 2 for word in column.label.split())) for column in columns]
