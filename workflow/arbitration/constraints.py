# SPDX-License-Identifier: EUPL-1.2
"""The constraints by name: what bounds an allocation, what stopped a dossier, what conflicts; and an exact check of one."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from workflow.arbitration.problem import (
    STEP,
    ZERO,
    Amounts,
    Candidate,
    Line,
    Problem,
    drawn,
    poches_drawn,
    received,
)

ENVELOPE, REQUEST, REMAINDER, FLOOR, LEAST, LOCKED = (
    "envelope",
    "request",
    "remainder",
    "floor",
    "least",
    "locked",
)
QPV, POCHES, EXCLUDED, UNFINISHED = "qpv", "poches", "excluded", "unfinished"
REQUESTS = "requests"  # of the lines that nobody locked, together
ANSWER = (
    "answer"  # a line stands at what its financer answered, or the synthesis suggests: less than was asked
)
SERVED = "served"  # asked by `least_change`: this dossier must be served


@dataclass(frozen=True, slots=True)
class Constraint:
    """One constraint by what it is about: figures and codes only, `wording.sentence` makes the French."""

    kind: str
    reference: str | None = None
    credit: str | None = None
    qpv: str | None = None
    amount: Decimal | None = None
    why: str | None = None  # of an exclusion

    def to_json(self) -> dict[str, Any]:
        """Only what it carries; amounts as text."""
        values = {"kind": self.kind, "reference": self.reference, "credit": self.credit, "qpv": self.qpv}
        values["amount"] = None if self.amount is None else f"{self.amount:.2f}"
        values["why"] = self.why
        return {key: value for key, value in values.items() if value is not None}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "Constraint":
        """Read back."""
        amount = values.get("amount")
        return cls(**{**values, "amount": None if amount is None else Decimal(amount)})


def faults(problem: Problem, amounts: Amounts) -> list[Constraint]:
    """The constraints that this allocation breaks, to the cent. Minimums of neighbourhoods are soft: none is here."""
    found = [fault for one in problem.candidates for fault in _faults_of(one, amounts)]
    for credit, taken in drawn(problem, amounts).items():
        envelope = problem.envelope_of.get(credit)
        available = envelope.available if envelope else None
        if available is not None and taken > max(available, ZERO):
            found.append(Constraint(ENVELOPE, credit=credit, amount=available))
    ceiling = problem.poches
    if ceiling is not None and poches_drawn(problem, ceiling, amounts) > max(ceiling.amount, ceiling.reached):
        found.append(Constraint(POCHES, credit=ceiling.credit, amount=ceiling.amount))
    return found


def _faults_of(candidate: Candidate, amounts: Amounts) -> Iterator[Constraint]:
    given = received(candidate, amounts)
    if given > 0 and candidate.excluded is not None:
        yield excluded(candidate)
    if given > 0 and candidate.remainder is not None and given > candidate.remainder:
        yield Constraint(REMAINDER, candidate.reference, amount=candidate.remainder)
    if ZERO < given < candidate.floor:
        yield Constraint(FLOOR, candidate.reference, amount=candidate.floor)
    for line in candidate.lines:
        yield from _faults_of_line(candidate, line, amounts.get(line.id, ZERO))


def _faults_of_line(candidate: Candidate, line: Line, amount: Decimal) -> Iterator[Constraint]:
    if amount < 0 or amount > line.ceiling:
        yield Constraint(REQUEST, candidate.reference, line.credit, amount=line.ceiling)
    if amount > 0 and line.excluded is not None:
        yield excluded(candidate, line)
    if line.locked is not None:
        if amount != line.locked:
            yield locked(candidate, line)
    elif amount % STEP:
        yield Constraint("rounding", candidate.reference, line.credit, amount=amount)
    elif ZERO < amount < line.least:
        yield Constraint(LEAST, candidate.reference, line.credit, amount=line.least)


def excluded(candidate: Candidate, line: Line | None = None) -> Constraint:
    """The exclusion of a line, or of the whole dossier."""
    why = candidate.excluded if line is None else line.excluded
    return Constraint(EXCLUDED, candidate.reference, line.credit if line else None, why=why)


def locked(candidate: Candidate, line: Line) -> Constraint:
    """The amount a person locked on a line."""
    return Constraint(LOCKED, candidate.reference, line.credit, amount=line.locked)
