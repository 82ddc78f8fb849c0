# SPDX-License-Identifier: EUPL-1.2
"""The best allocation of a problem, its proof, and why each dossier has what it has. The entry of the package."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from decimal import ROUND_UP, Decimal
from math import isfinite

from workflow.arbitration.constraints import FLOOR, Constraint, faults, locked
from workflow.arbitration.conversions import conversions
from workflow.arbitration.explain import Reading
from workflow.arbitration.greedy import greedy
from workflow.arbitration.highs import GAP, INFEASIBLE, OPTIMAL, Answer, Limits, conflict, maximise, relaxed
from workflow.arbitration.problem import (
    STEP,
    ZERO,
    Amounts,
    Problem,
    drawn,
    poches_drawn,
    points,
    qpv_reached,
    received,
)
from workflow.arbitration.programme import Column, Programme, programme_of, values_of
from workflow.arbitration.solution import DossierOutcome, EnvelopeOutcome, QpvOutcome, Solution

PRECISION = Decimal("0.000001")
ONE = Decimal(1)  # nothing is proved
ROUNDING = 1e-6  # the solver’s tolerance on whole numbers
ZERO_GAP = 1e-9  # below it, the proof is whole: the objective is made of whole points


class InfeasibleError(Exception):
    """What people locked cannot hold together; `constraints` names the rows in conflict."""

    def __init__(self, constraints: Sequence[Constraint]) -> None:
        self.constraints = tuple(constraints)
        super().__init__(self.constraints)  # as its only argument, so that it travels between processes


class UnfinishedError(Exception):
    """Time or nodes ran out before any allocation that keeps the locked amounts was found."""


def solve(problem: Problem) -> Solution:
    """The allocation, its proof, its explanations. Raises InfeasibleError naming the conflict, or UnfinishedError."""
    first = greedy(problem)
    amounts, status, gap = allocate(problem, _start(problem, first))
    return read(problem, amounts, status, gap, greedy_points=points(problem, first))


def _start(problem: Problem, first: Amounts) -> Amounts | None:
    """Where the search starts: the order of opinions, or on a large agenda what is better; None when neither holds.

    The relaxation leaves a few dossiers cut in parts: without those, the order of opinions shares out what is left. That is
    within a hundredth of the best on 2,000 dossiers, so that the search is over as soon as its own bound is known.
    """
    starts = [first]
    limits = limits_of(problem)
    if limits.gap:
        programme = programme_of(problem)
        if values := relaxed(programme, limits):
            starts.append(greedy(problem, _whole(problem, programme, values)))
    held = [one for one in starts if not faults(problem, one)]
    return max(held, key=lambda one: points(problem, one), default=None)


def _whole(problem: Problem, programme: Programme, values: Sequence[float]) -> dict[int, Decimal]:
    """The relaxation's amounts on the dossiers it serves whole, in whole steps; nothing on those it cuts."""
    return {
        line.id: Decimal(int(values[programme.amounts[line.id]] + ROUNDING)) * STEP
        if values[programme.opened[candidate.id]] > 1 - ROUNDING
        else ZERO
        for candidate, line in problem.pairs()
    }


def allocate(problem: Problem, start: Amounts | None) -> tuple[dict[int, Decimal], str, Decimal]:
    """Amounts by line, how the search ended, and the gap. `start`: an allocation the answer is never worse than."""
    programme, limits = programme_of(problem), limits_of(problem)
    values = None if start is None else values_of(programme, problem, start)
    answer = maximise(programme, limits, values)
    if answer.status == INFEASIBLE:
        raise InfeasibleError(conflict(programme, limits) or locks_in_conflict(problem))
    if not answer.values and start is None:
        raise UnfinishedError
    if not answer.values:
        return dict(start or {}), answer.status, ONE
    gap = proved_gap(answer)
    if answer.status == OPTIMAL and limits.gap == 0:
        answer = _in_order(problem, programme, limits, answer)
    amounts = amounts_of(problem, programme, answer.values)
    broken = faults(problem, amounts)
    if broken:  # a fault of ours or of the solver: never shown as a proposal
        raise AssertionError(f"the solver broke {broken[:3]}")
    status = GAP if gap and answer.status == OPTIMAL else answer.status
    return amounts, status, gap


def proved_gap(answer: Answer) -> Decimal:
    """How far the proof is from what was found, as a share of it; without any bound nothing is proved."""
    if answer.gap <= ZERO_GAP:
        return ZERO
    return Decimal(str(answer.gap)).quantize(PRECISION, ROUND_UP) if isfinite(answer.gap) else ONE


def locks_in_conflict(problem: Problem) -> tuple[Constraint, ...]:
    """The locked amounts that cannot be kept, and the floors they miss: asked when whole numbers alone conflict.

    None is spare, unless the limits stop a search: what could not be proved spare is named.
    """
    limits = limits_of(problem)
    held = [line.id for _, line in problem.pairs() if line.locked is not None]
    for number in list(held):
        fewer = [other for other in held if other != number]
        if maximise(programme_of(unlocked(problem, fewer)), limits).status == INFEASIBLE:
            held = fewer
    found = [(one, line) for one, line in problem.pairs() if line.id in held]
    floors = [
        Constraint(FLOOR, one.reference, amount=one.floor)
        for one, _ in found
        if sum((line.locked or ZERO for line in one.lines), ZERO) < one.floor
    ]
    return tuple(dict.fromkeys([*(locked(one, line) for one, line in found), *floors]))


def unlocked(problem: Problem, kept: Collection[int] = ()) -> Problem:
    """The same problem with every line free but these."""
    candidates = (
        replace(
            one,
            lines=tuple(line if line.id in kept else replace(line, locked=None) for line in one.lines),
        )
        for one in problem.candidates
    )
    return replace(problem, candidates=tuple(candidates))


def limits_of(problem: Problem) -> Limits:
    """The search's limits: the proof up to a size, then a gap."""
    policy = problem.policy
    gap = ZERO if len(problem.candidates) <= policy.exact_below else policy.gap
    return Limits(float(gap), policy.nodes, policy.seconds, policy.seed)


def _in_order(problem: Problem, programme: Programme, limits: Limits, best: Answer) -> Answer:
    """Among the allocations as good as the best, the one that serves the first dossiers first: ties are never chance."""
    columns = programme.columns
    merit = {number: column.gain for number, column in enumerate(columns) if column.gain}
    held = Programme([replace(column, gain=0.0) for column in columns], list(programme.rows))
    held.row(merit, lower=best.objective - 1e-4)
    last = len(problem.candidates)
    for rank, candidate in enumerate(problem.candidates):
        for line in candidate.lines:
            column: Column = held.columns[programme.amounts[line.id]]
            column.gain = float(last - rank)
    ordered = maximise(held, limits, dict(enumerate(best.values)))
    return best if ordered.status != OPTIMAL else replace(ordered, objective=best.objective)


def amounts_of(problem: Problem, programme: Programme, values: Sequence[float]) -> dict[int, Decimal]:
    """Euros by line: whole hundreds where the solver chose, the locked amount elsewhere."""
    return {
        line.id: round(values[programme.amounts[line.id]]) * STEP if line.locked is None else line.locked
        for _, line in problem.pairs()
    }


def read(
    problem: Problem, amounts: Amounts, status: str, gap: Decimal, *, greedy_points: Decimal
) -> Solution:
    """An allocation with all that is said of it."""
    reading = Reading(problem, amounts)
    return Solution(
        status=status,
        gap=gap,
        points=points(problem, amounts),
        greedy_points=greedy_points,
        amounts=amounts,
        envelopes=_envelopes(reading),
        dossiers=_dossiers(reading),
        qpv=_qpv(problem, amounts),
        poches=None
        if problem.poches is None
        else (problem.poches.amount, poches_drawn(problem, problem.poches, amounts)),
        cpo=conversions(problem, amounts),
    )


def _envelopes(reading: Reading) -> tuple[EnvelopeOutcome, ...]:
    taken = drawn(reading.problem, reading.amounts)
    return tuple(
        EnvelopeOutcome(
            credit=one.credit,
            status=one.status,
            amount=one.amount,
            committed=one.committed,
            allocated=taken[one.credit],
            remaining=reading.left[one.credit],
            binds=one.credit in reading.binding,
        )
        for one in reading.problem.envelopes
    )


def _dossiers(reading: Reading) -> tuple[DossierOutcome, ...]:
    return tuple(
        DossierOutcome(
            dossier=one.id,
            reference=one.reference,
            score=one.score,
            requested=one.requested,
            remainder=one.remainder,
            floor=one.floor,
            allocated=received(one, reading.amounts),
            served=reading.served(one),
            stops=reading.stops(one),
        )
        for one in reading.problem.candidates
    )


def _qpv(problem: Problem, amounts: Amounts) -> tuple[QpvOutcome, ...]:
    reached = [(one, qpv_reached(problem, one, amounts)) for one in problem.qpv]
    return tuple(QpvOutcome(one.qpv, one.amount, got, max(ZERO, one.amount - got)) for one, got in reached)
