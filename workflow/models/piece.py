# SPDX-License-Identifier: EUPL-1.2
"""The pieces of a dossier: each one a stored document, with who brought it; replaced or withdrawn, it is kept."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from workflow.db import Base
from workflow.models.dossier import Dossier
from workflow.models.outgoing import Document


class Piece(Base):
    """One file received for a dossier. `code`: a piece the rules know, or `autre`; `replaced_by_id`: the newer one."""

    __tablename__ = "piece"

    id: Mapped[int] = mapped_column(primary_key=True)
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossier.id"), index=True)
    document_id: Mapped[int] = mapped_column(ForeignKey("document.id"))
    code: Mapped[str] = mapped_column(String(40))
    size: Mapped[int]
    added_at: Mapped[datetime]
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    added_by: Mapped[str] = mapped_column(String(200))
    replaced_by_id: Mapped[int | None] = mapped_column(ForeignKey("piece.id"))
    withdrawn_at: Mapped[datetime | None]
    withdrawn_by: Mapped[str | None] = mapped_column(String(200))
    withdrawn_reason: Mapped[str | None] = mapped_column(Text)

    dossier: Mapped[Dossier] = relationship()
    document: Mapped[Document] = relationship()

    @property
    def is_current(self) -> bool:
        """True when it counts: neither replaced nor withdrawn."""
        return self.replaced_by_id is None and self.withdrawn_at is None
