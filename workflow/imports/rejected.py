# SPDX-License-Identifier: EUPL-1.2
"""The rejected rows of a file, as they came, with the reasons: to correct and to send back."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any

from workflow.imports.cells import as_text
from workflow.imports.opening import open_table

ROW, REASONS = "ligne_du_fichier", "motif_du_rejet"


def reasons_by_row(rejected: Iterable[Mapping[str, Any]]) -> dict[int, str]:
    """Every reason of each rejected row in one cell: « exercice : année attendue ; intitule : à remplir »."""
    found: defaultdict[int, list[str]] = defaultdict(list)
    for fault in rejected:
        found[int(fault["row"])].append(f"{fault['column']} : {fault['reason']}")
    return {row: " ; ".join(reasons) for row, reasons in found.items()}


def rejected_rows(path: Path, reasons: Mapping[int, str]) -> tuple[list[str], list[list[str]]]:
    """The headers and those rows alone; the two columns added are ignored when the file comes back."""
    table = open_table(path)
    headers = [*table.headers, ROW, REASONS]
    return headers, list(_rows(table.rows, len(table.headers), reasons, set(reasons)))


def _rows(
    rows: Iterable[Any], width: int, reasons: Mapping[int, str], wanted: Collection[int]
) -> Iterable[list[str]]:
    for row in rows:
        if row.number in wanted:
            cells = [as_text(cell) or "" for cell in row.cells[:width]]
            yield [*cells, *[""] * (width - len(cells)), str(row.number), reasons[row.number]]
