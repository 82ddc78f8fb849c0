# SPDX-License-Identifier: EUPL-1.2
"""Files become rows numbered as a spreadsheet does; hostile or unreadable ones are refused in one sentence."""

import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from tests.workflow.imports.files import write_csv, write_ods, write_ods_body, write_xlsx, write_xlsx_sheet
from workflow.imports.opening import open_table
from workflow.imports.source import UnreadableFileError, column_letters, header_key

ROWS = [["Référence", "Intitulé"], ["A1", "Été\nà l’école"], ["", ""], ["A2", "œuvre; d’art, ici"]]


def read(path: Path) -> tuple[tuple[str, ...], list[tuple[int, list[Any]]]]:
    table = open_table(path)
    return table.headers, [(row.number, list(row.cells)) for row in table.rows]


def refusal(path: Path) -> str:
    with pytest.raises(UnreadableFileError) as error:
        list(open_table(path).rows)
    return error.value.message.replace("\u00a0", " ")


@pytest.mark.parametrize("delimiter", [";", ","])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_csv_in_each_encoding_and_delimiter(tmp_path: Path, delimiter: str, encoding: str) -> None:
    path = write_csv(tmp_path / "f.csv", ROWS, delimiter=delimiter, encoding=encoding)
    assert read(path) == (("Référence", "Intitulé"), [(2, ROWS[1]), (4, ROWS[3])])


@pytest.mark.parametrize("write", [write_xlsx, write_ods])
def test_workbooks_number_rows_as_csv_does(tmp_path: Path, write: Any) -> None:
    headers, rows = read(write(tmp_path / "any name at all", ROWS))
    assert headers == ("Référence", "Intitulé")
    assert [number for number, _ in rows] == [2, 4]
    assert rows[1][1] == ["A2", "œuvre; d’art, ici"]


def test_xlsx_keeps_types_and_shows_what_libraries_leave_empty(tmp_path: Path) -> None:
    path = tmp_path / "f.xlsx"
    with xlsxwriter.Workbook(path) as workbook:
        sheet = workbook.add_worksheet()
        sheet.write_row(0, 0, ["date", "nombre", "vrai", "calcul", "erreur", "calculé"])
        sheet.write_datetime(1, 0, date(2026, 3, 31), workbook.add_format({"num_format": "dd/mm/yyyy"}))  # type: ignore[arg-type]
        sheet.write(1, 1, 12.5)
        sheet.write_boolean(1, 2, True)
        sheet.write_formula(1, 3, "=B2*2", value="")
        sheet.write_formula(1, 4, "=1/0", value="#DIV/0!")
        sheet.write_formula(1, 5, "=B2*2", value=25)
    assert read(path)[1] == [(2, [date(2026, 3, 31), 12.5, True, "=B2*2", "#DIV/0!", 25.0])]


def test_ods_error_cells_are_not_taken_for_empty(tmp_path: Path) -> None:
    wrong = '<table:table-cell table:formula="of:=1/0" office:value-type="string" office:string-value="" calcext:value-type="error"><text:p>#DIV/0!</text:p></table:table-cell>'
    header = '<table:table-cell office:value-type="string"><text:p>a</text:p></table:table-cell>'
    path = write_ods_body(
        tmp_path / "f.ods",
        f"<table:table-row>{header}</table:table-row><table:table-row>{wrong}</table:table-row>",
    )
    assert read(path)[1] == [(2, ["#DIV/0!"])]


def test_only_the_first_visible_sheet_is_read_and_said(tmp_path: Path) -> None:
    path = tmp_path / "f.xlsx"
    with xlsxwriter.Workbook(path) as workbook:
        workbook.add_worksheet("Cachée").hide()
        shown = workbook.add_worksheet("Demandes")
        shown.activate()
        shown.set_first_sheet()
        shown.write(0, 0, "reference")
        workbook.add_worksheet("Notes").write(0, 0, "x")
    table = open_table(path)
    assert table.headers == ("reference",)
    assert "« Demandes »" in table.warnings[0]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "vide"),
        (b"\n\n", "en-têtes"),
        (b"a;b\n1;\x00\n", "Octet nul"),
        (b"a;b\n\x81\xff\n", "Encodage illisible"),
        ("a;b\n1;2\n".encode("utf-16"), "UTF-16"),
        (b"a;A\n1;2\n", "même en-tête"),
        (b'a;b\n1;"2\n', "guillemet"),
        (b'a;b\n1;"2"x\n', "guillemet"),
        (b"a;b\n1;" + b"x" * 100_001 + b"\n", "dépasse"),
        (b"x," * 1_000_000, "trop de colonnes"),
        (b";".join(b"c%d" % i for i in range(1_001)) + b"\n", "1001 colonnes"),
        (b"a;b\n1" + b";" * 1_200 + b"\n", "Ligne 2"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 100, "mot de passe"),
        (b"PK\x03\x04 not a zip", "endommagé"),
        (b"PAR1 not a parquet file", "Parquet"),
    ],
)
def test_hostile_or_unreadable_files(tmp_path: Path, content: bytes, told: str) -> None:
    path = tmp_path / "f"
    path.write_bytes(content)
    assert told in refusal(path)


def test_missing_file_and_folder(tmp_path: Path) -> None:
    assert "introuvable" in refusal(tmp_path / "absent.csv")
    assert "dossier" in refusal(tmp_path)


def test_zip_bomb_is_refused_before_it_is_opened(tmp_path: Path) -> None:
    path = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 20_000_000)
    assert "archive piégée" in refusal(path)


def test_archive_that_lies_about_its_sizes(tmp_path: Path) -> None:
    path = write_xlsx_sheet(tmp_path / "f.xlsx", '<row r="1"><c r="A1"><v>1</v></c></row>' * 1_000)
    raw = bytearray(path.read_bytes())
    start = raw.rfind(b"PK\x01\x02")
    raw[start + 24 : start + 28] = (100).to_bytes(4, "little")
    path.write_bytes(raw)
    assert "endommagé" in refusal(path)


LINES = ("x" * 99 + "\n") * 1_001  # the parser gives it piece by piece
SPACES = '<text:s text:c="50000"/>'
WIDE = (
    '<table:table-row table:number-rows-repeated="2000">'
    '<table:table-cell office:value-type="float" office:value="1" table:number-columns-repeated="1000"/></table:table-row>'
)


@pytest.mark.parametrize(
    ("sheet", "told"),
    [
        ('<row r="1"><c r="A1"><v>1</v></c><c r="XFD1"><v>1</v></c></row>', "colonne 16384"),
        (
            '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="A1048576"><v>1</v></c></row>',
            "trop grande",
        ),
        (f'<row r="1"><c r="A1" t="inlineStr"><is><t>{"x" * 100_001}</t></is></c></row>', "dépasse"),
        (f'<row r="1"><c r="A1" t="inlineStr"><is><t>{LINES}</t></is></c></row>', "dépasse"),
        ('<row r="1"><c', "XML"),
    ],
)
def test_two_cells_far_apart_cannot_fill_the_memory(tmp_path: Path, sheet: str, told: str) -> None:
    assert told in refusal(write_xlsx_sheet(tmp_path / "f.xlsx", sheet))
    assert told in refusal(write_xlsx_sheet(tmp_path / "g.xlsx", sheet, part="xl/elsewhere.xml"))


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (
            '<table:table-row table:number-rows-repeated="1048576"><table:table-cell office:value-type="float" office:value="1"/></table:table-row>',
            "trop grande",
        ),
        (
            '<table:table-row><table:table-cell office:value-type="float" office:value="1" table:number-columns-repeated="16384"/></table:table-row>',
            "Trop de colonnes",
        ),
        (
            '<table:table-row><table:table-cell office:value-type="string"><text:p>a<text:s text:c="900000000"/></text:p></table:table-cell></table:table-row>',
            "dépasse",
        ),
        (
            f'<table:table-row><table:table-cell office:value-type="string"><text:p>a{SPACES * 3}</text:p></table:table-cell></table:table-row>',
            "dépasse",
        ),
        (
            f'<table:table-row table:number-rows-repeated="4000"><table:table-cell office:value-type="string" table:number-columns-repeated="900"><text:p>{"x" * 90_000}</text:p></table:table-cell></table:table-row>',
            "de case en case",
        ),
        (
            f'<table:table-row table:number-rows-repeated="4000"><table:table-cell office:value-type="string" office:string-value="{"x" * 90_000}" table:number-columns-repeated="900"/></table:table-row>',
            "de case en case",
        ),
        (
            (
                f"{WIDE}</table:table>"
                f'<table:table table:name="B">{WIDE}</table:table>'
                f'<table:table table:name="C">{WIDE}'
            ),
            "feuilles dépassent",
        ),
    ],
)
def test_repetitions_cannot_fill_the_memory(tmp_path: Path, body: str, told: str) -> None:
    assert told in refusal(write_ods_body(tmp_path / "f.ods", body))


def test_a_shared_text_named_by_many_cells_cannot_fill_the_memory(tmp_path: Path) -> None:
    cells = '<c t="s"><v>0</v></c>' * 900
    path = write_xlsx_sheet(tmp_path / "f.xlsx", f"<row>{cells}</row>" * 4)
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            "xl/sharedStrings.xml", f"<sst><si><r><t>{'x' * 30_000}</t></r><t>{LINES[:60_000]}</t></si></sst>"
        )
    assert "de case en case" in refusal(path)


def test_doctype_and_strange_archives_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "f.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr(
            "xl/worksheets/sheet1.xml", '<!DOCTYPE w [<!ENTITY a "b">]><worksheet>&a;</worksheet>'
        )
    assert "DOCTYPE" in refusal(path)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("photo.jpg", "x")
    assert "ni un classeur XLSX" in refusal(path)


def test_headers_are_compared_without_accents_or_case() -> None:
    assert header_key(" Date dépôt ") == "date_depot"
    assert header_key("DEMANDE : Commune-Aniche : droit commun") == "demande:commune-aniche:droit_commun"
    assert [column_letters(i) for i in (0, 25, 26, 701, 702)] == ["A", "Z", "AA", "ZZ", "AAA"]


def test_an_ods_table_that_is_not_read_fills_no_cell_of_the_one_that_is(tmp_path: Path) -> None:
    def row(*cells: str) -> str:
        return f"<table:table-row>{''.join(cells)}</table:table-row>"

    def text(said: str) -> str:
        return f'<table:table-cell office:value-type="string"><text:p>{said}</text:p></table:table-cell>'

    fault = '<table:table-cell office:value-type="string" calcext:value-type="error"><text:p>#REF!</text:p></table:table-cell>'
    first = row(text("Référence"), text("Montant")) + row(text("A-1"), "<table:table-cell/>")
    other = row(text("Note"), text("Autre")) + row(text("vide"), fault)
    body = f'{first}</table:table><table:table table:name="Notes">{other}'
    path = write_ods_body(tmp_path / "f.ods", body)
    assert read(path)[1] == [(2, ["A-1", ""])]
    assert "seule la première" in open_table(path).warnings[0]
