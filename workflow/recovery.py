# SPDX-License-Identifier: EUPL-1.2
"""What comes back to a financer: paid, not spent, on a line that ended. One figure, read from the line alone."""

from decimal import Decimal
from typing import Protocol

from workflow.stages import LineState

ENDED_LINES = (LineState.CANCELLED, LineState.REFUSED)
ZERO = Decimal(0)


class Followed(Protocol):
    """A line, or a row of its columns."""

    @property
    def state(self) -> str:
        """A `LineState`."""

    @property
    def paid(self) -> Decimal | None:
        """All its payments."""

    @property
    def spent(self) -> Decimal | None:
        """What the report says of it."""


def unspent(line: Followed) -> Decimal:
    """What was paid and not spent."""
    return max((line.paid or ZERO) - (line.spent or ZERO), ZERO)


def to_recover(line: Followed) -> Decimal:
    """What is still to come back; nothing on a line that lives, or once it was paid back."""
    return unspent(line) if line.state in ENDED_LINES else ZERO
