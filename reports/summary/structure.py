# SPDX-License-Identifier: EUPL-1.2
"""The one prepared structure of the arbitration summary: every writer reads it and adds no figure of its own.

Amounts are Decimal euros, shares are between 0 and 1, None means unknown. Codes stay beside their French labels.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from reports.summary.figures import (
    AdoptedBlock,
    EnvelopeBlock,
    FindingBlock,
    PartnerBlock,
    PastSeanceBlock,
    ProgrammeBlock,
    YearBlock,
)
from rules.money import ZERO


@dataclass(frozen=True, slots=True)
class Named:
    """A code and what people call it."""

    code: str
    label: str


@dataclass(frozen=True, slots=True)
class Header:
    """Which séance, of which body, under which contract. `digest` is that of the content, frozen at closing."""

    contract: str
    contract_code: str
    seance_id: int
    body: str
    label: str
    starts_at: datetime
    place: str | None
    status: str
    status_label: str
    prepared_at: datetime
    years: tuple[int, ...] = ()
    digest: str = ""


@dataclass(frozen=True, slots=True)
class OpinionBlock:
    """One consulted partner: its opinion, or the fact that it has not answered (late once the due date is past)."""

    organisation: str
    round: int
    value: str | None
    label: str
    text: str | None
    due_on: date | None
    given_at: datetime | None
    given_by: str | None = None
    is_late: bool = False
    overdue_noted_by: str | None = None


@dataclass(frozen=True, slots=True)
class SuggestedAmount:
    """What the lead instructor suggests for one line."""

    key: str
    label: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class SynthesisBlock:
    """The lead instructor's synthesis."""

    opinion: str | None
    label: str
    strengths: str
    reservations: str
    suggested: tuple[SuggestedAmount, ...] = ()


@dataclass(frozen=True, slots=True)
class SettlementBlock:
    """An attestation, a waiver or an override: who settled which rule, when, why."""

    rule: str
    rule_label: str
    kind: str
    line_label: str | None
    by: str
    at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class FundingBlock:
    """One funding line. `granted_last_year` is known from last year's dossier of the action, else from awards."""

    key: str
    financer: str
    nature: str
    state: str
    state_label: str
    requested: Decimal | None = None
    proposed: Decimal | None = None
    retained: Decimal | None = None
    granted: Decimal | None = None
    granted_last_year: Decimal | None = None
    last_year_source: str | None = None  # dossier | awards
    promised: Decimal | None = None
    in_kind: str | None = None
    in_kind_value: Decimal | None = None
    firm: bool | None = None
    expected_on: date | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class AnswerBlock:
    """What one partner answers on its droit commun for one dossier: obtained, declined, not_concerned, unanswered."""

    financer: str
    line_label: str
    answer: str
    obtained: Decimal = ZERO
    in_kind: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class OrdinaryLaw:
    """Droit commun of one dossier, or of the séance: what is obtained in money and in kind, and the lines by answer."""

    obtained: Decimal = ZERO
    in_kind: Decimal = ZERO
    obtained_lines: tuple[str, ...] = ()
    declined_lines: tuple[str, ...] = ()
    not_concerned_lines: tuple[str, ...] = ()
    unanswered_lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CriterionBlock:
    """What the partners' opinions say of one criterion of the grid: the mean of their ranks, on `top` at most."""

    code: str
    label: str
    mean: Decimal
    top: int
    lowest: int
    highest: int
    answers: int


@dataclass(frozen=True, slots=True)
class RecusalBlock:
    """A person who must leave the item, and for which declared interest."""

    person: str
    organisation: str
    role: str


@dataclass(frozen=True, slots=True)
class DossierBlock:
    """One dossier of the agenda, complete enough to be decided without opening anything else."""

    rank: int
    reference: str
    year: int
    stage: str
    stage_label: str
    porteur: str
    porteur_siret: str | None
    title: str
    summary: str | None = None
    qpv: tuple[Named, ...] = ()
    objectives: tuple[Named, ...] = ()
    theme: str | None = None
    lead_instructor: str | None = None
    beneficiaries_total: int | None = None
    beneficiaries_qpv: int | None = None
    total_cost: Decimal | None = None
    own_resources: Decimal | None = None
    cpo: bool | None = None
    cpo_years: int | None = None
    renewal: bool | None = None
    opinions: tuple[OpinionBlock, ...] = ()
    criteria: tuple[CriterionBlock, ...] = ()
    citizens_opinion: str | None = None
    synthesis: SynthesisBlock | None = None
    findings: tuple[FindingBlock, ...] = ()
    settlements: tuple[SettlementBlock, ...] = ()
    lines: tuple[FundingBlock, ...] = ()
    ordinary_law: OrdinaryLaw = OrdinaryLaw()
    answers: tuple[AnswerBlock, ...] = ()
    recusals: tuple[RecusalBlock, ...] = ()
    requested: Decimal = ZERO
    proposed: Decimal = ZERO
    retained: Decimal = ZERO
    granted_last_year: Decimal | None = None
    decision: str | None = None
    decision_label: str | None = None
    decision_reason: str | None = None
    conditions: str | None = None
    is_blocked: bool = False


@dataclass(frozen=True, slots=True)
class Totals:
    """The decision at a glance: what is asked of the committee, in number and in euros."""

    dossiers: int
    blocked: int
    with_reservations: int
    unfavourable: int
    late_opinions: int
    recusals: int
    total_cost: Decimal
    requested: Decimal
    proposed: Decimal
    retained: Decimal
    granted_last_year: Decimal
    specific_proposed: Decimal
    ordinary_law: OrdinaryLaw = OrdinaryLaw()
    overrides: int = 0


@dataclass(frozen=True, slots=True)
class Summary:
    """The arbitration summary of one séance.

    `agenda`: the same figures as those of the programme, on the agenda alone, as if retained as proposed; `together`: the
    programme and the agenda; `last_year`: the whole programme of the year before. One block a year in each, as far as known.
    """

    header: Header
    totals: Totals
    dossiers: tuple[DossierBlock, ...] = ()
    envelopes: tuple[EnvelopeBlock, ...] = ()
    agenda: tuple[ProgrammeBlock, ...] = ()
    programmes: tuple[ProgrammeBlock, ...] = ()
    together: tuple[ProgrammeBlock, ...] = ()
    last_year: tuple[ProgrammeBlock, ...] = ()
    partners: tuple[PartnerBlock, ...] = ()  # of the droit commun, the most generous first
    years: tuple[YearBlock, ...] = ()  # the oldest first
    adopted: AdoptedBlock | None = None
    past_seance: PastSeanceBlock | None = None
