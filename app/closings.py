# SPDX-License-Identifier: EUPL-1.2
"""Closing a séance: the summary frozen as it was read, and the decisions applied, in one transaction; papers by a task."""

import hashlib
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.documents import JSON, PDF, XLSX, store_document
from app.pdfs import Pdfs
from app.tasks import Host, Progress, enqueue, register
from reports.papers.as_pdf import paper_payload
from reports.papers.decisions import decision_list, decision_sheets
from reports.papers.prepare import minutes
from reports.summary.as_pdf import pdf_payload
from reports.summary.as_xlsx import render_xlsx
from reports.summary.digest import canonical_json
from reports.summary.frozen import restore
from reports.summary.prepare import gather, prepare
from reports.summary.structure import Summary
from reports.xlsx import write_xlsx
from workflow.contracts import territory_of
from workflow.firing import Examined
from workflow.guards.commitment import DECISIONS_OF_BODY
from workflow.machine import fire
from workflow.models import Document, Journal, Seance
from workflow.permissions import Actor
from workflow.queries import get_seance

TASK = "closing_papers"
FROZEN = "frozen_summary"
Made = tuple[str, str, str, Callable[[Pdfs], bytes]]  # kind, name, media type, how to write it


def fire_seance(
    db: Session,
    seance: Seance,
    trigger: str,
    actor: Actor,
    reason: str | None,
    now: datetime,
    *,
    expected_version: int | None = None,
    **details: Any,
) -> Journal:
    """Fires on a séance; closing one that decides freezes its summary and asks for its papers, in the caller's transaction.

    The door itself freezes, once rights and guards have let it through and no other closing can move the figures.
    """
    is_closing = trigger == "close" and decides(seance)
    if is_closing:
        details["freeze"] = partial(_freeze, db, seance, now)
    line = fire(db, seance, trigger, actor, reason, now, expected_version=expected_version, **details)
    if is_closing:
        enqueue(db, TASK, {"seance": seance.id}, now, seance.contract_id)
    return line


def _freeze(db: Session, seance: Seance, now: datetime, read: Examined) -> str:
    """Keeps the summary as it is read before anything moves; its digest. `read`: what the guards have examined."""
    content, name = canonical_json(gather(db, seance, now, read)), f"synthese-figee-{seance.id}.json"
    kept = store_document(db, seance, FROZEN, name, content, now, JSON)
    seance.summary_document_id = kept.id
    return kept.sha256


def decides(seance: Seance) -> bool:
    """True when its closing applies decisions."""
    body = territory_of(seance.contract).body_by_code.get(seance.body)
    return body is not None and body.kind in DECISIONS_OF_BODY


def frozen_summary(db: Session, seance: Seance) -> Summary | None:
    """The summary as it was read, once its séance is closed."""
    kept = db.get(Document, seance.summary_document_id) if seance.summary_digest else None
    if kept is None or seance.closed_at is None:
        return None
    return restore(kept.content, seance.summary_digest or "", seance.closed_at)


def read_summary(db: Session, seance: Seance, now: datetime) -> Summary:
    """As it was read at the closing, once closed; else as the database has it now."""
    return frozen_summary(db, seance) or prepare(db, seance, now)


def frozen_file(db: Session, seance: Seance, media_type: str) -> Document | None:
    """The frozen summary in this form, once it was written. Its JSON kept is what the digest is made of, no form to read."""
    if not seance.summary_digest or media_type == JSON:
        return None
    mine = select(Document).where(Document.subject == f"seance:{seance.id}", Document.kind == FROZEN)
    return db.scalar(mine.where(Document.media_type == media_type).order_by(Document.id.desc()).limit(1))


def frozen_faults(db: Session) -> list[str]:
    """French faults of every frozen summary: its content, the digest kept with the séance, the one in the journal."""
    faults = []
    for seance in db.scalars(select(Seance).where(Seance.summary_digest.is_not(None)).order_by(Seance.id)):
        kept = db.get(Document, seance.summary_document_id)
        if kept is None:
            faults.append(f"séance {seance.id} : la synthèse figée manque")
        elif hashlib.sha256(kept.content).hexdigest() != seance.summary_digest:
            faults.append(f"séance {seance.id} : la synthèse figée ne correspond plus à son empreinte")
        closed = select(Journal).where(Journal.chain == f"seance:{seance.id}", Journal.trigger == "close")
        line = db.scalar(closed)
        if line is None or line.details.get("summary_digest") != seance.summary_digest:
            faults.append(f"séance {seance.id} : l’empreinte de sa synthèse n’est pas celle du journal")
    return faults


def make_papers(application: Host, payload: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """The handler of the task: may be run twice, the same papers are the same documents."""
    with application.write() as db:
        wanted = _wanted(db, payload["seance"], application)
    numbers, pdfs = [], Pdfs()
    try:
        for rank, (kind, name, media_type, write) in enumerate(wanted, 1):
            content = write(pdfs)
            with application.write() as db:
                seance, now = db.get_one(Seance, payload["seance"]), application.now()
                numbers.append(store_document(db, seance, kind, name, content, now, media_type).id)
            progress(rank * 90 // len(wanted))
    finally:
        pdfs.close()
    return {"documents": numbers}


def _wanted(db: Session, number: int, application: Host) -> list[Made]:
    """What to write, read at once so that no transaction lasts while the PDF is made; dated as the closing."""
    seance = get_seance(db, number)
    at = seance.closed_at or application.now()
    told, listed = paper_payload(minutes(db, seance, at)), paper_payload(decision_list(seance, at))
    sheets, title = decision_sheets(seance), f"Décisions – {seance.label}"
    made: list[Made] = [
        ("minutes", f"releve-de-decisions-{number}.pdf", PDF, lambda pdfs: pdfs.compile_paper(told)),
        ("decisions", f"liste-des-decisions-{number}.pdf", PDF, lambda pdfs: pdfs.compile_paper(listed)),
        (
            "decisions",
            f"liste-des-decisions-{number}.xlsx",
            XLSX,
            lambda _: write_xlsx(sheets, title=title, created=at),
        ),
    ]
    summary = frozen_summary(db, seance)
    if summary is not None:
        config = getattr(application, "config", None)
        base = config.deployment.base_address if config else None
        payload, name = pdf_payload(summary, base), f"synthese-figee-{number}"
        made.append((FROZEN, f"{name}.pdf", PDF, lambda pdfs: pdfs.compile_summary(payload)))
        made.append((FROZEN, f"{name}.xlsx", XLSX, lambda _: render_xlsx(summary)))
    return made


register(TASK, make_papers)
