# SPDX-License-Identifier: EUPL-1.2
"""Files sent to be imported: the file as it came, how it is to be read, the two tasks that read it."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from workflow.db import Base
from workflow.models.outgoing import Document, Task
from workflow.models.people import Person


class FileImport(Base):
    """One file: previewed first (nothing written), then imported by whoever read the preview. Kept with its reports."""

    __tablename__ = "file_import"

    id: Mapped[int] = mapped_column(primary_key=True)
    contract_id: Mapped[int] = mapped_column(ForeignKey("contract.id"), index=True)
    document_id: Mapped[int] = mapped_column(ForeignKey("document.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    profile: Mapped[str] = mapped_column(String(20))
    target: Mapped[str | None] = mapped_column(String(20))
    year: Mapped[int | None]
    preview_task_id: Mapped[int] = mapped_column(ForeignKey("task.id"))
    import_task_id: Mapped[int | None] = mapped_column(ForeignKey("task.id"))
    created_at: Mapped[datetime]

    document: Mapped[Document] = relationship()
    person: Mapped[Person] = relationship()
    preview: Mapped[Task] = relationship(foreign_keys=preview_task_id)
    run: Mapped[Task | None] = relationship(foreign_keys=import_task_id)
