# SPDX-License-Identifier: EUPL-1.2
"""The later years of a multi-year agreement (CPO): what each financer forecasts."""

from datetime import datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from workflow.db import Base
from workflow.models.contract import Credit
from workflow.models.dossier import Dossier


class Forecast(Base):
    """What a financer forecasts for one later year of a CPO, under the vote of its credits; it holds that year's envelope.

    `state`: `held` until an amendment, an early end or a renunciation releases it. While its year has a living dossier
    (`workflow/living.py`) that one carries the amount instead; nothing here says so, so that nothing has to be undone.
    """

    __tablename__ = "forecast"
    __table_args__ = (
        UniqueConstraint("dossier_id", "credit_id", "year"),
        CheckConstraint("amount >= 0", name="amount_positive"),
        CheckConstraint("state IN ('held', 'released')", name="state_known"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    dossier_id: Mapped[int] = mapped_column(
        ForeignKey("dossier.id"), index=True
    )  # the one that opened the CPO
    credit_id: Mapped[int] = mapped_column(ForeignKey("credit.id"), index=True)
    year: Mapped[int] = mapped_column(index=True)
    amount: Mapped[Decimal]
    state: Mapped[str] = mapped_column(String(20), default="held")
    reason: Mapped[str | None] = mapped_column(Text)
    changed_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)

    dossier: Mapped[Dossier] = relationship()
    credit: Mapped[Credit] = relationship()
    __mapper_args__ = {"version_id_col": version}
