# SPDX-License-Identifier: EUPL-1.2
"""Which messages may leave now: those due, no more per minute to one domain than the setting says. Nothing sleeps."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Select, func, select, text
from sqlalchemy.orm import Session

from notifications.settings import MailSettings
from workflow.models import Message

MINUTE = timedelta(minutes=1)
LOCK = 7_147_2025  # PostgreSQL: one paced claim at a time, or two would count the same minute


def due(db: Session, now: datetime, settings: MailSettings) -> Sequence[int]:
    """The numbers of at most `batch` messages to claim, oldest first, locked for this transaction."""
    rows = (
        select(Message.id, Message.domain)
        .where(Message.state == "pending", Message.next_attempt_at <= now)
        .order_by(Message.next_attempt_at, Message.id)
        .limit(settings.batch)
        .with_for_update(skip_locked=True)
    )
    if settings.per_domain_per_minute is None:
        return [number for number, _ in db.execute(rows)]
    if db.get_bind().dialect.name == "postgresql":
        db.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})
    return _paced(db, now, settings, rows, settings.per_domain_per_minute)


def _paced(
    db: Session, now: datetime, settings: MailSettings, rows: Select[int, str], limit: int
) -> list[int]:
    """Those of `rows` that keep each domain under its limit; what is held back waits for a later claim."""
    tried = _tried(db, now)
    if settings.redirect_all_to:  # one real domain, whatever the recipients
        left = limit - sum(tried.values())
        return [number for number, _ in db.execute(rows)][: max(left, 0)]
    full = [domain for domain, count in tried.items() if count >= limit]
    chosen = []
    for number, domain in db.execute(rows.where(Message.domain.not_in(full))):
        tried[domain] = tried.get(domain, 0) + 1
        if tried[domain] <= limit:
            chosen.append(number)
    return chosen


def _tried(db: Session, now: datetime) -> dict[str, int]:
    """How many messages were tried in the last minute, by domain, by all workers."""
    counted = (
        select(Message.domain, func.count()).where(Message.tried_at > now - MINUTE).group_by(Message.domain)
    )
    return dict(db.execute(counted).all())
