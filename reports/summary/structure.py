# SPDX-License-Identifier: EUPL-1.2
"""The one prepared structure of the arbitration summary: every writer reads it and adds no figure of its own.

Amounts are Decimal euros, shares are between 0 and 1, None means unknown. Codes stay beside their French labels.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

ZERO = Decimal(0)


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
class FindingBlock:
    """One finding that is not satisfied, as rendered by `rules.render`."""

    rule: str
    outcome: str
    severity: str
    message: str
    remedy: str
    source: str
    line: str | None = None
    line_label: str | None = None
    settled: str | None = None


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
class OrdinaryLaw:
    """Droit commun of one dossier (or of the séance): what is obtained, refused, unanswered; keys of lines."""

    obtained: Decimal = ZERO
    in_kind: Decimal = ZERO
    obtained_lines: tuple[str, ...] = ()
    declined_lines: tuple[str, ...] = ()
    not_concerned_lines: tuple[str, ...] = ()
    unanswered_lines: tuple[str, ...] = ()


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
    citizens_opinion: str | None = None
    synthesis: SynthesisBlock | None = None
    findings: tuple[FindingBlock, ...] = ()
    settlements: tuple[SettlementBlock, ...] = ()
    lines: tuple[FundingBlock, ...] = ()
    ordinary_law: OrdinaryLaw = OrdinaryLaw()
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
class EnvelopeBlock:
    """One envelope of one year: what this séance proposes and retains, what the whole programme takes, what is left."""

    credit: str
    label: str
    year: int
    status: str
    status_label: str
    amount: Decimal | None
    seance_proposed: Decimal = ZERO
    proposed: Decimal = ZERO
    retained: Decimal = ZERO
    left: Decimal | None = None


@dataclass(frozen=True, slots=True)
class CpoBlock:
    """Share of the programme under multi-year conventions (CPO), in actions and in euros, against the target."""

    actions: int
    cpo_actions: int
    share_actions: float | None
    granted: Decimal
    cpo_granted: Decimal
    share_granted: float | None
    target: float | None
    met: bool | None
    missing_actions: int | None = None
    missing_new_actions: int | None = None
    projected_actions: int = 0  # still under instruction, and the share if all of them were retained
    projected_share: float | None = None


@dataclass(frozen=True, slots=True)
class QpvBlock:
    """Euros brought to one QPV by the programme, and per resident."""

    code: str
    label: str
    population: int | None
    actions: int
    amount: Decimal
    per_resident: Decimal | None


@dataclass(frozen=True, slots=True)
class ObjectiveBlock:
    """Euros invested in one objective."""

    code: str
    label: str
    actions: int
    amount: Decimal


@dataclass(frozen=True, slots=True)
class LeverageBlock:
    """Euros granted by the others for one euro of the State's specific credits."""

    specific: Decimal
    others: Decimal
    ratio: Decimal | None


@dataclass(frozen=True, slots=True)
class ContinuityBlock:
    """This year's actions beside those of the year before."""

    year: int  # the year before
    previous: int
    continued: int
    dropped: int
    dropped_granted: Decimal
    new: int
    new_granted: Decimal


@dataclass(frozen=True, slots=True)
class TogetherBlock:
    """Actions to bring together: same neighbourhoods, theme and public (None when some do not tell theirs)."""

    qpv: tuple[str, ...]
    theme: str
    public: str | None
    references: tuple[str, ...]
    amount: Decimal


@dataclass(frozen=True, slots=True)
class ProgrammeBlock:
    """Figures of one programme year (granted or retained, awards included), as the rules compute them."""

    year: int
    actions: int
    granted: Decimal
    cpo: CpoBlock | None = None
    qpv_share: float | None = None
    qpv: tuple[QpvBlock, ...] = ()
    objectives: tuple[ObjectiveBlock, ...] = ()  # most invested first
    leverage: LeverageBlock | None = None
    ordinary_law: Decimal | None = None
    ordinary_law_share: float | None = None
    unclassified: int = 0
    findings: tuple[FindingBlock, ...] = ()
    continuity: ContinuityBlock | None = None
    together: tuple[TogetherBlock, ...] = ()  # the first groups of actions to bring together


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

    `agenda`: the same figures as those of the programme, on the agenda alone, as if retained as proposed.
    """

    header: Header
    totals: Totals
    dossiers: tuple[DossierBlock, ...] = ()
    envelopes: tuple[EnvelopeBlock, ...] = ()
    agenda: tuple[ProgrammeBlock, ...] = ()
    programmes: tuple[ProgrammeBlock, ...] = ()
