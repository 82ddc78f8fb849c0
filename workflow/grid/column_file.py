# SPDX-License-Identifier: EUPL-1.2
"""A financer's column as a spreadsheet file: what each row holds, and what a file brought back would change, row by row.

Each row carries a key: séance, credit, dossier, the version of its line and a digest of what the file held. A row that
nobody touched is left alone; one touched on both sides is a conflict, told with both values.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from hashlib import sha256
from typing import Any, NamedTuple

from workflow.errors import InvalidInputError, NotPermittedError
from workflow.grid.block import Place
from workflow.grid.editing import IN_MONEY, UNOPENED
from workflow.grid.rows import GridColumn, GridLine, GridRow, euros_of, known_euros
from workflow.grid.words import CellEdit
from workflow.imports.cells import CellFault, as_text, read_amount, read_date, read_text, read_word
from workflow.imports.source import Cell, Row, Table, header_key
from workflow.names import key
from workflow.stages import LINE_LABELS, LineState

REFERENCE = "Référence"
ANSWER, AMOUNT, EXPECTED, WHY, VALUE, KEY = (
    "Réponse",
    "Montant",
    "Date attendue",
    "Motif ou description",
    "Valeur en nature",
    "Clé (ne pas modifier)",
)
PROPOSED = "proposé"
WORDS: Mapping[str, str] = {
    "firm": "ferme",
    "indicative": "indicatif",
    "in_kind": "en nature",
    "declined": "refus",
    "not_concerned": "non concerné",
    "no_reply": "sans réponse",
}
_CHOICES = {key(word).replace(" ", "_"): answer for answer, word in WORDS.items()} | {"propose": ""}
_KEY = re.compile(r"S(\d{1,9})-C(\d{1,9})-D(\d{1,9})-V(\d{1,9})-([0-9a-f]{8})", re.ASCII)
LONGEST_WHY = 2_000
TOTAL = "Total"  # the line that ends the file, without a key


class FileCell(NamedTuple):
    """What the five columns that a financer fills hold for one dossier."""

    answer: str
    amount: Decimal | None
    expected_on: date | None
    why: str | None
    value: Decimal | None = None  # of a contribution in kind, apart from the amounts, which add up


NOTHING = FileCell("", None, None, None)


def file_cell(line: GridLine | None) -> FileCell:
    """What the file says of a line; `answer` is its word."""
    if line is None or line.state == LineState.NOT_ASKED:
        return NOTHING
    amount = known_euros(line.brought)
    why = line.in_kind if line.state == LineState.IN_KIND else line.reason
    if line.state == LineState.ASKED:
        return FileCell("" if amount is None else PROPOSED, amount, line.expected_on, why)
    value = known_euros(line.in_kind_value) if line.state == LineState.IN_KIND else None
    word = WORDS.get(line.state) or LINE_LABELS[LineState(line.state)]
    return FileCell(word, amount, line.expected_on, why, value)


def row_key(seance_id: int, column: GridColumn, row: GridRow) -> str:
    """The key of one row."""
    line = row.lines.get(column.id)
    version = line.version if line else UNOPENED
    return f"S{seance_id}-C{column.id}-D{row.id}-V{version}-{_digest(file_cell(line))}"


def _digest(cell: FileCell) -> str:
    amount, value = ("" if each is None else f"{each:.2f}" for each in (cell.amount, cell.value))
    on = "" if cell.expected_on is None else cell.expected_on.isoformat()
    said = "\x1f".join((key(cell.answer), amount, on, " ".join((cell.why or "").split()), value))
    return sha256(said.encode()).hexdigest()[:8]


@dataclass(frozen=True, slots=True)
class FileEdit:
    """One row that would change its cell; `present` is what the cell holds now, `is_conflict` when others changed it since."""

    number: int
    row: GridRow
    place: Place
    edit: CellEdit
    wanted: FileCell
    present: FileCell
    is_conflict: bool


class FileFault(NamedTuple):
    """What cannot be read, where a spreadsheet shows it."""

    number: int
    column: str
    value: str
    reason: str


@dataclass(slots=True)
class ColumnReading:
    """What a file would do. With any fault, nothing of it is taken."""

    edits: list[FileEdit] = field(default_factory=list)
    faults: list[FileFault] = field(default_factory=list)
    unchanged: int = 0
    absent: list[str] = field(default_factory=list)  # references of the agenda that the file does not name

    @property
    def conflicts(self) -> list[FileEdit]:
        """Rows changed on both sides."""
        return [edit for edit in self.edits if edit.is_conflict]

    @property
    def plain(self) -> list[FileEdit]:
        """Rows changed in the file alone."""
        return [edit for edit in self.edits if not edit.is_conflict]


def read_column(table: Table, seance_id: int, column: GridColumn, rows: Iterable[GridRow]) -> ColumnReading:
    """What the file would change in this column. Raises InvalidInputError or NotPermittedError for a file of another place."""
    at, by_id, found = _positions(table), {row.id: row for row in rows}, ColumnReading()
    first_at: dict[int, int] = {}  # the row of the file where each dossier was met
    for row in table.rows:
        if as_text(_cell(row, 0)) == TOTAL and as_text(_cell(row, at[KEY])) is None:
            continue
        try:
            place, digest = _place(_cell(row, at[KEY]), seance_id, column)
        except CellFault as fault:
            found.faults.append(FileFault(row.number, KEY, as_text(_cell(row, at[KEY])) or "", fault.reason))
            continue
        there, twin = by_id.get(place.dossier_id), first_at.setdefault(place.dossier_id, row.number)
        misplaced = _misplaced(row, at, there, twin)
        if misplaced:
            found.faults.append(misplaced)
        else:
            _read_row(found, row, at, place, digest, there)
    found.absent = [row.reference for id_, row in by_id.items() if id_ not in first_at]
    return found


def _positions(table: Table) -> dict[str, int]:
    known = {header_key(header): rank for rank, header in enumerate(table.headers) if header}
    wanted = (REFERENCE, ANSWER, AMOUNT, EXPECTED, WHY, VALUE, KEY)
    missing = [header for header in wanted if header_key(header) not in known]
    if missing:
        raise InvalidInputError(
            f"Ce fichier n’est pas une colonne exportée d’ici\u00a0: il n’a pas «\u00a0{missing[0]}\u00a0».",
            "file",
        )
    return {header: known[header_key(header)] for header in wanted}


def _cell(row: Row, at: int) -> Cell:
    return row.cells[at] if at < len(row.cells) else None


def _place(cell: Cell, seance_id: int, column: GridColumn) -> tuple[Place, str]:
    found = _KEY.fullmatch(as_text(cell) or "")
    if found is None:
        raise CellFault("clé absente ou modifiée\u00a0: exportez de nouveau la colonne")
    seance, credit, dossier, version = map(int, found.groups()[:4])
    if seance != seance_id:
        raise InvalidInputError(
            f"Ce fichier vient d’une autre séance (n° {seance})\u00a0: rien n’en est lu.", "file"
        )
    if credit != column.id:
        raise NotPermittedError(
            f"Ce fichier est la colonne d’un autre crédit que «\u00a0{column.organisation}, {column.label}\u00a0»\u00a0: rien n’en est lu."
        )
    return Place(dossier, credit, version), found[5]


def _misplaced(row: Row, at: Mapping[str, int], there: GridRow | None, twin: int) -> FileFault | None:
    """A key met twice, or beside another dossier than its own: a row copied, or a sort that left the keys behind."""
    if twin != row.number:
        return FileFault(
            row.number, KEY, "", f"ce dossier est déjà à la ligne {twin}\u00a0: gardez-en une seule"
        )
    reference = as_text(_cell(row, at[REFERENCE])) or ""
    if there is not None and key(reference) != key(there.reference):
        reason = f"cette clé est celle du dossier {there.reference}\u00a0: triez toutes les colonnes ensemble"
        return FileFault(row.number, REFERENCE, reference, reason)
    return None


_READERS: Mapping[str, Callable[[Cell], Any]] = {
    AMOUNT: read_amount,
    EXPECTED: read_date,
    WHY: lambda cell: read_text(cell, LONGEST_WHY),
    VALUE: read_amount,
}


def _read_row(
    found: ColumnReading, row: Row, at: Mapping[str, int], place: Place, digest: str, there: GridRow | None
) -> None:
    word = as_text(_cell(row, at[ANSWER])) or ""
    values: dict[str, Any] = {}
    for header, read in _READERS.items():
        cell = _cell(row, at[header])
        try:
            values[header] = read(cell)
        except CellFault as fault:
            found.faults.append(FileFault(row.number, header, as_text(cell) or "", fault.reason))
    if len(values) < len(_READERS):
        return
    wanted = FileCell(word, values[AMOUNT], values[EXPECTED], values[WHY], values[VALUE])
    if _digest(wanted) == digest:
        found.unchanged += 1
        return
    if there is None:
        found.faults.append(FileFault(row.number, KEY, "", "ce dossier n’est plus à l’ordre du jour"))
        return
    _compare(found, row, place, digest, wanted, there)


def _compare(
    found: ColumnReading, row: Row, place: Place, digest: str, wanted: FileCell, there: GridRow
) -> None:
    line = there.lines.get(place.credit_id)
    present, version = file_cell(line), line.version if line else UNOPENED
    if _digest(wanted) == _digest(present):
        found.unchanged += 1
        return
    try:
        edit = _edit(wanted, present, line)
    except CellFault as fault:
        found.faults.append(FileFault(row.number, ANSWER, wanted.answer, fault.reason))
        return
    now = place._replace(version=version)
    is_conflict = version != place.version and _digest(present) != digest  # what the file says of it moved
    found.edits.append(FileEdit(row.number, there, now, edit, wanted, present, is_conflict))


def _edit(wanted: FileCell, present: FileCell, line: GridLine | None) -> CellEdit:
    """The edit that makes the cell say this. An amount left alone keeps both what was answered and what is proposed."""
    answer = read_word(wanted.answer, _CHOICES) or ""
    if wanted.value is not None and answer != LineState.IN_KIND:
        raise CellFault(
            f"«\u00a0{VALUE}\u00a0» ne se remplit qu’avec la réponse «\u00a0{WORDS['in_kind']}\u00a0»"
        )
    if not answer:
        on = None if wanted.expected_on == present.expected_on else wanted.expected_on
        return CellEdit(amount=wanted.amount, expected_on=on, reason=wanted.why)
    if (
        answer in IN_MONEY
        and line is not None
        and line.promised is not None
        and wanted.amount == present.amount
    ):
        answered, proposed = euros_of(line.promised), present.amount
        return CellEdit(answer, answered, wanted.expected_on, reason=wanted.why, proposed=proposed)
    if answer == LineState.IN_KIND:
        if wanted.amount is not None and wanted.value is not None:
            raise CellFault(
                f"une contribution en nature a une valeur, à écrire dans «\u00a0{VALUE}\u00a0», pas de montant"
            )
        worth = wanted.amount if wanted.value is None else wanted.value
        return CellEdit(answer, worth, wanted.expected_on, description=wanted.why)
    return CellEdit(answer, wanted.amount, wanted.expected_on, reason=wanted.why)
