# SPDX-License-Identifier: EUPL-1.2
"""The summary of a committee that reads 500 dossiers: preparing it from the database, then writing each form of it."""

import json
from collections.abc import Iterator
from dataclasses import replace
from statistics import median
from time import perf_counter

from app.bootstrap import Application
from bench.clock import median_of, processor_of
from bench.databases import installed
from bench.pdf_process import measured_pdf
from bench.programme import NOW, committee, fill
from bench.table import Row, memory, plain, timed
from reports.pdf_pool import PdfPool
from reports.summary.as_html import render_page
from reports.summary.as_json import render_json
from reports.summary.as_ods import render_ods
from reports.summary.as_pdf import pdf_payload
from reports.summary.as_xlsx import render_xlsx
from reports.summary.prepare import prepare
from reports.summary.structure import Summary
from workflow.stages import Stage

DOSSIERS, PRINTED = 500, 300
LARGEST_WORKER = 500.0
PDFS = 3


def measure(loop: float) -> Iterator[Row]:
    """Preparing, HTML, XLSX, PDF with the memory of its process; JSON and ODS without a target."""
    with installed() as application:
        seance = _seance(application)

        def read() -> Summary:
            with application.read() as db:
                return prepare(db, seance, NOW)

        yield timed(
            f"preparing the summary of {DOSSIERS} dossiers from SQLite", median_of(3, read), loop=loop
        )
        summary = read()
    lines, findings = (
        sum(len(d.lines) for d in summary.dossiers),
        sum(len(d.findings) for d in summary.dossiers),
    )
    yield plain("  what it holds", f"{lines} lines, {findings} findings")
    yield timed("HTML page", median_of(7, lambda: render_page(summary)), 0.1, loop=loop)
    yield timed("XLSX workbook", median_of(5, lambda: render_xlsx(summary)), 0.4, loop=loop)
    yield timed("HTML page, processor time alone", processor_of(7, lambda: render_page(summary)), loop=loop)
    yield timed(
        "XLSX workbook, processor time alone", processor_of(5, lambda: render_xlsx(summary)), loop=loop
    )
    yield timed("ODS workbook", median_of(3, lambda: render_ods(summary)), loop=loop)
    yield timed("JSON document", median_of(3, lambda: render_json(summary)), loop=loop)
    yield from _pdf(replace(summary, dossiers=summary.dossiers[:PRINTED]), loop, 3.0)
    yield from _pdf(summary, loop)


def _seance(application: Application) -> int:
    with application.write() as db:
        return committee(db, fill(db, DOSSIERS, (Stage.COMMITMENT,))).id


def _pdf(summary: Summary, loop: float, target: float | None = None) -> Iterator[Row]:
    """Each PDF is different (the compiler remembers what it laid out), its process started for it as in the product."""
    times: list[float] = []
    peaks: list[float] = []
    busy: list[float] = []
    size = 0
    with PdfPool() as pool:
        for turn in range(PDFS):
            another = _another(summary, turn)
            start = perf_counter()
            told = json.loads(pool.compile(measured_pdf, pdf_payload(another)))
            times.append(perf_counter() - start)
            peaks.append(told["peak"])
            busy.append(told["processor"])
            size = told["size"]
    number = len(summary.dossiers)
    yield timed(
        f"PDF of {number}, process included, median of {PDFS} ({size >> 10} KiB)",
        median(times),
        target,
        loop=loop,
    )
    yield timed(f"PDF of {number}, processor time of its process alone", median(busy), loop=loop)
    yield memory(f"PDF of {number}, peak of memory of its process", max(peaks), LARGEST_WORKER)


def _another(summary: Summary, turn: int) -> Summary:
    """The same dossiers in another order, under other titles."""
    first = turn * 37 % len(summary.dossiers)
    turned = summary.dossiers[first:] + summary.dossiers[:first]
    named = (
        replace(d, rank=rank, title=f"{d.title}, tirage {turn}") for rank, d in enumerate(turned, start=1)
    )
    return replace(summary, dossiers=tuple(named))
