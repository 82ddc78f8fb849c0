# SPDX-License-Identifier: EUPL-1.2
"""What the grid is made of, as plain values: a column per credit, a row per dossier, a line where they meet. Amounts in cents."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from rules.facts import SettlementFacts
from workflow.envelope_facts import DEAD
from workflow.stages import LineState
from workflow.territory import Nature

DEAD_STATES = frozenset(state.value for state in DEAD)


class GridColumn(NamedTuple):
    """One credit of a financer."""

    id: int
    key: str
    nature: str
    label: str
    organisation_id: int
    organisation: str

    @property
    def is_ordinary(self) -> bool:
        """True for ordinary law, which comes first."""
        return self.nature == Nature.DROIT_COMMUN


class GridLine(NamedTuple):
    """One funding line, as its cell shows it."""

    id: int
    dossier_id: int
    credit_id: int
    key: str
    version: int
    state: str
    requested: int | None
    proposed: int | None
    promised: int | None
    retained: int | None
    granted: int | None
    forecast: int | None
    in_kind_value: int | None  # an estimate beside the money: it adds to no total
    in_kind: str | None
    condition_confirmed: bool | None
    expected_on: date | None
    reason: str | None

    @property
    def brought(self) -> int | None:
        """What the line brings today, the surest word first; None when nothing is said or the line is dead."""
        if self.state in DEAD_STATES:
            return None
        found = self._decided
        return self.promised if found is None else found

    @property
    def expected(self) -> int:
        """What the line takes from its envelope, as `credit_balances` counts it: a promise that nobody proposed takes nothing."""
        if self.state in DEAD_STATES:
            return 0
        return self._decided or 0

    @property
    def _decided(self) -> int | None:
        found = self.retained if self.granted is None else self.granted
        return self.proposed if found is None else found

    @property
    def is_answered(self) -> bool:
        """True when its financer has said something, or its silence was noted."""
        return self.state not in (LineState.NOT_ASKED, LineState.ASKED)


class GridRow(NamedTuple):
    """One dossier of the agenda. `opinions`: by organisation, None while it is awaited. `holders`: ordinary law to ask."""

    id: int
    action_id: int
    reference: str
    title: str
    porteur: str
    porteur_id: int
    stage: str
    year: int
    total_cost: int | None
    own: int | None
    other: int | None
    cpo: bool | None
    objectives: tuple[str, ...] | None
    due_on: date | None
    synthesis: str | None
    suggested: Mapping[str, str]
    holders: frozenset[str]
    lines: Mapping[int, GridLine]
    opinions: Mapping[int, str | None]
    settlements: tuple[SettlementFacts, ...]

    def is_own_share(self, column: GridColumn) -> bool:
        """True when the porteur is itself this financer: its own resources, never a grant."""
        return column.organisation_id == self.porteur_id


class RowTotals(NamedTuple):
    """Cost, what is obtained (own and other resources included), what is left to find; None when the cost is unknown."""

    cost: int | None
    obtained: int
    left: int | None


@lru_cache(maxsize=8192)  # the same amounts come again and again
def euros_of(cents: int) -> Decimal:
    """Cents as euros."""
    return Decimal(cents).scaleb(-2)


def known_euros(cents: int | None) -> Decimal | None:
    """The same; None when it is not known."""
    return None if cents is None else euros_of(cents)
