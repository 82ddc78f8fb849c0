# SPDX-License-Identifier: EUPL-1.2
"""The documents of a séance made by a task: what to write is read at once, each is written away from any transaction."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from app.documents import PDF, XLSX, store_document
from app.pdfs import Pdfs
from app.tasks import Host, Progress
from reports.papers.as_pdf import paper_payload
from reports.papers.structure import Paper
from reports.summary.as_pdf import pdf_payload
from reports.summary.as_xlsx import render_xlsx
from reports.summary.structure import Summary
from workflow.models import Seance

PATIENCE_SECONDS = 300.0  # nobody waits at a screen; less than the lease of a task
MADE = 90  # per cent of the task: the rest names what was made


@dataclass(frozen=True, slots=True)
class Wanted:
    """One document: `write` compiles it from values already read, with no transaction open."""

    kind: str
    name: str
    media_type: str
    write: Callable[[Pdfs], bytes]


def paper(kind: str, name: str, said: Paper) -> Wanted:
    """A paper as PDF."""
    return Wanted(kind, name, PDF, lambda pdfs: pdfs.compile_paper(paper_payload(said)))


def summary_pdf(kind: str, name: str, summary: Summary, application: Any) -> Wanted:
    """The arbitration summary as PDF, its links on this site."""
    config = getattr(application, "config", None)
    base = config.deployment.base_address if config else None
    return Wanted(kind, name, PDF, lambda pdfs: pdfs.compile_summary(pdf_payload(summary, base)))


def summary_xlsx(kind: str, name: str, summary: Summary) -> Wanted:
    """The arbitration summary as a workbook."""
    return Wanted(kind, name, XLSX, lambda _: render_xlsx(summary))


def make_all(application: Host, seance_id: int, wanted: Sequence[Wanted], progress: Progress) -> list[int]:
    """Writes and stores each in turn; their numbers. The same bytes twice are one document."""
    numbers, pdfs = [], Pdfs(patience=PATIENCE_SECONDS)
    try:
        for rank, one in enumerate(wanted, 1):
            content = one.write(pdfs)
            with application.write() as db:
                seance, now = db.get_one(Seance, seance_id), application.now()
                numbers.append(
                    store_document(db, seance, one.kind, one.name, content, now, one.media_type).id
                )
            progress(rank * MADE // len(wanted))
    finally:
        pdfs.close()
    return numbers
