# SPDX-License-Identifier: EUPL-1.2
"""The least change of a scenario typed by hand, whatever rules its amounts break: against every change of small programmes."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from itertools import product
from random import Random
from typing import Any

import pytest

from tests.workflow.arbitration.test_explanations import dossier, shared
from tests.workflow.arbitration.toy import random_problem
from workflow.arbitration.constraints import ENVELOPE, POCHES, faults
from workflow.arbitration.least_change import LeastChange, least_change
from workflow.arbitration.problem import (
    STEP,
    ZERO,
    Amounts,
    Candidate,
    Line,
    Problem,
    down,
    qpv_reached,
    received,
)


@pytest.mark.parametrize(
    ("changes", "typed"),
    [
        ({"lines": {"etat": 2000}}, "3000"),  # more than was asked
        ({"floor": 3000}, "2000"),  # less than it needs to run
        ({"remainder": 1000}, "3000"),  # more than is left to fund
        ({"unfavourable": ["etat"]}, "2000"),
        ({"excluded": "synthesis"}, "2000"),
        ({}, "1234.56"),
        ({"locked": {"etat": "1234.56"}}, "1234.56"),
    ],
)
def test_what_people_typed_for_another_dossier_stays_when_there_is_room(
    changes: dict[str, Any], typed: str
) -> None:
    problem = shared(dossier("A", **changes), dossier("B"))

    change = least_change(problem, {1: Decimal(typed), 2: Decimal(0)}, 2)

    assert [(move.reference, move.after) for move in change.moves] == [("B", 1000)]
    assert (change.status, change.taken, change.extra, change.blocked) == ("optimal", 0, {}, ())


def test_a_line_under_what_its_financer_gives_at_least_stays_too() -> None:
    problem = shared(dossier("A"), dossier("B"))
    first, second = problem.candidates
    lines = tuple(replace(line, least=Decimal(2000)) for line in first.lines)
    problem = replace(problem, candidates=(replace(first, lines=lines), second))

    assert least_change(problem, {1: Decimal(1500), 2: ZERO}, 2).taken == 0


def test_cents_are_taken_whole_or_down_to_whole_steps() -> None:
    problem = shared(dossier("A"), dossier("B"))

    change = least_change(problem, {1: Decimal("4234.56"), 2: ZERO}, 2)

    assert [(move.reference, move.after) for move in change.moves] == [("A", 4000), ("B", 1000)]
    assert (change.taken, change.extra) == (Decimal("234.56"), {"etat": Decimal("234.56")})


def test_a_dossier_served_with_cents_is_brought_to_whole_steps() -> None:
    problem = shared(dossier("A", lines={"etat": 3000}), dossier("B", score=1))
    change = least_change(problem, {1: Decimal("1234.56"), 2: Decimal(3000)}, 1)

    assert (change.wanted, change.taken) == (3000, 1000)


# --- against every change


def test_the_least_change_is_the_least_of_all_changes() -> None:
    found = 0
    for number in range(120):
        draw = Random(number)
        problem = random_problem(draw)
        amounts = {line.id: _typed(draw, line) for line in problem.lines.values()}
        for chosen in problem.candidates:
            change = least_change(problem, amounts, chosen.id)
            if change.wanted == change.now:
                continue
            best = min(_taken(problem, amounts, chosen, change), default=None)
            assert (change.taken if change.status == "optimal" else None) == best, (number, chosen.id)
            found += best is not None
    assert found > 20


def _typed(draw: Random, line: Line) -> Decimal:
    if line.locked is not None:
        return line.locked
    return Decimal(draw.choice(("0", "0", "100", "200", "300.00", "155.50", "420")))


def _taken(problem: Problem, amounts: Amounts, chosen: Candidate, change: LeastChange) -> Iterator[Decimal]:
    """What each change that serves this dossier takes from the others."""
    choices = [
        [(line.id, amount) for amount in _choices(line, amounts[line.id], candidate is chosen)]
        for candidate, line in problem.pairs()
    ]
    own = {line.id for line in chosen.lines}
    for one in map(dict, product(*choices)):
        if received(chosen, one) >= change.wanted and _may(problem, amounts, chosen, one):
            yield sum((amounts[id_] - amount for id_, amount in one.items() if id_ not in own), ZERO)


def _choices(line: Line, present: Decimal, is_chosen: bool) -> set[Decimal]:
    if line.locked is not None:
        return {present}
    most = down((ZERO if line.excluded else line.ceiling) if is_chosen else present)
    steps = {STEP * number for number in range(int(most / STEP) + 1)}
    return {present} | {amount for amount in steps if not amount or amount >= line.least}


def _may(problem: Problem, before: Amounts, chosen: Candidate, after: Amounts) -> bool:
    """Envelopes and ceilings hold, neighbourhoods lose no minimum, and no dossier is left worse than its rules or its own."""
    if any(one.kind in (ENVELOPE, POCHES) for one in faults(problem, after)):
        return False
    for minimum in problem.qpv:
        lacks = [max(ZERO, minimum.amount - qpv_reached(problem, minimum, one)) for one in (before, after)]
        if lacks[1] > lacks[0]:
            return False
    for candidate in problem.candidates:
        had, given = received(candidate, before), received(candidate, after)
        if given and given < min(candidate.floor, had or candidate.floor):
            return False
        if candidate is chosen and (candidate.excluded or given > max(candidate.remainder or ZERO, had)):
            return False
    return True
