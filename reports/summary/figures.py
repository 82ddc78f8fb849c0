# SPDX-License-Identifier: EUPL-1.2
"""The analysis of the summary's structure: envelopes, programmes, partners, years, what the séance is compared with."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from rules.money import ZERO


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
class EnvelopeBlock:
    """One envelope of one year: what the whole programme takes, what this séance adds, what is left.

    `held`: by running conventions. `left`: of what is retained today, `held` not taken away. `after`: what would be left once the agenda is retained as proposed or as typed in session.
    """

    credit: str
    label: str
    year: int
    status: str
    status_label: str
    amount: Decimal | None
    seance_proposed: Decimal = ZERO
    seance_retained: Decimal = ZERO
    proposed: Decimal = ZERO
    retained: Decimal = ZERO
    left: Decimal | None = None
    after: Decimal | None = None
    held: Decimal = ZERO


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
class PochesBlock:
    """The State's specific euros for residents of the retained poches, against their ceiling when one is known."""

    poches: int
    contribution: Decimal
    at_most: Decimal
    unknown_actions: int
    cap: Decimal | None


@dataclass(frozen=True, slots=True)
class ProgrammeBlock:
    """Figures of one programme year (granted or retained, awards included), as the rules compute them."""

    year: int
    actions: int
    granted: Decimal
    cpo: CpoBlock | None = None
    qpv_share: float | None = None
    qpv: tuple[QpvBlock, ...] = ()
    per_resident: Decimal | None = None  # of the neighbourhoods whose population is known
    objectives: tuple[ObjectiveBlock, ...] = ()  # most invested first
    leverage: LeverageBlock | None = None
    ordinary_law: Decimal | None = None
    ordinary_law_share: float | None = None
    unclassified: int = 0
    findings: tuple[FindingBlock, ...] = ()
    poches: PochesBlock | None = None
    continuity: ContinuityBlock | None = None
    together: tuple[TogetherBlock, ...] = ()  # the first groups of actions to bring together


@dataclass(frozen=True, slots=True)
class PartnerBlock:
    """One partner's droit commun: its answers on the agenda, what its year brings, what it brought the year before."""

    code: str
    label: str
    asked: int
    unanswered: int
    declined: int
    obtained: Decimal
    in_kind: Decimal
    programme: Decimal
    last_year: Decimal | None


@dataclass(frozen=True, slots=True)
class YearBlock:
    """One year of the contract: granted or retained, what this séance would add, what conventions forecast."""

    year: int
    actions: int
    granted: Decimal
    ordinary: Decimal
    proposed: Decimal = ZERO
    forecast: Decimal = ZERO
    forecast_actions: int = 0


@dataclass(frozen=True, slots=True)
class AdoptedBlock:
    """The scenario whose amounts are proposed; `statement`: what the solver says of it, None when typed by hand."""

    name: str
    note: str | None
    adopted_at: datetime
    statement: str | None


@dataclass(frozen=True, slots=True)
class PastSeanceBlock:
    """The last closed séance of the body; `again`: dossiers it read that this one reads again."""

    label: str
    starts_at: datetime
    dossiers: int
    decisions: tuple[tuple[str, int], ...]
    requested: Decimal
    proposed: Decimal
    retained: Decimal
    again: int
