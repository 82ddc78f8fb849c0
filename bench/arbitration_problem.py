# SPDX-License-Identifier: EUPL-1.2
"""A conference of any size as a problem of arbitration, spread as real ones are; the same numbers give the same problem."""

from dataclasses import replace
from decimal import Decimal
from random import Random

from workflow.arbitration.problem import (
    PARTS,
    Candidate,
    CpoTarget,
    Envelope,
    Exclusion,
    Line,
    PochesCeiling,
    Policy,
    Problem,
    QpvMinimum,
    down,
)

FINANCERS = ("etat", "region", "departement", "epci", "commune-a", "commune-b", "caf", "ars")
CREDITS = tuple(f"{code}:specifique" for code in FINANCERS)
QPV = tuple(f"QN0593{number}M" for number in range(8))
SHORT = Decimal("0.55")  # of what is asked, the envelopes hold this much


def conference(number: int, *, seed: int = 1) -> Problem:
    """`number` dossiers, 8 financers, 1 to 5 requests each, floors, locks, exclusions, three minimums, poches, a CPO target."""
    draw = Random(seed)
    candidates = tuple(_candidate(draw, rank) for rank in range(number))
    asked, held = dict.fromkeys(CREDITS, Decimal(0)), dict.fromkeys(CREDITS, Decimal(0))
    for candidate in candidates:
        for line in candidate.lines:
            asked[line.credit] += line.ceiling if line.excluded is None else 0
            held[line.credit] += line.locked or 0
    envelopes = tuple(
        Envelope(
            credit, "notified", max(held[credit], down(asked[credit] * SHORT * draw.randint(8, 12) / 10))
        )
        for credit in CREDITS
    )
    total = sum((envelope.amount or Decimal(0) for envelope in envelopes), Decimal(0))
    return Problem(
        candidates,
        envelopes,
        qpv=tuple(QpvMinimum(code, down(total / 9)) for code in QPV[:3]),
        poches=PochesCeiling("etat:specifique", down((envelopes[0].amount or Decimal(0)) / 40)),
        cpo=CpoTarget(Decimal("0.5")),
        policy=Policy(),
    )


def _candidate(draw: Random, rank: int) -> Candidate:
    credits = draw.sample(CREDITS, draw.choice((1, 2, 2, 3, 3, 4, 5)))
    lines = [_line(draw, rank * 10 + place, credit) for place, credit in enumerate(credits)]
    asked = sum((line.ceiling for line in lines), Decimal(0))
    remainder = asked * draw.randint(60, 105) / 100
    if draw.random() < 0.06:  # a CPO's promise, kept
        lines[0] = replace(lines[0], locked=down(min(lines[0].ceiling, remainder)), excluded=None)
    floor = max(Decimal(1000), (min(asked, remainder) * 6 / 10)).quantize(Decimal("0.01"))
    names = draw.sample(QPV, draw.choice((1, 1, 1, 2, 3)))
    return Candidate(
        id=rank,
        reference=f"D{rank:04}",
        score=draw.randint(20, 160),
        remainder=remainder.quantize(Decimal("0.01")),
        lines=tuple(lines),
        floor=min(floor, lines[0].locked or floor),
        qpv=dict.fromkeys(names, PARTS // len(names)),
        poches=draw.choice((0, 0, 0, 0, 1500)),
        cpo=draw.random() < 0.3,
        convertible=draw.random() < 0.5,
    )


def _line(draw: Random, number: int, credit: str) -> Line:
    ceiling = Decimal(draw.choice((1500, 2000, 3000, 4500, 6000, 8000, 12_000)) + draw.randint(0, 9) * 50)
    if draw.random() < 0.04:
        return Line(number, credit, ceiling, excluded=Exclusion.UNFAVOURABLE)
    return Line(number, credit, ceiling, least=Decimal(500))
