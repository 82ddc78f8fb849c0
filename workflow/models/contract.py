# SPDX-License-Identifier: EUPL-1.2
"""A contract de ville, its credits and their yearly envelopes."""

from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from workflow.db import Base
from workflow.models.people import Organisation


class Contract(Base):
    """A contract: its territory as loaded by `init` (`settings`, with its digest)."""

    __tablename__ = "contract"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(60), unique=True)
    label: Mapped[str] = mapped_column(String(500))
    settings: Mapped[dict[str, Any]]
    settings_digest: Mapped[str] = mapped_column(String(64))  # of the settings and the official list
    official_qpv: Mapped[list[str] | None]  # the national list of QPV codes, when config names its file
    closed_on: Mapped[date | None]


class ContractVersion(Base):
    """The settings a contract had under one digest, kept so that a past decision can be computed again."""

    __tablename__ = "contract_version"
    __table_args__ = (UniqueConstraint("contract_id", "digest"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    contract_id: Mapped[int] = mapped_column(ForeignKey("contract.id"), index=True)
    digest: Mapped[str] = mapped_column(String(64))
    settings: Mapped[dict[str, Any]]
    official_qpv: Mapped[list[str] | None]


class Credit(Base):
    """A credit of a financer for a contract: `code` is the line key `financer:nature`."""

    __tablename__ = "credit"
    __table_args__ = (UniqueConstraint("contract_id", "code"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    contract_id: Mapped[int] = mapped_column(ForeignKey("contract.id"), index=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    code: Mapped[str] = mapped_column(String(120))
    financer: Mapped[str] = mapped_column(String(60))
    nature: Mapped[str] = mapped_column(String(20))
    label: Mapped[str] = mapped_column(String(500))
    rank: Mapped[int] = mapped_column(default=0)  # order of the configuration
    closed_on: Mapped[date | None]

    organisation: Mapped[Organisation] = relationship()


class Envelope(Base):
    """What one credit may give in one year: none, provisional or notified. Only a notified one blocks."""

    __tablename__ = "envelope"
    __table_args__ = (
        UniqueConstraint("credit_id", "year", "held_by"),
        CheckConstraint("amount IS NULL OR amount >= 0", name="amount_positive"),
        CheckConstraint("status IN ('none', 'provisional', 'notified')", name="status_known"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    credit_id: Mapped[int] = mapped_column(ForeignKey("credit.id"), index=True)
    year: Mapped[int]
    held_by: Mapped[str] = mapped_column(String(20), default="contract")  # contract | departement
    status: Mapped[str] = mapped_column(String(20), default="none")
    amount: Mapped[Decimal | None]
    edited: Mapped[bool] = mapped_column(default=False)  # once edited, `init` leaves the figures alone
    version: Mapped[int] = mapped_column(default=1)
    closed_on: Mapped[date | None]

    credit: Mapped[Credit] = relationship()
    __mapper_args__ = {"version_id_col": version}
