# SPDX-License-Identifier: EUPL-1.2
"""Who reads a page, and when."""

from dataclasses import dataclass
from datetime import date, datetime

from workflow.firing import PARIS
from workflow.permissions import Actor


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads the page, and when."""

    actor: Actor
    now: datetime

    @property
    def today(self) -> date:
        """The legal day."""
        return self.now.astimezone(PARIS).date()
