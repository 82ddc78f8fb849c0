# SPDX-License-Identifier: EUPL-1.2
"""What a financer must know of an action before answering: the request, who else gives, what remains to be found."""

from decimal import Decimal
from typing import Any

from reports.summary.words import Words
from web.presenters.dossier import about
from web.presenters.funding import total
from workflow.contracts import territory_of
from workflow.models import FundingLine
from workflow.stages import LINE_LABELS, LineState

ZERO = Decimal(0)
SHOWN = (
    "Quartiers",
    "Bénéficiaires",
    "Publics",
    "Objectifs",
    "Période",
    "CPO",
    "Renouvellement",
    "Chef de file",
)
GIVING = frozenset(
    {LineState.ASKED, LineState.INDICATIVE, LineState.FIRM, LineState.RETAINED, LineState.GRANTED}
)


def line_facts(line: FundingLine, words: Words) -> dict[str, Any]:
    """The request in a few lines, the other lines with what each brings, and the remainder."""
    dossier = line.dossier
    known = dict(about(dossier, territory_of(dossier.contract), words))
    others = [other for other in dossier.lines if other is not line]
    brought = total(_brought(other) for other in others) or ZERO
    own = (dossier.own_resources or ZERO) + (dossier.other_resources or ZERO)
    return {
        "summary": dossier.summary,
        "about": [(label, known[label]) for label in SHOWN if known.get(label)],
        "others": [
            {
                "label": words.line(other.key),
                "state": LINE_LABELS[LineState(other.state)],
                "requested": other.requested,
                "brought": _brought(other),
                "in_kind": other.in_kind if other.state == LineState.IN_KIND else None,
            }
            for other in others
        ],
        "cost": dossier.total_cost,
        "own": own,
        "brought": brought,
        "left": None if dossier.total_cost is None else dossier.total_cost - own - brought,
    }


def _brought(line: FundingLine) -> Decimal | None:
    """What this line is known to bring, the surest word first."""
    if line.state not in GIVING:
        return None
    known = (line.granted, line.retained, line.proposed, line.promised)
    return next((amount for amount in known if amount is not None), None)
