# SPDX-License-Identifier: EUPL-1.2
"""Solves again without one target, to price it; and with all targets held, to find those that conflict."""

from collections.abc import Iterator
from dataclasses import replace

from workflow.arbitration.constraints import LOCKED, POCHES, QPV, Constraint
from workflow.arbitration.highs import INFEASIBLE, conflict, maximise
from workflow.arbitration.problem import ZERO, Amounts, Problem, points, received
from workflow.arbitration.programme import programme_of
from workflow.arbitration.solve import allocate, limits_of, unlocked
from workflow.arbitration.targets import TargetCost


def targets_of(problem: Problem) -> list[Constraint]:
    """What can be priced: neighbourhoods' minimums, the ceiling of the poches, and the locked amounts taken together."""
    found = [Constraint(QPV, qpv=one.qpv, amount=one.amount) for one in problem.qpv]
    if problem.poches is not None:
        found.append(Constraint(POCHES, credit=problem.poches.credit, amount=problem.poches.amount))
    held = sum((line.locked for _, line in problem.pairs() if line.locked), ZERO)
    if any(line.locked is not None for _, line in problem.pairs()):
        found.append(Constraint(LOCKED, amount=held))
    return found


def price(problem: Problem, amounts: Amounts, target: Constraint) -> TargetCost:
    """What this target costs, by solving without it, starting from `amounts`."""
    free = without(problem, target)
    other, _, _ = allocate(free, amounts)
    gains = (received(one, other) - received(one, amounts) for one in problem.candidates)
    return TargetCost(
        target=target,
        displaced=sum((gain for gain in gains if gain > 0), ZERO),
        total=sum(other.values(), ZERO) - sum(amounts.values(), ZERO),
        points=points(free, other) - points(free, amounts),
    )


def without(problem: Problem, target: Constraint) -> Problem:
    """The same problem freed of one target."""
    if target.kind == QPV:
        return replace(problem, qpv=tuple(one for one in problem.qpv if one.qpv != target.qpv))
    if target.kind == POCHES:
        return replace(problem, poches=None)
    return unlocked(problem)


def conflicts(problem: Problem) -> tuple[tuple[Constraint, ...], ...]:
    """Sets of constraints that no allocation holds together, each with at least one neighbourhood's minimum."""
    return tuple(_conflicts(problem))


def _conflicts(problem: Problem) -> Iterator[tuple[Constraint, ...]]:
    while problem.qpv and not _holds(problem):
        names = conflict(programme_of(problem, hard=True), limits_of(problem)) or _smallest(problem)
        yield names
        taken = {name.qpv for name in names if name.kind == QPV}
        problem = replace(problem, qpv=tuple(one for one in problem.qpv if one.qpv not in taken))


def _holds(problem: Problem) -> bool:
    return maximise(programme_of(problem, hard=True), limits_of(problem)).status != INFEASIBLE


def _smallest(problem: Problem) -> tuple[Constraint, ...]:
    """When only whole numbers and floors conflict, the solver names no row: the minimums are taken off one by one."""
    kept = problem.qpv
    for one in problem.qpv:
        fewer = tuple(other for other in kept if other != one)
        if fewer and not _holds(replace(problem, qpv=fewer)):
            kept = fewer
    return tuple(Constraint(QPV, qpv=one.qpv, amount=one.amount) for one in kept)
