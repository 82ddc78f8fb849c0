# SPDX-License-Identifier: EUPL-1.2
"""Convocations that the server of their recipient refused: told to the secretary once, while the séance is ahead."""

from collections import defaultdict
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.tasks import Host
from notifications.seances import CALLING
from workflow.events import emit
from workflow.models import Event, Message, Seance
from workflow.stages import SeanceStatus

UNDELIVERED = "seance.undelivered"


def tell_undelivered(host: Host) -> int:
    """One event for each séance with new failures; gives their number. A failure at a corrected address is a new one."""
    with host.write() as db:
        found = _failed(db, host.now())
        for seance, rows in found.items():
            payload = {
                "seance": seance.id,
                "messages": [row.id for row in rows],
                "identifiers": [row.message_id for row in rows],
            }
            emit(db, seance.contract_id, UNDELIVERED, f"seance:{seance.id}", payload, host.now())
    return len(found)


def _failed(db: Session, now: datetime) -> dict[Seance, list[Message]]:
    """The failures not yet told, by séance still ahead."""
    failed = select(Message).where(Message.state == "failed", Message.kind.in_(CALLING)).order_by(Message.id)
    by_subject: defaultdict[str, list[Message]] = defaultdict(list)
    for row in db.scalars(failed):
        by_subject[row.subject_ref or ""].append(row)
    ahead = select(Seance).where(Seance.status == SeanceStatus.CONVOKED, Seance.starts_at > now)
    found = {}
    for seance in db.scalars(ahead.order_by(Seance.id)) if by_subject else ():
        about = f"seance:{seance.id}"
        events = select(Event.payload).where(Event.kind == UNDELIVERED, Event.subject == about)
        told = {each for payload in db.scalars(events) for each in payload["identifiers"]}
        new = [row for row in by_subject[about] if row.message_id not in told]
        if new:
            found[seance] = new
    return found
