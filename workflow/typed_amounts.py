# SPDX-License-Identifier: EUPL-1.2
"""What amounts typed in session would add to each credit: one account for the closing's guard, the screens and the summary."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Protocol

from workflow.stages import Decision, LineState

ZERO = Decimal(0)
Amounts = Mapping[int, Decimal | None]  # by line
MAY_COUNT = (None, Decision.RETAINED)  # of an item: not decided yet, or retained


class Kept(Protocol):
    """What tells where a typed amount goes: a mapped line, or a row of these columns."""

    key: Any
    year: Any
    state: Any
    retained: Any


@dataclass(frozen=True, slots=True)
class Typed:
    """What is typed on one credit and year, and what it replaces (rectifications)."""

    amount: Decimal = ZERO
    replaced: Decimal = ZERO

    @property
    def added(self) -> Decimal:
        """What the credit bears more, or less, once the séance is closed."""
        return self.amount - self.replaced


def added_by(typed: Iterable[tuple[Kept, Decimal]]) -> dict[tuple[str, int], Typed]:
    """By credit and year. A line without amount stays pending and adds nothing."""
    found: defaultdict[tuple[str, int], Typed] = defaultdict(Typed)
    for line, amount in typed:
        if line.state == LineState.GRANTED:  # its financer's act stands, whatever was typed before
            continue
        known = found[line.key, line.year]
        held = (
            line.retained if line.state == LineState.RETAINED else None
        )  # a refused line no longer holds its credit
        found[line.key, line.year] = Typed(known.amount + amount, known.replaced + (held or ZERO))
    return dict(found)


def is_as_proposed(proposed: Amounts, retained: Amounts) -> bool:
    """True when each line keeps what was proposed for it; nothing and no amount are the same."""
    return {k: v for k, v in proposed.items() if v} == {k: v for k, v in retained.items() if v}
