# SPDX-License-Identifier: EUPL-1.2
"""One year compared with the year before: actions dropped, continued, new."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from rules.facts import ActionFacts
from rules.money import ZERO
from rules.programme_details import PreviousActionFacts, PreviousYearFacts


@dataclass(frozen=True, slots=True)
class PastAction:
    """One action of the year before, however many lines it has; `orphan`: its CPO covers this year, with no request."""

    title: str
    porteur: str
    granted: Decimal
    orphan: bool = False
    filed: bool = False
    published: bool = False  # known only by published awards


@dataclass(frozen=True, slots=True)
class Continuity:
    """The year before and this one; `new` and `continued` by reference and title of this year's actions."""

    year: int  # the year before
    previous: int
    granted: Decimal
    continued: tuple[PastAction, ...]
    dropped: tuple[PastAction, ...]
    new: tuple[tuple[str, str], ...]
    new_granted: Decimal  # granted, retained, or under instruction

    @property
    def orphans(self) -> tuple[PastAction, ...]:
        """Dropped actions whose CPO still covers this year, without any request for it."""
        return tuple(action for action in self.dropped if action.orphan)

    @property
    def dropped_granted(self) -> Decimal:
        """What the dropped actions had the year before."""
        return sum((action.granted for action in self.dropped), ZERO)


def compare_years(previous: PreviousYearFacts, actions: Iterable[ActionFacts]) -> Continuity:
    """Recognised by any common key. An action still under instruction continues one; outside the programme too."""
    here = sorted(actions, key=_by_name)
    present = {key for action in here for key in action.keys}
    past = {key for action in previous.actions for key in action.keys}
    continued: list[PastAction] = []
    dropped: list[PastAction] = []
    for lines in _merged(previous.actions):
        one = _past_action(lines)
        alive = any(key in present for line in lines for key in line.keys)
        (continued if alive else dropped).append(one)
    new: list[tuple[str, str]] = []
    new_granted = ZERO
    seen: set[str] = set()
    for action in here:
        if action.inside is True and past.isdisjoint(action.keys):
            new_granted += action.granted
            if seen.isdisjoint(action.keys):  # several lines of one new action are one
                new.append((action.reference, action.title))
            seen.update(action.keys)
    return Continuity(
        year=previous.year,
        previous=len(continued) + len(dropped),
        granted=sum((action.granted for action in previous.actions), ZERO),
        continued=tuple(sorted(continued, key=_by_amount)),
        dropped=tuple(sorted(dropped, key=_by_amount)),
        new=tuple(new),
        new_granted=new_granted,
    )


def _merged(actions: Iterable[PreviousActionFacts]) -> list[list[PreviousActionFacts]]:
    """Lines of the same action together (several awards, or an award beside the dossier): linked by a common key."""
    groups: list[list[PreviousActionFacts]] = []
    by_key: dict[str, int] = {}
    for action in actions:
        known = sorted({by_key[key] for key in action.keys if key in by_key})
        home = known[0] if known else len(groups)
        if not known:
            groups.append([])
        for other in known[1:]:
            for moved in groups[other]:
                by_key.update(dict.fromkeys(moved.keys, home))
            groups[home] += groups[other]
            groups[other] = []
        groups[home].append(action)
        by_key.update(dict.fromkeys(action.keys, home))
    return [group for group in groups if group]


def _past_action(lines: list[PreviousActionFacts]) -> PastAction:
    """A request of this year for one line is a request for the action; so is a convention that covers it."""
    named = min(lines, key=_by_reference)
    filed = any(line.filed for line in lines)
    return PastAction(
        named.title,
        named.porteur,
        sum((line.granted for line in lines), ZERO),
        orphan=any(line.covered for line in lines) and not filed,
        filed=filed,
        published=all(line.published for line in lines),
    )


def _by_amount(action: PastAction) -> tuple[Decimal, str, str, bool, bool, bool]:
    """The largest first; every field, so that the order never depends on that of the rows."""
    return -action.granted, action.title, action.porteur, action.orphan, action.filed, action.published


def _by_name(action: ActionFacts) -> tuple[str, str, tuple[str, ...]]:
    return action.reference, action.title, action.keys


def _by_reference(line: PreviousActionFacts) -> tuple[str, str, str]:
    return line.reference, line.title, line.porteur
