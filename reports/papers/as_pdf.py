# SPDX-License-Identifier: EUPL-1.2
"""A paper as a tagged PDF (PDF/UA-1); the same paper gives the same bytes. Compiled in `reports.pdf_pool` only."""

import json
from importlib import resources
from pathlib import Path

import typst

from reports.papers.structure import Paper

FONTS = Path(str(resources.files("reports"))) / "fonts"
TEMPLATE = Path(__file__).with_name("paper.typ")


def paper_payload(paper: Paper) -> str:
    """What the PDF needs, as JSON."""
    return json.dumps(paper.payload(), ensure_ascii=False)


def compile_paper(payload: str) -> bytes:
    """Bytes of the PDF of a payload: a plain function of plain values."""
    return typst.compile(
        str(TEMPLATE),
        font_paths=[str(FONTS)],
        ignore_system_fonts=True,
        format="pdf",
        sys_inputs={"view": payload},
        pdf_standards=["ua-1"],
        timestamp=json.loads(payload)["timestamp"],
    )
