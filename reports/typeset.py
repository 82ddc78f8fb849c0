# SPDX-License-Identifier: EUPL-1.2
"""One way to make a PDF: a Typst template and its payload, tagged and checked against PDF/UA-1."""

import json
from pathlib import Path

import typst

from reports.glyphs import FONTS, drawn


def typeset(template: Path, payload: str) -> bytes:
    """Bytes of the PDF of a payload (JSON, with its `timestamp`): the same payload gives the same bytes.

    A sign that the embedded fonts do not draw is shown by a square: whatever people type, the document is made.
    Raises typst.TypstError when the document is not accessible (an image without alternative, a skipped heading).
    """
    view = json.loads(payload)
    return typst.compile(
        str(template),
        font_paths=[str(FONTS)],
        ignore_system_fonts=True,
        format="pdf",
        sys_inputs={"view": json.dumps(drawn(view), ensure_ascii=False)},
        pdf_standards=["ua-1"],
        timestamp=view["timestamp"],
    )
