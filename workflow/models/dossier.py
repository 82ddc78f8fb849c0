# SPDX-License-Identifier: EUPL-1.2
"""An action for life, its yearly dossiers, and what hangs on a dossier: budget, funding lines, opinions, waivers."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from workflow.db import Base
from workflow.models.contract import Contract, Credit
from workflow.models.people import Organisation, Person


class Action(Base):
    """An action for its whole life; `uuid` is the open data's `idCofinancement`, common to all its financers."""

    __tablename__ = "action"

    id: Mapped[int] = mapped_column(primary_key=True)
    uuid: Mapped[str] = mapped_column(String(36), unique=True)
    contract_id: Mapped[int] = mapped_column(ForeignKey("contract.id"), index=True)
    porteur_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    title: Mapped[str] = mapped_column(String(500))


class Dossier(Base):
    """One action in one year. `stage` is assigned by `fire()` alone. None means unknown."""

    __tablename__ = "dossier"
    __table_args__ = (
        UniqueConstraint("contract_id", "year", "reference"),
        Index("ix_dossier_board", "contract_id", "year", "stage"),
        Index("ix_dossier_stage", "contract_id", "stage", "year"),
        CheckConstraint("total_cost IS NULL OR total_cost >= 0", name="cost_positive"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    contract_id: Mapped[int] = mapped_column(ForeignKey("contract.id"), index=True)
    action_id: Mapped[int] = mapped_column(ForeignKey("action.id"), index=True)
    porteur_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    year: Mapped[int]
    reference: Mapped[str] = mapped_column(String(80))
    dauphin_number: Mapped[str | None] = mapped_column(String(80))
    stage: Mapped[str] = mapped_column(String(30), default="draft")
    title: Mapped[str] = mapped_column(String(500))
    summary: Mapped[str | None] = mapped_column(Text)
    search_key: Mapped[str] = mapped_column(
        Text, default=""
    )  # accentless lower case: reference, title, porteur
    call: Mapped[str | None] = mapped_column(String(60))
    scheme: Mapped[str] = mapped_column(String(30), default="contrat_de_ville")
    filed_on: Mapped[date | None]
    themes: Mapped[list[str] | None]
    objectives: Mapped[list[str] | None]
    publics: Mapped[list[str] | None]
    qpv: Mapped[list[str] | None]
    poches: Mapped[list[str] | None]
    has_individual_beneficiaries: Mapped[bool | None]
    beneficiaries_total: Mapped[int | None]
    beneficiaries_qpv: Mapped[int | None]
    beneficiaries_poches: Mapped[int | None]
    located: Mapped[
        dict[str, Any] | None
    ]  # counts by QPV of a located file (workflow.located.counts), never addresses
    starts_on: Mapped[date | None]
    ends_on: Mapped[date | None]
    total_cost: Mapped[Decimal | None]
    own_resources: Mapped[Decimal | None]
    other_resources: Mapped[Decimal | None]
    volunteering: Mapped[Decimal | None]
    cpo: Mapped[bool | None]
    cpo_years: Mapped[int | None]
    cpo_reason: Mapped[str | None] = mapped_column(String(30))
    cpo_indicators: Mapped[list[str] | None]
    cpo_trajectory: Mapped[dict[str, Any] | None]  # {"2026": "8000.00"}: euros planned each year
    renewal: Mapped[bool | None]
    previous_report: Mapped[str | None] = mapped_column(String(20))
    republican_commitment: Mapped[bool | None]
    pieces: Mapped[list[str] | None]  # codes of the pieces received
    # instruction
    lead_instructor_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    theme: Mapped[str | None] = mapped_column(String(60))  # the thematic group that instructs
    partners: Mapped[list[str] | None]  # organisations consulted, set at dispatch
    holders: Mapped[list[str] | None]  # droit-commun credits to ask, set at dispatch
    completion: Mapped[dict[str, Any] | None]  # {"pieces": [...], "due": "2026-03-31", "requested_on": ...}
    completions: Mapped[list[dict[str, Any]]] = mapped_column(
        default=list
    )  # the past ones, with "completed_on"
    opinions_due_on: Mapped[date | None]
    round: Mapped[int] = mapped_column(default=1)
    question: Mapped[str | None] = mapped_column(Text)  # asked when returned to co-instruction
    synthesis: Mapped[
        dict[str, Any] | None
    ]  # {"opinion", "strengths", "reservations", "suggested": {line: "euros"}}
    citizens_opinion: Mapped[str | None] = mapped_column(Text)  # None: « non consulté »
    follow_up: Mapped[dict[str, Any]] = mapped_column(
        default=dict
    )  # convention, reports, other scheme, next séance
    imported_digest: Mapped[str | None] = mapped_column(String(64))
    created_at: Mapped[datetime]
    stage_since: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)

    contract: Mapped[Contract] = relationship()
    action: Mapped[Action] = relationship()
    porteur: Mapped[Organisation] = relationship()
    lead_instructor: Mapped[Person | None] = relationship()
    lines: Mapped[list["FundingLine"]] = relationship(
        back_populates="dossier", order_by="FundingLine.id", cascade="all, delete-orphan"
    )
    opinions: Mapped[list["Opinion"]] = relationship(
        back_populates="dossier", order_by="Opinion.id", cascade="all, delete-orphan"
    )
    waivers: Mapped[list["Waiver"]] = relationship(order_by="Waiver.id", cascade="all, delete-orphan")
    budget: Mapped[list["BudgetLine"]] = relationship(order_by="BudgetLine.id", cascade="all, delete-orphan")

    __mapper_args__ = {"version_id_col": version}

    def line(self, key: str) -> "FundingLine | None":
        """The funding line of this credit (`etat:specifique`), or None."""
        return next((line for line in self.lines if line.key == key), None)


class FundingLine(Base):
    """One credit asked for one dossier: six amounts, the financer's answer, its state (set by `fire()` alone)."""

    __tablename__ = "funding_line"
    __table_args__ = (
        UniqueConstraint("dossier_id", "credit_id", "year"),
        CheckConstraint("requested IS NULL OR requested >= 0", name="requested_positive"),
        CheckConstraint("proposed IS NULL OR proposed >= 0", name="proposed_positive"),
        CheckConstraint("retained IS NULL OR retained >= 0", name="retained_positive"),
        CheckConstraint("granted IS NULL OR granted >= 0", name="granted_positive"),
        CheckConstraint("paid IS NULL OR paid >= 0", name="paid_positive"),
        CheckConstraint("spent IS NULL OR spent >= 0", name="spent_positive"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossier.id"), index=True)
    credit_id: Mapped[int] = mapped_column(ForeignKey("credit.id"), index=True)
    key: Mapped[str] = mapped_column(String(120))
    year: Mapped[int]
    state: Mapped[str] = mapped_column(String(20), default="not_asked")
    requested: Mapped[Decimal | None]
    proposed: Mapped[Decimal | None]
    retained: Mapped[Decimal | None]
    granted: Mapped[Decimal | None]
    paid: Mapped[Decimal | None]
    spent: Mapped[Decimal | None]
    promised: Mapped[Decimal | None]  # the holder's answer in money
    forecast: Mapped[Decimal | None]  # promised for this year by a CPO: the line is locked at this amount
    in_kind_value: Mapped[Decimal | None]
    in_kind: Mapped[str | None] = mapped_column(Text)
    firm: Mapped[bool | None]
    condition_confirmed: Mapped[bool | None]
    expected_on: Mapped[date | None]  # the financer's own deliberation
    answered_at: Mapped[datetime | None]
    reason: Mapped[str | None] = mapped_column(Text)
    external_reference: Mapped[str | None] = mapped_column(String(120))
    act: Mapped[dict[str, Any] | None]  # {"authority", "date", "number"} of the financer's own act
    version: Mapped[int] = mapped_column(default=1)

    dossier: Mapped[Dossier] = relationship(back_populates="lines")
    credit: Mapped[Credit] = relationship()
    __mapper_args__ = {"version_id_col": version}

    @property
    def financer(self) -> str:
        """The financer's code."""
        return self.key.partition(":")[0]

    @property
    def nature(self) -> str:
        """droit_commun or specifique."""
        return self.key.partition(":")[2]


class BudgetLine(Base):
    """One account of the plan of financing (CERFA 12156): side `charge` or `produit`, planned and realised.

    `payer` details a resource by financer: the State's part of account 74 is a row of its own.
    """

    __tablename__ = "budget_line"
    __table_args__ = (UniqueConstraint("dossier_id", "side", "account", "payer"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossier.id"), index=True)
    side: Mapped[str] = mapped_column(String(10))
    account: Mapped[str] = mapped_column(String(20))
    payer: Mapped[str] = mapped_column(String(60), default="")  # the financer of this resource, when detailed
    planned: Mapped[Decimal | None]
    realised: Mapped[Decimal | None]


class Opinion(Base):
    """A consulted partner's technical opinion, one per organisation and round; state set by `fire()` alone."""

    __tablename__ = "opinion"
    __table_args__ = (
        UniqueConstraint("dossier_id", "organisation_id", "round"),
        Index("ix_opinion_awaited", "state", "due_on"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossier.id"), index=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    round: Mapped[int] = mapped_column(default=1)
    state: Mapped[str] = mapped_column(String(20), default="requested")
    value: Mapped[str | None] = mapped_column(String(40))
    text: Mapped[str | None] = mapped_column(Text)
    criteria: Mapped[dict[str, Any] | None]  # {"ancrage": 2}: rank on the scale of the criterion
    questions: Mapped[str | None] = mapped_column(Text)
    requested_at: Mapped[datetime]
    due_on: Mapped[date]
    given_at: Mapped[datetime | None]  # the first time; the earlier words are in the journal
    given_by: Mapped[str | None] = mapped_column(String(200))
    changed_at: Mapped[datetime | None]
    changed_by: Mapped[str | None] = mapped_column(String(200))
    overdue_noted_by: Mapped[str | None] = mapped_column(String(200))
    version: Mapped[int] = mapped_column(default=1)

    dossier: Mapped[Dossier] = relationship(back_populates="opinions")
    organisation: Mapped[Organisation] = relationship()
    __mapper_args__ = {"version_id_col": version}


class Waiver(Base):
    """A person settled an undetermined rule on a dossier (or one line): attested or waived, with a reason."""

    __tablename__ = "waiver"

    id: Mapped[int] = mapped_column(primary_key=True)
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossier.id"), index=True)
    rule: Mapped[str] = mapped_column(String(60))
    line: Mapped[str | None] = mapped_column(String(120))
    kind: Mapped[str] = mapped_column(String(20))  # attested | waived
    reason: Mapped[str] = mapped_column(Text)
    by: Mapped[str] = mapped_column(String(200))
    at: Mapped[datetime]
