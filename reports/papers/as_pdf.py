# SPDX-License-Identifier: EUPL-1.2
"""A paper as a tagged PDF (PDF/UA-1); the same paper gives the same bytes. Compiled in `reports.pdf_pool` only."""

import json
from pathlib import Path

from reports.papers.structure import Paper
from reports.typeset import typeset

TEMPLATE = Path(__file__).with_name("paper.typ")


def paper_payload(paper: Paper) -> str:
    """What the PDF needs, as JSON."""
    return json.dumps(paper.payload(), ensure_ascii=False)


def compile_paper(payload: str) -> bytes:
    """Bytes of the PDF of a payload: a plain function of plain values."""
    return typeset(TEMPLATE, payload)
