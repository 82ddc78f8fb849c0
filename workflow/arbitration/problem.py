# SPDX-License-Identifier: EUPL-1.2
"""What the solver is asked, in plain values: dossiers and their lines, envelopes, targets, and the policy to weigh them.

Amounts are exact euros (Decimal). Order matters: at equal merit the first dossier is served first.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_DOWN, ROUND_UP, Decimal
from enum import StrEnum
from functools import cached_property

STEP = Decimal(100)  # amounts are proposed in whole hundreds of euros
ZERO = Decimal(0)
PARTS = 10_000  # shares (of a neighbourhood, of poches) are counted in ten-thousandths, whole, so that rows stay exact


class Exclusion(StrEnum):
    """Why a line, or a whole dossier, takes no part."""

    SYNTHESIS = "synthesis"  # the dossier: the synthesis is unfavourable
    OTHER_YEAR = "other_year"  # the dossier: not of the séance's exercise
    COST_MISSING = "cost_missing"  # the line: the cost of the action is unknown, so is what is left to fund
    UNFAVOURABLE = "unfavourable"  # the line: its own financer's opinion
    INELIGIBLE = "ineligible"  # the line: a condition of its credit is violated
    CLOSED = "closed"  # the line: declined, not concerned, refused…
    OWN_SHARE = "own_share"  # the line: the porteur is itself this financer
    NO_REQUEST = "no_request"  # the line: nothing was asked


# Not judged: nothing bounds such a line, or another exercise does. A scenario leaves it as it is.
UNJUDGED = frozenset(
    {Exclusion.OTHER_YEAR, Exclusion.COST_MISSING, Exclusion.OWN_SHARE, Exclusion.NO_REQUEST}
)


@dataclass(frozen=True, slots=True)
class Line:
    """One specific credit asked for one dossier. `least`: what its financer gives at least when it gives.

    `ceiling`: the most it may carry; `request`: what was asked, when the ceiling is an answer or a suggestion below it.
    """

    id: int
    credit: str
    ceiling: Decimal
    least: Decimal = ZERO
    locked: Decimal | None = None
    excluded: Exclusion | None = None
    request: Decimal | None = None

    @property
    def asked(self) -> Decimal:
        """What was asked on this line."""
        return self.ceiling if self.request is None else self.request

    @property
    def is_free(self) -> bool:
        """True when the solver chooses its amount."""
        return self.locked is None and self.excluded is None


@dataclass(frozen=True, slots=True)
class Candidate:
    """One dossier. `remainder`: what is left to fund once every other resource is counted; None when it is not known.

    `floor`: below it the action cannot run: it receives nothing, or at least this. `score`: points of each hundred euros.
    `qpv`: neighbourhood → ten-thousandths of its money. `poches`: ten-thousandths for residents of the retained poches.
    """

    id: int
    reference: str
    score: int
    remainder: Decimal | None
    lines: tuple[Line, ...]
    floor: Decimal = ZERO
    title: str = ""
    qpv: Mapping[str, int] = field(default_factory=dict)
    poches: int = 0
    cpo: bool = False
    convertible: bool = False
    excluded: Exclusion | None = None

    @property
    def requested(self) -> Decimal:
        """Asked of all its specific lines, excluded ones included."""
        return sum((line.ceiling for line in self.lines), ZERO)

    @property
    def need(self) -> Decimal:
        """What it can receive at most: the whole steps of its requests, within its remainder."""
        asked = sum((down(line.ceiling) for line in self.lines), ZERO)
        return ZERO if self.remainder is None else max(ZERO, min(asked, self.remainder))

    @property
    def first(self) -> Decimal:
        """The least it receives when it receives something."""
        return max(up(self.floor), STEP)


@dataclass(frozen=True, slots=True)
class Envelope:
    """One credit's envelope; `committed`: taken by others than the lines of this problem. `amount` None: not limited."""

    credit: str
    status: str
    amount: Decimal | None
    committed: Decimal = ZERO

    @property
    def available(self) -> Decimal | None:
        """What this problem may share out; None without limit."""
        return None if self.amount is None or self.status == "none" else self.amount - self.committed


@dataclass(frozen=True, slots=True)
class QpvMinimum:
    """Specific euros that a neighbourhood should receive in the year; `reached`: what it already has."""

    qpv: str
    amount: Decimal
    reached: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class PochesCeiling:
    """The ceiling notified for residents of the retained poches, on one credit; `reached`: what is already committed."""

    credit: str
    amount: Decimal
    reached: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class CpoTarget:
    """The share of actions in CPO to exceed strictly. `actions`, `covered`: the programme outside this problem.

    `weight`: what one missing action is worth, in euros committed on the following years; `years`: of a new CPO, this one included.
    """

    share: Decimal
    actions: int = 0
    covered: int = 0
    weight: Decimal = Decimal(30_000)
    years: int = 3


@dataclass(frozen=True, slots=True)
class Policy:
    """How merits are weighed and how long the solver looks. `bonus`: what serving one more action is worth, in its own euros.

    `shortfall`: points lost for each hundred euros missing to a neighbourhood. Up to `exact_below` dossiers, the best
    allocation is proved, and ties follow the order; beyond, the solver stops within `gap` of it.
    """

    bonus: Decimal = Decimal(1000)
    shortfall: int = 1000
    gap: Decimal = Decimal("0.001")
    exact_below: int = 100
    nodes: int = 20_000
    seconds: int = 60
    seed: int = 1


@dataclass(frozen=True)
class Problem:
    """Everything the solver reads."""

    candidates: tuple[Candidate, ...]
    envelopes: tuple[Envelope, ...] = ()
    qpv: tuple[QpvMinimum, ...] = ()
    poches: PochesCeiling | None = None
    cpo: CpoTarget | None = None
    policy: Policy = Policy()

    @cached_property
    def envelope_of(self) -> dict[str, Envelope]:
        """Envelopes by credit."""
        return {envelope.credit: envelope for envelope in self.envelopes}

    @cached_property
    def lines(self) -> dict[int, Line]:
        """Lines by id."""
        return {line.id: line for _, line in self.pairs()}

    def pairs(self) -> Iterator[tuple[Candidate, Line]]:
        """Every line with its dossier, in order."""
        for candidate in self.candidates:
            for line in candidate.lines:
                yield candidate, line


Amounts = Mapping[int, Decimal]  # line id → euros


def down(amount: Decimal) -> Decimal:
    """The largest whole number of steps within the amount."""
    return (amount / STEP).to_integral_value(ROUND_DOWN) * STEP


def up(amount: Decimal) -> Decimal:
    """The smallest whole number of steps that holds the amount."""
    return (amount / STEP).to_integral_value(ROUND_UP) * STEP


def received(candidate: Candidate, amounts: Amounts) -> Decimal:
    """What the dossier receives on all its lines."""
    return sum((amounts.get(line.id, ZERO) for line in candidate.lines), ZERO)


def drawn(problem: Problem, amounts: Amounts) -> dict[str, Decimal]:
    """What the allocation takes from each credit."""
    taken: dict[str, Decimal] = {envelope.credit: ZERO for envelope in problem.envelopes}
    for _, line in problem.pairs():
        taken[line.credit] = taken.get(line.credit, ZERO) + amounts.get(line.id, ZERO)
    return taken


def qpv_reached(problem: Problem, minimum: QpvMinimum, amounts: Amounts) -> Decimal:
    """What the neighbourhood receives, counted from what it already has."""
    shared = (received(one, amounts) * one.qpv.get(minimum.qpv, 0) for one in problem.candidates)
    return minimum.reached + sum(shared, ZERO) / PARTS


def poches_drawn(problem: Problem, ceiling: PochesCeiling, amounts: Amounts) -> Decimal:
    """What goes to residents of the retained poches, what is already committed included."""
    parts = (
        amounts.get(line.id, ZERO) * one.poches
        for one, line in problem.pairs()
        if line.credit == ceiling.credit
    )
    return ceiling.reached + sum(parts, ZERO) / PARTS


def points(problem: Problem, amounts: Amounts) -> Decimal:
    """What the solver maximises: points of the euros given and of the actions served, less what neighbourhoods lack."""
    merit = ZERO
    for candidate in problem.candidates:
        given = received(candidate, amounts)
        if given > 0:
            merit += candidate.score * (given + problem.policy.bonus) / STEP
    lacking = sum((max(ZERO, one.amount - qpv_reached(problem, one, amounts)) for one in problem.qpv), ZERO)
    return merit - problem.policy.shortfall * lacking / STEP
