# SPDX-License-Identifier: EUPL-1.2
"""The signed address that stops a person's news, without an account: each person has a key, kept in the database."""

import hashlib
import hmac
import secrets

from sqlalchemy import update
from sqlalchemy.orm import Session

from notifications.due.news import TOPICS
from notifications.settings import MailSettings
from workflow.models import Person


def stopping_link(db: Session, person: Person, settings: MailSettings) -> str:
    """The address to put in a digest; the person's key is made the first time, once whatever the number of workers."""
    if person.link_key is None:
        mine = update(Person).where(Person.id == person.id, Person.link_key.is_(None))
        db.execute(mine.values(link_key=secrets.token_hex(32)).execution_options(synchronize_session=False))
        db.refresh(person, ["link_key"])
    return f"{settings.base_address.rstrip('/')}/resume/arret/{person.id}-{_signature(person)}"


def person_of_link(db: Session, signed: str) -> Person | None:
    """The active person of a signed address, or None."""
    number, _, signature = signed.partition("-")
    if not number.isascii() or not number.isdigit() or len(number) > 9:
        return None
    person = db.get(Person, int(number))
    if person is None or person.link_key is None or not person.is_active:
        return None
    return person if hmac.compare_digest(_signature(person).encode(), signature.encode()) else None


def stop_news(person: Person) -> None:
    """No news any more; what is awaited of the person is still said."""
    person.muted = " ".join(TOPICS)


def _signature(person: Person) -> str:
    key = (person.link_key or "").encode()
    return hmac.new(key, f"stop-news:{person.id}".encode(), hashlib.sha256).hexdigest()[:40]
