# SPDX-License-Identifier: EUPL-1.2
"""Published or past awards: not dossiers, but counted in programme figures and yearly sums."""

from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from workflow.db import Base


class Award(Base):
    """One published line: who got what from whom. `line_key` identifies it; `rank` tells identical lines apart.

    `inside` is True for the contract's programme (marker CV), False outside (HCV), None unclassified.
    """

    __tablename__ = "award"
    __table_args__ = (
        UniqueConstraint("contract_id", "line_key"),
        Index("ix_award_year", "contract_id", "year"),
        CheckConstraint("granted >= 0", name="granted_positive"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    contract_id: Mapped[int] = mapped_column(ForeignKey("contract.id"))
    dossier_id: Mapped[int | None] = mapped_column(ForeignKey("dossier.id"), index=True)
    year: Mapped[int]
    siren: Mapped[str | None] = mapped_column(String(9), index=True)
    beneficiary: Mapped[str | None] = mapped_column(String(300))
    financer: Mapped[str] = mapped_column(String(60))
    credit: Mapped[str] = mapped_column(String(120))
    granted: Mapped[Decimal]
    title: Mapped[str] = mapped_column(String(500))
    inside: Mapped[bool | None]
    cpo: Mapped[bool | None]
    markers: Mapped[str] = mapped_column(String(200), default="")
    source: Mapped[str] = mapped_column(String(60))
    line_key: Mapped[str] = mapped_column(String(64))
