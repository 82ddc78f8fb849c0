# SPDX-License-Identifier: EUPL-1.2
"""Sheets scanned before a library reads them: how far they extend, and the cells it would silently leave empty."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol
from xml.parsers import expat

from workflow.imports.limits import MAX_CELL, MAX_CELLS, MAX_COLUMNS, MAX_PART_BYTES, MAX_ROWS
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
    weight: int = 0  # characters of every cell, repetitions included: what a library would hold

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

    def grown(self, text: str | None, data: str) -> str:
        """The text of a cell and what follows it. Raises UnreadableFileError on an enormous cell."""
        if len(text or "") + len(data) > MAX_CELL:
            raise UnreadableFileError(
                f"Une cellule dépasse {MAX_CELL} caractères (ligne {max(self.row, 1)})."
            )
        return (text or "") + data

    def weigh(self, characters: int) -> None:
        """Counts text that will be held. Raises UnreadableFileError when few bytes of the file would fill the memory."""
        self.weight += characters
        if self.weight > MAX_PART_BYTES:
            raise UnreadableFileError(
                f"Classeur refusé : répété de case en case, son texte dépasse {MAX_PART_BYTES} caractères."
            )


class XlsxScan(Scan):
    """The scan of a `worksheet` part; any other part ends it at its first element. `shared`: lengths of the shared texts."""

    __slots__ = ("shared", "started")

    def __init__(self, shared: Sequence[int]) -> None:
        super().__init__()
        self.shared = shared

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
        self.weigh(self._length(self.value or ""))
        if self.kind == "e":
            self.silent[self.row, self.column] = self.value or "#ERREUR"
        elif self.formula is not None and not self.value and self.kind != "str":
            self.silent[self.row, self.column] = f"={self.formula}"

    def text(self, data: str) -> None:
        """Keeps the text of the cell being read."""
        if self.inside == "f":
            self.formula = self.grown(self.formula, data)
        elif self.inside:
            self.value = self.grown(self.value, data)

    def _length(self, value: str) -> int:
        """How long the cell will be: that of the shared text it names, or its own."""
        if self.kind != "s":
            return len(value)
        rank = _positive(value, 0)
        return self.shared[rank] if rank < len(self.shared) else 0


class SharedScan(Scan):
    """The lengths of the texts that an XLSX workbook's cells share, in their order."""

    __slots__ = ("lengths",)

    def __init__(self) -> None:
        super().__init__()
        self.lengths: list[int] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """A new text, or a piece of it."""
        if name == "si":
            self.value = ""
        self.inside = name

    def end(self, name: str) -> None:
        """The text is whole."""
        self.inside = ""
        if name == "si":
            self.lengths.append(len(self.value or ""))

    def text(self, data: str) -> None:
        """A piece of the text."""
        if self.inside == "t":
            self.value = self.grown(self.value, data)


class OdsScan(Scan):
    """The scan of an ODS `content.xml`, where rows, cells and spaces carry how often they repeat.

    Its library reads every table, whichever is asked: what the former ones hold counts. Silent cells are each table's own.
    """

    __slots__ = ("former", "row_weight", "stated", "tables")

    def __init__(self) -> None:
        super().__init__()
        self.former, self.row_weight, self.stated = 0, 0, 0
        self.tables: dict[str, dict[tuple[int, int], str]] = {}  # by name: the silent cells of each

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Follows tables, rows and cells through their repetitions."""
        if name == "table":
            self.former += self.rows * self.columns
            self.row, self.rows, self.columns = 0, 0, 0
            self.silent = self.tables.setdefault(_attribute(attributes, "name") or "", {})
        elif name == "table-row":
            self.row_repeat = _positive(_attribute(attributes, "number-rows-repeated"), 1)
            self.column, self.row_filled, self.row_weight = 0, False, 0
        elif name in ("table-cell", "covered-table-cell"):
            self.repeat = _positive(_attribute(attributes, "number-columns-repeated"), 1)
            self.kind = "e" if attributes.get("calcext:value-type") == "error" else ""
            typed = _attribute(attributes, "value-type")
            self.formula, self.value = _attribute(attributes, "formula"), "" if typed else None
            self.stated = len(_attribute(attributes, "string-value") or "") + len(self.formula or "")
        elif name == "s" and self.inside:
            spaces = min(_positive(_attribute(attributes, "c"), 1), MAX_CELL + 1)
            self.value = self.grown(self.value, " " * spaces)
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
                self.row_weight += (len(self.value or "") + self.stated) * self.repeat
                if self.kind == "e":
                    self.silent[self.row + 1, self.column] = self.value or "#ERREUR"
        elif name == "table-row":
            self.row += self.row_repeat
            self.weigh(self.row_weight * self.row_repeat)

    def text(self, data: str) -> None:
        """Keeps the text of the cell being read."""
        if self.inside == "p":
            self.value = self.grown(self.value, data)

    def occupy(self, row: int, column: int) -> None:
        """The same, over every table."""
        super().occupy(row, column)
        if self.former + self.rows * self.columns > MAX_CELLS:
            raise UnreadableFileError(f"Classeur trop grand : ses feuilles dépassent {MAX_CELLS} cases.")


def shared_lengths(content: bytes) -> Sequence[int]:
    """The length of each shared text of an XLSX workbook. Raises UnreadableFileError on an enormous one."""
    scan = SharedScan()
    _scan(content, scan)
    return scan.lengths


def scan_xlsx(content: bytes, shared: Sequence[int] = ()) -> Scan:
    """What is in one XLSX part. Raises UnreadableFileError when a sheet is too large."""
    scan = XlsxScan(shared)
    _scan(content, scan)
    return scan


def scan_ods(content: bytes) -> OdsScan:
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
