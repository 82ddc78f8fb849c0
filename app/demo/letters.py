# SPDX-License-Identifier: EUPL-1.2
"""The acknowledgements of receipt of the requests filed long ago: planned and sent in their time, as a worker would have."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from notifications.planner import plan
from notifications.settings import MailSettings
from workflow.firing import PARIS
from workflow.models import Event, Message

SUBMITTED = "dossier.submit"
SENDER = "coinstruction@demo.invalid"
MINUTE = timedelta(minutes=1)


def acknowledge(db: Session, old: Iterable[int], base_address: str) -> None:
    """Tells these events of submission, day by day, and notes their messages sent. No other event may be waiting."""
    settings = MailSettings(host="127.0.0.1", port=25, sender=SENDER, base_address=base_address)
    by_day: defaultdict[date, list[Event]] = defaultdict(list)
    for event in db.scalars(select(Event).where(Event.id.in_(old), Event.kind == SUBMITTED)):
        by_day[event.at.astimezone(PARIS).date()].append(event)
    for day in sorted(by_day):
        events = by_day[day]
        for event in events:
            event.planned_at = None
        db.flush()
        at = max(event.at for event in events) + MINUTE
        plan(db, at, settings, limit=len(events))
        _note_sent(db, at + MINUTE)


def _note_sent(db: Session, at: datetime) -> None:
    pending = update(Message).where(Message.state == "pending")
    db.execute(pending.values(state="sent", attempts=1, sent_at=at))
