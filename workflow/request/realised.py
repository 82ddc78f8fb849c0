# SPDX-License-Identifier: EUPL-1.2
"""What an action cost and received, as its report says; and whether the two may differ."""

from dataclasses import dataclass
from decimal import Decimal

from rules.themes.accounts import RESOURCE
from workflow.models import Dossier
from workflow.request.accounts import CHARGE, is_volunteering
from workflow.request.budget import total

REPORT = "report"  # in `dossier.follow_up`: the answers of the report, being written or filed


@dataclass(frozen=True, slots=True)
class Realised:
    """What the action cost and received, volunteering apart."""

    charges: Decimal
    resources: Decimal
    planned_charges: Decimal
    planned_resources: Decimal


def realised_of(dossier: Dossier) -> Realised:
    """The totals of the report beside those of the request."""
    main = [line for line in dossier.budget if not is_volunteering(line.account)]
    charges = [line for line in main if line.side == CHARGE]
    resources = [line for line in main if line.side == RESOURCE]
    return Realised(
        total(line.realised for line in charges),
        total(line.realised for line in resources),
        total(line.planned for line in charges),
        total(line.planned for line in resources),
    )


def is_gap_unexplained(dossier: Dossier) -> bool:
    """True when realised charges and resources differ, and the report does not say why."""
    figures = realised_of(dossier)
    return figures.charges != figures.resources and not dossier.follow_up.get(REPORT, {}).get("explanation")
