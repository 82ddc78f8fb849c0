# SPDX-License-Identifier: EUPL-1.2
"""Small files written by hand for the tests of imports: the same rows as CSV, XLSX or ODS."""

import csv
import io
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import xlsxwriter

Rows = Sequence[Sequence[Any]]

GOOD: Mapping[str, str] = {
    "reference": "V-2026-01",
    "exercice": "2026",
    "date_depot": "15/01/2026",
    "porteur_nom": "Les Ateliers du Pont",
    "porteur_siret": "900 100 017 00012",
    "porteur_forme": "Association",
    "intitule": "Ateliers du soir",
    "resume": "Aide aux devoirs,\ndeux soirs par semaine",
    "objectifs": "1.1.1",
    "quartiers": "QN05901M",
    "beneficiaires_total": "40",
    "beneficiaires_qpv": "30",
    "cout_total": "10 000,00",
    "demande:etat:specifique": "5 000",
    "demande:caf:droit_commun": "3000.50",
}


def good(**changes: str) -> dict[str, str]:
    """A readable request, with cells changed; `__` in a name stands for `:`."""
    return {**GOOD, **{name.replace("__", ":"): value for name, value in changes.items()}}


def as_rows(*requests: Mapping[str, Any]) -> list[list[Any]]:
    """Headers, then one row per request, over the union of their columns."""
    headers = list(dict.fromkeys(name for request in requests for name in request))
    return [headers, *([request.get(name, "") for name in headers] for request in requests)]


def write_csv(path: Path, rows: Rows, *, delimiter: str = ";", encoding: str = "utf-8-sig") -> Path:
    """The rows as a CSV file."""
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter).writerows(rows)
    path.write_bytes(text.getvalue().encode(encoding))
    return path


def write_xlsx(path: Path, rows: Rows) -> Path:
    """The rows as an XLSX workbook; text that begins with `=` becomes a real formula, never calculated."""
    with xlsxwriter.Workbook(path, {"default_date_format": "dd/mm/yyyy"}) as workbook:
        sheet = workbook.add_worksheet("Demandes")
        for number, cells in enumerate(rows):
            for column, value in enumerate(cells):
                if isinstance(value, str) and value.startswith("="):
                    sheet.write_formula(number, column, value, value="")
                elif value != "":
                    sheet.write(number, column, value)
    return path


_NAMES = {
    "office": "urn:oasis:names:tc:opendocument:xmlns:office:1.0",
    "table": "urn:oasis:names:tc:opendocument:xmlns:table:1.0",
    "text": "urn:oasis:names:tc:opendocument:xmlns:text:1.0",
    "calcext": "urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0",
}
_ODS = "application/vnd.oasis.opendocument.spreadsheet"
_MANIFEST = (
    '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
    f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{_ODS}"/></manifest:manifest>'
)


def write_ods(path: Path, rows: Rows) -> Path:
    """The rows as text cells of an ODS workbook, followed by the million empty rows a real one declares."""
    body = "".join(f"<table:table-row>{''.join(map(_text_cell, cells))}</table:table-row>" for cells in rows)
    empty = '<table:table-cell table:number-columns-repeated="16384"/>'
    return write_ods_body(
        path, f'{body}<table:table-row table:number-rows-repeated="1048000">{empty}</table:table-row>'
    )


def _text_cell(value: Any) -> str:
    if value == "":
        return "<table:table-cell/>"
    lines = "".join(f"<text:p>{escape(line)}</text:p>" for line in str(value).split("\n"))
    return f'<table:table-cell office:value-type="string">{lines}</table:table-cell>'


def write_ods_body(path: Path, body: str) -> Path:
    """An ODS workbook of one sheet with this content."""
    spaces = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in _NAMES.items())
    content = (
        f"<office:document-content {spaces}><office:body><office:spreadsheet>"
        f'<table:table table:name="Demandes">{body}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", _ODS)
        archive.writestr("META-INF/manifest.xml", _MANIFEST)
        archive.writestr("content.xml", content)
    return path


def write_xlsx_sheet(path: Path, sheet: str, *, part: str = "xl/worksheets/sheet1.xml") -> Path:
    """An XLSX archive around one hand-written sheet, for what no writer would write."""
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006/relationships"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            "[Content_Types].xml",
            '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
        )
        archive.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{package}"><Relationship Id="r" Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        )
        archive.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets><sheet name="F" sheetId="1" r:id="rId1"/></sheets></workbook>',
        )
        archive.writestr(
            "xl/_rels/workbook.xml.rels",
            f'<Relationships xmlns="{package}"><Relationship Id="rId1" Type="{office}/worksheet" Target="/{part}"/></Relationships>',
        )
        archive.writestr(part, f'<worksheet xmlns="{main}"><sheetData>{sheet}</sheetData></worksheet>')
    return path
