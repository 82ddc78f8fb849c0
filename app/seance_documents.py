# SPDX-License-Identifier: EUPL-1.2
"""The papers joined to a séance's messages: asked as a task, made away from the pages, stored once, named by the event.

The event waits for them; after `HOLD` its messages leave without them, their links say where to read.
"""

import logging
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.paper_tasks import Wanted, make_all, paper, summary_pdf
from app.tasks import Host, Progress, enqueue, register
from reports.papers.prepare import agenda, minutes
from reports.summary.prepare import prepare
from workflow.models import Event, Seance
from workflow.queries import get_seance

TASK = "seance_documents"
HOLD = timedelta(minutes=10)
ASKED_BY = ("convoke", "release_minutes")
log = logging.getLogger(__name__)


def ask_documents(db: Session, seance: Seance, trigger: str, now: datetime) -> None:
    """After a transition whose messages carry papers: a task, and the event waits for it. In the caller's transaction."""
    if trigger not in ASKED_BY:
        return
    db.flush()
    mine = select(Event).where(Event.subject == f"seance:{seance.id}", Event.kind == f"seance.{trigger}")
    event = db.scalars(mine.order_by(Event.id.desc()).limit(1)).one()
    event.held_until = now + HOLD
    enqueue(db, TASK, {"event": event.id, "seance": seance.id}, now, seance.contract_id)


def make_documents(application: Host, payload: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """The handler of the task: may be run twice, names the same documents."""
    with application.write() as db:
        event = db.get_one(Event, payload["event"])
        if event.payload.get("documents"):
            return {"documents": event.payload["documents"]}
        wanted = _wanted(db, event, payload["seance"], application)
    numbers = make_all(application, payload["seance"], wanted, progress)
    with application.write() as db:
        _name_them(db, payload, numbers)
    return {"documents": numbers}


def _wanted(db: Session, event: Event, number: int, application: Host) -> list[Wanted]:
    """What to compile."""
    seance, now = get_seance(db, number), application.now()
    if event.kind == "seance.release_minutes":
        said = minutes(db, seance, seance.closed_at or now)
        return [paper("minutes", f"releve-de-decisions-{number}.pdf", said)]
    found = [paper("agenda", f"ordre-du-jour-{number}.pdf", agenda(seance, event.at))]
    if seance.items:
        name, summary = f"synthese-d-arbitrage-{number}.pdf", prepare(db, seance, event.at)
        found.append(summary_pdf("summary", name, summary, application))
    return found


def _name_them(db: Session, payload: dict[str, Any], numbers: list[int]) -> None:
    event = db.get_one(Event, payload["event"], with_for_update=True)
    if event.planned_at is not None:
        log.warning("event %s left without its documents: they were made too late", event.id)
    event.payload = {**event.payload, "documents": numbers}
    event.held_until = None


register(TASK, make_documents)
