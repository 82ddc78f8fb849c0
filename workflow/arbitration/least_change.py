# SPDX-License-Identifier: EUPL-1.2
"""The least change that would serve one dossier: taken from the others, or added to the envelopes; or what forbids both."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from math import inf
from typing import Any

from workflow.arbitration.constraints import ENVELOPE, FLOOR, SERVED, Constraint
from workflow.arbitration.explain import Reading
from workflow.arbitration.highs import INFEASIBLE, OPTIMAL, Answer, Limits, conflict, maximise
from workflow.arbitration.problem import (
    STEP,
    ZERO,
    Amounts,
    Candidate,
    Problem,
    down,
    qpv_reached,
    received,
)
from workflow.arbitration.programme import Column, steps
from workflow.arbitration.standing import PresentProgramme

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

    `status`, `extra_status`: optimal or infeasible, which are proved, or how that search was stopped: then a smaller change
    may exist. `blocked`: why taking from the others is not enough, once it is proved that it is not.
    """

    dossier: int
    reference: str
    now: Decimal
    wanted: Decimal
    status: str
    moves: tuple[Move, ...] = ()
    extra: Mapping[str, Decimal] | None = None  # None: no envelope would be enough, or none was found in time
    extra_status: str = OPTIMAL
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
            "extra_status": self.extra_status,
            "blocked": [one.to_json() for one in self.blocked],
        }


def least_change(problem: Problem, amounts: Amounts, dossier: int) -> LeastChange:
    """For a dossier that receives nothing, what would bring it to its floor; for one partly served, to all it needs."""
    chosen = next(one for one in problem.candidates if one.id == dossier)
    given = received(chosen, amounts)
    wanted = _wanted(chosen, amounts)
    if given >= wanted:
        return LeastChange(dossier, chosen.reference, given, given, OPTIMAL)
    policy = problem.policy
    limits = Limits(EXACT, policy.nodes, policy.seconds, policy.seed)
    standing = _taking(problem, amounts, chosen, wanted)
    answer = maximise(standing.programme, limits)
    blocked: tuple[Constraint, ...] = ()
    if answer.status == INFEASIBLE:
        named = conflict(standing.programme, limits) or Reading(problem, amounts).stops(chosen)
        blocked = tuple(one for one in named if one not in _asked(chosen, wanted))
    extra, extra_status = _extra(problem, amounts, chosen, wanted, limits)
    return LeastChange(
        dossier=dossier,
        reference=chosen.reference,
        now=given,
        wanted=wanted,
        status=answer.status,
        moves=_moves(standing, answer),
        extra=extra,
        extra_status=extra_status,
        blocked=blocked,
    )


def _wanted(chosen: Candidate, amounts: Amounts) -> Decimal:
    """Nothing yet: its floor. Partly served: the whole steps of its need, beside the locked amounts with their cents."""
    given = received(chosen, amounts)
    if not given:
        return chosen.first
    if chosen.need - given < STEP:
        return given
    held = sum((amounts.get(line.id, ZERO) for line in chosen.lines if line.locked is not None), ZERO)
    return max(given, held + down(chosen.need - held))


def _asked(chosen: Candidate, wanted: Decimal) -> tuple[Constraint, ...]:
    """What was asked, in the two ways a conflict may name it: no news for whoever asked."""
    served = Constraint(SERVED, chosen.reference, amount=wanted)
    return served, Constraint(FLOOR, chosen.reference, amount=chosen.floor)


def _serving(
    problem: Problem, amounts: Amounts, chosen: Candidate, wanted: Decimal, *, others_lose: bool
) -> PresentProgramme:
    """The scenario with this dossier served, and nothing else to gain."""
    standing = PresentProgramme(problem, amounts, chosen).build(others_lose=others_lose)
    terms = {standing.programme.amounts[line.id]: 1.0 for line in chosen.lines}
    standing.programme.row(terms, lower=steps(wanted), name=_asked(chosen, wanted)[0])
    return standing


def _taking(problem: Problem, amounts: Amounts, chosen: Candidate, wanted: Decimal) -> PresentProgramme:
    """The others may only lose; what is lost is made smallest; neighbourhoods' minimums are kept as far as they are now."""
    standing = _serving(problem, amounts, chosen, wanted, others_lose=True)
    programme = standing.programme
    best = max(one.score for one in problem.candidates)
    for candidate, line in problem.pairs():
        if candidate.id != chosen.id:
            programme.columns[programme.amounts[line.id]].gain = FIRST + candidate.score / best
    for minimum in problem.qpv:
        lacking = max(ZERO, minimum.amount - qpv_reached(problem, minimum, amounts))
        programme.columns[programme.missing[minimum.qpv]].upper = steps(lacking)
    return standing


def _extra(
    problem: Problem, amounts: Amounts, chosen: Candidate, wanted: Decimal, limits: Limits
) -> tuple[Mapping[str, Decimal] | None, str]:
    """What the envelopes would need more, the others untouched, and how sure; None when money is not what is missing."""
    programme = _serving(problem, amounts, chosen, wanted, others_lose=False).programme
    added = {}
    for row in programme.rows:
        if row.name is not None and row.name.kind == ENVELOPE and row.name.credit:
            added[row.name.credit] = programme.column(Column(0.0, inf, -1.0, whole=False))
            row.terms[added[row.name.credit]] = -1.0
    answer = maximise(programme, limits)
    if not answer.values:
        return None, answer.status
    cents = {credit: Decimal(round(answer.values[column] * 10_000)) / 100 for credit, column in added.items()}
    return {credit: amount for credit, amount in cents.items() if amount > 0}, answer.status


def _moves(standing: PresentProgramme, answer: Answer) -> tuple[Move, ...]:
    if not answer.values:
        return ()
    before, after = standing.amounts, standing.after(answer.values)
    return tuple(
        Move(line.id, candidate.reference, line.credit, before.get(line.id, ZERO), after[line.id])
        for candidate, line in standing.problem.pairs()
        if after[line.id] != before.get(line.id, ZERO)
    )
