# SPDX-License-Identifier: EUPL-1.2
"""The least change that would serve one dossier: taken from the others, or added to the envelopes; or what forbids both."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from math import inf
from typing import Any

from workflow.arbitration.constraints import ENVELOPE, FLOOR, SERVED, Constraint
from workflow.arbitration.explain import Reading
from workflow.arbitration.highs import Answer, Limits, conflict, maximise
from workflow.arbitration.problem import (
    STEP,
    ZERO,
    Amounts,
    Candidate,
    Problem,
    down,
    qpv_reached,
    received,
    up,
)
from workflow.arbitration.programme import Column, Programme, programme_of, steps
from workflow.arbitration.solve import amounts_of

FIRST = 1000.0  # euros moved count first, then the merit of those they are taken from
EXACT = 0.0


@dataclass(frozen=True, slots=True)
class Move:
    """One line that changes."""

    line: int
    reference: str
    credit: str
    before: Decimal
    after: Decimal

    def to_json(self) -> dict[str, Any]:
        """English keys, amounts as text."""
        values = {"line": self.line, "reference": self.reference, "credit": self.credit}
        return {**values, "before": f"{self.before:.2f}", "after": f"{self.after:.2f}"}


@dataclass(frozen=True, slots=True)
class LeastChange:
    """What would bring one dossier to `wanted`. `moves`: by taking from the others; `extra`: by adding to envelopes alone.

    `status`: optimal, or how the search was stopped. `blocked`: why taking from the others is not enough, when `moves` is empty.
    """

    dossier: int
    reference: str
    now: Decimal
    wanted: Decimal
    status: str
    moves: tuple[Move, ...] = ()
    extra: Mapping[str, Decimal] | None = None  # None: no envelope would be enough
    blocked: tuple[Constraint, ...] = ()

    @property
    def taken(self) -> Decimal:
        """Euros taken from the other dossiers."""
        lost = (m.before - m.after for m in self.moves if m.reference != self.reference)
        return sum(lost, ZERO)

    def to_json(self) -> dict[str, Any]:
        """English keys, amounts as text."""
        return {
            "dossier": self.dossier,
            "reference": self.reference,
            "now": f"{self.now:.2f}",
            "wanted": f"{self.wanted:.2f}",
            "status": self.status,
            "taken": f"{self.taken:.2f}",
            "moves": [move.to_json() for move in self.moves],
            "extra": None
            if self.extra is None
            else {credit: f"{amount:.2f}" for credit, amount in self.extra.items()},
            "blocked": [one.to_json() for one in self.blocked],
        }


def least_change(problem: Problem, amounts: Amounts, dossier: int) -> LeastChange:
    """For a dossier that receives nothing, what would bring it to its floor; for one partly served, to all it needs."""
    chosen = next(one for one in problem.candidates if one.id == dossier)
    given = received(chosen, amounts)
    wanted = given + down(chosen.need - given) if given > 0 else max(up(chosen.floor), STEP)
    if given >= wanted:
        return LeastChange(dossier, chosen.reference, given, given, "optimal")
    policy = problem.policy
    limits = Limits(EXACT, policy.nodes, policy.seconds, policy.seed)
    programme = _taking(problem, amounts, chosen, wanted)
    answer = maximise(programme, limits)
    blocked: tuple[Constraint, ...] = ()
    if not answer.values:
        named = conflict(programme, limits) or Reading(problem, amounts).stops(chosen)
        blocked = tuple(one for one in named if one not in _asked(chosen, wanted))
    return LeastChange(
        dossier=dossier,
        reference=chosen.reference,
        now=given,
        wanted=wanted,
        status=answer.status,
        moves=_moves(problem, programme, answer, amounts),
        extra=_extra(problem, amounts, chosen, wanted, limits),
        blocked=blocked,
    )


def _asked(chosen: Candidate, wanted: Decimal) -> tuple[Constraint, ...]:
    """What was asked, in the two ways a conflict may name it: no news for whoever asked."""
    served = Constraint(SERVED, chosen.reference, amount=wanted)
    return served, Constraint(FLOOR, chosen.reference, amount=chosen.floor)


def _taking(problem: Problem, amounts: Amounts, chosen: Candidate, wanted: Decimal) -> Programme:
    """The others may only lose; what is lost is made smallest; neighbourhoods' minimums are kept as far as they are now."""
    programme = _serving(problem, chosen, wanted)
    best = max(one.score for one in problem.candidates)
    for candidate in problem.candidates:
        if candidate.id == chosen.id:
            continue
        for line in candidate.lines:
            column = programme.columns[programme.amounts[line.id]]
            column.upper = max(column.lower, min(column.upper, steps(amounts.get(line.id, ZERO))))
            column.gain = FIRST + candidate.score / best
    for minimum in problem.qpv:
        lacking = max(ZERO, minimum.amount - qpv_reached(problem, minimum, amounts))
        programme.columns[programme.missing[minimum.qpv]].upper = steps(lacking)
    return programme


def _extra(
    problem: Problem, amounts: Amounts, chosen: Candidate, wanted: Decimal, limits: Limits
) -> Mapping[str, Decimal] | None:
    """What the envelopes would need more, the others untouched; None when money is not what is missing."""
    programme = _serving(problem, chosen, wanted)
    for candidate in problem.candidates:
        if candidate.id != chosen.id:
            for line in candidate.lines:
                column = programme.columns[programme.amounts[line.id]]
                column.lower = column.upper = steps(amounts.get(line.id, ZERO))
    added = {}
    for row in programme.rows:
        if row.name is not None and row.name.kind == ENVELOPE and row.name.credit:
            added[row.name.credit] = programme.column(Column(0.0, inf, -1.0, whole=False))
            row.terms[added[row.name.credit]] = -1.0
    answer = maximise(programme, limits)
    if not answer.values:
        return None
    cents = {credit: Decimal(round(answer.values[column] * 10_000)) / 100 for credit, column in added.items()}
    return {credit: amount for credit, amount in cents.items() if amount > 0}


def _serving(problem: Problem, chosen: Candidate, wanted: Decimal) -> Programme:
    """The problem's programme with this dossier served, and nothing else to gain."""
    programme = programme_of(problem)
    for column in programme.columns:
        column.gain = 0.0
    opened = programme.opened[chosen.id]
    programme.columns[opened] = replace(programme.columns[opened], lower=1.0)
    terms = {programme.amounts[line.id]: 1.0 for line in chosen.lines}
    programme.row(terms, lower=steps(wanted), name=_asked(chosen, wanted)[0])
    return programme


def _moves(problem: Problem, programme: Programme, answer: Answer, before: Amounts) -> tuple[Move, ...]:
    if not answer.values:
        return ()
    after = amounts_of(problem, programme, answer.values)
    return tuple(
        Move(line.id, candidate.reference, line.credit, before.get(line.id, ZERO), after[line.id])
        for candidate, line in problem.pairs()
        if after[line.id] != before.get(line.id, ZERO)
    )
