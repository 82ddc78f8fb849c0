# SPDX-License-Identifier: EUPL-1.2
"""State specific euros for residents of the pockets of poverty (poches) outside QPV that the contract retained."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from rules.facts import ActionFacts
from rules.money import CENT, ZERO


@dataclass(frozen=True, slots=True)
class PochesFigures:
    """What is known to go to the retained poches, and the specific euros of actions whose share is not known."""

    contribution: Decimal
    actions: int
    unknown: Decimal
    unknown_actions: int

    @property
    def at_most(self) -> Decimal:
        """The contribution if everything unknown went to poches."""
        return self.contribution + self.unknown


def poches_figures(actions: Iterable[ActionFacts]) -> PochesFigures:
    """Summed over these actions; one without State specific money counts for nothing, known or not."""
    contribution = unknown = ZERO
    known_actions = unknown_actions = 0
    for action in actions:
        if action.poches_share is None:
            unknown += action.specific
            unknown_actions += action.specific > 0
        else:
            contribution += action.poches_share
            known_actions += action.poches_share > 0
    return PochesFigures(contribution, known_actions, unknown, unknown_actions)


def poches_share(
    specific: Decimal,
    *,
    poches: Collection[str] | None,
    qpv: Collection[str] | None,
    retained: Collection[str],
    in_poches: int | None,
    beneficiaries: int | None,
) -> Decimal | None:
    """The part of `specific` for residents of the retained poches.

    By beneficiaries when known; all of it when the action names only poches; None when it cannot be told.
    """
    if not specific or not retained:
        return ZERO
    if poches is None:
        return ZERO if in_poches == 0 else None
    if not set(poches) & set(retained):
        return None if in_poches and not poches else ZERO
    if set(poches) - set(retained):
        return None  # which residents come from which poche is not known
    if in_poches is not None and beneficiaries is not None:
        if not 0 <= in_poches <= beneficiaries or not beneficiaries:
            return None  # figures that contradict each other
        return (specific * in_poches / beneficiaries).quantize(CENT, ROUND_HALF_UP)
    return specific if qpv is not None and not qpv else None
