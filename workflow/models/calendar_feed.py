# SPDX-License-Identifier: EUPL-1.2
"""Secret addresses of the calendars people subscribe to."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from workflow.db import Base
from workflow.models.contract import Contract
from workflow.models.people import Person


class CalendarFeed(Base):
    """One address, of a person or of a body: its token is stored hashed, so a stolen database opens no calendar.

    A person's calendar says the agendas; a body's, which is handed around, never names a dossier.
    """

    __tablename__ = "calendar_feed"
    __table_args__ = (CheckConstraint("(person_id IS NULL) <> (body IS NULL)", name="one_owner"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    contract_id: Mapped[int] = mapped_column(ForeignKey("contract.id"), index=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    body: Mapped[str | None] = mapped_column(String(60))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]

    contract: Mapped[Contract] = relationship()
    person: Mapped[Person | None] = relationship()
