# SPDX-License-Identifier: EUPL-1.2
"""Why each dossier is not fully served, and which envelopes bind: read on the allocation at once, nothing solved again."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from itertools import combinations

from workflow.arbitration.constraints import (
    ANSWER,
    ENVELOPE,
    FLOOR,
    LEAST,
    POCHES,
    REQUEST,
    UNFINISHED,
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
    Problem,
    down,
    drawn,
    poches_drawn,
    received,
    up,
)
from workflow.arbitration.served import Served, served_of


@dataclass(frozen=True)
class Reading:
    """One allocation of one problem."""

    problem: Problem
    amounts: Amounts

    @cached_property
    def left(self) -> dict[str, Decimal | None]:
        """What is left of each credit; None without limit."""
        taken = drawn(self.problem, self.amounts)
        available = {credit: self.problem.envelope_of.get(credit) for credit in taken}
        return {
            credit: None if found is None or found.available is None else found.available - taken[credit]
            for credit, found in available.items()
        }

    @cached_property
    def poches_left(self) -> Decimal:
        """What is left under the ceiling of the poches."""
        ceiling = self.problem.poches
        return ZERO if ceiling is None else ceiling.amount - poches_drawn(self.problem, ceiling, self.amounts)

    def served(self, candidate: Candidate) -> Served:
        """How far it is served."""
        asked = (line.asked for line in candidate.lines)
        return served_of(received(candidate, self.amounts), asked, candidate.remainder)

    def stops(self, candidate: Candidate) -> tuple[Constraint, ...]:
        """What stopped it, once each; empty when it is fully served or when there is nothing to fund."""
        if self.served(candidate) in (Served.FULL, Served.COVERED):
            return ()
        if candidate.excluded is not None:
            return (excluded(candidate),)
        return tuple(dict.fromkeys([*self._fixed(candidate), *self._stopping(candidate)]))

    def _fixed(self, candidate: Candidate) -> Iterator[Constraint]:
        for line in candidate.lines:
            if line.locked is not None and line.locked < line.ceiling:
                yield locked(candidate, line)
            elif line.excluded is not None:
                yield excluded(candidate, line)
            elif down(line.ceiling) < down(line.asked) and self._room(line) < STEP:
                yield Constraint(ANSWER, candidate.reference, line.credit, amount=line.ceiling)

    def _stopping(self, candidate: Candidate) -> Iterator[Constraint]:
        given = received(candidate, self.amounts)
        within = down(candidate.need - given)
        free = [line for line in candidate.lines if line.is_free and down(self._room(line)) >= STEP]
        if not free or within < STEP:
            if given == 0:
                yield from self._too_small(candidate)
            return
        least = candidate.first if given == 0 else STEP
        rooms = {line.id: down(self._room(line)) for line in free}
        reaches = {line.id: self._reach(candidate, line) for line in free}
        if self._can_add(free, rooms, least, within):
            if self._can_add(free, reaches, least, within):
                yield Constraint(UNFINISHED, candidate.reference)
                return
            for line in free:
                yield from self._short(candidate, line)
            if given == 0 and any(reaches.values()):
                yield Constraint(FLOOR, candidate.reference, amount=candidate.floor)
        elif min(sum(rooms.values(), ZERO), within) < least:
            yield Constraint(FLOOR, candidate.reference, amount=candidate.floor)
        else:
            yield from (
                Constraint(LEAST, candidate.reference, line.credit, amount=line.least) for line in free
            )

    def _too_small(self, candidate: Candidate) -> Iterator[Constraint]:
        """Requests under one step: nothing can be proposed on them."""
        for line in candidate.lines:
            if line.is_free and line.ceiling < STEP:
                yield Constraint(REQUEST, candidate.reference, line.credit, amount=line.ceiling)

    def _can_add(
        self, lines: Sequence[Line], most: Mapping[int, Decimal], least: Decimal, within: Decimal
    ) -> bool:
        """True when some of these lines can add between `least` and `within`, each what its financer gives at least."""
        kept = [line for line in lines if most[line.id] >= self._starts_at(line)]
        for size in range(1, len(kept) + 1):
            for chosen in combinations(kept, size):
                low = sum((self._starts_at(line) for line in chosen), ZERO)
                high = sum((most[line.id] for line in chosen), ZERO)
                if max(low, least) <= min(high, within):
                    return True
        return False

    def _starts_at(self, line: Line) -> Decimal:
        """The smallest amount that can be added on a line."""
        return max(STEP, up(line.least) - self.amounts.get(line.id, ZERO))

    def _room(self, line: Line) -> Decimal:
        """What its request still allows."""
        return line.ceiling - self.amounts.get(line.id, ZERO)

    def _reach(self, candidate: Candidate, line: Line) -> Decimal:
        """What could be added on this line with what is left."""
        left = self.left[line.credit]
        most = self._room(line) if left is None else min(self._room(line), left)
        if self._is_under_poches(candidate, line):
            most = min(most, self.poches_left * PARTS / candidate.poches)
        return down(max(ZERO, most))

    def _short(self, candidate: Candidate, line: Line) -> Iterator[Constraint]:
        left = self.left[line.credit]
        if left is not None and down(left) < down(self._room(line)):
            yield Constraint(ENVELOPE, credit=line.credit, amount=left)
        if self._is_under_poches(
            candidate, line
        ) and self.poches_left * PARTS / candidate.poches < self._room(line):
            yield Constraint(POCHES, credit=line.credit, amount=self.poches_left)

    def _is_under_poches(self, candidate: Candidate, line: Line) -> bool:
        ceiling = self.problem.poches
        return ceiling is not None and line.credit == ceiling.credit and candidate.poches > 0

    @cached_property
    def binding(self) -> frozenset[str]:
        """The credits whose envelope stopped at least one dossier."""
        found = (stop for one in self.problem.candidates for stop in self.stops(one))
        return frozenset(stop.credit for stop in found if stop.kind == ENVELOPE and stop.credit)
