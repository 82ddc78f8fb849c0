# SPDX-License-Identifier: EUPL-1.2
"""What the solver answers, and its JSON: the shape of `Scenario.solution`, read by the pages and by the command line.

Everything is figures and codes; `workflow.arbitration.wording` makes the French sentences. Amounts are text in euros.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from workflow.arbitration.constraints import Constraint
from workflow.arbitration.conversions import CpoOutcome
from workflow.arbitration.served import Served
from workflow.arbitration.targets import Targets


@dataclass(frozen=True, slots=True)
class EnvelopeOutcome:
    """One envelope: what this scenario takes from it, what is left, and whether it stopped a dossier (`binds`)."""

    credit: str
    status: str  # none | provisional | notified
    amount: Decimal | None
    committed: Decimal
    allocated: Decimal
    remaining: Decimal | None
    binds: bool

    def to_json(self) -> dict[str, Any]:
        """English keys."""
        return {
            "credit": self.credit,
            "status": self.status,
            "amount": _text(self.amount),
            "committed": _text(self.committed),
            "allocated": _text(self.allocated),
            "remaining": _text(self.remaining),
            "binds": self.binds,
        }


@dataclass(frozen=True, slots=True)
class DossierOutcome:
    """One dossier: how far it is served, and what stopped it (`stops`)."""

    dossier: int
    reference: str
    score: int
    requested: Decimal
    remainder: Decimal | None
    floor: Decimal
    allocated: Decimal
    served: Served
    stops: tuple[Constraint, ...]

    def to_json(self) -> dict[str, Any]:
        """English keys."""
        return {
            "dossier": self.dossier,
            "reference": self.reference,
            "score": self.score,
            "requested": _text(self.requested),
            "remainder": _text(self.remainder),
            "floor": _text(self.floor),
            "allocated": _text(self.allocated),
            "served": self.served,
            "stops": [stop.to_json() for stop in self.stops],
        }


@dataclass(frozen=True, slots=True)
class QpvOutcome:
    """One neighbourhood's minimum, what it reaches, what it lacks."""

    qpv: str
    minimum: Decimal
    reached: Decimal
    missing: Decimal

    def to_json(self) -> dict[str, Any]:
        """English keys."""
        return {
            "qpv": self.qpv,
            "minimum": _text(self.minimum),
            "reached": _text(self.reached),
            "missing": _text(self.missing),
        }

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "QpvOutcome":
        """Read back."""
        amounts = (Decimal(values[name]) for name in ("minimum", "reached", "missing"))
        return cls(values["qpv"], *amounts)


@dataclass(frozen=True, slots=True)
class Solution:
    """`status`: optimal (proved), gap (within the gap), nodes or time (stopped before); `gap`: relative, what is not proved.

    `points`, `greedy_points`: what is maximised, here and by the order of opinions. `targets`: of the task only.
    """

    status: str
    gap: Decimal
    points: Decimal
    greedy_points: Decimal
    amounts: Mapping[int, Decimal]
    envelopes: tuple[EnvelopeOutcome, ...]
    dossiers: tuple[DossierOutcome, ...]
    qpv: tuple[QpvOutcome, ...] = ()
    poches: tuple[Decimal, Decimal] | None = None  # the ceiling, what is drawn
    cpo: CpoOutcome | None = None
    targets: Targets | None = None

    @property
    def total(self) -> Decimal:
        """Specific euros proposed."""
        return sum((one.allocated for one in self.dossiers), Decimal(0))

    def with_targets(self, targets: Targets) -> "Solution":
        """The same, with what its targets cost."""
        return replace(self, targets=targets)

    def to_json(self) -> dict[str, Any]:
        """The JSON kept with the scenario. The amounts are not in it: they are the scenario's own rows."""
        return {
            "status": self.status,
            "gap": str(self.gap),
            "points": _text(self.points),
            "greedy_points": _text(self.greedy_points),
            "total": _text(self.total),
            "envelopes": [one.to_json() for one in self.envelopes],
            "dossiers": [one.to_json() for one in self.dossiers],
            "qpv": [one.to_json() for one in self.qpv],
            "poches": None
            if self.poches is None
            else {"ceiling": _text(self.poches[0]), "drawn": _text(self.poches[1])},
            "cpo": None if self.cpo is None else self.cpo.to_json(),
            "targets": None if self.targets is None else self.targets.to_json(),
        }


def _text(amount: Decimal | None) -> str | None:
    return None if amount is None else f"{amount:.2f}"
