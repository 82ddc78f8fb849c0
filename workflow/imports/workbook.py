# SPDX-License-Identifier: EUPL-1.2
"""XLSX and ODS workbooks: checked as archives first, then read by calamine; only the first visible sheet counts."""

import re
from collections.abc import Iterator
from pathlib import Path

from python_calamine import CalamineError, CalamineWorkbook, SheetVisibleEnum

from workflow.imports.archive import read_archive, repacked
from workflow.imports.sheet_scan import OdsScan, Scan, scan_ods, scan_xlsx, shared_lengths
from workflow.imports.source import Cell, Row, Table, UnreadableFileError, checked_headers, is_blank

_ODS = "application/vnd.oasis.opendocument.spreadsheet"
_UNREADABLE = "Classeur illisible : ouvrez-le dans un tableur et enregistrez-le de nouveau en .xlsx ou .ods."


def open_workbook(path: Path) -> Table:
    """The first visible sheet as a table. Raises UnreadableFileError."""
    parts = read_archive(path)
    scans = _scans(parts)
    try:
        with_sheets = CalamineWorkbook.from_filelike(repacked(parts))
        visible = [
            sheet.name for sheet in with_sheets.sheets_metadata if sheet.visible is SheetVisibleEnum.Visible
        ]
        if not visible:
            raise UnreadableFileError("Le classeur n’a aucune feuille visible.")
        sheet = with_sheets.get_sheet_by_name(visible[0])
        rows: list[list[Cell]] = [list(row) for row in sheet.to_python(skip_empty_area=False)]
    except (CalamineError, ValueError, OSError, OverflowError) as error:
        raise UnreadableFileError(_UNREADABLE) from error
    if not rows:
        raise UnreadableFileError(f"La feuille « {visible[0]} » est vide.")
    scan = _scan_of(parts, scans, visible[0])
    numbered = _numbered(rows, scan)
    table = Table(checked_headers(next(numbered).cells), numbered, len(rows) - 1)
    if len(visible) > 1:
        table.warnings.append(
            f"Le classeur a {len(visible)} feuilles : seule la première, « {visible[0]} », est lue."
        )
    return table


def _scans(parts: dict[str, bytes]) -> dict[str, Scan]:
    """Every part that may be a sheet, scanned. Raises UnreadableFileError when the archive is no workbook."""
    if parts.get("mimetype", b"").strip() == _ODS.encode():
        return {"content.xml": scan_ods(parts.get("content.xml", b""))}
    if "[Content_Types].xml" not in parts or not any(name.startswith("xl/") for name in parts):
        raise UnreadableFileError("Cette archive n’est ni un classeur XLSX ni un classeur ODS.")
    texts = [content for name, content in parts.items() if name.lower() == "xl/sharedstrings.xml"]
    shared = shared_lengths(texts[0]) if texts else ()
    return {
        name: scan_xlsx(content, shared) for name, content in parts.items() if name.lower().endswith(".xml")
    }


def _scan_of(parts: dict[str, bytes], scans: dict[str, Scan], sheet: str) -> Scan:
    """The scan of the sheet that is read: the only one, else the one the workbook's relations name."""
    ods = scans.get("content.xml")
    if isinstance(ods, OdsScan):
        return Scan(silent=ods.tables.get(sheet, {}))
    sheets = {name: scan for name, scan in scans.items() if scan.rows}
    if len(sheets) == 1:
        return next(iter(sheets.values()))
    workbook = parts.get("xl/workbook.xml", b"").decode("utf-8", "replace")
    relations = parts.get("xl/_rels/workbook.xml.rels", b"").decode("utf-8", "replace")
    for tag in re.findall(r"<(?:\w+:)?sheet\b[^>]*>", workbook):
        found = re.search(r'\br:id="([^"]+)"', tag)
        if found and "hidden" not in tag.lower():
            target = _target(relations, found.group(1))
            return scans.get(target, Scan())
    return Scan()


def _target(relations: str, identifier: str) -> str:
    for tag in re.findall(r"<(?:\w+:)?Relationship\b[^>]*>", relations):
        if f'Id="{identifier}"' in tag and (found := re.search(r'Target="([^"]+)"', tag)):
            target = found.group(1)
            return target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    return ""


def _numbered(rows: list[list[Cell]], scan: Scan) -> Iterator[Row]:
    silent: dict[int, list[tuple[int, str]]] = {}
    for (row, column), text in scan.silent.items():
        silent.setdefault(row, []).append((column - 1, text))
    for number, cells in enumerate(rows, start=1):
        for index, text in silent.get(number, ()):
            if index < len(cells) and is_blank(cells[index]):
                cells[index] = text
            elif index >= len(cells):
                cells += [None] * (index - len(cells)) + [text]
        if number == 1 or not all(map(is_blank, cells)):
            yield Row(number, cells)
