# SPDX-License-Identifier: EUPL-1.2
"""A problem as a mixed-integer programme in plain numbers: columns, rows, and the name of each. Knows no solver.

Amounts are counted in hundreds of euros. Free lines are whole numbers, so that nothing is rounded afterwards; a locked
amount is a constant with its cents, exact in ten-thousandths, a hundred times above the solver's tolerance.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from math import inf

from workflow.arbitration.constraints import (
    ENVELOPE,
    FLOOR,
    LEAST,
    POCHES,
    QPV,
    REMAINDER,
    REQUEST,
    REQUESTS,
    Constraint,
    excluded,
    locked,
)
from workflow.arbitration.problem import (
    PARTS,
    STEP,
    ZERO,
    Amounts,
    Candidate,
    Line,
    Policy,
    Problem,
    QpvMinimum,
    down,
    up,
)

ALL_REQUESTS = Constraint(REQUESTS)  # one name for all: a conflict may hold a hundred of them


@dataclass(slots=True)
class Column:
    """One variable. `name`: the constraint that its bounds stand for, when a person set them."""

    lower: float
    upper: float
    gain: float = 0.0
    whole: bool = True
    name: Constraint | None = None


@dataclass(slots=True)
class Row:
    """lower ≤ Σ coefficient × column ≤ upper."""

    terms: dict[int, float]
    lower: float
    upper: float
    name: Constraint | None = None


@dataclass(slots=True)
class Programme:
    """What the solver maximises. `amounts`: the column of each line; `opened`: of each dossier served or not."""

    columns: list[Column] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    amounts: dict[int, int] = field(default_factory=dict)
    opened: dict[int, int] = field(default_factory=dict)
    missing: dict[str, int] = field(default_factory=dict)  # of each neighbourhood, in steps

    def column(self, column: Column) -> int:
        """Adds a column; gives its number."""
        self.columns.append(column)
        return len(self.columns) - 1

    def row(
        self,
        terms: Mapping[int, float],
        lower: float = -inf,
        upper: float = inf,
        name: Constraint | None = None,
    ) -> None:
        """Adds a row."""
        self.rows.append(Row(dict(terms), lower, upper, name))


def steps(amount: Decimal) -> float:
    """Euros in hundreds."""
    return float(amount / STEP)


def programme_of(
    problem: Problem, *, hard: bool = False, add: Callable[[Programme, Candidate], None] | None = None
) -> Programme:
    """The programme of a problem. `hard`: neighbourhoods' minimums must hold, to find which of them conflict.

    `add`: writes the columns and rows of each dossier in another way than by its rules alone.
    """
    programme = Programme()
    for candidate in problem.candidates:
        if add is None:
            _candidate(programme, candidate, problem.policy)
        else:
            add(programme, candidate)
    for envelope in problem.envelopes:
        available = envelope.available
        if available is not None:
            terms = {
                programme.amounts[line.id]: 1.0
                for _, line in problem.pairs()
                if line.credit == envelope.credit
            }
            name = Constraint(ENVELOPE, credit=envelope.credit, amount=available)
            programme.row(terms, upper=steps(max(available, ZERO)), name=name)
    _poches(programme, problem)
    for minimum in problem.qpv:
        _qpv(programme, problem, minimum, hard=hard)
    return programme


def _candidate(programme: Programme, candidate: Candidate, policy: Policy) -> None:
    """Its lines, and one 0-1 column: served at least at its floor and within its remainder, or not at all."""
    held = any(line.locked for line in candidate.lines)
    gain = candidate.score * steps(policy.bonus)
    opened = programme.column(Column(1.0 if held else 0.0, 1.0, gain))
    programme.opened[candidate.id] = opened
    columns = [_line(programme, candidate, line, opened) for line in candidate.lines]
    total = dict.fromkeys(columns, 1.0)
    if candidate.excluded is not None:
        programme.row(total, upper=0.0, name=excluded(candidate))
    room = candidate.requested if candidate.remainder is None else max(ZERO, candidate.remainder)
    room = room if held else down(min(room, candidate.requested))
    name = Constraint(REMAINDER, candidate.reference, amount=candidate.remainder)
    programme.row({**total, opened: -steps(room)}, upper=0.0, name=name)
    floor = candidate.first if not held else candidate.floor
    name = Constraint(FLOOR, candidate.reference, amount=candidate.floor)
    programme.row({**total, opened: -steps(floor)}, lower=0.0, name=name)


def _line(programme: Programme, candidate: Candidate, line: Line, opened: int) -> int:
    gain = float(candidate.score)
    if line.locked is not None:
        amount = steps(line.locked)
        column = programme.column(Column(amount, amount, gain, amount.is_integer(), locked(candidate, line)))
        name = Constraint(REQUEST, candidate.reference, line.credit, amount=line.ceiling)
        if line.excluded is not None:
            programme.row({column: 1.0}, upper=0.0, name=excluded(candidate, line))
        programme.row({column: 1.0}, upper=steps(line.ceiling), name=name)
    else:
        most = steps(down(line.ceiling)) if line.excluded is None else 0.0
        column = programme.column(Column(0.0, most, gain, name=ALL_REQUESTS))
        programme.row({column: 1.0, opened: -most}, upper=0.0, name=ALL_REQUESTS)
        at_least(programme, candidate, line, column, most)
    programme.amounts[line.id] = column
    return column


def at_least(programme: Programme, candidate: Candidate, line: Line, column: int, most: float) -> None:
    """Nothing, or what its financer gives at least."""
    least = steps(up(line.least))
    if least <= 1 or most == 0:
        return
    given = programme.column(Column(0.0, 1.0))
    name = Constraint(LEAST, candidate.reference, line.credit, amount=line.least)
    programme.row({column: 1.0, given: -most}, upper=0.0)
    programme.row({column: 1.0, given: -least}, lower=0.0, name=name)


def _poches(programme: Programme, problem: Problem) -> None:
    ceiling = problem.poches
    if ceiling is None:
        return
    terms = {
        programme.amounts[line.id]: candidate.poches / PARTS
        for candidate, line in problem.pairs()
        if line.credit == ceiling.credit and candidate.poches
    }
    left = max(ZERO, ceiling.amount - ceiling.reached)
    name = Constraint(POCHES, credit=ceiling.credit, amount=ceiling.amount)
    programme.row(terms, upper=steps(left), name=name)


def _qpv(programme: Programme, problem: Problem, minimum: QpvMinimum, *, hard: bool) -> None:
    wanted = max(ZERO, minimum.amount - minimum.reached)
    terms = {
        programme.amounts[line.id]: candidate.qpv[minimum.qpv] / PARTS
        for candidate, line in problem.pairs()
        if candidate.qpv.get(minimum.qpv)
    }
    if not hard:
        missing = programme.column(Column(0.0, inf, -float(problem.policy.shortfall), whole=False))
        programme.missing[minimum.qpv], terms[missing] = missing, 1.0
    programme.row(terms, lower=steps(wanted), name=Constraint(QPV, qpv=minimum.qpv, amount=minimum.amount))


def values_of(programme: Programme, problem: Problem, amounts: Amounts) -> dict[int, float]:
    """An allocation as values of columns, for the solver to start from. Columns left out follow from these."""
    values = {programme.amounts[line_id]: steps(amount) for line_id, amount in amounts.items()}
    for candidate in problem.candidates:
        given = any(amounts.get(line.id, ZERO) > 0 for line in candidate.lines)
        values[programme.opened[candidate.id]] = float(given)
    return values
