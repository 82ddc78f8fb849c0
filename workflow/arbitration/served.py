# SPDX-License-Identifier: EUPL-1.2
"""How far the specific credits serve a dossier: the one definition, read by the solver, the pages and the files."""

from collections.abc import Iterable
from decimal import Decimal
from enum import StrEnum

from workflow.arbitration.problem import STEP, ZERO, down


class Served(StrEnum):
    """How far the specific credits serve a dossier."""

    FULL = "full"
    PARTIAL = "partial"
    NOTHING = "none"
    COVERED = "covered"  # the other resources leave nothing to fund, or nothing was asked


def served_of(given: Decimal, asked: Iterable[Decimal], remainder: Decimal | None) -> Served:
    """What was given against what was asked, line by line in whole steps, within what is left to fund if it is known."""
    asked = tuple(asked)
    if not given:
        covered = not any(asked) or (remainder is not None and remainder < STEP)
        return Served.COVERED if covered else Served.NOTHING
    whole = sum((down(amount) for amount in asked), ZERO)
    need = whole if remainder is None else down(max(ZERO, min(whole, remainder)))
    return Served.FULL if given >= need else Served.PARTIAL
