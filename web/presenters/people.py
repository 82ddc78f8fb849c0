# SPDX-License-Identifier: EUPL-1.2
"""People's names for the addresses that the journal and the minutes keep."""

from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow.models import Journal, Person


def named(db: Session, emails: Iterable[str]) -> dict[str, str]:
    """Address → name, of those known."""
    wanted = sorted(set(emails))
    if not wanted:
        return {}
    rows = db.execute(select(Person.email, Person.name).where(Person.email.in_(wanted)))
    return {row[0]: row[1] for row in rows}


def named_in(db: Session, journal: Iterable[Journal]) -> dict[str, str]:
    """The same for every address written in these lines."""
    return named(db, (text for act in journal for text in (act.actor, *_texts(act.details)) if "@" in text))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)
