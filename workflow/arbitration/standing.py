# SPDX-License-Identifier: EUPL-1.2
"""A scenario as it stands, in columns around one dossier: what people typed may stay as it is, whatever the rules say of it.

The rules bind what changes alone. Other dossiers lose or keep; the chosen one takes whole steps, or keeps what it has.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from workflow.arbitration.constraints import FLOOR, REMAINDER, excluded, locked
from workflow.arbitration.constraints import Constraint as Name
from workflow.arbitration.problem import (
    STEP,
    ZERO,
    Amounts,
    Candidate,
    Line,
    Problem,
    down,
    received,
)
from workflow.arbitration.programme import ALL_REQUESTS, Column, Programme, at_least, programme_of, steps


@dataclass(slots=True)
class PresentProgramme:
    """The columns of one scenario. `kept`: of a line that breaks a rule today, the column worth 1 when it stays so."""

    problem: Problem
    amounts: Amounts
    chosen: Candidate
    programme: Programme = field(default_factory=Programme)
    kept: dict[int, int] = field(default_factory=dict)

    def after(self, values: Sequence[float]) -> dict[int, Decimal]:
        """Euros by line: what it had where it stays, whole hundreds elsewhere."""
        found = {}
        for _, line in self.problem.pairs():
            present = self.amounts.get(line.id, ZERO)
            stays = line.locked is not None or (line.id in self.kept and values[self.kept[line.id]] > 0.5)
            found[line.id] = present if stays else round(values[self.programme.amounts[line.id]]) * STEP
        return found

    def build(self, *, others_lose: bool) -> "PresentProgramme":
        """All columns and rows; the others may lose, or stay whole."""

        def add(programme: Programme, candidate: Candidate) -> None:
            self.programme = programme
            if candidate.id == self.chosen.id:
                self._chosen()
            elif others_lose:
                self._other(candidate)
            else:
                for line in candidate.lines:
                    self._fixed(candidate, line)

        self.programme = programme_of(self.problem, add=add)
        for column in self.programme.columns:
            column.gain = 0.0
        return self

    def _chosen(self) -> None:
        candidate, programme = self.chosen, self.programme
        opened = programme.opened[candidate.id] = programme.column(Column(1.0, 1.0))
        columns = [
            self._line(candidate, line, opened, ZERO if line.excluded else down(line.ceiling))
            for line in candidate.lines
        ]
        total, given = dict.fromkeys(columns, 1.0), received(candidate, self.amounts)
        if candidate.excluded is not None:
            programme.row(total, upper=0.0, name=excluded(candidate))
        if candidate.remainder is not None:
            name = Name(REMAINDER, candidate.reference, amount=candidate.remainder)
            programme.row(total, upper=steps(max(candidate.remainder, given, ZERO)), name=name)
        self._floor(candidate, total, opened, given)

    def _other(self, candidate: Candidate) -> None:
        """It keeps at most what it has: no request, remainder or exclusion is asked of what nobody adds to."""
        programme, given = self.programme, received(candidate, self.amounts)
        held = any(line.locked is not None and self.amounts.get(line.id) for line in candidate.lines)
        opened = programme.opened[candidate.id] = programme.column(Column(1.0 if held else 0.0, 1.0))
        columns = [
            self._line(candidate, line, opened, down(self.amounts.get(line.id, ZERO)))
            for line in candidate.lines
        ]
        total = dict.fromkeys(columns, 1.0)
        programme.row({**total, opened: -steps(given)}, upper=0.0)
        self._floor(candidate, total, opened, given)

    def _floor(self, candidate: Candidate, total: dict[int, float], opened: int, given: Decimal) -> None:
        """Nothing, or its floor, or the less that it stands at."""
        floor = min(candidate.floor, given) if given else candidate.first
        name = Name(FLOOR, candidate.reference, amount=candidate.floor)
        self.programme.row({**total, opened: -steps(floor)}, lower=0.0, name=name)

    def _fixed(self, candidate: Candidate, line: Line) -> int:
        present = self.amounts.get(line.id, ZERO)
        name = locked(candidate, replace(line, locked=present))
        number = self.programme.column(Column(steps(present), steps(present), whole=False, name=name))
        self.programme.amounts[line.id] = number
        return number

    def _line(self, candidate: Candidate, line: Line, opened: int, most: Decimal) -> int:
        """Nothing, or whole steps between its least and `most`; or what it has, if that is something else."""
        if line.locked is not None:
            return self._fixed(candidate, line)
        programme, present = self.programme, self.amounts.get(line.id, ZERO)
        name = excluded(candidate, line) if line.excluded else ALL_REQUESTS
        obeys = not present or (present % STEP == 0 and line.least <= present <= most)
        number = programme.column(Column(0.0, steps(most), name=name))
        programme.row({number: 1.0, opened: -steps(most)}, upper=0.0, name=name)
        at_least(programme, candidate, line, number, steps(most))
        if not obeys:
            stays = self.kept[line.id] = programme.column(Column(0.0, 1.0))
            programme.row({number: 1.0, stays: steps(most)}, upper=steps(most))
            chosen, number = number, programme.column(Column(0.0, steps(max(most, present)), whole=False))
            programme.row({number: 1.0, chosen: -1.0, stays: -steps(present)}, 0.0, 0.0)
        programme.amounts[line.id] = number
        return number
