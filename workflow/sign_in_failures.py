# SPDX-License-Identifier: EUPL-1.2
"""Failures to sign in, counted in the database: every server process sees them, and a restart forgets none."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from workflow.models import SignInFailure

WINDOW = timedelta(minutes=15)


def _digest(name: str) -> str:
    return sha256(name.encode()).hexdigest()


def free_again_at(db: Session, name: str, most: int, now: datetime) -> datetime | None:
    """When this name may try again after `most` failures within the window; None: now."""
    query = select(SignInFailure.at).where(
        SignInFailure.name == _digest(name), SignInFailure.at > now - WINDOW
    )
    newest = db.scalars(query.order_by(SignInFailure.at.desc()).limit(most)).all()
    return newest[-1] + WINDOW if len(newest) == most else None


def note_failure(db: Session, names: Iterable[str], now: datetime) -> None:
    """One failure, of each of these names."""
    db.add_all(SignInFailure(name=_digest(name), at=now) for name in names)


def forgive(db: Session, name: str) -> None:
    """The name succeeded: its failures no longer count."""
    db.execute(delete(SignInFailure).where(SignInFailure.name == _digest(name)))


def forget_failures(db: Session, now: datetime) -> None:
    """Those that no longer count."""
    db.execute(delete(SignInFailure).where(SignInFailure.at < now - WINDOW))
