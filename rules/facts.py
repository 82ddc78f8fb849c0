# SPDX-License-Identifier: EUPL-1.2
"""The plain facts that rules read: no row, no session.

`workflow.facts` is the only place that fills them from rows.

None means unknown, everywhere; an empty tuple means known to be empty. Amounts are exact euros (Decimal).
"""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from rules.details import (
    AccountFacts,
    AidFacts,
    CallFacts,
    CompletionFacts,
    ConventionRecord,
    PreviousFacts,
    SiblingFacts,
    YearlySumFacts,
)
from rules.findings import Settlement
from rules.programme_details import PreviousYearFacts


@dataclass(frozen=True, slots=True)
class SettlementFacts:
    """A person's settlement of one rule: attested or waived when undetermined, overridden when violated.

    `line` None = whole dossier.
    """

    rule: str
    kind: Settlement
    by: str
    reason: str
    line: str | None = None


@dataclass(frozen=True, slots=True)
class LineFacts:
    """One funding line of a dossier.

    A credit (`financer:nature`), its amounts, its state, its holder's word.
    """

    key: str
    financer: str
    nature: str  # droit_commun | specifique
    state: str
    requested: Decimal | None = None
    proposed: Decimal | None = None
    retained: Decimal | None = None
    granted: Decimal | None = None
    promised: Decimal | None = None  # the holder's answer in money, firm or indicative
    in_kind_value: Decimal | None = None
    firm: bool | None = None
    is_own_share: bool = False  # the porteur is itself this financer: own resources, not a grant
    condition_confirmed: bool | None = None  # the financer's own word on its local condition
    reason: str | None = None  # why it declined; "" = declined without a reason, None = not carried here
    decided_on: date | None = None  # the day of the financer's own act, nil or not


@dataclass(frozen=True, slots=True)
class LocatedFacts:
    """Beneficiaries counted by perimeter, from a file of addresses: surely in each QPV, surely in none, to check."""

    total: int
    by_qpv: tuple[tuple[str, int], ...]
    outside: int
    to_check: int
    precision_metres: int
    on: date | None


@dataclass(frozen=True, slots=True)
class DossierFacts:
    """One dossier as declared and as instructed, on the day it is examined."""

    reference: str
    year: int
    stage: str
    porteur: str = ""
    porteur_form: str | None = None
    porteur_siret: str | None = None
    porteur_rna: str | None = None
    porteur_commune: str | None = None  # INSEE code of the seat
    porteur_recognition: str | None = None  # agrement | utilite_publique | aucune
    economic_activity: bool | None = None  # the porteur sells goods or services on a market, for this action
    de_minimis: tuple[AidFacts, ...] | None = None  # aids declared by the porteur
    is_small_association: bool | None = None
    scheme: str = "contrat_de_ville"
    title: str = ""
    call: str | None = None  # a call's code; None: rolling
    dauphin_number: str | None = None
    themes: tuple[str, ...] | None = None
    objectives: tuple[str, ...] | None = None
    qpv: tuple[str, ...] | None = None
    poches: tuple[str, ...] | None = None
    has_individual_beneficiaries: bool | None = None  # False: engineering, training of actors
    beneficiaries_total: int | None = None
    beneficiaries_qpv: int | None = None
    beneficiaries_poches: int | None = None
    starts_on: date | None = None
    ends_on: date | None = None
    filed_on: date | None = None
    acknowledged_on: date | None = None  # the acknowledgement of receipt left that day
    completions: tuple[CompletionFacts, ...] = ()
    pieces: tuple[str, ...] | None = None  # codes of the pieces received
    total_cost: Decimal | None = None
    retained_cost: Decimal | None = None  # the cost kept by the instruction; None: the total cost
    detailed_charges: Decimal | None = None  # sum of the charge accounts when detailed, without account 86
    detailed_resources: Decimal | None = None  # sum of the resource accounts when detailed, without 87
    accounts: tuple[AccountFacts, ...] = ()  # the plan by account, when detailed
    own_resources: Decimal | None = None
    other_resources: Decimal | None = None
    volunteering_charges: Decimal | None = None  # account 86
    volunteering_resources: Decimal | None = None  # account 87
    cpo: bool | None = None
    cpo_years: int | None = None
    cpo_reason: str | None = None
    cpo_indicators: tuple[str, ...] | None = None
    cpo_trajectory: tuple[tuple[int, Decimal], ...] | None = None  # (year, euros planned)
    cpo_carried: bool = False  # a later year of a CPO, at the amounts that its financers had forecast
    renewal: bool | None = None
    previous_report: str | None = None  # recu | manquant | sans_objet
    previous: PreviousFacts | None = None
    republican_commitment: bool | None = None
    convention: ConventionRecord | None = None
    siblings: tuple[SiblingFacts, ...] = ()
    yearly_sums: tuple[YearlySumFacts, ...] = ()
    lines: tuple[LineFacts, ...] = ()
    holders_concerned: tuple[str, ...] = ()  # keys of the droit-commun credits that must be asked
    recusals: tuple[tuple[str, str, str], ...] = ()  # (person, organisation, role here) in conflict
    settlements: tuple[SettlementFacts, ...] = ()
    located: LocatedFacts | None = None  # None: no file of beneficiaries was located


@dataclass(frozen=True, slots=True)
class TerritoryFacts:
    """What the contract says, as rules need it.

    `policies` and `priorities`: objective codes a credit supports.
    """

    contract: str
    qpv: frozenset[str]
    printed_as: dict[str, str] = field(default_factory=dict)  # misprinted code → official code
    official_qpv: frozenset[str] | None = None  # None: the national list is not configured
    poches: frozenset[str] = frozenset()
    objectives: frozenset[str] = frozenset()
    qpv_majority_credits: frozenset[str] = frozenset()  # line keys to which `qpv.majority` applies
    departement_policies: dict[str, frozenset[str]] = field(default_factory=dict)  # line key → objectives
    epci_priorities: dict[str, frozenset[str]] = field(default_factory=dict)  # line key → objectives
    calls: tuple[CallFacts, ...] = ()
    communes: dict[str, int | None] = field(default_factory=dict)  # financer that is a commune → inhabitants


@dataclass(frozen=True, slots=True)
class ActionFacts:
    """One funded (or projected) action of a programme year.

    A dossier, or an award not linked to a dossier.
    """

    reference: str
    title: str
    porteur: str
    granted: Decimal  # granted, else retained; the porteur's own share excluded
    cpo: bool | None = None
    cpo_from: int | None = None  # the year of the dossier whose CPO still covers this one; None: its own word
    convention: str | None = None  # the convention recorded, by its reference
    inside: bool | None = True  # in the contract's programme; False: outside; None: unclassified
    source: str = "dossier"  # dossier | award | forecast: a year of a CPO that no dossier carries yet
    specific: Decimal = Decimal(0)  # part of `granted` from State specific credits
    ordinary: Decimal = Decimal(0)  # part of `granted` from droit commun
    own_share: Decimal = Decimal(0)
    ordinary_by: tuple[tuple[str, Decimal], ...] = ()  # `ordinary` by financer
    by_financer: tuple[tuple[str, Decimal], ...] = ()
    in_kind: tuple[
        tuple[str, Decimal], ...
    ] = ()  # contributions in kind, valued, by financer; not in `granted`
    qpv: tuple[str, ...] = ()
    qpv_beneficiaries: tuple[tuple[str, int], ...] = ()  # beneficiaries per QPV when known
    objectives: tuple[str, ...] = ()
    themes: tuple[str, ...] = ()  # the thematic group that instructs, else those of the request
    publics: tuple[str, ...] | None = None
    siren: str | None = None
    is_private: bool | None = None  # the porteur is a private-law body; None: its legal form is not known
    poches_share: Decimal | None = Decimal(
        0
    )  # part of `specific` for residents of retained poches; None: unknown
    keys: tuple[str, ...] = ()  # what recognises the same action from one year to the next
    projected: bool = False  # still under instruction: counted apart


@dataclass(frozen=True, slots=True)
class EnvelopeFacts:
    """One envelope of one year.

    Amount (None when unknown), status, and what is proposed, retained, granted on it.
    """

    credit: str
    year: int
    status: str  # none | provisional | notified
    amount: Decimal | None = None
    proposed: Decimal = Decimal(0)
    retained: Decimal = Decimal(0)
    granted: Decimal = Decimal(0)
    label: str = ""
    committed: Decimal | None = None  # line by line, granted else retained; None: the larger of the two sums
    held_by: str = "contract"  # contract | departement: the latter is shared with other contracts
    forecast: Decimal = Decimal(0)  # held for this year by CPO under way, no dossier yet


@dataclass(frozen=True, slots=True)
class ConventionFacts:
    """Distinct conventions of the year: how many in all, how many multi-year (CPO), for how much.

    None when nothing is recorded; amounts None when not known.
    """

    count: int
    cpo: int
    granted: Decimal | None = None
    cpo_granted: Decimal | None = None


@dataclass(frozen=True, slots=True)
class ProgrammeFacts:
    """A programme year.

    Actions (granted, retained or projected), envelopes, conventions, populations by QPV, the year before.
    """

    contract: str
    year: int
    actions: tuple[ActionFacts, ...] = ()
    envelopes: tuple[EnvelopeFacts, ...] = ()
    conventions: ConventionFacts | None = None
    populations: dict[str, int] = field(default_factory=dict)
    previous: PreviousYearFacts | None = None  # what is known of the year before; None: nothing
