# SPDX-License-Identifier: EUPL-1.2
"""Votes on one item: who is entitled, whether the count is possible, and whether it carries the decision."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from rules.findings import Finding
from workflow.firing import refusal
from workflow.guards.commitment import here
from workflow.models import SeanceItem
from workflow.stages import DECISION_LABELS, Decision
from workflow.territory import Body

CARRIED = frozenset({Decision.RETAINED, Decision.VALIDATED})


@dataclass(frozen=True, slots=True)
class Votes:
    """Voices counted on one item; proxies included."""

    in_favour: int = 0
    against: int = 0
    abstained: int = 0

    @property
    def cast(self) -> int:
        """Every voice."""
        return self.in_favour + self.against + self.abstained

    def plain(self) -> dict[str, Any] | None:
        """As the item keeps them; nothing when nobody voted."""
        return asdict(self) if self.cast else None


def entitled(item: SeanceItem) -> int:
    """Members present or represented who are not recused on this item."""
    recused = item.recused or ()
    members = (c for c in here(item.seance) if c.is_member)
    return sum(1 for c in members if c.person.email not in recused)


def votes_against(item: SeanceItem, decision: Decision, votes: Votes, body: Body) -> Iterable[Finding]:
    """Why this count cannot carry this decision. Abstentions count for nobody."""
    if not votes.cast:
        return
    if not body.votes:
        yield refusal("guard.votes", "unvoted", field="in_favour")
        return
    if votes.cast > entitled(item):
        yield refusal("guard.votes", "exceed", cast=votes.cast, entitled=entitled(item), field="in_favour")
    facts: dict[str, Any] = {
        "votes_for": votes.in_favour,
        "votes_against": votes.against,
        "decision": DECISION_LABELS[decision],
        "field": "in_favour",
    }
    if decision in CARRIED and votes.in_favour < votes.against:
        yield refusal("guard.votes", "minority", **facts)
    elif decision in CARRIED and votes.in_favour == votes.against and not body.chair_decides:
        yield refusal("guard.votes", "tie", **facts)
