# SPDX-License-Identifier: EUPL-1.2
"""A small spreadsheet engine for the tests: it computes our own formulas again, from the cells they name.

SUM, SUBTOTAL, SUMIFS, COUNTA, ROUND, IF, the four operations, comparisons, typed texts; anything else is an error.
"""

import io
import re
from collections.abc import Iterator
from typing import Any

import openpyxl
from openpyxl.utils.cell import range_boundaries

TOKEN = re.compile(
    r"""\s*(?:(?P<reference>(?:'[^']+'!)?\$?[A-Z]{1,3}\$?\d+(?::\$?[A-Z]{1,3}\$?\d+)?)|(?P<name>[A-Z]+)(?=\()
    |(?P<number>\d+(?:\.\d+)?)|"(?P<text>[^"]*)"|(?P<sign>[-+*/(),>]))""",
    re.VERBOSE,
)


class Workbook:
    """An XLSX file opened twice: for its formulas, and for the values written beside them."""

    def __init__(self, content: bytes) -> None:
        self.formulas = openpyxl.load_workbook(io.BytesIO(content))
        self.written = openpyxl.load_workbook(io.BytesIO(content), data_only=True)
        self._known: dict[tuple[str, str], Any] = {}

    def cells(self) -> Iterator[tuple[str, str, Any]]:
        """Sheet, cell and written value of every formula."""
        for sheet in self.formulas:
            for row in sheet.iter_rows():
                for cell in row:
                    if isinstance(cell.value, str) and cell.data_type == "f":
                        yield sheet.title, cell.coordinate, self.written[sheet.title][cell.coordinate].value

    def value(self, sheet: str, cell: str) -> Any:
        """What the cell shows once computed again."""
        key = sheet, cell
        if key not in self._known:
            found = self.formulas[sheet][cell]
            is_formula = found.data_type == "f"
            self._known[key] = _Reading(self, sheet, found.value[1:]).result() if is_formula else found.value
        return self._known[key]

    def values(self, sheet: str, area: str) -> list[Any]:
        """Those of an area, row after row."""
        left, top, right, bottom = range_boundaries(area)
        page = self.formulas[sheet]
        return [
            self.value(sheet, page.cell(row, column).coordinate)
            for row in range(top, bottom + 1)
            for column in range(left, right + 1)
        ]


class _Reading:
    """One formula read from left to right."""

    def __init__(self, book: Workbook, sheet: str, text: str) -> None:
        self.book, self.sheet, self.text = book, sheet, text
        self.tokens = [(m.lastgroup or "", m[m.lastgroup or ""]) for m in self._scanned(text)]
        self.place = 0

    def _scanned(self, text: str) -> Iterator[re.Match[str]]:
        at = 0
        while at < len(text):
            found = TOKEN.match(text, at)
            assert found, f"cannot read {text!r} from {text[at:]!r}"
            yield found
            at = found.end()

    def result(self) -> Any:
        value = self._compared()
        assert self.place == len(self.tokens), f"more than a formula: {self.text}"
        return value

    def _next(self, *signs: str) -> str | None:
        if self.place < len(self.tokens) and self.tokens[self.place] in {("sign", sign) for sign in signs}:
            self.place += 1
            return self.tokens[self.place - 1][1]
        return None

    def _compared(self) -> Any:
        left = self._added()
        return left > self._added() if self._next(">") else left

    def _added(self) -> Any:
        value = self._multiplied()
        while sign := self._next("+", "-"):
            other = self._multiplied()
            value = (value or 0) + (other or 0) if sign == "+" else (value or 0) - (other or 0)
        return value

    def _multiplied(self) -> Any:
        value = self._single()
        while sign := self._next("*", "/"):
            other = self._single()
            # Both branches of an IF are read: the one that it leaves out may divide by nothing.
            divided = (value or 0) / other if other else None
            value = divided if sign == "/" else value * other
        return value

    def _single(self) -> Any:
        kind, text = self.tokens[self.place]
        self.place += 1
        if kind == "number":
            return float(text)
        if kind == "text":
            return text
        if kind == "reference":
            found = self._area(text)
            return found if ":" in text else found[0]
        if kind == "name":
            assert self._next("(")
            return _FUNCTIONS[text](*self._arguments())
        assert (kind, text) == ("sign", "(")
        value = self._compared()
        assert self._next(")")
        return value

    def _arguments(self) -> Iterator[Any]:
        while True:
            yield self._compared()
            if not self._next(","):
                break
        assert self._next(")")

    def _area(self, text: str) -> list[Any]:
        sheet, _, area = text.rpartition("!")
        return self.book.values(sheet.strip("'") or self.sheet, area.replace("$", ""))


def _sum(*areas: Any) -> float:
    values = [value for area in areas for value in (area if isinstance(area, list) else [area])]
    return sum(float(value) for value in values if isinstance(value, int | float))


def _sumifs(amounts: list[Any], *conditions: Any) -> float:
    kept = list(amounts)
    for wanted, area in zip(conditions[1::2], conditions[::2], strict=True):
        assert len(area) == len(amounts)
        kept = [amount if seen == wanted else 0 for amount, seen in zip(kept, area, strict=True)]
    return _sum(kept)


_FUNCTIONS = {
    "SUM": _sum,
    "SUBTOTAL": lambda kind, area: _sum(area),
    "SUMIFS": _sumifs,
    "COUNTA": lambda area: sum(value not in (None, "") for value in area),
    "ROUND": lambda value, digits: round(value + 1e-9, int(digits)),
    "IF": lambda condition, yes, no: yes if condition else no,
}
