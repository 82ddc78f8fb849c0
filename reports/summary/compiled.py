# SPDX-License-Identifier: EUPL-1.2
"""What the PDF process runs for a summary. It imports the compiler alone: each PDF has a process, and what it loads it pays."""

from pathlib import Path

from reports.typeset import typeset

TEMPLATE = Path(__file__).with_name("summary.typ")


def compile_pdf(payload: str) -> bytes:
    """Bytes of the PDF of a payload: a plain function of plain values.

    Raises typst.TypstError when the document is not accessible (an image without alternative, a skipped heading).
    """
    return typeset(TEMPLATE, payload)
