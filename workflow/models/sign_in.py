# SPDX-License-Identifier: EUPL-1.2
"""How a person proves who they are: personal links, identities at an OpenID provider, failures, signed-in browsers."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from workflow.db import Base
from workflow.models.people import Person


class PersonalLink(Base):
    """A link sent to the person's own address, good once and for a short time: its token is stored hashed."""

    __tablename__ = "personal_link"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(30))  # of its message: password_link, sign_in_link
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]

    person: Mapped[Person] = relationship()


class Identity(Base):
    """Who a person is at an OpenID provider: its issuer and the subject it gives them, for ever."""

    __tablename__ = "identity"
    __table_args__ = (UniqueConstraint("issuer", "subject"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    issuer: Mapped[str] = mapped_column(String(300))
    subject: Mapped[str] = mapped_column(String(255))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    created_at: Mapped[datetime]

    person: Mapped[Person] = relationship()


class SignInFailure(Base):
    """One failure to prove who one is, by address or by account: `name` is a digest, never the address itself."""

    __tablename__ = "sign_in_failure"
    __table_args__ = (Index("ix_sign_in_failure_name", "name", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(index=True)


class LoginSession(Base):
    """A signed-in browser: the token is stored hashed, so a stolen database opens no session."""

    __tablename__ = "login_session"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    seen_at: Mapped[datetime]  # to five minutes: a session left idle ends before `expires_at`
    device: Mapped[str] = mapped_column(String(200), default="")  # « Firefox, Windows »
    means: Mapped[str] = mapped_column(String(30), default="password")  # password, link, or a provider's code
    data: Mapped[dict[str, Any]] = mapped_column(default=dict)

    person: Mapped[Person] = relationship()
