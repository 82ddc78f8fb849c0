# SPDX-License-Identifier: EUPL-1.2
"""One way to make a PDF: a Typst template and its payload, tagged and checked against PDF/UA-1."""

import json
from importlib import resources
from pathlib import Path

import typst

FONTS = Path(str(resources.files("reports"))) / "fonts"


def typeset(template: Path, payload: str) -> bytes:
    """Bytes of the PDF of a payload (JSON, with its `timestamp`): the same payload gives the same bytes.

    Raises typst.TypstError when the document is not accessible (an image without alternative, a skipped heading).
    """
    return typst.compile(
        str(template),
        font_paths=[str(FONTS)],
        ignore_system_fonts=True,
        format="pdf",
        sys_inputs={"view": payload},
        pdf_standards=["ua-1"],
        timestamp=json.loads(payload)["timestamp"],
    )
