# SPDX-License-Identifier: EUPL-1.2
"""What proves: the hash-chained journal, the seals of its heads, and why each decision was taken."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from workflow.db import Base


class Journal(Base):
    """One line of a chain (`dossier:12`, `seance:3`): who did what, when, why; each line hashes the previous one."""

    __tablename__ = "journal"
    __table_args__ = (UniqueConstraint("chain", "seq"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    contract_id: Mapped[int] = mapped_column(ForeignKey("contract.id"))
    chain: Mapped[str] = mapped_column(String(40))
    seq: Mapped[int]
    subject: Mapped[str] = mapped_column(String(60))  # dossier:12, line:etat:specifique, opinion:caf
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(254))
    automatic: Mapped[bool] = mapped_column(default=False)
    trigger: Mapped[str] = mapped_column(String(60))
    from_state: Mapped[str | None] = mapped_column(String(30))
    to_state: Mapped[str | None] = mapped_column(String(30))
    reason: Mapped[str | None] = mapped_column(Text)
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)
    previous_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))


class Seal(Base):
    """The heads of the chains at the closing of a séance: nobody can rewrite what was read then."""

    __tablename__ = "seal"

    id: Mapped[int] = mapped_column(primary_key=True)
    contract_id: Mapped[int] = mapped_column(ForeignKey("contract.id"), index=True)
    seance_id: Mapped[int | None] = mapped_column(ForeignKey("seance.id"))
    at: Mapped[datetime]
    heads: Mapped[dict[str, Any]]  # chain → hash
    digest: Mapped[str] = mapped_column(String(64))


class DecisionRecord(Base):
    """Why a deciding transition was allowed: the facts as read, the settings and the parameters of that day, the findings.

    `settings_digest` names a ContractVersion; `parameters` holds the numbers and lists in force when deciding.
    """

    __tablename__ = "decision_record"

    id: Mapped[int] = mapped_column(primary_key=True)
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossier.id"), index=True)
    journal_id: Mapped[int] = mapped_column(ForeignKey("journal.id"), index=True)
    decided_at: Mapped[datetime]
    parameters_digest: Mapped[str] = mapped_column(String(64))
    parameters: Mapped[dict[str, Any]]
    settings_digest: Mapped[str] = mapped_column(String(64))
    facts: Mapped[dict[str, Any]]
    findings: Mapped[dict[str, Any]]

    journal: Mapped[Journal] = relationship()
