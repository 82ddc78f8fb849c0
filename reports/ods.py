# SPDX-License-Identifier: EUPL-1.2
"""Sheets as an ODS workbook: a zip of XML written by hand, typed cells, French euros, live formulas, filters, repeated headers."""

import io
import re
import zipfile
from collections.abc import Iterable, Iterator
from xml.sax.saxutils import escape, quoteattr

from reports.sheet import (
    Cell,
    Column,
    Formula,
    Kind,
    Sheet,
    Value,
    as_text,
    column_letter,
    column_total,
    has_totals,
    head_row,
    widths,
)

MEDIA_TYPE = "application/vnd.oasis.opendocument.spreadsheet"
EPOCH = (1980, 1, 1, 0, 0, 0)  # the same sheets give the same bytes
NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
REFERENCE = re.compile(r"(?:'([^']+)'!)?(\$?[A-Z]{1,3}\$?\d+)(?::(\$?[A-Z]{1,3}\$?\d+))?")
NAMESPACES = (
    " ".join(
        f'xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for prefix, name in (
            ("office", "office"),
            ("table", "table"),
            ("text", "text"),
            ("style", "style"),
            ("number", "datastyle"),
            ("fo", "xsl-fo-compatible"),
        )
    )
    + ' xmlns:of="urn:oasis:names:tc:opendocument:xmlns:of:1.2" office:version="1.3"'
)
MANIFEST = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0" manifest:version="1.3">'
    f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{MEDIA_TYPE}"/>'
    '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/>'
    '<manifest:file-entry manifest:full-path="styles.xml" manifest:media-type="text/xml"/>'
    "</manifest:manifest>"
)
STYLES_DOCUMENT = (
    f'<?xml version="1.0" encoding="UTF-8"?><office:document-styles {NAMESPACES}><office:automatic-styles>'
    '<style:page-layout style:name="page"><style:page-layout-properties fo:page-width="29.7cm" '
    'fo:page-height="21cm" style:print-orientation="landscape" style:scale-to-X="1" style:scale-to-Y="0"/>'
    "</style:page-layout></office:automatic-styles><office:master-styles>"
    '<style:master-page style:name="Default" style:page-layout-name="page"/></office:master-styles>'
    "</office:document-styles>"
)
NUMBER_STYLES = (
    '<number:currency-style style:name="n-euros" number:language="fr" number:country="FR">'
    '<number:number number:decimal-places="2" number:min-decimal-places="2" number:min-integer-digits="1" '
    'number:grouping="true"/><number:text> </number:text>'
    '<number:currency-symbol number:language="fr" number:country="FR">€</number:currency-symbol></number:currency-style>'
    '<number:number-style style:name="n-count"><number:number number:decimal-places="0" number:min-integer-digits="1" '
    'number:grouping="true"/></number:number-style>'
    '<number:number-style style:name="n-year"><number:number number:decimal-places="0" number:min-integer-digits="1"/>'
    '</number:number-style><number:percentage-style style:name="n-percent"><number:number number:decimal-places="1" '
    'number:min-integer-digits="1"/><number:text>%</number:text></number:percentage-style>'
    '<number:date-style style:name="n-date"><number:day number:style="long"/><number:text>/</number:text>'
    '<number:month number:style="long"/><number:text>/</number:text><number:year number:style="long"/></number:date-style>'
)


def write_ods(sheets: Iterable[Sheet]) -> bytes:
    """Bytes of the workbook."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        _add(archive, "mimetype", MEDIA_TYPE, zipfile.ZIP_STORED)
        _add(archive, "META-INF/manifest.xml", MANIFEST)
        _add(archive, "styles.xml", STYLES_DOCUMENT)
        _add(archive, "content.xml", "".join(_content(list(sheets))))
    return buffer.getvalue()


def _add(archive: zipfile.ZipFile, name: str, text: str, method: int = zipfile.ZIP_DEFLATED) -> None:
    entry = zipfile.ZipInfo(name, EPOCH)
    entry.compress_type = method
    archive.writestr(entry, text.encode(), compresslevel=4)


def _content(sheets: list[Sheet]) -> Iterator[str]:
    yield f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {NAMESPACES}>'
    yield f"<office:automatic-styles>{''.join(_styles(sheets))}</office:automatic-styles>"
    yield "<office:body><office:spreadsheet>"
    for number, sheet in enumerate(sheets):
        yield from _table(number, sheet)
    yield f"<table:database-ranges>{''.join(_ranges(sheets))}</table:database-ranges>"
    yield "</office:spreadsheet></office:body></office:document-content>"


def _styles(sheets: list[Sheet]) -> Iterator[str]:
    yield NUMBER_STYLES
    yield '<style:style style:name="sheet" style:family="table" style:master-page-name="Default"/>'
    yield _cell_style(
        "title", "", '<style:text-properties fo:font-weight="bold" fo:font-size="13pt" fo:color="#1f4e79"/>'
    )
    bold = '<style:text-properties fo:font-weight="bold"/>'
    yield _cell_style("head", "", bold, 'fo:background-color="#e3eaf1" fo:wrap-option="wrap"')
    for kind in Kind:
        data = "" if kind is Kind.TEXT else f' style:data-style-name="n-{kind}"'
        wrap = 'fo:wrap-option="wrap"' if kind is Kind.TEXT else ""
        yield _cell_style(f"c-{kind}", data, "", wrap)
        yield _cell_style(f"t-{kind}", data, bold, 'fo:border-top="0.5pt solid #1f4e79"')
    for width in sorted({width for sheet in sheets for width in widths(sheet.columns)}):
        yield (
            f'<style:style style:name="w{width}" style:family="table-column">'
            f'<style:table-column-properties style:column-width="{width * 0.19:.2f}cm"/></style:style>'
        )


def _cell_style(name: str, data: str, text: str, cell: str = "") -> str:
    properties = f'<style:table-cell-properties style:vertical-align="top" {cell}/>'
    return (
        f'<style:style style:name="{name}" style:family="table-cell"{data}>{properties}{text}</style:style>'
    )


def _table(number: int, sheet: Sheet) -> Iterator[str]:
    yield f'<table:table table:name={quoteattr(sheet.name)} table:style-name="sheet">'
    for width in widths(sheet.columns):
        yield f'<table:table-column table:style-name="w{width}"/>'
    if sheet.title:
        yield f"<table:table-row>{_text(sheet.title, 'title')}</table:table-row>"
    yield "<table:table-header-rows><table:table-row>"
    yield "".join(_text(column.label, "head") for column in sheet.columns)
    yield "</table:table-row></table:table-header-rows>"
    for row in sheet.rows:
        cells = zip(sheet.columns, row, strict=True)
        yield f"<table:table-row>{''.join(_cell(column, value) for column, value in cells)}</table:table-row>"
    if has_totals(sheet):
        yield f"<table:table-row>{''.join(_totals(sheet))}</table:table-row>"
    yield "</table:table>"


def open_formula(text: str) -> str:
    """A formula of ours as OpenDocument writes it: =SUM([$'Avis'.A1:.A9])."""
    parts = REFERENCE.split(text)
    outside = [part.replace(",", ";") for part in parts[::4]]
    found = [outside[0]]
    for rank, rest in enumerate(outside[1:]):
        sheet, first, last = parts[rank * 4 + 1 : rank * 4 + 4]
        there = f"$'{sheet}'" if sheet else ""
        found += [f"[{there}.{first}" + (f":.{last}]" if last else "]"), rest]
    return f"of:={''.join(found)}"


def _cell(column: Column, cell: Cell, style: str = "c", extra: str = "") -> str:
    value: Value
    if isinstance(cell, Formula):
        value, extra = cell.value, f" table:formula={quoteattr(open_formula(cell.text))}"
        if value is None:
            name = f"{style}-{column.kind}"
            return f'<table:table-cell table:style-name="{name}" office:value-type="string"{extra}><text:p/></table:table-cell>'
    else:
        value = cell
    if value is None or value == "":
        return "<table:table-cell/>"
    name = f"{style}-{column.kind}"
    match column.kind:
        case Kind.EUROS:
            typed = f'office:value-type="currency" office:currency="EUR" office:value="{value}"'
        case Kind.COUNT | Kind.YEAR:
            typed = f'office:value-type="float" office:value="{value}"'
        case Kind.PERCENT:
            typed = f'office:value-type="percentage" office:value="{value}"'
        case Kind.DATE:
            typed = f'office:value-type="date" office:date-value="{value}"'
        case _:
            return _text(as_text(value), name)
    return f'<table:table-cell table:style-name="{name}" {typed}{extra}/>'


def _text(value: str, style: str) -> str:
    paragraphs = "".join(f"<text:p>{escape(line)}</text:p>" for line in NOT_XML.sub("", value).split("\n"))
    return f'<table:table-cell table:style-name="{style}" office:value-type="string">{paragraphs}</table:table-cell>'


def _totals(sheet: Sheet) -> Iterator[str]:
    first = head_row(sheet) + 2
    last = first - 1 + len(sheet.rows)
    for index, column in enumerate(sheet.columns):
        if column.total:
            letter = column_letter(index)
            formula = f' table:formula="of:=SUBTOTAL(109;[.{letter}{first}:.{letter}{last}])"'
            yield _cell(column, column_total(sheet, index), "t", formula)
        else:
            yield _text("Total" if index == 0 else "", "t-text")


def _ranges(sheets: list[Sheet]) -> Iterator[str]:
    for number, sheet in enumerate(sheets):
        name = sheet.name.replace("'", "''")
        corner = (
            f"'{name}'.{column_letter(len(sheet.columns) - 1)}{head_row(sheet) + 1 + max(len(sheet.rows), 1)}"
        )
        target = quoteattr(f"'{name}'.A{head_row(sheet) + 1}:{corner}")
        yield (
            f'<table:database-range table:name="filtre-{number + 1}" table:target-range-address={target} '
            'table:display-filter-buttons="true"/>'
        )
