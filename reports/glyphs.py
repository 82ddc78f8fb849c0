# SPDX-License-Identifier: EUPL-1.2
"""Which signs the embedded fonts draw, and what stands for the others: PDF/UA-1 refuses a document with one it cannot draw."""

import struct
import unicodedata
from collections.abc import Iterator
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

FONTS = Path(str(resources.files("reports"))) / "fonts"
STAND_IN = "\N{WHITE SQUARE}"
BREAKS = {"Zl": "\n", "Zp": "\n"}  # line and paragraph separators
SILENT = ("C", "M")  # controls, direction marks, accents and variants of the sign before: left out


def drawn(value: Any) -> Any:
    """The same value, whose texts can all be drawn: `STAND_IN` where a sign cannot (an emoji, another script)."""
    match value:
        case str():
            text = unicodedata.normalize("NFC", value)
            return text if _known().issuperset(text) else "".join(map(_sign, text))
        case dict():
            return {name: drawn(inner) for name, inner in value.items()}
        case list():
            return [drawn(inner) for inner in value]
        case _:
            return value


def _sign(sign: str) -> str:
    if sign in _known() or sign == "\n":
        return sign
    category = unicodedata.category(sign)
    if category.startswith(SILENT):
        return " " if sign.isspace() else ""
    return BREAKS.get(category, " " if sign.isspace() else STAND_IN)


@cache
def _known() -> frozenset[str]:
    """The signs that every embedded font has."""
    fonts = [frozenset(map(chr, _signs_of(path.read_bytes()))) for path in sorted(FONTS.glob("*.ttf"))]
    return frozenset.intersection(*fonts)


def _signs_of(font: bytes) -> Iterator[int]:
    """What the table `cmap` of a TrueType font names, by its segments of 32 bits (format 12)."""
    (tables,) = struct.unpack_from(">H", font, 4)
    starts = {
        font[12 + 16 * n : 16 + 16 * n]: struct.unpack_from(">I", font, 20 + 16 * n)[0] for n in range(tables)
    }
    start = starts[b"cmap"]
    (maps,) = struct.unpack_from(">H", font, start + 2)
    for number in range(maps):
        (offset,) = struct.unpack_from(">I", font, start + 8 + 8 * number)
        if struct.unpack_from(">H", font, start + offset)[0] == 12:
            (groups,) = struct.unpack_from(">I", font, start + offset + 12)
            for group in range(groups):
                first, last, _glyph = struct.unpack_from(">III", font, start + offset + 16 + 12 * group)
                yield from range(first, last + 1)
            return
