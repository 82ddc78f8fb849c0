# SPDX-License-Identifier: EUPL-1.2
"""The text of a PDF, read from its own character maps: enough to compare figures, on any machine."""

import io
import re

import pikepdf

Maps = dict[str, dict[int, str]]


def text_of(content: bytes) -> str:
    """Every character drawn, in drawing order, page after page."""
    with pikepdf.open(io.BytesIO(content)) as pdf:
        return "\n".join(_page_text(page) for page in pdf.pages)


def _page_text(page: pikepdf.Page) -> str:
    fonts = page.resources.get("/Font", {})
    maps: Maps = {str(name): _character_map(font) for name, font in fonts.items()}
    drawn: list[str] = []
    current: dict[int, str] = {}
    for operands, operator in pikepdf.parse_content_stream(page):
        name = str(operator)
        if name == "Tf":
            current = maps.get(str(operands[0]), {})
        elif name == "Tj":
            drawn.append(_decode(bytes(operands[0]), current))
        elif name == "TJ":
            drawn.extend(
                _decode(bytes(item), current) for item in operands[0] if isinstance(item, pikepdf.String)
            )
    return "".join(drawn)


def _decode(raw: bytes, characters: dict[int, str]) -> str:
    codes = (int.from_bytes(raw[i : i + 2]) for i in range(0, len(raw), 2))
    return "".join(characters.get(code, "") for code in codes)


def _character_map(font: pikepdf.Object) -> dict[int, str]:
    if "/ToUnicode" not in font:
        return {}
    source = font.ToUnicode.read_bytes().decode("latin-1")
    found: dict[int, str] = {}
    for block in re.findall(r"beginbfchar(.*?)endbfchar", source, re.DOTALL):
        for code, text in re.findall(r"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>", block):
            found[int(code, 16)] = bytes.fromhex(text).decode("utf-16-be")
    return found
