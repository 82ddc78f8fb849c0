# SPDX-License-Identifier: EUPL-1.2
"""What holds of every allocation: within envelopes, requests and remainders, whole hundreds, to the cent, the same again."""

from dataclasses import replace
from decimal import Decimal
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.workflow.arbitration.toy import random_problem
from workflow.arbitration.greedy import greedy
from workflow.arbitration.problem import STEP, Problem, drawn, received
from workflow.arbitration.solution import Solution
from workflow.arbitration.solve import InfeasibleError, solve

PROBLEMS = st.integers(0, 10_000).map(lambda seed: random_problem(Random(seed)))
FEW = settings(max_examples=60, deadline=None)


def solved(problem: Problem) -> Solution | None:
    try:
        return solve(problem)
    except InfeasibleError:
        return None


@FEW
@given(PROBLEMS)
def test_no_allocation_exceeds_an_envelope_a_request_or_a_remainder(problem: Problem) -> None:
    found = solved(problem)
    if found is None:
        return
    for credit, taken in drawn(problem, found.amounts).items():
        envelope = problem.envelope_of[credit]
        assert envelope.available is None or taken <= envelope.available
    for candidate, line in problem.pairs():
        assert 0 <= found.amounts[line.id] <= line.ceiling
        assert candidate.remainder is None or received(candidate, found.amounts) <= candidate.remainder


@FEW
@given(PROBLEMS)
def test_amounts_are_whole_hundreds_or_locked_and_add_up_to_the_cent(problem: Problem) -> None:
    found = solved(problem)
    if found is None:
        return
    for line in problem.lines.values():
        amount = found.amounts[line.id]
        assert amount == line.locked if line.locked is not None else amount % STEP == 0
    total = sum(found.amounts.values(), Decimal(0))
    assert total == found.total == sum((one.allocated for one in found.envelopes), Decimal(0))


@FEW
@given(PROBLEMS)
def test_the_same_problem_has_the_same_answer_and_never_less_than_the_order_of_opinions(
    problem: Problem,
) -> None:
    found = solved(problem)

    assert found == solved(problem)
    assert found is None or found.points >= found.greedy_points or _breaks(problem)


def _breaks(problem: Problem) -> bool:
    """The order of opinions may break a floor that a locked amount holds: its points are then not comparable."""
    from workflow.arbitration.constraints import faults

    return bool(faults(problem, greedy(problem)))


@FEW
@given(PROBLEMS)
def test_whoever_is_not_fully_served_is_told_why(problem: Problem) -> None:
    found = solved(problem)
    if found is None:
        return
    for one in found.dossiers:
        assert bool(one.stops) is (one.served in ("partial", "none")), one
        assert all(stop.kind != "unfinished" for stop in one.stops), one


@FEW
@given(PROBLEMS, st.integers(0, 2))
def test_more_money_is_never_worth_less(problem: Problem, place: int) -> None:
    found = solved(problem)
    if found is None:
        return
    richer = list(problem.envelopes)
    richer[place] = replace(richer[place], amount=(richer[place].amount or Decimal(0)) + 300)

    assert solve(replace(problem, envelopes=tuple(richer))).points >= found.points
