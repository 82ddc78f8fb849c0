# SPDX-License-Identifier: EUPL-1.2
"""Events → message rows, once each: rendered when planned, sent later by whoever claims them."""

import logging
import sys
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pydantic import ValidationError
from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from notifications.addresses import is_readable
from notifications.calendar import Attendee, Invitation, write_invitation
from notifications.catalogue import BY_EVENT
from notifications.due.news import BY_EVENT as NEWS_BY_EVENT
from notifications.due.news import note_news, note_request
from notifications.errors import NotComposableError
from notifications.kinds import Draft, Kind
from notifications.papers import stand_in
from notifications.reading import Reading
from notifications.recipients import Recipient
from notifications.render import Attachment, CalendarPart, Envelope, compose, message_id, render_texts
from notifications.seance_context import CalledContext, SeanceContext
from notifications.settings import MailSettings
from notifications.wording import one_line
from workflow.claims import insert_once
from workflow.models import Document, Event, Message

WriteFactory = Callable[[], AbstractContextManager[Session]]

PER_TRANSACTION = 25
SUPERSEDED = "remplacé par un message plus récent sur la même séance"
log = logging.getLogger(__name__)


def plan_all(write: WriteFactory, now: Callable[[], datetime], settings: MailSettings) -> int:
    """Plans every waiting event, a few messages per transaction: nobody waits long for the database. Gives their number."""
    written = 0
    while True:
        share = _Share(PER_TRANSACTION)
        with write() as db:
            events = waiting_events(db, now())
            written += sum(_plan_event(db, event, now(), settings, share) for event in events)
        if not events:
            return written


def plan(db: Session, now: datetime, settings: MailSettings, limit: int = 50) -> int:
    """Plans up to `limit` waiting events in the caller's transaction; gives the number of messages written."""
    share = _Share(sys.maxsize)
    return sum(_plan_event(db, event, now, settings, share) for event in waiting_events(db, now, limit))


@dataclass(slots=True)
class _Share:
    """How many messages the transaction may still write; an event cut short stays waiting, its keys tell where it was."""

    left: int
    is_cut: bool = False

    def is_over(self) -> bool:
        """True, and the event is cut short, when nothing may be written any more."""
        self.is_cut = self.is_cut or self.left <= 0
        return self.is_cut


def waiting_events(db: Session, now: datetime, limit: int = 20) -> Sequence[Event]:
    """Events not yet planned, locked for this transaction; those that tell nobody are marked at once."""
    waiting = Event.planned_at.is_(None)
    db.execute(
        update(Event).where(waiting, Event.kind.not_in({*BY_EVENT, *NEWS_BY_EVENT})).values(planned_at=now)
    )
    free = or_(Event.held_until.is_(None), Event.held_until <= now)
    rows = select(Event).where(waiting, free).order_by(Event.id).limit(limit)
    return db.scalars(rows.with_for_update(skip_locked=True)).all()


def _plan_event(db: Session, event: Event, now: datetime, settings: MailSettings, share: _Share) -> int:
    """One event that cannot be told must not stop the others: it becomes a failed row that names why."""
    if share.is_over():
        return 0
    try:
        with db.begin_nested():
            reading = Reading(db, event, settings, now)
            known = set(db.scalars(select(Message.key).where(Message.subject_ref == event.subject)))
            written = sum(_plan_kind(reading, kind, known, share) for kind in BY_EVENT.get(event.kind, ()))
            note_news(reading)
    except (NotComposableError, ValidationError, LookupError, TypeError, ValueError) as error:
        log.exception("event %s (%s) cannot be told", event.id, event.kind)
        _note_failure(db, event, now, settings, getattr(error, "message", type(error).__name__))
        event.planned_at = now
        return 0
    if not share.is_cut:
        event.planned_at = now
    return written


def _plan_kind(reading: Reading, kind: Kind, known: set[str], share: _Share) -> int:
    written = 0
    for draft in kind.drafts(reading):
        key = ":".join([kind.name, *(str(part) for part in draft.ids)])
        if key in known:
            continue
        if share.is_over():
            break
        if draft.waits_on and _why_not(reading, kind, draft.recipient) is None:
            note_request(reading, kind.name, key, draft.recipient, draft.waits_on)
            continue
        wrote = _write(reading, kind, key, draft)
        written, share.left = written + wrote, share.left - wrote
    if kind.calendar:
        _supersede(reading)
    return written


def _write(reading: Reading, kind: Kind, key: str, draft: Draft) -> int:
    values = _row(reading, kind, key, draft.recipient)
    reason = _why_not(reading, kind, draft.recipient)
    if reason:
        values.update(state="skipped", reason=reason)
    else:
        values.update(_rendered(reading, kind, key, draft))
    return 0 if insert_once(reading.db, Message, values) is None else 1


def _row(reading: Reading, kind: Kind, key: str, recipient: Recipient) -> dict[str, Any]:
    return {
        "key": key,
        "contract_id": reading.event.contract_id,
        "kind": kind.name,
        "subject_ref": reading.event.subject,
        "person_id": recipient.person_id,
        "recipient": one_line(recipient.address or "")[:254],
        "title": kind.label,
        "body": b"",
        "message_id": message_id(key, reading.settings.domain),
        "state": "draft" if kind.held else "pending",
        "attempts": 0,
        "created_at": reading.now,
        "next_attempt_at": reading.now + kind.settles,
    }


def why_unreachable(recipient: Recipient) -> str | None:
    """Why nobody can write to this recipient, or None."""
    if not recipient.address:
        return f"aucune adresse connue pour {recipient.name}"
    if not is_readable(recipient.address):
        return f"adresse illisible pour {recipient.name}"
    return None


def _why_not(reading: Reading, kind: Kind, recipient: Recipient) -> str | None:
    """Why nothing is written to this recipient, or None."""
    unreachable = why_unreachable(recipient)
    if unreachable:
        return unreachable
    age = reading.now - reading.event.at
    if not kind.held and not kind.calendar and age > reading.settings.forget_after:
        return f"événement vieux de {age.days} jours : trop tard pour l’annoncer"
    return None


def _rendered(reading: Reading, kind: Kind, key: str, draft: Draft) -> dict[str, Any]:
    context = draft.fill()
    texts = render_texts(kind.name, context, reading.settings.templates)
    to = draft.recipient
    reply_to = reading.organiser if isinstance(context, SeanceContext) else None
    envelope = Envelope(key, to.name, to.address or "", reading.now, reply_to)
    calendar = None
    if kind.calendar and isinstance(context, SeanceContext):
        calendar = CalendarPart(kind.calendar, write_invitation(_invitation(reading, kind, context, to)))
    papers = _documents(reading, draft)
    files = [Attachment(each.name, each.media_type, stand_in(each)) for each in papers]
    mail = compose(reading.settings, envelope, texts, calendar=calendar, attachments=files)
    return {
        "title": texts.subject[:300],
        "body": mail.as_bytes(),
        "documents": [each.id for each in papers] or None,
    }


def _invitation(reading: Reading, kind: Kind, context: SeanceContext, to: Recipient) -> Invitation:
    """Each member receives an invitation in its own name: nobody's address is given to the others."""
    seance = reading.seance
    agenda = context.agenda if isinstance(context, CalledContext) else ()
    lines = [f"{rank}. {item.reference} – {item.title}" for rank, item in enumerate(agenda, 1)]
    link = context.link or ""
    return Invitation(
        uid=seance.uid,
        sequence=seance.sequence,
        starts_at=seance.starts_at,
        duration=timedelta(minutes=seance.duration_minutes),
        summary=f"Clôture de la consultation écrite : {context.seance}"
        if context.by_writing
        else context.seance,
        description="\n".join(filter(None, [context.contract, *lines, link])),
        place=context.place,
        url=link,
        organiser=Attendee(context.organiser, context.organiser_address),
        sent_by=reading.settings.sender,
        attendees=(Attendee(context.recipient, to.address or ""),),
        stamped_at=reading.now,
        method=kind.calendar or "REQUEST",
        is_deadline=context.by_writing,
    )


def _documents(reading: Reading, draft: Draft) -> list[Document]:
    """The stored documents that the draft names by id, else those that the event names."""
    named = reading.event.payload.get("documents", ()) if draft.documents is None else draft.documents
    return [reading.get(Document, int(number)) for number in named]


def _supersede(reading: Reading) -> None:
    """What still waits about an earlier version of the séance no longer leaves."""
    seance = reading.seance
    current = f"%:{seance.id}:{seance.sequence}:%"
    reading.db.execute(
        update(Message)
        .where(
            Message.subject_ref == reading.event.subject,
            Message.state == "pending",
            Message.key.not_like(current),
        )
        .values(state="skipped", reason=SUPERSEDED)
    )


def _note_failure(db: Session, event: Event, now: datetime, settings: MailSettings, why: str) -> None:
    key = f"event:{event.id}"
    values = {
        "key": key,
        "contract_id": event.contract_id,
        "kind": event.kind,
        "subject_ref": event.subject,
        "recipient": "",
        "title": "Message impossible à composer",
        "body": b"",
        "message_id": message_id(key, settings.domain),
        "state": "failed",
        "reason": why,
        "attempts": 0,
        "created_at": now,
        "next_attempt_at": now,
    }
    insert_once(db, Message, values)
