# SPDX-License-Identifier: EUPL-1.2
"""Small real files of each kind that is received, and their macro-bearing twins."""

from collections.abc import Mapping
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

PDF = b"%PDF-1.7\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Count 0/Kids[]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x00\x00\x00\x00:~\x9bU"
MAIN = {"word": "wordprocessingml.document", "xl": "spreadsheetml.sheet"}


def packed(parts: Mapping[str, bytes]) -> bytes:
    """An archive of these parts."""
    archive = BytesIO()
    with ZipFile(archive, "w", ZIP_DEFLATED) as written:
        for name, content in parts.items():
            written.writestr(name, content)
    return archive.getvalue()


def office(parts: Mapping[str, bytes], kind: str = "text") -> bytes:
    """An OpenDocument file."""
    return packed({"mimetype": f"application/vnd.oasis.opendocument.{kind}".encode(), **parts})


def open_xml(folder: str, parts: Mapping[str, bytes] | None = None, *, kind: str = "") -> bytes:
    """An Office Open XML file; `kind` `macroEnabled` declares macros."""
    main = (
        "application/vnd.ms-word.document.macroEnabled.main+xml"
        if kind
        else f"application/vnd.openxmlformats-officedocument.{MAIN[folder]}.main+xml"
    )
    types = f'<Types><Override PartName="/{folder}/main.xml" ContentType="{main}"/></Types>'
    return packed({"[Content_Types].xml": types.encode(), f"{folder}/main.xml": b"<x/>", **(parts or {})})


DOCX = open_xml("word")
ODS = office({"content.xml": b"<x/>"}, "spreadsheet")
