# SPDX-License-Identifier: EUPL-1.2
"""Message rows of notices: one notice in its own words, or several as a digest that a person can stop with one click."""

from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from notifications.catalogue import KINDS
from notifications.context import Context
from notifications.recipients import Recipient
from notifications.render import Envelope, compose, message_id, render_texts
from notifications.settings import MailSettings
from notifications.wording import one_line
from workflow.models import Message


def message_values(
    key: str,
    kind: str,
    context: Context,
    to: Recipient,
    settings: MailSettings,
    now: datetime,
    *,
    contract_id: int,
    subject: str | None = None,
    unsubscribe: str | None = None,
) -> dict[str, Any]:
    """The columns of one message, rendered. `unsubscribe`: the address that stops the news (RFC 2369 and 8058)."""
    texts = render_texts(kind, context, settings.templates)
    mail = compose(settings, Envelope(key, to.name, to.address or "", now), texts)
    if unsubscribe:
        mail["List-Unsubscribe"] = f"<{unsubscribe}>"
        mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    return row_values(key, kind, to, settings, now, contract_id=contract_id, subject=subject) | {
        "title": texts.subject[:300],
        "body": mail.as_bytes(),
    }


def row_values(
    key: str,
    kind: str,
    to: Recipient,
    settings: MailSettings,
    now: datetime,
    *,
    contract_id: int,
    subject: str | None = None,
) -> dict[str, Any]:
    """The same without its text: a message that waits, to complete."""
    return {
        "key": key,
        "contract_id": contract_id,
        "kind": kind,
        "subject_ref": subject,
        "person_id": to.person_id,
        "recipient": one_line(to.address or "")[:254],
        "title": KINDS[kind].label,
        "body": b"",
        "message_id": message_id(key, settings.domain),
        "state": "pending",
        "reason": None,
        "attempts": 0,
        "created_at": now,
        "next_attempt_at": now,
    }


def forget_texts(db: Session, kind: str, before: datetime, reason: str) -> None:
    """Empties the messages of a kind written before then; those that have not left no longer do."""
    old = (Message.kind == kind, Message.created_at < before)
    gone = update(Message).where(*old, Message.state.in_(("sent", "skipped"))).values(body=b"")
    waiting = update(Message).where(*old, Message.state.in_(("pending", "failed")))
    stopped = waiting.values(body=b"", state="skipped", reason=reason)
    for statement in (gone, stopped):
        db.execute(statement.execution_options(synchronize_session=False))
