# SPDX-License-Identifier: EUPL-1.2
"""XLSX, ODS and CSV writers: no formula out of typed text, French formats, filters, frozen headers, hostile characters."""

import io
import zipfile
from collections.abc import Callable
from datetime import date
from decimal import Decimal

import openpyxl
import pytest
import xlsxwriter
from python_calamine import CalamineWorkbook

from reports.csv_text import inert, write_csv
from reports.ods import write_ods
from reports.sheet import Column, Kind, Sheet, column_letter
from reports.xlsx import QuickWorksheet, write_xlsx
from tests.factories import NOW

FORMULAS = ("=1+1", "+1+1", "-1+1", "@SUM(1)", "=cmd|' /C calc'!A0", "\t=1+1")


def _sheet(*texts: str) -> Sheet:
    columns = (
        Column("Texte", width=30),
        Column("Montant", Kind.EUROS, total=True),
        Column("Part", Kind.PERCENT),
        Column("Jour", Kind.DATE),
    )
    rows = [(text, Decimal("1234.56"), 0.5, date(2026, 3, 10)) for text in texts]
    return Sheet("Feuille", "Titre", columns, rows)  # type: ignore[arg-type]


def _xlsx(sheet: Sheet) -> bytes:
    return write_xlsx([sheet], title="Titre", created=NOW)


def _ods(sheet: Sheet) -> bytes:
    return write_ods([sheet])


@pytest.mark.parametrize("write", [_xlsx, _ods])
def test_typed_text_is_never_a_formula(write: Callable[[Sheet], bytes]) -> None:
    content = write(_sheet(*FORMULAS))
    rows = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
    assert [row[0] for row in rows[2:-1]] == list(FORMULAS)

    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        inside = "".join(archive.read(n).decode() for n in archive.namelist() if n.endswith(".xml"))
    formulas = inside.count("<f>") + inside.count("table:formula=")
    assert formulas == 1  # the total, ours


def test_xlsx_has_french_formats_filters_and_frozen_headers() -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(_xlsx(_sheet("a", "b"))))["Feuille"]
    assert "€" in sheet["B3"].number_format
    assert sheet["C3"].number_format == "0.0%"
    assert sheet["D3"].number_format == "dd/mm/yyyy"
    assert sheet.freeze_panes == "B3"
    assert sheet.auto_filter.ref == "A2:D4"
    assert sheet.print_title_rows == "$2:$2"
    assert sheet["B5"].value == "=SUBTOTAL(109,B3:B4)"


@pytest.mark.parametrize("write", [_xlsx, _ods])
def test_amounts_dates_and_totals_are_typed(write: Callable[[Sheet], bytes]) -> None:
    rows = (
        CalamineWorkbook.from_filelike(io.BytesIO(write(_sheet("a", "b")))).get_sheet_by_index(0).to_python()
    )
    assert rows[2] == ["a", 1234.56, 0.5, date(2026, 3, 10)]
    assert rows[4][:2] == ["Total", 2469.12]


@pytest.mark.parametrize("write", [_xlsx, _ods])
def test_enormous_and_hostile_texts_are_kept_readable(write: Callable[[Sheet], bytes]) -> None:
    texts = ("x" * 40_000, "nul\x00 et \x1b échappement", "<a href='x'>&</a>", "ligne\nsuivante")
    rows = CalamineWorkbook.from_filelike(io.BytesIO(write(_sheet(*texts)))).get_sheet_by_index(0).to_python()
    assert str(rows[2][0]).startswith("x" * 32_767)
    assert rows[4][0] == "<a href='x'>&</a>"


@pytest.mark.parametrize("write", [_xlsx, _ods])
def test_the_same_sheets_give_the_same_bytes(write: Callable[[Sheet], bytes]) -> None:
    assert write(_sheet("a")) == write(_sheet("a"))


def test_ods_declares_its_type_first() -> None:
    with zipfile.ZipFile(io.BytesIO(_ods(_sheet("a")))) as archive:
        first = archive.infolist()[0]
    assert (first.filename, first.compress_type) == ("mimetype", zipfile.ZIP_STORED)


@pytest.mark.parametrize("text", FORMULAS)
def test_csv_makes_formulas_inert(text: str) -> None:
    assert inert(text) == f"'{text}"
    assert inert("Centre social") == "Centre social"


def test_csv_has_a_mark_and_french_separators() -> None:
    content = write_csv(["Intitulé"], [["a;b"]])
    assert content == '\ufeffIntitulé\r\n"a;b"\r\n'.encode()


def test_column_letters() -> None:
    assert [column_letter(index) for index in (0, 25, 26, 701, 702)] == ["A", "Z", "AA", "ZZ", "AAA"]


def test_cells_written_in_one_go_are_those_of_the_library() -> None:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as workbook:
        euros, words = workbook.add_format({"num_format": "0.00"}), workbook.add_format({"num_format": "@"})
        ours = workbook.add_worksheet("Ours", QuickWorksheet)
        theirs = workbook.add_worksheet("Theirs")
        for sheet in (ours, theirs):
            for row, text in enumerate(("Été & <hiver>", " \x01 ", "1", "x" * 40_000)):
                sheet.write_string(row, 27, text, words)
                sheet.write_string(row, 1, text)
            for row, amount in enumerate((0.1 + 0.2, -12.5, 1e21, 123_456_789_012.34, 0)):
                sheet.write_number(row, 3, amount, euros)
                sheet.write_number(row, 4, amount)
            sheet.write_datetime(0, 5, date(2026, 3, 10), euros)
        ours.write_references(0, 6, "SUM('Ours'!$D$1:$D$5)&\"<\"", euros, 12.5)
        theirs.write_formula(0, 6, "=SUM('Ours'!$D$1:$D$5)&\"<\"", euros, 12.5)
    with zipfile.ZipFile(buffer) as archive:
        first, second = (archive.read(f"xl/worksheets/sheet{n}.xml").decode() for n in (1, 2))
    assert first.replace(' tabSelected="1"', "") == second
