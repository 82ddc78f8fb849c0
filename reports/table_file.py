# SPDX-License-Identifier: EUPL-1.2
"""Sheets as one file of the form asked: XLSX, ODS, or the last of them as CSV."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from reports.csv_text import write_csv
from reports.ods import MEDIA_TYPE, write_ods
from reports.sheet import Sheet, csv_cell
from reports.xlsx import write_xlsx

Writer = Callable[[Sequence[Sheet], str, datetime], bytes]
FORMS: Mapping[str, tuple[Writer, str]] = {
    "xlsx": (
        lambda sheets, title, now: write_xlsx(sheets, title=title, created=now),
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ),
    "ods": (lambda sheets, title, now: write_ods(sheets), MEDIA_TYPE),
    "csv": (lambda sheets, title, now: sheet_csv(sheets[-1]), "text/csv; charset=utf-8"),
}


def sheet_csv(sheet: Sheet) -> bytes:
    """One sheet, `;` between cells, decimal comma, no cell that a spreadsheet would run."""
    rows = ([csv_cell(value) for value in row] for row in sheet.rows)
    return write_csv([column.label for column in sheet.columns], rows)
