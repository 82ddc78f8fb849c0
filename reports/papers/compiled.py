# SPDX-License-Identifier: EUPL-1.2
"""What the PDF process runs for a paper; it imports the compiler alone, as for a summary."""

from pathlib import Path

from reports.typeset import typeset

TEMPLATE = Path(__file__).with_name("paper.typ")


def compile_paper(payload: str) -> bytes:
    """Bytes of the PDF of a payload: a plain function of plain values."""
    return typeset(TEMPLATE, payload)
