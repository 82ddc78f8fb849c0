# SPDX-License-Identifier: EUPL-1.2
"""The solver on conferences of 300 and 2,000 dossiers × 8 financers, the least change, and the order of opinions beside it."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from statistics import median
from time import perf_counter, process_time

from bench.arbitration_problem import conference
from bench.table import Row, plain, timed
from workflow.arbitration.constraints import faults
from workflow.arbitration.greedy import greedy
from workflow.arbitration.least_change import least_change
from workflow.arbitration.pricing import conflicts, price, targets_of
from workflow.arbitration.problem import Problem
from workflow.arbitration.solution import Solution
from workflow.arbitration.solve import solve

SEEDS = (1, 2, 3)
SMALL, LARGE, GENERATED = 300, 2000, 50
ASKED = 5  # dossiers for which the least change is asked
SMALL_GAP, LARGE_GAP = Decimal("0.001"), Decimal("0.01")
SMALL_SECONDS, LARGE_SECONDS, CHANGE_SECONDS = 3.0, 30.0, 5.0


def measure(loop: float) -> Iterator[Row]:
    """Whole answers: the amounts, their proof, the explanation of each dossier, the greedy order compared."""
    solve(conference(12))  # the solver's library is loaded once in a process
    first = conference(SMALL)
    durations, processor, found = [], [], []
    for seed in SEEDS:
        problem = _within(conference(SMALL, seed=seed), SMALL_GAP)
        start, busy = perf_counter(), process_time()
        found.append(solve(problem))
        durations.append(perf_counter() - start)
        processor.append(process_time() - busy)
    yield timed(
        f"{SMALL} dossiers × 8 financers, worst of {len(SEEDS)} programmes",
        max(durations),
        SMALL_SECONDS,
        loop=loop,
    )
    yield timed("  processor time of that one thread", max(processor), loop=loop)
    yield _gap(found, SMALL_GAP)
    yield from _changes(first, found[0], loop)
    yield from _targets(first, found[0], loop)
    large = _within(conference(LARGE), LARGE_GAP)
    start, busy = perf_counter(), process_time()
    answer = solve(large)
    yield timed(f"{LARGE:,} dossiers × 8 financers", perf_counter() - start, LARGE_SECONDS, loop=loop)
    yield timed("  processor time of that one thread", process_time() - busy, loop=loop)
    yield _gap([answer], LARGE_GAP)
    yield from _greedy()


def _within(problem: Problem, gap: Decimal) -> Problem:
    return replace(problem, policy=replace(problem.policy, gap=gap))


def _gap(found: list[Solution], most: Decimal) -> Row:
    worst = max(one.gap for one in found)
    return plain(
        "  gap to the proven bound",
        f"{worst * 100:.4f} %",
        is_met=worst <= most,
        target=f"< {most * 100:.1f} %",
    )


def _changes(problem: Problem, found: Solution, loop: float) -> Iterator[Row]:
    durations = []
    for one in [each for each in found.dossiers if each.served == "none"][:ASKED]:
        start = perf_counter()
        least_change(problem, found.amounts, one.dossier)
        durations.append(perf_counter() - start)
    what = f"  least change for one dossier, worst of {len(durations)}"
    yield timed(what, max(durations), CHANGE_SECONDS, loop=loop)


def _targets(problem: Problem, found: Solution, loop: float) -> Iterator[Row]:
    start = perf_counter()
    priced = [price(problem, found.amounts, target) for target in targets_of(problem)]
    conflicts(problem)
    yield timed(f"  {len(priced)} targets priced, conflicts sought (task)", perf_counter() - start, loop=loop)


def _greedy() -> Iterator[Row]:
    worse, gains = 0, []
    for seed in range(GENERATED):
        problem = conference(30, seed=seed)
        found = solve(problem)
        worse += found.points < found.greedy_points
        if not faults(problem, greedy(problem)) and found.greedy_points > 0:
            gains.append(float(found.points / found.greedy_points) - 1)
    yield plain(
        f"{GENERATED} programmes of 30: worse than the order of opinions",
        worse,
        is_met=worse == 0,
        target="0",
    )
    yield plain("  points more than it, median", f"{median(gains) * 100:.1f} %")
