# SPDX-License-Identifier: EUPL-1.2
"""What a spreadsheet does: dossiers by order of merit, each served as far as money goes. The solver is compared with it."""

from decimal import Decimal

from workflow.arbitration.problem import PARTS, ZERO, Amounts, Candidate, Line, Problem, down


def greedy(problem: Problem, first: Amounts | None = None) -> dict[int, Decimal]:
    """Locked amounts first, then the best opinions first; a dossier that cannot reach its floor receives nothing.

    `first`: amounts given before, as far as they hold; the order of opinions then shares out what is left.
    """
    return _Sharing(problem).run(first)


class _Sharing:
    """What is left of each envelope while dossiers are served one after the other."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.left = {one.credit: one.available for one in problem.envelopes}
        ceiling = problem.poches
        self.poches = None if ceiling is None else max(ZERO, ceiling.amount - ceiling.reached)
        self.amounts = {line.id: line.locked or ZERO for _, line in problem.pairs()}

    def run(self, first: Amounts | None) -> dict[int, Decimal]:
        for candidate, line in self.problem.pairs():
            self._take(candidate, line, self.amounts[line.id])
        served = [one for one in self.problem.candidates if one.excluded is None]
        if first is not None:
            for candidate in served:
                self._serve(candidate, first)
        ceilings = {line.id: line.ceiling for _, line in self.problem.pairs()}
        for candidate in sorted(served, key=lambda one: -one.score):
            self._serve(candidate, ceilings)
        return self.amounts

    def _serve(self, candidate: Candidate, most: Amounts) -> None:
        """Adds to each line, up to these amounts."""
        held = sum((self.amounts[line.id] for line in candidate.lines), ZERO)
        room = candidate.requested if candidate.remainder is None else candidate.remainder
        given: dict[int, Decimal] = {}
        before = (dict(self.left), self.poches)
        for line in candidate.lines:
            if not line.is_free:
                continue
            has = self.amounts[line.id]
            limits = (most[line.id] - has, room - held, *self._limits(candidate, line))
            amount = down(max(ZERO, min(limits)))
            if amount and has + amount >= line.least:
                given[line.id] = has + amount
                held += amount
                self._take(candidate, line, amount)
        if ZERO < held < candidate.floor:
            self.left, self.poches = before
        else:
            self.amounts.update(given)

    def _limits(self, candidate: Candidate, line: Line) -> list[Decimal]:
        left, limits = self.left.get(line.credit), []
        if left is not None:
            limits.append(left)
        if self._counts_for_poches(candidate, line) and self.poches is not None:
            limits.append(self.poches * PARTS / candidate.poches)
        return limits

    def _take(self, candidate: Candidate, line: Line, amount: Decimal) -> None:
        left = self.left.get(line.credit)
        if left is not None:
            self.left[line.credit] = left - amount
        if self._counts_for_poches(candidate, line) and self.poches is not None:
            self.poches -= amount * candidate.poches / PARTS

    def _counts_for_poches(self, candidate: Candidate, line: Line) -> bool:
        ceiling = self.problem.poches
        return ceiling is not None and line.credit == ceiling.credit and candidate.poches > 0
