# SPDX-License-Identifier: EUPL-1.2
"""A column of the round table brought back as a file: read on the disk for as long as its reader needs it, never kept."""

from collections.abc import Iterable
from typing import BinaryIO

from app.imports import on_disk
from workflow.errors import InvalidInputError
from workflow.grid.column_file import ColumnReading, read_column
from workflow.grid.rows import GridColumn, GridRow
from workflow.imports.opening import open_table

LARGEST = 2_000_000


def read_column_file(
    stream: BinaryIO, name: str, seance_id: int, column: GridColumn, rows: Iterable[GridRow]
) -> ColumnReading:
    """What the file would change. Raises InvalidInputError, NotPermittedError for a file of another place."""
    content = stream.read(LARGEST + 1)
    if not content:
        raise InvalidInputError("Fichier\u00a0: il est vide.", "file")
    if len(content) > LARGEST:
        raise InvalidInputError(f"Fichier\u00a0: il dépasse {LARGEST // 1_000_000} Mo.", "file")
    with on_disk(content, name) as path:
        return read_column(open_table(path), seance_id, column, rows)
