# SPDX-License-Identifier: EUPL-1.2
"""Small problems for the solver's tests: from the short form of the YAML cases, and drawn at random."""

from collections.abc import Mapping
from decimal import Decimal
from itertools import count
from random import Random
from typing import Any

from workflow.arbitration.constraints import Constraint
from workflow.arbitration.problem import (
    PARTS,
    Candidate,
    CpoTarget,
    Envelope,
    Exclusion,
    Line,
    PochesCeiling,
    Problem,
    QpvMinimum,
)

NAMES = ("etat", "epci", "region")


def problem_of(case: Mapping[str, Any]) -> Problem:
    """A case in its short form; lines are numbered in order, dossiers by rank."""
    numbers = count(1)
    envelopes = [Envelope(code, "notified", Decimal(amount)) for code, amount in case["envelopes"].items()]
    minimums = [
        QpvMinimum(code, Decimal(one["amount"]), Decimal(one.get("reached", 0)))
        for code, one in case.get("qpv", {}).items()
    ]
    cpo = case.get("cpo")
    return Problem(
        tuple(_candidate(rank, one, numbers) for rank, one in enumerate(case["dossiers"], 1)),
        tuple(envelopes),
        qpv=tuple(minimums),
        cpo=None
        if cpo is None
        else CpoTarget(Decimal(cpo["share"]), weight=Decimal(cpo["weight"]), years=cpo["years"]),
    )


def _candidate(rank: int, one: Mapping[str, Any], numbers: "count[int]") -> Candidate:
    refused, locked = one.get("unfavourable", ()), one.get("locked", {})
    return Candidate(
        id=rank,
        reference=one["id"],
        score=one["score"],
        remainder=Decimal(one["remainder"]),
        lines=tuple(
            Line(
                next(numbers),
                credit,
                Decimal(ceiling),
                locked=Decimal(locked[credit]) if credit in locked else None,
                excluded=Exclusion.UNFAVOURABLE if credit in refused else None,
            )
            for credit, ceiling in one["lines"].items()
        ),
        floor=Decimal(one.get("floor", 0)),
        qpv=one.get("qpv", {}),
        cpo=one.get("cpo", False),
        convertible=one.get("convertible", False),
        excluded=Exclusion(one["excluded"]) if "excluded" in one else None,
    )


def by_name(problem: Problem, amounts: Mapping[int, Decimal]) -> dict[str, dict[str, int]]:
    """What each dossier receives, by credit, nothing left out but zeros."""
    found: dict[str, dict[str, int]] = {}
    for candidate, line in problem.pairs():
        if amounts[line.id]:
            found.setdefault(candidate.reference, {})[line.credit] = int(amounts[line.id])
    return found


def named(stop: Constraint) -> str:
    """A constraint in a few letters."""
    return " ".join(part for part in (stop.kind, stop.credit, stop.qpv) if part)


def random_problem(draw: Random) -> Problem:
    """At most four free lines of a few hundred euros: every allocation can be enumerated."""
    numbers = count(1)
    candidates = tuple(_random_candidate(draw, rank, numbers) for rank in range(draw.randint(1, 3)))
    envelopes = tuple(
        Envelope(code, draw.choice(("notified", "none", "provisional")), Decimal(draw.randint(0, 900)))
        for code in NAMES
    )
    minimums = (QpvMinimum("N1", Decimal(draw.choice((150, 400)))),) if draw.random() < 0.4 else ()
    poches = PochesCeiling("etat", Decimal(draw.randint(0, 120))) if draw.random() < 0.4 else None
    return Problem(candidates, envelopes, qpv=minimums, poches=poches)


def _random_candidate(draw: Random, rank: int, numbers: "count[int]") -> Candidate:
    credits = draw.sample(NAMES, draw.choice((1, 1, 2)))
    lines = tuple(_random_line(draw, next(numbers), code) for code in credits)
    return Candidate(
        id=rank,
        reference=f"D{rank}",
        score=draw.randint(1, 9),
        remainder=Decimal(draw.choice((0, 90, 250, 400, 635, 900))),
        lines=lines,
        floor=Decimal(draw.choice((0, 0, 150, 200, 300))),
        qpv={} if draw.random() < 0.5 else {"N1": draw.choice((PARTS, 3333))},
        poches=draw.choice((0, 0, 2500)),
        excluded=Exclusion.SYNTHESIS if draw.random() < 0.05 else None,
    )


def _random_line(draw: Random, number: int, code: str) -> Line:
    ceiling = Decimal(draw.randint(50, 500))
    fate = draw.random()
    if fate < 0.12:
        return Line(number, code, ceiling, locked=Decimal(draw.choice((0, 100, 255))) / 1)
    if fate < 0.2:
        return Line(number, code, ceiling, excluded=Exclusion.UNFAVOURABLE)
    return Line(number, code, ceiling, least=Decimal(draw.choice((0, 0, 150, 200))))
