# SPDX-License-Identifier: EUPL-1.2
"""What a person has begun to write on an opinion or a synthesis, not given yet: one row per person, lost by nobody."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from workflow.db import Base
from workflow.models.people import Person


class OpinionDraft(Base):
    """A form as typed, by field. `subject`: `opinion:12` or `synthesis:5` (of the dossier)."""

    __tablename__ = "opinion_draft"
    __table_args__ = (UniqueConstraint("subject", "person_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(String(40), index=True)
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossier.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    content: Mapped[dict[str, Any]]
    saved_at: Mapped[datetime]

    person: Mapped[Person] = relationship()
