# SPDX-License-Identifier: EUPL-1.2
"""What is kept of a file of beneficiaries: counts, and what they were counted with. Nothing of a person."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any


@dataclass(frozen=True, slots=True)
class LocatedCounts:
    """People by QPV (surely inside), surely outside all, and to check by reason: together they make the total.

    `perimeters`: the file's name and sha256. `unchecked`: columns of quality the file did not have.
    """

    total: int
    by_qpv: Mapping[str, int]
    outside: int
    to_check: Mapping[str, int]
    perimeters: str
    sha256: str
    precision_metres: int
    min_score: float
    precise_types: tuple[str, ...]
    unchecked: tuple[str, ...] = ()
    on: date | None = None
    by: str = ""

    @property
    def doubtful(self) -> int:
        """How many are « à vérifier », whatever the reason."""
        return sum(self.to_check.values())

    def inside(self, codes: Iterable[str]) -> int:
        """How many surely live in these QPV."""
        return sum(self.by_qpv.get(code, 0) for code in set(codes))

    def elsewhere(self, codes: Iterable[str]) -> int:
        """How many surely live in a QPV that is none of these: another contract's."""
        return sum(self.by_qpv.values()) - self.inside(codes)

    def to_json(self) -> dict[str, Any]:
        """As the database and the interface write it."""
        values = asdict(self) | {"on": self.on.isoformat() if self.on else None}
        return values | {"precise_types": list(self.precise_types), "unchecked": list(self.unchecked)}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "LocatedCounts":
        """As it was written."""
        on = values.get("on")
        lists = {name: tuple(values[name]) for name in ("precise_types", "unchecked")}
        return cls(**{**values, **lists, "on": date.fromisoformat(on) if on else None})


@dataclass(slots=True)
class Sums:
    """Counts being added up."""

    total: int = 0
    outside: int = 0
    by_qpv: dict[str, int] = field(default_factory=dict)
    to_check: dict[str, int] = field(default_factory=dict)

    def add(self, into: dict[str, int], counts: Mapping[str, int]) -> None:
        """Adds each count to its own; a zero leaves no trace."""
        for name, many in counts.items():
            if many:
                into[name] = into.get(name, 0) + many
