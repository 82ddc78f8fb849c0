# SPDX-License-Identifier: EUPL-1.2
"""One dossier of an act asked on many: what was expected of it, what came of it."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from workflow.db import Base
from workflow.models.dossier import Dossier
from workflow.models.outgoing import Task


class BulkItem(Base):
    """Written with the act itself, in one transaction: a worker that dies in the middle leaves nothing half told."""

    __tablename__ = "bulk_item"
    __table_args__ = (Index("ix_bulk_item_of", "task_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    task_id: Mapped[int] = mapped_column(ForeignKey("task.id"))
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossier.id"), index=True)
    expected_version: Mapped[int]  # of the dossier when the person read it
    outcome: Mapped[str] = mapped_column(String(20), default="waiting")  # waiting, done, already, refused
    sentence: Mapped[str | None] = mapped_column(Text)
    done_at: Mapped[datetime | None]

    dossier: Mapped[Dossier] = relationship()
    task: Mapped[Task] = relationship()
