# SPDX-License-Identifier: EUPL-1.2
"""One column of the round table as a sheet to fill: what is asked and suggested, the five columns to type in, the key of each row."""

from collections.abc import Iterable
from decimal import Decimal

from reports.sheet import Column, Kind, Sheet
from workflow.grid.column_file import (
    AMOUNT,
    ANSWER,
    EXPECTED,
    KEY,
    REFERENCE,
    VALUE,
    WHY,
    file_cell,
    row_key,
)
from workflow.grid.rows import GridColumn, GridRow

COLUMNS = (
    Column(REFERENCE, width=14),
    Column("Action", width=34),
    Column("Porteur", width=26),
    Column("Coût total", Kind.EUROS),
    Column("Demandé", Kind.EUROS, total=True),
    Column("Suggéré", Kind.EUROS, total=True),
    Column(ANSWER, width=16),
    Column(AMOUNT, Kind.EUROS, total=True),
    Column(EXPECTED, Kind.DATE),
    Column(WHY, width=34),
    Column(VALUE, Kind.EUROS, total=True),
    Column(KEY, width=30),
)


def column_sheet(seance_id: int, column: GridColumn, rows: Iterable[GridRow]) -> Sheet:
    """The sheet, without a title: its first row is read back."""
    sheet = Sheet("Ma colonne", "", COLUMNS)
    for row in rows:
        line, cell = row.lines.get(column.id), file_cell(row.lines.get(column.id))
        suggested = row.suggested.get(column.key)
        sheet.rows.append(
            (
                row.reference,
                row.title,
                row.porteur,
                _euros(row.total_cost),
                _euros(line.requested) if line else None,
                Decimal(suggested) if suggested is not None else None,
                *cell,
                row_key(seance_id, column, row),
            )
        )
    return sheet


def _euros(cents: int | None) -> Decimal | None:
    return None if cents is None else Decimal(cents).scaleb(-2)
