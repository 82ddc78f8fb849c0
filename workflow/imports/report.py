# SPDX-License-Identifier: EUPL-1.2
"""What an import did: rows read, created, updated, unchanged, and one entry per fault of a rejected row."""

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from typing import Any, TypeVar

from workflow.imports.cells import CellFault, as_text
from workflow.imports.limits import MAX_CHANGES, MAX_FAULTS
from workflow.imports.source import Cell, UnreadableFileError
from workflow.names import typeset

T = TypeVar("T")
_SHOWN = 200

Progress = Callable[[int, int], None]  # rows done, rows in all (about)


@dataclass(frozen=True, slots=True)
class Fault:
    """One reason why a row was rejected. `row` as a spreadsheet numbers it; `column` is never empty."""

    row: int
    column: str
    value: str
    reason: str


@dataclass(frozen=True, slots=True)
class RowChange:
    """What one row does: creates a dossier, or changes it field by field (header, before, after; empty: unknown)."""

    row: int
    reference: str
    title: str
    is_new: bool
    fields: tuple[tuple[str, str, str], ...] = ()


@dataclass(slots=True)
class ImportReport:
    """The account of one import. `changes`: what each row does, told when somebody will read it (None: not told)."""

    read: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    rejected: list[Fault] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    dry_run: bool = False
    changes: list[RowChange] | None = None

    def tell(self, change: RowChange) -> None:
        """Keeps what a row does, up to what a page can show."""
        if self.changes is not None and len(self.changes) < MAX_CHANGES:
            self.changes.append(change)

    def reject(self, faults: Iterable[Fault]) -> None:
        """Keeps the faults of a row. Raises UnreadableFileError when there are too many to be anybody's mistake."""
        self.rejected.extend(faults)
        if len(self.rejected) > MAX_FAULTS:
            raise UnreadableFileError(
                f"Plus de {MAX_FAULTS} défauts : ce n’est sans doute pas le bon fichier. Rien n’a été enregistré."
            )

    def warn(self, *sentences: str) -> None:
        """Keeps what people should know though nothing was refused."""
        self.warnings.extend(typeset(sentence) for sentence in sentences)

    @property
    def rejected_rows(self) -> int:
        """How many rows were rejected; a row may have several faults."""
        return len({fault.row for fault in self.rejected})

    def to_json(self) -> dict[str, Any]:
        """The stable shape of `import --json`."""
        told = asdict(self)
        if self.changes is None:
            del told["changes"]
        return told


def counted(number: int, one: str, several: str) -> str:
    """The number and its noun; in French, zero is singular."""
    return f"{number} {one if number < 2 else several}"


@dataclass(slots=True)
class RowFaults:
    """Collects every fault of one row while it is read."""

    row: int
    found: list[Fault] = field(default_factory=list)

    def read(self, column: str, cell: Cell, reader: Callable[[Cell], T]) -> T | None:
        """The value of the cell, or None with its fault kept."""
        try:
            return reader(cell)
        except CellFault as fault:
            self.add(column, cell, fault.reason)
            return None

    def add(self, column: str, cell: Cell, reason: str) -> None:
        """Keeps one fault."""
        text = as_text(cell) or ""
        self.found.append(Fault(self.row, column, text[:_SHOWN], typeset(reason)))
