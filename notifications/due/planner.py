# SPDX-License-Identifier: EUPL-1.2
"""Due dates → notices and messages, once each: any number of workers, any day, again after a fault. Keys stop doubles."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from notifications.due.digest import write_digests
from notifications.due.items import Due, due_today, in_chunks
from notifications.due.outgoing import message_values, row_values
from notifications.due.texts import KINDS as KINDS_OF
from notifications.due.texts import context_of, preload, reading_of
from notifications.planner import WriteFactory, why_unreachable
from notifications.recipients import SPEAKING, Recipient, in_force, of_organisation, of_person
from notifications.settings import MailSettings
from notifications.wording import PARIS
from rules.findings import Outcome
from rules.themes.convention import REQUIRED
from workflow.awaited import ANSWER, CONVENTION, OPINION
from workflow.db import Base
from workflow.examination import examine_many
from workflow.models import Contract, Dossier, Message, Notice, Organisation

CHUNK = 400


def plan_due(write: WriteFactory, now: Callable[[], datetime], settings: MailSettings) -> int:
    """Writes the reminders of the day in every open contract, then its digests; gives the number of messages written."""
    written = 0
    with write() as db:
        contracts = db.scalars(
            select(Contract.id).where(Contract.closed_on.is_(None)).order_by(Contract.id)
        ).all()
    for contract_id in contracts:
        with write() as db:
            dues = due_today(db, db.get_one(Contract, contract_id), _day(now()))
        for some in in_chunks(dues, CHUNK):
            with write() as db:
                written += write_reminders(db, db.get_one(Contract, contract_id), some, now(), settings)
        written += write_digests(write, contract_id, now, settings)
    return written


def _day(now: datetime) -> date:
    return now.astimezone(PARIS).date()


def write_reminders(
    db: Session, contract: Contract, dues: Sequence[Due], now: datetime, settings: MailSettings
) -> int:
    """The notices of these reminders, and the messages of those that leave at once; in the caller's transaction."""
    wanted = notices_of(db, contract, dues, now)
    if not wanted:
        return 0
    new = set(insert_many(db, Notice, wanted, Notice.key))
    notices = db.scalars(select(Notice).where(Notice.key.in_(new), Notice.person_id.is_(None))).all()
    held = preload(db, notices)
    rows = [_at_once(db, notice, now, settings) for notice in notices]
    numbers = {}
    if rows:
        insert_many(db, Message, rows, Message.key)
        keys = [row["key"] for row in rows]
        found = db.execute(select(Message.key, Message.id).where(Message.key.in_(keys)))
        numbers = {row.key: row.id for row in found}
    for notice in notices:
        notice.message_id = numbers.get(notice.key)
    db.flush()
    held.clear()
    return len(rows)


def _at_once(db: Session, notice: Notice, now: datetime, settings: MailSettings) -> dict[str, Any]:
    """The message of a notice to an organisation's own address; skipped, with its reason, when there is none."""
    reading = reading_of(db, notice, settings, now)
    organisation = reading.get(Organisation, int(notice.recipient_code.removeprefix("o")))
    to, subject = of_organisation(organisation), f"dossier:{notice.dossier_id}"
    reason = why_unreachable(to)
    notice.state, notice.reason = ("skipped", reason) if reason else ("told", None)
    if reason:
        values = row_values(
            notice.key, notice.kind, to, settings, now, contract_id=notice.contract_id, subject=subject
        )
        return values | {"state": "skipped", "reason": reason}
    return message_values(
        notice.key,
        notice.kind,
        context_of(reading, to, notice),
        to,
        settings,
        now,
        contract_id=notice.contract_id,
        subject=subject,
    )


def insert_many(db: Session, model: type[Base], rows: Sequence[dict[str, Any]], returned: Any) -> list[Any]:
    """Adds the rows that no unique key refuses, in one statement; what was `returned` of those added."""
    dialect = sqlite if db.get_bind().dialect.name == "sqlite" else postgresql
    added: list[Any] = []
    for some in in_chunks(rows, CHUNK):
        statement = dialect.insert(model).on_conflict_do_nothing().returning(returned)
        added += db.scalars(statement, list(some)).all()
    return added


def notices_of(db: Session, contract: Contract, dues: Sequence[Due], now: datetime) -> list[dict[str, Any]]:
    """The notices that these reminders ask for, in a fixed order; written by nobody here."""
    told = Telling(db, contract, _day(now))
    owners = {due.item.owner for due in dues}
    known = [
        row
        for some in in_chunks(sorted(owners), CHUNK)
        for row in db.scalars(select(Organisation).where(Organisation.id.in_(some)))
    ]  # held while they are asked for one by one
    needing = needing_a_convention(db, dues, now)
    rows = [
        row
        for due in dues
        if due.item.about != CONVENTION or due.item.dossier_id in needing
        for row in told.rows(due)
    ]
    known.clear()
    return rows


def needing_a_convention(db: Session, dues: Sequence[Due], now: datetime) -> set[int]:
    """Dossiers whose convention the rules require and do not find."""
    ids = [due.item.dossier_id for due in dues if due.item.about == CONVENTION]
    if not ids:
        return set()
    dossiers = db.scalars(select(Dossier).where(Dossier.id.in_(ids))).all()
    found = examine_many(db, dossiers, now)
    return {
        id_
        for id_, findings in found.items()
        if any(one.rule == REQUIRED and one.outcome is Outcome.VIOLATED for one in findings)
    }


@dataclass
class Telling:
    """Who hears of what, in one contract on one day."""

    db: Session
    contract: Contract
    today: date

    @cached_property
    def speaking(self) -> dict[int, dict[int, Recipient]]:
        """By organisation, the persons who speak for it."""
        found: dict[int, dict[int, Recipient]] = {}
        for mandate in in_force(self.db, self.contract.id, SPEAKING, self.today):
            persons = found.setdefault(mandate.organisation_id, {})
            persons[mandate.person_id] = of_person(mandate.person, mandate.organisation)
        return found

    def recipients(self, due: Due) -> list[Recipient]:
        """The persons who speak for a partner, else its own address; always the porteur's own address."""
        owner = self.db.get_one(Organisation, due.item.owner)
        persons = self.speaking.get(owner.id, {}) if due.item.about in (OPINION, ANSWER) else {}
        return list(persons.values()) or [of_organisation(owner)]

    def rows(self, due: Due) -> Iterator[dict[str, Any]]:
        """The notices of one reminder, and the news of a first lateness."""
        item, step = due.item, due.next
        kind = KINDS_OF[item.about][1 if step.is_late else 0]
        for to in self.recipients(due):
            key = f"{kind}:{item.about_id}:{item.due_on}:{step.rank}:{to.code}"
            yield self._row(due, kind, key, to) | {"due_on": item.due_on, "rank": step.rank}
        if item.about == OPINION and step.rank == 1:
            lead = self._lead(item.dossier_id)
            if lead is not None and lead.code not in {to.code for to in self.recipients(due)}:
                key = f"news_opinion_late:{item.about_id}:{item.due_on}:{lead.code}"
                yield self._row(due, "news_opinion_late", key, lead) | {"due_on": None, "rank": 0}

    def _lead(self, dossier_id: int) -> Recipient | None:
        person_id = self.leads.get(dossier_id)
        return None if person_id is None else self.persons.get(person_id)

    @cached_property
    def persons(self) -> dict[int, Recipient]:
        """Everybody who speaks for somebody."""
        return {id_: to for known in self.speaking.values() for id_, to in known.items()}

    @cached_property
    def leads(self) -> dict[int, int]:
        """The lead instructors of the dossiers in co-instruction."""
        query = select(Dossier.id, Dossier.lead_instructor_id).where(
            Dossier.contract_id == self.contract.id,
            Dossier.stage == "co_instruction",
            Dossier.lead_instructor_id.is_not(None),
        )
        return {id_: person for id_, person in self.db.execute(query) if person is not None}

    def _row(self, due: Due, kind: str, key: str, to: Recipient) -> dict[str, Any]:
        return {
            "key": key,
            "contract_id": self.contract.id,
            "kind": kind,
            "dossier_id": due.item.dossier_id,
            "about": due.item.about,
            "about_id": due.item.about_id,
            "on": self.today,
            "recipient_code": to.code,
            "recipient_name": to.name,
            "person_id": to.person_id,
            "state": "waiting",
        }
