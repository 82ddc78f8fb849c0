# SPDX-License-Identifier: EUPL-1.2
"""The digest of the day: what waits for one person in one contract leaves together, once a day, or in its own words."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from notifications.context import Context, Digest
from notifications.due.items import REQUESTS
from notifications.due.news import NEWS, topic_of
from notifications.due.outgoing import message_values
from notifications.due.stopping import stopping_link
from notifications.due.texts import GONE, context_of, item_of, preload, reading_of, still_holds
from notifications.planner import WriteFactory, why_unreachable
from notifications.reading import Reading
from notifications.recipients import Recipient
from notifications.settings import MailSettings
from notifications.wording import PARIS
from workflow.awaited import ANSWER
from workflow.claims import insert_once
from workflow.models import FundingLine, Message, Notice, Person

MUTED = "nouvelles coupées par la personne"
COVERED = "dit par le rappel du même jour"


@dataclass(frozen=True, slots=True)
class Composed:
    """A digest ready to be written: its kind, its words, whether its recipient may stop it."""

    kind: str
    context: Context
    is_digest: bool


def write_digests(
    write: WriteFactory, contract_id: int, now: Callable[[], datetime], settings: MailSettings
) -> int:
    """One message for each person for whom something waits in this contract; gives their number."""
    with write() as db:
        waiting = (
            select(Notice.person_id)
            .where(
                Notice.state == "waiting", Notice.contract_id == contract_id, Notice.person_id.is_not(None)
            )
            .distinct()
            .order_by(Notice.person_id)
        )
        persons = db.scalars(waiting).all()
    written = 0
    for person_id in persons:
        with write() as db:
            written += write_digest(db, contract_id, db.get_one(Person, person_id), now(), settings)
    return written


def write_digest(db: Session, contract_id: int, person: Person, now: datetime, settings: MailSettings) -> int:
    """The person's digest of the day, unless it was written already; what arrives later waits for tomorrow."""
    query = select(Notice).where(
        Notice.state == "waiting", Notice.contract_id == contract_id, Notice.person_id == person.id
    )
    rows = db.scalars(query.order_by(Notice.id).with_for_update(skip_locked=True)).all()
    held = preload(db, rows)
    notices = once_each([notice for notice in rows if not _dropped(db, notice, person)])
    key = f"digest:{contract_id}:{person.id}:{_day(now)}"
    if not notices or db.scalar(select(Message.id).where(Message.key == key)) is not None:
        return 0
    to = recipient_of(person)
    made = compose_digest(db, notices, person, now, settings)
    stop = stopping_link(db, person, settings) if made.is_digest else None
    values = message_values(
        key, made.kind, made.context, to, settings, now,
        contract_id=contract_id, subject=_subject(notices), unsubscribe=stop,
    )  # fmt: skip
    number = insert_once(db, Message, values)
    if number is None:
        return 0
    for notice in notices:
        notice.state, notice.message_id = "told", number
    for notice in rows:
        if notice.state == "waiting":
            notice.state, notice.reason = "skipped", COVERED
    db.flush()
    held.clear()
    return 1


def once_each(notices: Sequence[Notice]) -> list[Notice]:
    """Never the same thing twice: a request that waited until its own reminder is said by the reminder."""
    reminded = {(one.about, one.about_id) for one in notices if one.due_on is not None}
    return [one for one in notices if one.kind not in REQUESTS or (one.about, one.about_id) not in reminded]


def _day(now: datetime) -> date:
    return now.astimezone(PARIS).date()


def recipient_of(person: Person) -> Recipient:
    """The person as who receives."""
    return Recipient(str(person.id), person.name, person.email if person.is_active else None, person.id, "")


def _subject(notices: Sequence[Notice]) -> str | None:
    dossiers = {notice.dossier_id for notice in notices}
    return f"dossier:{dossiers.pop()}" if len(dossiers) == 1 else None


def _dropped(db: Session, notice: Notice, person: Person) -> bool:
    """Marks what is no longer to be told, with why."""
    reason = why_untold(db, notice, person)
    if reason:
        notice.state, notice.reason = "skipped", reason
    return reason is not None


def why_untold(db: Session, notice: Notice, person: Person) -> str | None:
    """Why this notice is not told to this person, or None."""
    topic = topic_of(notice.kind)
    if topic and topic in person.muted.split():
        return MUTED
    if not still_holds(db, notice):
        return GONE
    return why_unreachable(recipient_of(person))


def compose_digest(
    db: Session, notices: Sequence[Notice], person: Person, now: datetime, settings: MailSettings
) -> Composed:
    """Several notices, or news: a digest. One thing awaited: its own message."""
    readings = [(reading_of(db, notice, settings, now), notice) for notice in notices]
    reading, first = readings[0]
    if len(notices) == 1 and first.kind not in NEWS:
        return Composed(first.kind, context_of(reading, _for_the_owner(reading, first, person), first), False)
    context = Digest(
        contract=reading.contract.label,
        pilot=reading.pilot,
        recipient=person.name,
        link=reading.link("dossiers"),
        day=_day(now),
        duties=tuple(item_of(one, notice) for one, notice in readings if notice.kind not in NEWS),
        news=tuple(item_of(one, notice) for one, notice in readings if notice.kind in NEWS),
        preferences=reading.link("resume"),
    )
    return Composed("digest", context, True)


def _for_the_owner(reading: Reading, notice: Notice, person: Person) -> Recipient:
    """The person, for the organisation that owes the answer."""
    to = recipient_of(person)
    if notice.about != ANSWER:
        return to
    line = reading.get(FundingLine, notice.about_id)
    return Recipient(to.code, to.name, to.address, to.person_id, line.credit.organisation.name)
