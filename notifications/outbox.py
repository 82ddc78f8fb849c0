# SPDX-License-Identifier: EUPL-1.2
"""The outbox: rows claimed by workers, marked sent, put back or failed. Any number of workers, each message once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from sqlalchemy import Select, select, update
from sqlalchemy.orm import Session

from notifications.errors import (
    DeliveryError,
    PermanentError,
    UnknownMessageError,
    UnreachableError,
    WrongStateError,
)
from notifications.pace import due
from notifications.readdress import readdress
from notifications.settings import MailSettings
from workflow.models import Event, Message


@dataclass(frozen=True, slots=True)
class Claimed:
    """A message held by one worker: what it needs to send it and to say what happened."""

    id: int
    key: str
    recipient: str
    body: bytes
    documents: Sequence[int] | None
    attempts: int
    created_at: datetime
    held_until: datetime


def claim(db: Session, now: datetime, owner: str, settings: MailSettings) -> list[Claimed]:
    """Takes due messages for `owner`, oldest first; nobody else sends them before `claim_lasts` has passed."""
    ids = due(db, now, settings)
    if not ids:
        return []
    until = now + settings.claim_lasts
    taken = (
        update(Message)
        .where(Message.id.in_(ids), Message.state == "pending")
        .values(
            state="sending",
            claimed_by=owner,
            claimed_until=until,
            attempts=Message.attempts + 1,
            tried_at=now,
        )
        .returning(
            Message.id,
            Message.key,
            Message.recipient,
            Message.body,
            Message.documents,
            Message.attempts,
            Message.created_at,
        )
        .execution_options(synchronize_session=False)
    )
    return sorted((Claimed(*row, held_until=until) for row in db.execute(taken)), key=lambda each: each.id)


def release_stuck(db: Session, now: datetime) -> int:
    """Puts back what a dead worker had claimed; it leaves again with the same Message-ID."""
    stuck = update(Message).where(Message.state == "sending", Message.claimed_until < now)
    freed = stuck.values(
        state="pending",
        reason="envoi interrompu : le message repart",
        claimed_by=None,
        claimed_until=None,
        next_attempt_at=now,
    )
    return len(db.execute(freed.returning(Message.id).execution_options(synchronize_session=False)).all())


def mark_sent(db: Session, message: Claimed, owner: str, now: datetime) -> bool:
    """The server took it. False when the claim had been lost meanwhile."""
    return _settle(db, message, owner, state="sent", sent_at=now, reason=None)


def mark_refused(
    db: Session,
    message: Claimed,
    owner: str,
    now: datetime,
    error: DeliveryError,
    settings: MailSettings,
    rng: Random,
) -> bool:
    """The server did not take it: failed for good, or waiting for a later attempt. False when the claim was lost."""
    if isinstance(error, PermanentError) or _is_given_up(message, now, error, settings):
        return _settle(db, message, owner, state="failed", reason=error.message)
    wait = retry_delay(message.attempts, settings, rng)
    return _settle(db, message, owner, state="pending", reason=error.message, next_attempt_at=now + wait)


def _is_given_up(message: Claimed, now: datetime, error: DeliveryError, settings: MailSettings) -> bool:
    """A message refused again and again ends; a server that is down is nobody's fault: messages wait for it."""
    if isinstance(error, UnreachableError):
        return False
    return message.attempts >= settings.max_attempts and now - message.created_at >= settings.give_up_after


def retry_delay(attempts: int, settings: MailSettings, rng: Random) -> timedelta:
    """Doubled at each attempt up to a ceiling, spread by a fifth either way so that messages do not return together."""
    doubled = settings.first_delay * 2 ** min(max(attempts - 1, 0), 20)
    return timedelta(seconds=min(doubled, settings.longest_delay).total_seconds() * rng.uniform(0.8, 1.2))


def put_back(db: Session, message: Claimed, owner: str) -> bool:
    """Not tried after all: as it was before the claim."""
    return _settle(db, message, owner, state="pending", attempts=message.attempts - 1, tried_at=None)


def _settle(db: Session, message: Claimed, owner: str, **values: object) -> bool:
    held = update(Message).where(
        Message.id == message.id, Message.state == "sending", Message.claimed_by == owner
    )
    done = held.values(claimed_by=None, claimed_until=None, **values).returning(Message.id)
    return db.execute(done.execution_options(synchronize_session=False)).first() is not None


def release(db: Session, key: str, now: datetime) -> Message:
    """A held draft leaves. Raises UnknownMessageError, WrongStateError."""
    return _requeue(db, key, now, frozenset({"draft"}), "Seul un brouillon se libère")


def retry(db: Session, key: str, now: datetime) -> Message:
    """A failed message is tried again, at the address known now; an event that could not be told is read again."""
    message = _requeue(
        db, key, now, frozenset({"failed", "pending"}), "Seul un message en échec ou en attente se relance"
    )
    readdress(db, message)
    if key.startswith("event:"):
        db.execute(update(Event).where(Event.id == int(key.partition(":")[2])).values(planned_at=None))
        db.delete(message)
    return message


def _requeue(db: Session, key: str, now: datetime, states: frozenset[str], rule: str) -> Message:
    message = db.scalars(select(Message).where(Message.key == key).with_for_update()).first()
    if message is None:
        raise UnknownMessageError(f"Aucun message n’a la clé « {key} ».")
    if message.state not in states:
        raise WrongStateError(f"{rule} : ce message est dans l’état « {STATE_LABELS[message.state]} ».")
    message.state, message.reason, message.next_attempt_at = "pending", None, now
    return message


STATE_LABELS = {
    "draft": "brouillon",
    "pending": "en attente",
    "sending": "en cours d’envoi",
    "sent": "envoyé",
    "failed": "en échec",
    "skipped": "non envoyé",
}


def messages(contract_id: int | None = None, state: str | None = None) -> Select[Message]:
    """Messages, newest last; for lists and screens."""
    query = select(Message).order_by(Message.id)
    if contract_id is not None:
        query = query.where(Message.contract_id == contract_id)
    return query.where(Message.state == state) if state else query


def list_messages(db: Session, contract_id: int | None = None, state: str | None = None) -> Sequence[Message]:
    """The rows of `messages`."""
    return db.scalars(messages(contract_id, state)).all()
