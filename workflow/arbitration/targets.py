# SPDX-License-Identifier: EUPL-1.2
"""What each target costs, and which cannot be held together: one new solution each, so asked by a task only."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from workflow.arbitration.constraints import Constraint


@dataclass(frozen=True, slots=True)
class TargetCost:
    """Against the best allocation without the target: euros it takes from the dossiers that would receive more.

    `total`: euros given in all, with less without; `points`: merit lost. `status`: how that other search ended; beyond
    `exact_below` dossiers, true within the gap.
    """

    target: Constraint
    displaced: Decimal
    total: Decimal
    points: Decimal
    status: str

    def to_json(self) -> dict[str, Any]:
        """English keys, amounts as text."""
        return {
            "target": self.target.to_json(),
            "displaced": f"{self.displaced:.2f}",
            "total": f"{self.total:.2f}",
            "points": f"{self.points:.2f}",
            "status": self.status,
        }

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "TargetCost":
        """Read back."""
        amounts = {name: Decimal(values[name]) for name in ("displaced", "total", "points")}
        return cls(Constraint.from_json(values["target"]), status=values["status"], **amounts)


@dataclass(frozen=True, slots=True)
class Targets:
    """The cost of each target, and the sets of constraints that conflict, none of them spare.

    `is_proved`: false when the search of conflicts was stopped, so that there may be others.
    """

    costs: tuple[TargetCost, ...] = ()
    conflicts: tuple[tuple[Constraint, ...], ...] = ()
    is_proved: bool = True

    def to_json(self) -> dict[str, Any]:
        """English keys."""
        return {
            "costs": [cost.to_json() for cost in self.costs],
            "conflicts": [[one.to_json() for one in names] for names in self.conflicts],
            "is_proved": self.is_proved,
        }

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "Targets":
        """Read back."""
        return cls(
            tuple(TargetCost.from_json(one) for one in values["costs"]),
            tuple(tuple(Constraint.from_json(one) for one in names) for names in values["conflicts"]),
            values["is_proved"],
        )
