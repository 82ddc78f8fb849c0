# SPDX-License-Identifier: EUPL-1.2
"""Solves again without one target, to price it; and with all targets held, to find those that conflict."""

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
    other, status, _ = allocate(free, amounts)
    gains = (received(one, other) - received(one, amounts) for one in problem.candidates)
    return TargetCost(
        target=target,
        displaced=sum((gain for gain in gains if gain > 0), ZERO),
        total=sum(other.values(), ZERO) - sum(amounts.values(), ZERO),
        points=points(free, other) - points(free, amounts),
        status=status,
    )


def without(problem: Problem, target: Constraint) -> Problem:
    """The same problem freed of one target."""
    if target.kind == QPV:
        return replace(problem, qpv=tuple(one for one in problem.qpv if one.qpv != target.qpv))
    if target.kind == POCHES:
        return replace(problem, poches=None)
    return unlocked(problem)


def conflicts(problem: Problem) -> tuple[tuple[tuple[Constraint, ...], ...], bool]:
    """Sets of constraints that no allocation holds together, each with at least one neighbourhood's minimum.

    Then: true when it is proved that these are all, none of them spare; a search that was stopped proves nothing.
    """
    found: list[tuple[Constraint, ...]] = []
    while problem.qpv:
        holds = _holds(problem)
        if holds is not False:
            return tuple(found), holds is True
        names = conflict(programme_of(problem, hard=True), limits_of(problem))
        if not names:
            names, is_least = _smallest(problem)
            if not is_least:
                return (*found, names), False
        found.append(names)
        taken = {name.qpv for name in names if name.kind == QPV}
        problem = replace(problem, qpv=tuple(one for one in problem.qpv if one.qpv not in taken))
    return tuple(found), True


def _holds(problem: Problem) -> bool | None:
    """True when an allocation holds all minimums, False when it is proved that none does, None when nobody knows."""
    answer = maximise(programme_of(problem, hard=True), limits_of(problem))
    if answer.values:
        return True
    return False if answer.status == INFEASIBLE else None


def _smallest(problem: Problem) -> tuple[tuple[Constraint, ...], bool]:
    """When only whole numbers and floors conflict, the solver names no row: the minimums are taken off one by one."""
    kept, is_proved = problem.qpv, True
    for one in problem.qpv:
        fewer = tuple(other for other in kept if other != one)
        holds = _holds(replace(problem, qpv=fewer)) if fewer else True
        is_proved = is_proved and holds is not None
        if holds is False:
            kept = fewer
    return tuple(Constraint(QPV, qpv=one.qpv, amount=one.amount) for one in kept), is_proved
