# SPDX-License-Identifier: EUPL-1.2
"""The CPO target, after the amounts and never at their expense: which served actions to propose for conversion.

A penalty on the gap inside the amounts' own objective would refuse annual actions, since each raises the number of CPO
needed. So amounts come first; then the conversions that make `weight × gap + commitments` smallest.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from rules.cpo_figures import missing_to_convert
from workflow.arbitration.problem import ZERO, Amounts, Candidate, CpoTarget, Problem, received


@dataclass(frozen=True, slots=True)
class Conversion:
    """An annual action proposed for a CPO, and what it commits on the following years at this year's amount."""

    dossier: int
    reference: str
    commitment: Decimal


@dataclass(frozen=True, slots=True)
class CpoOutcome:
    """`gap`: actions still missing once the conversions are made; `cost`: euros they commit on the following years.

    `eligible`: served actions that could be converted; `too_dear`: those left because one missing action is worth less.
    """

    target: Decimal
    actions: int
    covered: int
    missing: int
    conversions: tuple[Conversion, ...]
    gap: int
    cost: Decimal
    eligible: int
    too_dear: int

    def to_json(self) -> dict[str, Any]:
        """English keys, amounts as text."""
        return {
            "target": str(self.target),
            "actions": self.actions,
            "covered": self.covered,
            "missing": self.missing,
            "conversions": [
                {"dossier": one.dossier, "reference": one.reference, "commitment": f"{one.commitment:.2f}"}
                for one in self.conversions
            ],
            "gap": self.gap,
            "cost": f"{self.cost:.2f}",
            "eligible": self.eligible,
            "too_dear": self.too_dear,
        }

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "CpoOutcome":
        """Read back."""
        chosen = tuple(
            Conversion(one["dossier"], one["reference"], Decimal(one["commitment"]))
            for one in values["conversions"]
        )
        figures = {
            "target": Decimal(values["target"]),
            "cost": Decimal(values["cost"]),
            "conversions": chosen,
        }
        return cls(**{**values, **figures})


def conversions(problem: Problem, amounts: Amounts) -> CpoOutcome | None:
    """The conversions to propose for this allocation; None without target. At equal cost the best opinions first."""
    target = problem.cpo
    if target is None:
        return None
    served = [one for one in problem.candidates if received(one, amounts) > 0]
    actions = target.actions + len(served)
    covered = target.covered + sum(one.cpo for one in served)
    missing = missing_to_convert(actions, covered, target.share) if actions else 0
    eligible = [one for one in served if one.convertible and not one.cpo]
    eligible.sort(key=lambda one: (_commitment(one, target, amounts), -one.score))
    affordable = [one for one in eligible if _commitment(one, target, amounts) <= target.weight]
    chosen = tuple(
        Conversion(one.id, one.reference, _commitment(one, target, amounts)) for one in affordable[:missing]
    )
    return CpoOutcome(
        target=target.share,
        actions=actions,
        covered=covered,
        missing=missing,
        conversions=chosen,
        gap=missing - len(chosen),
        cost=sum((one.commitment for one in chosen), ZERO),
        eligible=len(eligible),
        too_dear=len(eligible) - len(affordable),
    )


def _commitment(candidate: Candidate, target: CpoTarget, amounts: Amounts) -> Decimal:
    return received(candidate, amounts) * (target.years - 1)
