# SPDX-License-Identifier: EUPL-1.2
"""Organisations and persons, shared by all contracts; mandates give rights."""

from datetime import date
from typing import Any

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from workflow.db import Base


class Organisation(Base):
    """A partner, a financer or a porteur. `code` is set for those named in config, None for porteurs."""

    __tablename__ = "organisation"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str | None] = mapped_column(String(60), unique=True)
    name: Mapped[str] = mapped_column(String(300))
    name_key: Mapped[str] = mapped_column(String(300), index=True)  # accentless, lower case: for matching
    kind: Mapped[str] = mapped_column(String(30))
    legal_form: Mapped[str | None] = mapped_column(String(40))
    siret: Mapped[str | None] = mapped_column(String(20), index=True)
    rna: Mapped[str | None] = mapped_column(String(20))
    email: Mapped[str | None] = mapped_column(String(254))
    commune: Mapped[str | None] = mapped_column(String(5))
    is_small_association: Mapped[bool | None]
    recognition: Mapped[str | None] = mapped_column(String(20))  # agrement | utilite_publique | aucune
    economic_activity: Mapped[bool | None]  # sells goods or services on a market
    de_minimis: Mapped[list[dict[str, Any]] | None]  # [{"granted_on", "amount", "sieg"}], declared
    closed_on: Mapped[date | None]
    added_in: Mapped[int | None] = mapped_column(
        ForeignKey("contract.id")
    )  # the contract whose page added it
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}

    mandates: Mapped[list["Mandate"]] = relationship(viewonly=True, order_by="Mandate.id")


class Person(Base):
    """Someone who acts. The password is an argon2 hash or None (no account yet)."""

    __tablename__ = "person"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    password_hash: Mapped[str | None] = mapped_column(String(200))
    is_active: Mapped[bool] = mapped_column(default=True)
    muted: Mapped[str] = mapped_column(
        String(200), default=""
    )  # topics this person no longer wants in the digest of the day, separated by spaces
    link_key: Mapped[str | None] = mapped_column(String(64))  # signs the links of this person's digests

    mandates: Mapped[list["Mandate"]] = relationship(back_populates="person")


class Mandate(Base):
    """A person's right in a contract for an organisation: role, body if it is a seat, dates.

    Role `interest`: no right, a declared interest (a seat or function held in `organisation`).
    """

    __tablename__ = "mandate"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    contract_id: Mapped[int | None] = mapped_column(ForeignKey("contract.id"), index=True)
    role: Mapped[str] = mapped_column(String(30))
    body: Mapped[str | None] = mapped_column(String(60))
    title: Mapped[str | None] = mapped_column(String(200))
    from_on: Mapped[date]
    to_on: Mapped[date | None]

    person: Mapped[Person] = relationship(back_populates="mandates")
    organisation: Mapped[Organisation] = relationship()

    def is_in_force(self, on: date) -> bool:
        """True when the mandate has begun and has not ended that day."""
        return self.from_on <= on and (self.to_on is None or self.to_on >= on)
