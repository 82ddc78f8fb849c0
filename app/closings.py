# SPDX-License-Identifier: EUPL-1.2
"""Closing a séance: the summary frozen as it was read, and the decisions applied, in one transaction; papers by a task."""

import hashlib
from collections.abc import Iterator
from contextlib import nullcontext
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.documents import JSON, XLSX, store_document
from app.paper_tasks import Wanted, make_all, paper, summary_pdf, summary_xlsx
from app.tasks import Host, Progress, enqueue, register
from reports.papers.decisions import decision_list, decision_sheets
from reports.papers.prepare import minutes
from reports.summary.digest import canonical_json
from reports.summary.frozen import restore
from reports.summary.prepare import gather, prepare
from reports.summary.structure import Summary
from reports.xlsx import write_xlsx
from workflow.collector import collector_paused
from workflow.contracts import territory_of
from workflow.firing import Examined
from workflow.guards.commitment import DECISIONS_OF_BODY
from workflow.machine import fire
from workflow.models import Document, Journal, Seance
from workflow.permissions import Actor
from workflow.queries import get_seance
from workflow.stages import SeanceStatus

TASK = "closing_papers"
FROZEN = "frozen_summary"


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
    with collector_paused() if is_closing else nullcontext():
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
    """French faults of the closed séances: their frozen summary, its digest in three places, and every document kept."""
    is_frozen = or_(
        Seance.status == SeanceStatus.CLOSED,
        Seance.summary_digest.is_not(None),
        Seance.summary_document_id.is_not(None),
    )
    seances = db.scalars(select(Seance).where(is_frozen).order_by(Seance.id)).all()
    lines = db.execute(select(Journal.chain, Journal.details).where(Journal.trigger == "close"))
    told = {chain: details.get("summary_digest") for chain, details in lines}
    faults = [
        fault for seance in seances for fault in _faults_of(db, seance, told.get(f"seance:{seance.id}"))
    ]
    return [*faults, *_touched(db)]


def _faults_of(db: Session, seance: Seance, told: str | None) -> Iterator[str]:
    """Of one séance; `told`: the digest its closing wrote in the journal."""
    where = f"séance {seance.id}\u00a0:"
    if told is None and seance.summary_digest is None:
        return  # its closing froze nothing
    kept = db.get(Document, seance.summary_document_id) if seance.summary_document_id else None
    if kept is None:
        yield f"{where} la synthèse figée manque"
    elif hashlib.sha256(kept.content).hexdigest() != seance.summary_digest:
        yield f"{where} la synthèse figée ne correspond plus à son empreinte"
    if told != seance.summary_digest:
        yield f"{where} l’empreinte de sa synthèse n’est pas celle du journal"


def _touched(db: Session) -> Iterator[str]:
    """Documents whose bytes are no longer those of their digest, read a few at a time."""
    frozen = select(Seance.summary_document_id).where(Seance.summary_document_id.is_not(None))
    others = select(Document.id, Document.name, Document.sha256, Document.content).where(
        Document.id.not_in(frozen)  # told with their séance
    )
    for number, name, digest, content in db.execute(
        others.order_by(Document.id).execution_options(yield_per=20)
    ):
        if hashlib.sha256(content).hexdigest() != digest:
            yield f"document {number} («\u00a0{name}\u00a0»)\u00a0: il ne correspond plus à son empreinte"


def make_papers(application: Host, payload: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """The handler of the task: may be run twice, the same papers are the same documents."""
    with application.write() as db:
        wanted = _wanted(db, payload["seance"], application)
    return {"documents": make_all(application, payload["seance"], wanted, progress)}


def _wanted(db: Session, number: int, application: Host) -> list[Wanted]:
    """What to write, dated as the closing."""
    seance = get_seance(db, number)
    at = seance.closed_at or application.now()
    sheets, title, listed = decision_sheets(seance), f"Décisions – {seance.label}", "liste-des-decisions"
    made = [
        paper("minutes", f"releve-de-decisions-{number}.pdf", minutes(db, seance, at)),
        paper("decisions", f"{listed}-{number}.pdf", decision_list(seance, at)),
        Wanted(
            "decisions",
            f"{listed}-{number}.xlsx",
            XLSX,
            lambda _: write_xlsx(sheets, title=title, created=at),
        ),
    ]
    summary = frozen_summary(db, seance)
    if summary is not None:
        name = f"synthese-figee-{number}"
        made.append(summary_pdf(FROZEN, f"{name}.pdf", summary, application))
        made.append(summary_xlsx(FROZEN, f"{name}.xlsx", summary))
    return made


register(TASK, make_papers)
