# SPDX-License-Identifier: EUPL-1.2
"""The solver against every allocation of 200 small programmes, one by one; and against the order of opinions on 50 larger ones."""

from decimal import Decimal
from itertools import product
from random import Random

import pytest

from bench.arbitration_problem import conference
from tests.workflow.arbitration.toy import random_problem
from workflow.arbitration.constraints import faults
from workflow.arbitration.problem import STEP, Line, Problem, down, points
from workflow.arbitration.solve import InfeasibleError, solve


def best_of_all(problem: Problem) -> Decimal | None:
    """The points of the best allocation, every one tried; None when none keeps the locked amounts."""
    choices = [[(line.id, amount) for amount in _possible(line)] for line in problem.lines.values()]
    allowed = (dict(amounts) for amounts in product(*choices))
    return max((points(problem, one) for one in allowed if not faults(problem, one)), default=None)


def _possible(line: Line) -> list[Decimal]:
    if line.locked is not None:
        return [line.locked]
    return [STEP * number for number in range(int(down(line.ceiling) / STEP) + 1)]


@pytest.mark.parametrize("lot", range(10))
def test_solver_finds_the_best_of_all_allocations(lot: int) -> None:
    for number in range(20):
        problem = random_problem(Random(lot * 20 + number))
        best = best_of_all(problem)

        if best is None:
            with pytest.raises(InfeasibleError) as refused:
                solve(problem)
            assert refused.value.constraints, number
        else:
            found = solve(problem)
            assert (found.status, found.points) == ("optimal", best), number


@pytest.mark.parametrize("lot", range(5))
def test_solver_is_never_worse_than_the_order_of_opinions(lot: int) -> None:
    better = 0
    for number in range(10):
        found = solve(conference(12, seed=lot * 10 + number))
        assert found.points >= found.greedy_points, number
        better += found.points > found.greedy_points
    assert better > 5
