# SPDX-License-Identifier: EUPL-1.2
"""Sheets scanned before a library reads them: how far they extend, and the cells it would silently leave empty."""

from dataclasses import dataclass, field
from typing import Protocol
from xml.parsers import expat

from workflow.imports.limits import MAX_CELL, MAX_CELLS, MAX_COLUMNS, MAX_ROWS
from workflow.imports.source import UnreadableFileError


class _Handler(Protocol):
    def start(self, name: str, attributes: dict[str, str]) -> None: ...
    def end(self, name: str) -> None: ...
    def text(self, data: str) -> None: ...


class _Stopped(Exception):  # noqa: N818 - ends a scan early, never leaves this file
    pass


def _scan(content: bytes, handler: _Handler) -> None:
    def refuse_doctype(*_: object) -> None:
        raise UnreadableFileError("Classeur refusé : une de ses parties déclare un DOCTYPE.")

    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = refuse_doctype
    parser.StartElementHandler = lambda name, attributes: handler.start(name.rpartition(":")[2], attributes)
    parser.EndElementHandler = lambda name: handler.end(name.rpartition(":")[2])
    parser.CharacterDataHandler = handler.text
    try:
        parser.Parse(content, True)
    except _Stopped:
        return
    except expat.ExpatError as error:
        raise UnreadableFileError(
            "Classeur endommagé : une de ses parties n’est pas du XML valide."
        ) from error


@dataclass(slots=True)
class Scan:
    """One sheet before it is read: its extent, and the cells a reading library would silently leave empty."""

    rows: int = 0
    columns: int = 0
    silent: dict[tuple[int, int], str] = field(
        default_factory=dict
    )  # (row, column) from 1 → `#REF!`, `=A1+B1`
    row: int = 0
    column: int = 0
    kind: str = ""
    formula: str | None = None
    value: str | None = None
    inside: str = ""
    repeat: int = 1
    row_repeat: int = 1
    row_filled: bool = False

    def occupy(self, row: int, column: int) -> None:
        """Counts an occupied cell. Raises UnreadableFileError as soon as the sheet is too large."""
        self.rows, self.columns = max(self.rows, row), max(self.columns, column)
        if self.columns > MAX_COLUMNS:
            raise UnreadableFileError(
                f"Trop de colonnes : une cellule est remplie en colonne {column} (au plus {MAX_COLUMNS})."
            )
        if self.rows > MAX_ROWS or self.rows * self.columns > MAX_CELLS:
            raise UnreadableFileError(
                f"Feuille trop grande : {self.rows} lignes × {self.columns} colonnes (au plus {MAX_ROWS} lignes et {MAX_CELLS} cases)."
            )

    def check_text(self, data: str) -> None:
        """Raises UnreadableFileError on an enormous cell."""
        if len(data) > MAX_CELL:
            raise UnreadableFileError(
                f"Une cellule dépasse {MAX_CELL} caractères (ligne {max(self.row, 1)})."
            )


class XlsxScan(Scan):
    """The scan of a `worksheet` part; any other part ends it at its first element."""

    __slots__ = ("started",)

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Follows rows and cells by their own numbers, or by their order when they have none."""
        if not hasattr(self, "started"):
            self.started = True
            if name != "worksheet":
                raise _Stopped
        if name == "row":
            self.row = _positive(attributes.get("r"), self.row + 1)
            self.column = 0
        elif name == "c":
            self.row, self.column = _position(attributes.get("r"), self.row, self.column + 1)
            self.kind, self.formula, self.value = attributes.get("t", ""), None, None
        elif name in ("f", "v", "is"):
            self.inside = name
            if name == "f":
                self.formula = ""
            else:
                self.value = ""

    def end(self, name: str) -> None:
        """Closes a cell: occupied when it has a value, silent when it shows an error or was never calculated."""
        if name in ("f", "v", "is"):
            self.inside = ""
        if name != "c" or (self.value is None and self.formula is None):
            return
        self.occupy(self.row, self.column)
        if self.kind == "e":
            self.silent[self.row, self.column] = self.value or "#ERREUR"
        elif self.formula is not None and not self.value and self.kind != "str":
            self.silent[self.row, self.column] = f"={self.formula}"

    def text(self, data: str) -> None:
        """Keeps the text of the cell being read."""
        self.check_text(data)
        if self.inside == "f":
            self.formula = (self.formula or "") + data
        elif self.inside:
            self.value = (self.value or "") + data


class OdsScan(Scan):
    """The scan of an ODS `content.xml`, where rows, cells and spaces carry how often they repeat."""

    __slots__ = ()

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Follows tables, rows and cells through their repetitions."""
        if name == "table":
            self.row = 0
        elif name == "table-row":
            self.row_repeat = _positive(_attribute(attributes, "number-rows-repeated"), 1)
            self.column, self.row_filled = 0, False
        elif name in ("table-cell", "covered-table-cell"):
            self.repeat = _positive(_attribute(attributes, "number-columns-repeated"), 1)
            self.kind = "e" if attributes.get("calcext:value-type") == "error" else ""
            typed = _attribute(attributes, "value-type")
            self.formula, self.value = _attribute(attributes, "formula"), "" if typed else None
        elif name == "s" and _positive(_attribute(attributes, "c"), 1) > MAX_CELL:
            raise UnreadableFileError(f"Une cellule dépasse {MAX_CELL} caractères (ligne {self.row + 1}).")
        elif name == "p":
            self.value, self.inside = self.value or "", "p"

    def end(self, name: str) -> None:
        """Closes a cell or a row: repetitions count only where something is written."""
        if name == "p":
            self.inside = ""
        elif name in ("table-cell", "covered-table-cell"):
            self.column += self.repeat
            if self.value is not None or self.formula is not None:
                self.row_filled = True
                self.occupy(self.row + self.row_repeat, self.column)
                if self.kind == "e":
                    self.silent[self.row + 1, self.column] = self.value or "#ERREUR"
        elif name == "table-row":
            self.row += self.row_repeat

    def text(self, data: str) -> None:
        """Keeps the text of the cell being read."""
        self.check_text(data)
        if self.inside == "p":
            self.value = (self.value or "") + data


def scan_xlsx(content: bytes) -> Scan:
    """What is in one XLSX part. Raises UnreadableFileError when a sheet is too large."""
    scan = XlsxScan()
    _scan(content, scan)
    return scan


def scan_ods(content: bytes) -> Scan:
    """What is in the content of an ODS file. Raises UnreadableFileError when a sheet is too large."""
    scan = OdsScan()
    _scan(content, scan)
    return scan


def _attribute(attributes: dict[str, str], local: str) -> str | None:
    for name, value in attributes.items():
        if name.rpartition(":")[2] == local and not name.startswith("calcext:"):
            return value
    return None


def _positive(text: str | None, default: int) -> int:
    return (
        int(text)
        if text and text.isascii() and text.isdigit() and len(text) < 12 and int(text) > 0
        else default
    )


def _position(reference: str | None, row: int, column: int) -> tuple[int, int]:
    """Row and column of `AB12`; the given ones when the cell does not say."""
    letters = (reference or "").rstrip("0123456789").upper()
    digits = (reference or "")[len(letters) :]
    if not letters or not letters.isascii() or not letters.isalpha() or len(letters) > 4:
        return row, column
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return _positive(digits, row), number
