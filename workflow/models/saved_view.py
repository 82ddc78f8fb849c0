# SPDX-License-Identifier: EUPL-1.2
"""A board somebody wants to find again: a name on an address."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from workflow.db import Base


class SavedView(Base):
    """Filters, search, columns and sort of the board, named by one person, for them alone or for the contract."""

    __tablename__ = "saved_view"
    __table_args__ = (Index("ix_saved_view_of", "contract_id", "person_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    contract_id: Mapped[int] = mapped_column(ForeignKey("contract.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    name: Mapped[str] = mapped_column(String(80))
    query: Mapped[str] = mapped_column(Text)  # the words of the address, canonical
    is_shared: Mapped[bool] = mapped_column(default=False)  # with everybody who sees the contract
    is_default: Mapped[bool] = mapped_column(default=False)  # opened when its person opens the board
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}
