# SPDX-License-Identifier: EUPL-1.2
"""Signed-in browsers: an opaque random token in a cookie, its hash in the database, and the forms' own token."""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import ColumnElement, bindparam, delete, or_, select, update
from sqlalchemy.orm import Session, contains_eager

from workflow.errors import UnknownReferenceError
from workflow.models import LoginSession, Person

LASTS = timedelta(hours=12)  # whatever happens
IDLE = timedelta(hours=3)  # without any page asked
SEEN_EVERY = timedelta(minutes=5)


def digest(token: str) -> str:
    """What the database keeps of a token."""
    return sha256(token.encode()).hexdigest()


def form_token(token: str) -> str:
    """The token of this session's forms: a page of another site cannot know it."""
    return sha256(f"form:{token}".encode()).hexdigest()[:40]


def open_session(
    db: Session,
    person: Person,
    now: datetime,
    *,
    device: str = "",
    means: str = "password",
    data: dict[str, Any] | None = None,
) -> str:
    """A new session of this person; sessions that ended are forgotten. The token to hand to the browser.

    `data`: what signing out at the provider will need.
    """
    ended = or_(LoginSession.expires_at < now, LoginSession.seen_at < now - IDLE)
    db.execute(delete(LoginSession).where(ended))
    token = secrets.token_urlsafe(32)
    db.add(
        LoginSession(
            token_hash=digest(token),
            person_id=person.id,
            created_at=now,
            expires_at=now + LASTS,
            seen_at=now,
            device=device,
            means=means,
            data=data or {},
        )
    )
    return token


def find_session(db: Session, token: str, now: datetime) -> LoginSession | None:
    """The living session of this token and of an active person, or None."""
    return db.scalar(LIVING_ONE, {"token": digest(token), "now": now, "idle_since": now - IDLE})


def _living(now: Any, idle_since: Any) -> tuple[ColumnElement[bool], ...]:
    """Neither ended nor idle; two moments, or the parameters that stand for them."""
    return LoginSession.expires_at > now, LoginSession.seen_at > idle_since


# Built once: each page asks it.
LIVING_ONE = (
    select(LoginSession)
    .join(LoginSession.person)
    .where(LoginSession.token_hash == bindparam("token"), Person.is_active)
    .where(*_living(bindparam("now"), bindparam("idle_since")))
    .options(contains_eager(LoginSession.person))
)


def note_seen(db: Session, token: str, now: datetime) -> None:
    """The browser asked for a page: its session is not idle."""
    seen = update(LoginSession).where(LoginSession.token_hash == digest(token))
    db.execute(seen.values(seen_at=now).execution_options(synchronize_session=False))


def sessions_of(db: Session, person_id: int, now: datetime) -> Sequence[LoginSession]:
    """The person's open sessions, the last seen first."""
    query = select(LoginSession).where(LoginSession.person_id == person_id, *_living(now, now - IDLE))
    return db.scalars(query.order_by(LoginSession.seen_at.desc(), LoginSession.id.desc())).all()


def close_one_of(db: Session, person_id: int, session_id: int) -> None:
    """Ends one session of this person, by its number. Raises UnknownReferenceError."""
    found = db.get(LoginSession, session_id)
    if found is None or found.person_id != person_id:
        raise UnknownReferenceError("Cette connexion n’existe pas, ou elle est déjà terminée.")
    db.delete(found)


def close_session(db: Session, token: str) -> None:
    """Ends one session."""
    db.execute(delete(LoginSession).where(LoginSession.token_hash == digest(token)))


def keep_contract(db: Session, token: str, contract_id: int) -> None:
    """The contract this browser works on."""
    found = db.scalar(select(LoginSession).where(LoginSession.token_hash == digest(token)))
    if found is not None:
        found.data = {**found.data, "contract": contract_id}
