# SPDX-License-Identifier: EUPL-1.2
"""Who looked at a dossier, up to where, and who is on it now."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from workflow.db import Base


class DossierVisit(Base):
    """What one person has seen of a dossier: `seen_*` the last page, `since_*` what was known before this visit began."""

    __tablename__ = "dossier_visit"
    __table_args__ = (UniqueConstraint("person_id", "dossier_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossier.id"), index=True)
    seen_at: Mapped[datetime]
    seen_seq: Mapped[int]  # last line of the dossier's journal
    seen_exchange: Mapped[int] = mapped_column(default=0)  # last message of its thread
    since_at: Mapped[datetime | None]  # None: first visit
    since_seq: Mapped[int] = mapped_column(default=0)
    since_exchange: Mapped[int] = mapped_column(default=0)


class Presence(Base):
    """One agent has a dossier open: since when, seen when, on which part (`doing`, an anchor of the page)."""

    __tablename__ = "presence"
    __table_args__ = (UniqueConstraint("dossier_id", "person_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossier.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    since: Mapped[datetime]
    seen_at: Mapped[datetime]
    doing: Mapped[str] = mapped_column(String(40), default="")
