# SPDX-License-Identifier: EUPL-1.2
"""What the next run will write, by the planner's own functions, without writing anything: for screens."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from notifications.catalogue import KINDS
from notifications.due.digest import compose_digest, once_each, recipient_of, why_untold
from notifications.due.items import REQUESTS, Due, due_today, reminders_of_dossier
from notifications.due.news import NEWS
from notifications.due.planner import Telling, needing_a_convention, notices_of
from notifications.due.rhythm import RUNS_AT, next_run
from notifications.due.texts import context_of, preload, reading_of
from notifications.recipients import of_organisation
from notifications.render import Texts, render_texts
from notifications.settings import MailSettings
from notifications.wording import PARIS
from workflow.awaited import CONVENTION
from workflow.models import Contract, Dossier, Notice, Organisation, Person


@dataclass(frozen=True, slots=True)
class Upcoming:
    """What one recipient will be told at the next run."""

    code: str
    name: str
    kind: str
    notices: tuple[Notice, ...]


@dataclass(frozen=True, slots=True)
class Reminder:
    """One thing awaited on a dossier: who owes it, by when, the last reminder and the next one, each with its recipients.

    `asks_last`, `asks_next`: that one is the request itself, said by a digest.
    """

    due: Due
    owner: str
    last: date | None
    last_to: tuple[str, ...]
    next: date
    next_to: tuple[str, ...]
    asks_last: bool = False
    asks_next: bool = False


def next_moment(now: datetime) -> datetime:
    """The next run."""
    return datetime.combine(next_run(now), RUNS_AT, PARIS)


def upcoming(db: Session, contract: Contract, now: datetime) -> list[Upcoming]:
    """Everything the next run will tell, by recipient."""
    at = next_moment(now)
    planned = [Notice(**row) for row in notices_of(db, contract, due_today(db, contract, at.date()), at)]
    waiting = db.scalars(
        select(Notice).where(Notice.state == "waiting", Notice.contract_id == contract.id).order_by(Notice.id)
    ).all()
    by_code: defaultdict[str, list[Notice]] = defaultdict(list)
    for notice in (*waiting, *planned):
        by_code[notice.recipient_code].append(notice)
    held = preload(db, (*waiting, *planned))
    found = [told for notices in by_code.values() for told in _told(db, notices)]
    held.clear()
    return sorted(found, key=lambda each: (each.name, each.kind))


def _told(db: Session, notices: Sequence[Notice]) -> list[Upcoming]:
    """One message to a person; one each to an organisation's own address."""
    first = notices[0]
    if first.person_id is None:
        return [_upcoming([notice], notice.kind) for notice in notices]
    person = db.get_one(Person, first.person_id)
    left = once_each([notice for notice in notices if why_untold(db, notice, person) is None])
    if not left:
        return []
    alone = len(left) == 1 and left[0].kind not in NEWS
    return [_upcoming(left, left[0].kind if alone else "digest")]


def _upcoming(notices: Sequence[Notice], kind: str) -> Upcoming:
    first = notices[0]
    return Upcoming(first.recipient_code, first.recipient_name, KINDS[kind].label, tuple(notices))


def preview(db: Session, one: Upcoming, now: datetime, settings: MailSettings) -> Texts:
    """The words of one of them, as they will leave if nothing changes."""
    first = one.notices[0]
    if first.person_id is not None:
        person = db.get_one(Person, first.person_id)
        made = compose_digest(db, one.notices, person, next_moment(now), settings)
        return render_texts(made.kind, made.context, settings.templates)
    organisation = db.get_one(Organisation, int(one.code.removeprefix("o")))
    reading = reading_of(db, first, settings, next_moment(now))
    context = context_of(reading, of_organisation(organisation), first)
    return render_texts(first.kind, context, settings.templates)


def news_of(db: Session, contract: Contract, person: Person, now: datetime) -> Upcoming | None:
    """What this person will be told at the next run, or None."""
    return next((one for one in upcoming(db, contract, now) if one.code == recipient_of(person).code), None)


def reminders_shown(db: Session, dossier: Dossier, now: datetime) -> list[Reminder]:
    """Everything awaited on a dossier, with the last and the next reminder."""
    today, run = now.astimezone(PARIS).date(), next_run(now)
    dues = reminders_of_dossier(db, dossier, today)
    if not dues:
        return []
    telling = Telling(db, dossier.contract, run)
    needing = needing_a_convention(db, dues, now)
    kept = [due for due in dues if due.item.about != CONVENTION or due.item.dossier_id in needing]
    notices = _said_of(db, dossier)
    heard, asking = _heard(notices), _asking(notices)
    return [
        Reminder(
            due,
            db.get_one(Organisation, due.item.owner).name,
            last,
            heard.get((*thing, last), ()),
            run if thing in asking else max(due.next.on, run),
            tuple(to.name for to in telling.recipients(due)),
            asks_last=last is not None and last == due.told.asked,
            asks_next=thing in asking,
        )
        for due in kept
        for thing in [(due.item.about, due.item.about_id)]
        for last in [None if thing in asking else due.told.last]
    ]


def _said_of(db: Session, dossier: Dossier) -> Sequence[Notice]:
    """The requests and the reminders about this dossier, told or waiting."""
    told = or_(Notice.due_on.is_not(None), Notice.kind.in_(REQUESTS))
    return db.scalars(select(Notice).where(Notice.dossier_id == dossier.id, told).order_by(Notice.id)).all()


def _asking(notices: Sequence[Notice]) -> set[tuple[str, int]]:
    """What the next digest asks for, for the first time."""
    return {(one.about, one.about_id) for one in notices if one.state == "waiting" and one.kind in REQUESTS}


def _heard(notices: Sequence[Notice]) -> Mapping[tuple[str, int, date | None], tuple[str, ...]]:
    """Who was asked or reminded of what, by day."""
    found: defaultdict[tuple[str, int, date | None], tuple[str, ...]] = defaultdict(tuple)
    for notice in notices:
        said = notice.recipient_name + (f" ({notice.reason})" if notice.state == "skipped" else "")
        found[notice.about, notice.about_id, notice.on] += (said,)
    return found
