# SPDX-License-Identifier: EUPL-1.2
"""The acknowledgements of receipt of the requests filed long ago: planned and sent in their time, as a worker would have."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from notifications.outbox import claim, mark_sent
from notifications.planner import plan
from notifications.settings import MailSettings
from workflow.firing import PARIS
from workflow.models import Event

SUBMITTED = "dossier.submit"
OWNER = "demonstration"
MOST = 1000  # requests filed on one day
SENDER = "coinstruction@demo.invalid"
MINUTE = timedelta(minutes=1)


def acknowledge(db: Session, old: Iterable[int], base_address: str) -> None:
    """Tells these events of submission, day by day, and their messages are sent that minute. No other event may be waiting."""
    settings = MailSettings(host="127.0.0.1", port=25, sender=SENDER, base_address=base_address, batch=MOST)
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
        for message in claim(db, at + MINUTE, OWNER, settings):
            mark_sent(db, message, OWNER, at + MINUTE)
