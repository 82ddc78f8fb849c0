# SPDX-License-Identifier: EUPL-1.2
"""Actions to bring together: same neighbourhood, same theme, same public."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from itertools import product

from rules.facts import ActionFacts
from rules.money import ZERO

NO_PUBLIC = ""  # known not to aim at one public


@dataclass(frozen=True, slots=True)
class Group:
    """At least two actions. `public`: None when some of them do not tell theirs (`unknown` of them)."""

    qpv: tuple[str, ...]
    theme: str
    public: str | None
    actions: tuple[ActionFacts, ...]
    granted: Decimal
    unknown: int = 0

    @property
    def references(self) -> tuple[str, ...]:
        """The references of its actions."""
        return tuple(action.reference for action in self.actions)


Place = tuple[str, str]  # neighbourhood, theme


def groups_of(actions: Iterable[ActionFacts]) -> tuple[Group, ...]:
    """Those whose public is known first, the largest first. Neighbourhoods where the very same actions meet are told together.

    An action that does not tell its public is only brought near those of its neighbourhood and theme.
    """
    by_public: dict[tuple[str, str, str], list[ActionFacts]] = {}
    unknown: dict[Place, list[ActionFacts]] = {}
    known: dict[Place, list[ActionFacts]] = {}
    for action in sorted(actions, key=_by_reference):
        for place in product(sorted(set(action.qpv)), _themes(action)):
            if action.publics is None:
                unknown.setdefault(place, []).append(action)
                continue
            known.setdefault(place, []).append(action)
            for public in sorted(set(action.publics)) or (NO_PUBLIC,):
                by_public.setdefault((*place, public), []).append(action)
    found: dict[tuple[str, str | None, tuple[int, ...]], tuple[list[str], list[ActionFacts], int]] = {}
    for (qpv, theme, public), together in by_public.items():
        _keep(found, qpv, theme, public, together, 0)
    for place, silent in unknown.items():
        _keep(found, *place, None, silent + known.get(place, []), len(silent))
    groups = (
        Group(tuple(sorted(qpv)), theme, public, tuple(together), _money(together), silent)
        for (theme, public, _), (qpv, together, silent) in found.items()
    )
    return tuple(sorted(groups, key=_by_size))


def _keep(
    found: dict[tuple[str, str | None, tuple[int, ...]], tuple[list[str], list[ActionFacts], int]],
    qpv: str,
    theme: str,
    public: str | None,
    together: list[ActionFacts],
    silent: int,
) -> None:
    if len(together) > 1:
        same = (theme, public, tuple(map(id, together)))
        found.setdefault(same, ([], together, silent))[0].append(qpv)


def _themes(action: ActionFacts) -> list[str]:
    """The thematic groups; without any, the objectives."""
    return sorted(set(action.themes or action.objectives))


def _money(actions: Iterable[ActionFacts]) -> Decimal:
    return sum((action.granted for action in actions), ZERO)


def _by_reference(action: ActionFacts) -> tuple[str, str, str]:
    return action.reference, action.title, action.porteur


def _by_size(group: Group) -> tuple[bool, int, Decimal, str, str, tuple[str, ...], tuple[str, ...]]:
    """What is known first: a group that rests on an unknown public is only a lead."""
    size = -len(group.actions)
    return (
        group.public is None, size, -group.granted, group.theme, group.public or "", group.qpv, group.references
    )  # fmt: skip
