# SPDX-License-Identifier: EUPL-1.2
"""The programme table of 2,000 dossiers, from what was read to its page and its workbooks; formulas timed apart."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from bench.clock import alternated, median_of, processor_of
from bench.databases import installed
from bench.programme import NOW, fill
from bench.table import Row, plain, timed
from reports.programme import programme_ods, programme_sheets, programme_xlsx
from reports.sheet import Sheet, value_of
from web.presenters.programme_table import table_view
from workflow.contracts import get_contract, territory_of
from workflow.queries_programme import programme_rows
from workflow.queries_summary import list_programme

DOSSIERS, YEAR = 2_000, 2026
TITLE = "Programme"


def measure(loop: float) -> Iterator[Row]:
    """Reading is not timed here (`bench pages` times the whole page): from the prepared rows to bytes."""
    with installed() as application:
        with application.write() as db:
            fill(db, DOSSIERS)
        with application.read() as db:
            contract = get_contract(db)
            territory, rows = territory_of(contract), programme_rows(db, contract, YEAR)
            dossiers = list_programme(db, contract, YEAR)
            sheets = programme_sheets(dossiers, territory, title=TITLE)
            prepared = median_of(3, lambda: programme_sheets(dossiers, territory, title=TITLE))
    lines = sum(len(sheet.rows) for sheet in sheets[1:])
    yield plain("  what it holds", f"{len(rows)} dossiers, {lines} lines, {_formulas(sheets)} formulas")

    def table() -> str:
        return str(table_view(rows, territory, YEAR, "")["body"])

    yield timed("HTML table", median_of(7, table), 0.15, loop=loop)
    yield timed("HTML table, processor time alone", processor_of(7, table), loop=loop)
    typed = [values_only(sheet) for sheet in sheets]
    plainly, live = alternated(
        5,
        [
            lambda _: programme_xlsx(typed, title=TITLE, now=NOW),
            lambda _: programme_xlsx(sheets, title=TITLE, now=NOW),
        ],
    )
    yield timed("XLSX workbook, values alone", plainly, 0.7, loop=loop)
    yield timed(
        "XLSX workbook, values alone, processor time alone",
        processor_of(5, lambda: programme_xlsx(typed, title=TITLE, now=NOW)),
        loop=loop,
    )
    yield timed("XLSX workbook, with its formulas", live, loop=loop)
    yield timed(
        "XLSX workbook, with its formulas, processor time alone",
        processor_of(5, lambda: programme_xlsx(sheets, title=TITLE, now=NOW)),
        loop=loop,
    )
    yield timed("ODS workbook, with its formulas", median_of(3, lambda: programme_ods(sheets)), loop=loop)
    yield timed("the sheets from the dossiers read, before any of these", prepared, loop=loop)


def values_only(sheet: Sheet) -> Sheet:
    """The same sheet without its formulas."""
    return replace(sheet, rows=[tuple(map(value_of, row)) for row in sheet.rows])


def _formulas(sheets: Sequence[Sheet]) -> int:
    return sum(cell is not value_of(cell) for sheet in sheets for row in sheet.rows for cell in row)
