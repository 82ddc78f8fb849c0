# SPDX-License-Identifier: EUPL-1.2
"""The summary as a tagged PDF, checked against PDF/UA-1 while it compiles; the same summary gives the same bytes.

Compiling takes memory that is not given back: the product does it in `reports.pdf_pool`, never in the web process.
"""

import json

from reports.summary.as_html import environment
from reports.summary.compiled import compile_pdf
from reports.summary.structure import Summary
from reports.summary.view import View, present


def render_pdf(summary: Summary, base: str | None = None) -> bytes:
    """The PDF, compiled in this process."""
    return compile_pdf(pdf_payload(summary, base))


def pdf_payload(summary: Summary, base: str | None = None) -> str:
    """What the PDF needs, as JSON: small enough to be sent to the process that compiles."""
    view = present(summary, base)
    for block in (*view["blocks"], *(block for section in view["sections"] for block in section["blocks"])):
        _draw(block)
    view["timestamp"] = int(summary.header.prepared_at.timestamp())
    return json.dumps(view, ensure_ascii=False)


def _draw(block: View) -> None:
    """The block's chart as the SVG of the page, and its alternative text."""
    chart = block["chart"]
    if chart is not None:
        module = environment().get_template("charts.svg.j2").module
        block["chart"] = str(module.chart(chart))  # type: ignore[attr-defined]
        block["alt"] = f"{chart.title}. {chart.description}"
