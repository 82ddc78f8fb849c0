# SPDX-License-Identifier: EUPL-1.2
"""What waits for the digest of the day: news of a dossier for whoever leads or follows it, requests that are not urgent."""

from collections.abc import Mapping, Sequence
from datetime import date

from sqlalchemy import select

from notifications.due.rhythm import next_run
from notifications.reading import Reading
from notifications.recipients import Recipient
from notifications.wording import PARIS
from workflow.calendar_days import is_within_working_days
from workflow.claims import insert_once
from workflow.models import Notice, Person

LATE, DECISIONS, THREAD = "late", "decisions", "thread"

# What a person may mute; what is awaited of them is never among it.
TOPICS: Mapping[str, str] = {
    DECISIONS: "Décisions des comités et des financeurs sur les dossiers que vous instruisez",
    LATE: "Avis en retard sur les dossiers que vous instruisez",
    THREAD: "Messages du porteur et notes internes sur les dossiers que vous suivez",
}

# The kind of news: its topic and its sentence.
NEWS: Mapping[str, tuple[str, str]] = {
    "news_commit": (DECISIONS, "retenu par le comité, sous réserve de la décision de chaque financeur"),
    "news_reject": (DECISIONS, "non retenu par le comité"),
    "news_defer": (DECISIONS, "ajourné par le comité"),
    "news_grant": (DECISIONS, "acte d’un financeur enregistré"),
    "news_opinion_late": (LATE, "un avis demandé est en retard"),
    "news_from_porteur": (THREAD, "le porteur a écrit dans le fil des échanges"),
    "news_internal": (THREAD, "une note interne a été écrite dans le fil des échanges"),
}

# The events that are news.
BY_EVENT: Mapping[str, str] = {
    "dossier.commit": "news_commit",
    "dossier.reject": "news_reject",
    "dossier.defer": "news_defer",
    "line.grant": "news_grant",
    "line.deny": "news_grant",
    "exchange.from_porteur": "news_from_porteur",
    "exchange.internal": "news_internal",
}


def topic_of(kind: str) -> str | None:
    """The topic of a kind of news; None for what cannot be muted."""
    found = NEWS.get(kind)
    return found[0] if found else None


def may_wait(reading: Reading, to: Recipient, due_on: date | None) -> bool:
    """True when a request may wait for the next digest of this person: its date leaves enough working days."""
    if to.person_id is None:  # an organisation's own address has no digest
        return False
    today, limit = reading.now.astimezone(PARIS).date(), reading.territory.reminders.request_urgent_days
    if due_on is None:
        return True
    urgent = is_within_working_days(due_on, today, limit, reading.territory.departement)
    return due_on > next_run(reading.now) and not urgent


def note_news(reading: Reading) -> None:
    """What those who lead or follow the dossier learn of an event waits for the digest of the day."""
    kind = BY_EVENT.get(reading.event.kind)
    if kind is None or reading.now - reading.event.at > reading.settings.forget_after:
        return
    for person in _followers(reading):
        to = Recipient(str(person.id), person.name, person.email, person.id, "")
        key = f"{kind}:{reading.event.id}:{person.id}"
        _note(reading, kind, key, to, ("event", reading.event.id), reading.now.astimezone(PARIS).date())


def _followers(reading: Reading) -> Sequence[Person]:
    """Those that the event names, else the lead instructor."""
    named = reading.event.payload.get("tell")
    if named is None:
        lead = reading.dossier.lead_instructor
        return (lead,) if lead else ()
    return reading.db.scalars(select(Person).where(Person.id.in_(named)).order_by(Person.id)).all()


def note_request(reading: Reading, kind: str, key: str, to: Recipient, thing: tuple[str, int]) -> None:
    """A request that may wait: noted for the day of the digest that will say it."""
    _note(reading, kind, key, to, thing, next_run(reading.now))


def _note(reading: Reading, kind: str, key: str, to: Recipient, thing: tuple[str, int], on: date) -> None:
    values = {
        "key": key,
        "contract_id": reading.event.contract_id,
        "kind": kind,
        "dossier_id": reading.dossier.id,
        "about": thing[0],
        "about_id": thing[1],
        "rank": 0,
        "on": on,
        "recipient_code": to.code,
        "recipient_name": to.name,
        "person_id": to.person_id,
        "state": "waiting",
    }
    insert_once(reading.db, Notice, values)
