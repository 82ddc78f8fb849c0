# SPDX-License-Identifier: EUPL-1.2
"""What one financer brings to one body in a year: every action, in money and in kind, awards without dossier included."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from rules.facts import ActionFacts
from rules.money import ZERO


@dataclass(slots=True)
class BodySum:
    """One body and one financer. `uncovered`: the part carried by actions without a recorded convention.

    `is_private`: None when the body's legal form is not known.
    """

    body: str
    siren: str | None
    financer: str
    is_private: bool | None = None
    cash: Decimal = ZERO
    in_kind: Decimal = ZERO
    awards: Decimal = ZERO  # the part of `cash` that comes from awards without dossier
    uncovered: Decimal = ZERO
    actions: int = 0
    conventions: set[str] = field(default_factory=set)

    @property
    def total(self) -> Decimal:
        """Money and contributions in kind together, as the threshold counts them."""
        return self.cash + self.in_kind


def yearly_sums(actions: Iterable[ActionFacts]) -> tuple[BodySum, ...]:
    """One sum per body (its SIREN, else its name) and financer, by name then financer; nothing for no euro."""
    found: dict[tuple[str, str], BodySum] = {}
    names: dict[str, str] = {}
    forms: dict[str, bool] = {}
    for action in actions:
        body = action.siren or f"name:{action.porteur}"
        if action.porteur:
            names[body] = min(names.get(body, action.porteur), action.porteur)
        if action.is_private is not None:
            # Told differently by two rows, the body is private: a convention too many harms nobody.
            forms[body] = forms.get(body, False) or action.is_private
        _add(found, body, action)
    for (body, _), one in found.items():
        one.body = names.get(body, one.siren or "")
        one.is_private = forms.get(body)
    kept = (one for one in found.values() if one.total > 0)
    return tuple(sorted(kept, key=_by_body))


def _add(found: dict[tuple[str, str], BodySum], body: str, action: ActionFacts) -> None:
    """The action's money and kind in the sums of its body, one more action for each financer."""
    touched: set[str] = set()
    for amounts, is_cash in ((action.by_financer, True), (action.in_kind, False)):
        for financer, amount in amounts:
            if not amount:
                continue
            one = found.setdefault((body, financer), BodySum(action.porteur, action.siren, financer))
            if is_cash:
                one.cash += amount
                if action.source == "award":
                    one.awards += amount
            else:
                one.in_kind += amount
            if not action.convention:
                one.uncovered += amount
            if financer not in touched:
                touched.add(financer)
                one.actions += 1
                if action.convention:
                    one.conventions.add(action.convention)


def _by_body(one: BodySum) -> tuple[str, str, str]:
    return one.body, one.siren or "", one.financer
