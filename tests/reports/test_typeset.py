# SPDX-License-Identifier: EUPL-1.2
"""Whatever people type, the PDF is made: what the embedded fonts do not draw is a square, what has no shape is left out."""

import json

import pytest

from reports.glyphs import drawn
from reports.papers.compiled import TEMPLATE
from reports.typeset import typeset
from tests.reports.pdf_text import text_of

FACTS = {
    "title": "Ordre du jour",
    "label": "Comité",
    "contract": "Valmont",
    "made": "Fait",
    "facts": [],
    "timestamp": 0,
}


def paper(text: str) -> str:
    return json.dumps({**FACTS, "parts": [{"title": "Point", "paragraphs": [text], "rows": []}]})


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("Fête de l’été – 5 000 € « Œuvre »", "Fête de l’été – 5 000 € « Œuvre »"),
        ("Fête 🎉", "Fête □"),
        ("e\u0301te\u0301", "été"),
        ("عربي 漢字", "□□□□ □□"),
        ("a\u202eb\x01c\u200d\ufe0f", "abc"),
        ("a\x0bb\tc\u2028d", "a b c\nd"),
        ("<b>#x</b> $y$", "<b>#x</b> $y$"),
    ],
)  # fmt: skip
def test_what_is_typed_is_drawn_or_a_square_stands_for_it(typed: str, shown: str) -> None:
    assert drawn({"a": [typed, 1, None, True]}) == {"a": [shown, 1, None, True]}


def test_a_paper_is_made_whatever_is_typed() -> None:
    everything = "".join(chr(code) for code in range(1, 0x2FF0)) + "🎉漢"
    assert "Fin" in text_of(typeset(TEMPLATE, paper(f"{everything} Fin")))
