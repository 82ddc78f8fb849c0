# SPDX-License-Identifier: EUPL-1.2
"""The small records that a programme year's facts are made of: what the year before holds."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class PreviousActionFacts:
    """One action of the year before: a funded dossier, or an award not linked to one.

    `keys` recognise it among this year's actions. `covered`: its CPO still covers this year. `filed`: this year has a
    request for it, whatever became of it. `published`: an award, whose title may be written otherwise the next year.
    """

    reference: str
    title: str
    porteur: str
    granted: Decimal
    keys: tuple[str, ...] = ()
    covered: bool = False
    filed: bool = False
    published: bool = False


@dataclass(frozen=True, slots=True)
class PreviousYearFacts:
    """What is known of the programme of the year before."""

    year: int
    actions: tuple[PreviousActionFacts, ...] = ()
