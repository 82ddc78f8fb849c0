# SPDX-License-Identifier: EUPL-1.2
"""Séances: agenda, convocations and presence, amounts retained in session, and scenarios in the same form."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from workflow.db import Base
from workflow.models.contract import Contract
from workflow.models.dossier import Dossier, FundingLine
from workflow.models.people import Organisation, Person


class Seance(Base):
    """One meeting of one body; `status` is assigned by `fire()` alone. `sequence` grows with each change of date.

    `mode` written: no meeting, each financer answers in writing until `starts_at`, which is then the closing date.
    `reason`: why it is held out of the rhythm (an extraordinary séance); None for those of the calendar.
    """

    __tablename__ = "seance"
    __table_args__ = (
        UniqueConstraint("contract_id", "body", "starts_at"),
        CheckConstraint("mode IN ('meeting', 'remote', 'written')", name="mode_known"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(String(80), unique=True)  # of the calendar entry, for ever
    contract_id: Mapped[int] = mapped_column(ForeignKey("contract.id"), index=True)
    body: Mapped[str] = mapped_column(String(60))
    label: Mapped[str] = mapped_column(String(300))
    status: Mapped[str] = mapped_column(String(20), default="planned")
    mode: Mapped[str] = mapped_column(String(20), default="meeting")  # meeting | remote | written
    reason: Mapped[str | None] = mapped_column(Text)
    starts_at: Mapped[datetime]
    duration_minutes: Mapped[int] = mapped_column(default=120)
    place: Mapped[str | None] = mapped_column(String(300))
    agenda_note: Mapped[str | None] = mapped_column(Text)
    convoked_at: Mapped[datetime | None]
    told_at: Mapped[
        datetime | None
    ]  # when the members were told the present date: convocation, or change of date
    closed_at: Mapped[datetime | None]
    minutes_released_at: Mapped[datetime | None]
    sequence: Mapped[int] = mapped_column(default=0)
    summary_document_id: Mapped[int | None] = mapped_column(ForeignKey("document.id"))
    summary_digest: Mapped[str | None] = mapped_column(String(64))
    minutes: Mapped[dict[str, Any] | None]
    shown_item_id: Mapped[int | None]  # the item that the projection shows; the secretary moves it
    version: Mapped[int] = mapped_column(default=1)

    contract: Mapped[Contract] = relationship()
    items: Mapped[list["SeanceItem"]] = relationship(
        back_populates="seance", order_by="SeanceItem.rank", cascade="all, delete-orphan"
    )
    convocations: Mapped[list["Convocation"]] = relationship(
        back_populates="seance", order_by="Convocation.id", cascade="all, delete-orphan"
    )
    __mapper_args__ = {"version_id_col": version}


class Convocation(Base):
    """A person called to a séance for an organisation: its answer, and its presence on the day.

    `kind`: a member is `convoked` (votes, counts for the quorum); a guest is `invited`. `heard_dossier_id`: a porteur heard
    on its own dossier, which reads that item alone.
    """

    __tablename__ = "convocation"
    __table_args__ = (
        UniqueConstraint("seance_id", "person_id"),
        CheckConstraint("kind IN ('convoked', 'invited')", name="kind_known"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    seance_id: Mapped[int] = mapped_column(ForeignKey("seance.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    kind: Mapped[str] = mapped_column(String(20), default="convoked")
    heard_dossier_id: Mapped[int | None] = mapped_column(ForeignKey("dossier.id"))
    called_at: Mapped[datetime | None]
    answer: Mapped[str | None] = mapped_column(String(20))  # present | remote | excused | represented
    answered_at: Mapped[datetime | None]
    answered_for: Mapped[datetime | None]  # the date of the séance when it was given
    proxy_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))  # represented by another member
    deputy: Mapped[str | None] = mapped_column(String(200))  # represented by somebody of its own organisation
    reminded_at: Mapped[datetime | None]
    presence: Mapped[str | None] = mapped_column(String(20))  # workflow.stages.PRESENCE_LABELS

    seance: Mapped[Seance] = relationship(back_populates="convocations")
    person: Mapped[Person] = relationship(foreign_keys=person_id)
    organisation: Mapped[Organisation] = relationship()
    heard_dossier: Mapped[Dossier | None] = relationship()
    proxy: Mapped[Person | None] = relationship(foreign_keys=proxy_id)

    @property
    def is_member(self) -> bool:
        """True for who votes; a guest does not."""
        return self.kind != "invited"

    @property
    def is_outdated(self) -> bool:
        """True for an answer given for another date than the present one: it is asked again."""
        return self.answer is not None and self.answered_for not in (None, self.seance.starts_at)

    @property
    def current_answer(self) -> str | None:
        """The answer for the present date; None when there is none yet."""
        return None if self.is_outdated else self.answer


class SeanceItem(Base):
    """One dossier on the agenda, and what the séance decides about it (applied only at closing)."""

    __tablename__ = "seance_item"
    __table_args__ = (UniqueConstraint("seance_id", "dossier_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    seance_id: Mapped[int] = mapped_column(ForeignKey("seance.id"), index=True)
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossier.id"), index=True)
    rank: Mapped[int] = mapped_column(default=0)
    decision: Mapped[str | None] = mapped_column(String(20))
    reason: Mapped[str | None] = mapped_column(Text)
    conditions: Mapped[str | None] = mapped_column(Text)
    scheme: Mapped[str | None] = mapped_column(String(200))  # where a reoriented dossier is sent
    votes: Mapped[dict[str, Any] | None]  # {"for", "against", "abstained"}, where the body votes
    statement: Mapped[str | None] = mapped_column(Text)  # what a recused person's body stated, minuted
    recused: Mapped[list[str] | None]  # persons who left the item, by e-mail
    applied_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)

    seance: Mapped[Seance] = relationship(back_populates="items")
    dossier: Mapped[Dossier] = relationship()
    amounts: Mapped[list["SeanceAmount"]] = relationship(
        cascade="all, delete-orphan", order_by="SeanceAmount.id"
    )
    __mapper_args__ = {"version_id_col": version}


class SeanceAmount(Base):
    """The amount retained in session for one funding line; copied to the line once, at closing."""

    __tablename__ = "seance_amount"
    __table_args__ = (
        UniqueConstraint("item_id", "line_id"),
        CheckConstraint("amount >= 0", name="amount_positive"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("seance_item.id"), index=True)
    line_id: Mapped[int] = mapped_column(ForeignKey("funding_line.id"), index=True)
    amount: Mapped[Decimal]

    line: Mapped[FundingLine] = relationship()


class Scenario(Base):
    """A named simulation of a séance's amounts, over all envelopes at once.

    `solution`: what the solver said of it (optimality or gap, what binds, why each dossier is not fully served); None for
    a scenario typed by hand. `replaced`: the proposals that its adoption replaced, by line, so that it can be cancelled.
    """

    __tablename__ = "scenario"
    __table_args__ = (UniqueConstraint("seance_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    seance_id: Mapped[int] = mapped_column(ForeignKey("seance.id"), index=True)
    name: Mapped[str] = mapped_column(String(120))
    note: Mapped[str | None] = mapped_column(Text)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("scenario.id"))
    created_at: Mapped[datetime]
    created_by: Mapped[str] = mapped_column(String(200))
    # long, and read by one page alone
    solution: Mapped[dict[str, Any] | None] = mapped_column(deferred=True)
    replaced: Mapped[dict[str, Any] | None]
    adopted_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)

    seance: Mapped[Seance] = relationship()
    amounts: Mapped[list["ScenarioAmount"]] = relationship(
        cascade="all, delete-orphan", order_by="ScenarioAmount.id"
    )
    __mapper_args__ = {"version_id_col": version}


class ScenarioAmount(Base):
    """The amount of one funding line in one scenario; `locked` ones are kept by the solver."""

    __tablename__ = "scenario_amount"
    __table_args__ = (
        UniqueConstraint("scenario_id", "line_id"),
        CheckConstraint("amount >= 0", name="amount_positive"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    scenario_id: Mapped[int] = mapped_column(ForeignKey("scenario.id"), index=True)
    line_id: Mapped[int] = mapped_column(ForeignKey("funding_line.id"), index=True)
    amount: Mapped[Decimal]
    locked: Mapped[bool] = mapped_column(default=False)

    line: Mapped[FundingLine] = relationship()
