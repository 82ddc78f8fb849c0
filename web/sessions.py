# SPDX-License-Identifier: EUPL-1.2
"""Signed-in browsers: an opaque random token in a cookie, its hash in the database, and the forms' own token."""

import secrets
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import delete, select
from sqlalchemy.orm import Session, joinedload

from workflow.models import LoginSession, Person

LASTS = timedelta(hours=12)


def digest(token: str) -> str:
    """What the database keeps of a token."""
    return sha256(token.encode()).hexdigest()


def form_token(token: str) -> str:
    """The token of this session's forms: a page of another site cannot know it."""
    return sha256(f"form:{token}".encode()).hexdigest()[:40]


def open_session(db: Session, person: Person, now: datetime, contract_id: int | None = None) -> str:
    """A new session of this person; sessions that ended are forgotten. The token to hand to the browser."""
    db.execute(delete(LoginSession).where(LoginSession.expires_at < now))
    token = secrets.token_urlsafe(32)
    db.add(
        LoginSession(
            token_hash=digest(token),
            person_id=person.id,
            created_at=now,
            expires_at=now + LASTS,
            data={"contract": contract_id} if contract_id else {},
        )
    )
    return token


def find_session(db: Session, token: str, now: datetime) -> LoginSession | None:
    """The living session of this token and of an active person, or None."""
    query = (
        select(LoginSession)
        .join(LoginSession.person)
        .where(LoginSession.token_hash == digest(token), LoginSession.expires_at > now, Person.is_active)
        .options(joinedload(LoginSession.person))
    )
    return db.scalar(query)


def close_session(db: Session, token: str) -> None:
    """Ends one session."""
    db.execute(delete(LoginSession).where(LoginSession.token_hash == digest(token)))


def keep_contract(db: Session, token: str, contract_id: int) -> None:
    """The contract this browser works on."""
    found = db.scalar(select(LoginSession).where(LoginSession.token_hash == digest(token)))
    if found is not None:
        found.data = {**found.data, "contract": contract_id}
