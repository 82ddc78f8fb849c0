# SPDX-License-Identifier: EUPL-1.2
"""Sheets as an XLSX workbook: typed cells, French euros, live formulas, frozen headers, filters, print titles.

Text is never a formula: only a `Formula` of ours is.
"""

import io
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import xlsxwriter
from xlsxwriter.utility import xl_rowcol_to_cell_fast
from xlsxwriter.worksheet import CellFormulaTuple, CellNumberTuple, CellStringTuple, Worksheet

from reports.sheet import (
    Formula,
    Kind,
    Sheet,
    as_text,
    column_letter,
    column_total,
    has_totals,
    head_row,
    widths,
)
from workflow.collector import collector_paused

NUMBER_FORMATS = {
    Kind.EUROS: '#,##0.00\\ "€"',
    Kind.COUNT: "#,##0",
    Kind.PERCENT: "0.0%",
    Kind.DATE: "dd/mm/yyyy",
    Kind.TEXT: "@",
    Kind.YEAR: "0",
}
MAX_TEXT = 32_767  # what a cell may hold
Formats = dict[str, Any]


class QuickWorksheet(Worksheet):  # type: ignore[misc]
    """A worksheet that writes its commonest cells in one go: the same bytes, without escaping names and numbers of our own.

    The library joins and searches each attribute of each cell: a fifth of the time of a large workbook. A test compares.
    """

    def write_references(self, row: int, col: int, text: str, cell_format: Any, value: float | str) -> None:
        """A formula of ours: the library would look in each for the functions of arrays, which ours never use."""
        self._check_dimensions(row, col)
        self.table[row][col] = CellFormulaTuple(text, cell_format, value)

    def _write_cell(self, row: int, col: int, cell: Any) -> None:
        kind = type(cell)
        if cell.format is None or kind not in (CellStringTuple, CellNumberTuple):
            super()._write_cell(row, col, cell)
            return
        start = f'<c r="{xl_rowcol_to_cell_fast(row, col)}" s="{cell.format._get_xf_index()}"'  # noqa: SLF001
        if kind is CellStringTuple:
            self.fh.write(f'{start} t="s"><v>{cell.string}</v></c>')
        else:
            self.fh.write(f"{start}><v>{cell.number:.16G}</v></c>")


def write_xlsx(sheets: Iterable[Sheet], *, title: str, created: datetime) -> bytes:
    """Bytes of the workbook. The same sheets and date give the same bytes."""
    buffer = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    workbook = xlsxwriter.Workbook(buffer, {**options, "default_date_format": "dd/mm/yyyy"})
    workbook.set_properties({"title": title, "created": created.replace(tzinfo=None)})
    formats = _formats(workbook)
    with collector_paused():
        for sheet in sheets:
            _write_sheet(workbook.add_worksheet(sheet.name, QuickWorksheet), sheet, formats)
        workbook.close()
        for worksheet in workbook.worksheets():
            worksheet.table.clear()  # the cells leave at once: the collector, back, would walk them before letting them go
    return buffer.getvalue()


def _formats(workbook: xlsxwriter.Workbook) -> Formats:
    """Every format of the workbook, made once."""
    made: Formats = {
        "title": workbook.add_format({"bold": True, "font_size": 13, "font_color": "#1F4E79"}),
        "head": workbook.add_format(
            {"bold": True, "bg_color": "#E3EAF1", "bottom": 1, "text_wrap": True, "valign": "vcenter"}
        ),
    }
    for kind, number_format in NUMBER_FORMATS.items():
        properties = {"num_format": number_format, "valign": "top"}
        wrap = {"text_wrap": True} if kind is Kind.TEXT else {}
        made[kind] = workbook.add_format({**properties, **wrap})
        made[f"total:{kind}"] = workbook.add_format({**properties, "bold": True, "top": 1})
    return made


def _write_sheet(worksheet: QuickWorksheet, sheet: Sheet, formats: Formats) -> None:
    _lay_out(worksheet, sheet, formats)
    head = head_row(sheet)
    if sheet.title:
        worksheet.write_string(0, 0, sheet.title, formats["title"])
    for index, column in enumerate(sheet.columns):
        worksheet.write_string(head, index, column.label, formats["head"])
    writers = [_writer(worksheet, column.kind, formats[column.kind]) for column in sheet.columns]
    for row, cells in enumerate(sheet.rows, start=head + 1):
        for index, value in enumerate(cells):
            if type(value) is Formula:
                cached = "" if value.value is None else float(value.value)
                kind = formats[sheet.columns[index].kind]
                worksheet.write_references(row, index, value.text, kind, cached)
            elif value is not None and value != "":
                writers[index](row, index, value)
    if has_totals(sheet):
        _write_totals(worksheet, sheet, formats)


def _writer(worksheet: QuickWorksheet, kind: Kind, cell_format: Any) -> Any:
    """The function that writes the cells of one column."""
    if kind is Kind.TEXT:
        write_string = worksheet.write_string
        return lambda row, index, value: write_string(row, index, as_text(value)[:MAX_TEXT], cell_format)
    if kind is Kind.DATE:
        return lambda row, index, value: worksheet.write_datetime(row, index, value, cell_format)
    return lambda row, index, value: worksheet.write_number(row, index, float(value), cell_format)


def _lay_out(worksheet: QuickWorksheet, sheet: Sheet, formats: Formats) -> None:
    head = head_row(sheet)
    last_row, last_column = head + max(len(sheet.rows), 1), len(sheet.columns) - 1
    worksheet.freeze_panes(head + 1, 1)
    worksheet.autofilter(head, 0, last_row, last_column)
    worksheet.repeat_rows(head)
    worksheet.set_paper(9)
    worksheet.fit_to_pages(1, 0)
    worksheet.set_footer("&L&A&RPage &P sur &N")
    if sheet.landscape:
        worksheet.set_landscape()
    worksheet.set_row(head, 32)
    for index, width in enumerate(widths(sheet.columns)):
        worksheet.set_column(index, index, width)


def _write_totals(worksheet: QuickWorksheet, sheet: Sheet, formats: Formats) -> None:
    """The line of totals: live formulas that follow the filter, with their value already there."""
    first = head_row(sheet) + 1
    row = first + len(sheet.rows)
    for index, column in enumerate(sheet.columns):
        total_format = formats[f"total:{column.kind}"]
        if column.total:
            letter = column_letter(index)
            formula = f"SUBTOTAL(109,{letter}{first + 1}:{letter}{row})"
            worksheet.write_references(row, index, formula, total_format, float(column_total(sheet, index)))
        else:
            worksheet.write_string(row, index, "Total" if index == 0 else "", formats["total:text"])
