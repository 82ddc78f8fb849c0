# SPDX-License-Identifier: EUPL-1.2
"""Multi-year conventions (CPO) counted: among actions, among conventions, per financer, and the years each covers."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from rules.facts import ActionFacts, ConventionFacts
from rules.money import ZERO

LONGEST = 100  # years; a longer duration is a typing error, and nothing is computed year by year with it


@dataclass(frozen=True, slots=True)
class CpoFigures:
    """CPO among a set of actions. Shares between 0 and 1, None without actions or euros.

    `missing_actions`: actions to convert, total unchanged. `missing_new_actions`: actions to add (None when
    none would suffice). `unknown`: actions whose CPO is not known, counted as not CPO. `inherited`: covered by a
    CPO of an earlier year that has not ended.
    """

    total: int
    total_granted: Decimal
    actions: int
    unknown: int
    share_actions: float | None
    granted: Decimal
    share_granted: float | None
    target: float | None
    met: bool | None
    missing_actions: int
    missing_new_actions: int | None
    inherited: int = 0


@dataclass(frozen=True, slots=True)
class ConventionFigures:
    """CPO among the distinct conventions of the year, in number and in euros (None when not known)."""

    count: int
    cpo: int
    share: float | None
    target: float | None
    met: bool | None
    granted: Decimal | None = None
    cpo_granted: Decimal | None = None
    share_granted: float | None = None


@dataclass(frozen=True, slots=True)
class FinancerFigures:
    """Both objectives on the money of one financer."""

    cpo: CpoFigures
    conventions: ConventionFigures | None


@dataclass(slots=True)
class Tally:
    """One set of actions as they are counted."""

    total: int = 0
    covered: int = 0
    unknown: int = 0
    inherited: int = 0
    money: Decimal = ZERO
    covered_money: Decimal = ZERO

    def add(self, action: ActionFacts, amount: Decimal) -> None:
        """One more action, for this much."""
        self.total += 1
        self.money += amount
        if action.cpo:
            self.covered += 1
            self.covered_money += amount
            self.inherited += action.cpo_from is not None
        elif action.cpo is None:
            self.unknown += 1


def cpo_figures(actions: Iterable[ActionFacts], target: Decimal | None) -> CpoFigures:
    """The share of CPO among these actions, in number and in euros, and what the target lacks."""
    return figures_of(tally_of(actions), target)


def tally_of(actions: Iterable[ActionFacts]) -> Tally:
    """The actions counted once, with all their money."""
    tally = Tally()
    for action in actions:
        tally.add(action, action.granted)
    return tally


def figures_of(tally: Tally, target: Decimal | None) -> CpoFigures:
    """What was counted, against a target."""
    total, covered, money = tally.total, tally.covered, tally.money
    return CpoFigures(
        total=total,
        total_granted=money,
        actions=covered,
        unknown=tally.unknown,
        share_actions=covered / total if total else None,
        granted=tally.covered_money,
        share_granted=float(tally.covered_money / money) if money > 0 else None,
        target=None if target is None else float(target),
        met=None if target is None or not total else covered > target * total,
        missing_actions=0 if target is None or not total else missing_to_convert(total, covered, target),
        missing_new_actions=0 if target is None else missing_to_add(total, covered, target),
        inherited=tally.inherited,
    )


def missing_to_convert(total: int, covered: int, target: Decimal) -> int:
    """How many of the actions must become CPO, total unchanged, to exceed the target strictly."""
    return max(0, int(target * total) + 1 - covered)


def missing_to_add(total: int, covered: int, target: Decimal) -> int | None:
    """How many new CPO actions for the share to exceed the target strictly; None when no number is enough."""
    if covered > target * total:
        return 0
    if target >= 1:
        return None
    return int((target * total - covered) / (1 - target)) + 1


def convention_figures(conventions: ConventionFacts, target: Decimal | None) -> ConventionFigures:
    """The share of CPO among conventions.

    The circular asks for the target at least, so equality is enough.
    """
    count, cpo = conventions.count, conventions.cpo
    granted, cpo_granted = conventions.granted, conventions.cpo_granted
    known = granted is not None and cpo_granted is not None and granted > 0
    return ConventionFigures(
        count=count,
        cpo=cpo,
        share=cpo / count if count > 0 else None,
        target=None if target is None else float(target),
        met=None if target is None or count <= 0 else cpo >= target * count,
        granted=granted,
        cpo_granted=cpo_granted,
        share_granted=float(cpo_granted / granted) if known and granted and cpo_granted is not None else None,
    )


def conventions_of(signed: Iterable[tuple[str | None, bool | None, Decimal]]) -> ConventionFacts | None:
    """Distinct conventions out of (reference, CPO, euros) per action; None when no action has one.

    A convention is multi-year as soon as one of its actions is.
    """
    amounts: dict[str, Decimal] = {}
    multi_year: set[str] = set()
    for reference, cpo, amount in signed:
        if reference:
            amounts[reference] = amounts.get(reference, ZERO) + amount
            if cpo:
                multi_year.add(reference)
    if not amounts:
        return None
    covered = sum((amounts[reference] for reference in multi_year), ZERO)
    return ConventionFacts(len(amounts), len(multi_year), sum(amounts.values(), ZERO), covered)


@dataclass(frozen=True, slots=True)
class FinancerCount:
    """What one financer's money goes to, before any objective is set."""

    tally: Tally
    conventions: ConventionFacts | None


def count_by_financer(actions: Iterable[ActionFacts]) -> dict[str, FinancerCount]:
    """Per financer, the actions that carry its money; those without money are absent."""
    tallies: dict[str, Tally] = {}
    signed: dict[str, list[tuple[str | None, bool | None, Decimal]]] = {}
    for action in actions:
        for financer, amount in _amounts(action):
            if amount > 0:
                tally = tallies.get(financer)
                if tally is None:
                    tally = tallies[financer] = Tally()
                tally.add(action, amount)
                if action.convention:
                    signed.setdefault(financer, []).append((action.convention, action.cpo, amount))
    return {
        financer: FinancerCount(tallies[financer], conventions_of(signed.get(financer, ())))
        for financer in sorted(tallies)
    }


def financer_figures(
    counts: Mapping[str, FinancerCount], target: Decimal | None, convention_target: Decimal | None
) -> dict[str, FinancerFigures]:
    """Both objectives per financer."""
    return {
        financer: FinancerFigures(
            figures_of(count.tally, target),
            None if count.conventions is None else convention_figures(count.conventions, convention_target),
        )
        for financer, count in counts.items()
    }


def _amounts(action: ActionFacts) -> Iterable[tuple[str, Decimal]]:
    """One amount per financer, whatever the number of its lines."""
    if len(action.by_financer) < 2 or len(dict(action.by_financer)) == len(action.by_financer):
        return action.by_financer
    amounts: dict[str, Decimal] = {}
    for financer, amount in action.by_financer:
        amounts[financer] = amounts.get(financer, ZERO) + amount
    return amounts.items()


def covered_years(
    dossiers: Iterable[tuple[int, int | None, frozenset[int] | None]],
) -> dict[int, int]:
    """Years covered by the CPO of one action, each with the year of the dossier that opened it.

    `dossiers`: (year, duration, years of the trajectory) of those in CPO. A later dossier within a convention does
    not start it again, nor lengthen it by the copy of a trajectory that was amended since; without a trajectory its
    duration counts, and an unknown one covers only its own year.
    """
    covered: dict[int, int] = {}
    for year, duration, planned in sorted(dossiers, key=_first):
        if year in covered:
            continue
        years = planned or range(year, year + min(max(1, duration or 1), LONGEST))
        for each in (year, *years):
            if each >= year:
                covered.setdefault(each, year)
    return covered


def _first(dossier: tuple[int, int | None, frozenset[int] | None]) -> int:
    return dossier[0]
