# SPDX-License-Identifier: EUPL-1.2
"""The thread of a dossier: notes between partners, and messages with the porteur. Nothing is ever deleted."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from workflow.db import Base
from workflow.models.dossier import Dossier
from workflow.models.outgoing import Document


class Exchange(Base):
    """One message. `audience`: `internal` (partners only) or `porteur` (both sides)."""

    __tablename__ = "exchange"
    __table_args__ = (Index("ix_exchange_dossier", "dossier_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossier.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    author: Mapped[str] = mapped_column(String(200))
    from_porteur: Mapped[bool] = mapped_column(default=False)
    audience: Mapped[str] = mapped_column(String(20))
    text: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]
    corrected_at: Mapped[datetime | None]
    document_id: Mapped[int | None] = mapped_column(ForeignKey("document.id"))

    dossier: Mapped[Dossier] = relationship()
    document: Mapped[Document | None] = relationship()
