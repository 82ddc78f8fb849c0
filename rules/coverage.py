# SPDX-License-Identifier: EUPL-1.2
"""Where the money goes.

Euros per neighbourhood and per objective, in parts that add up to the total exactly.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from rules.facts import ActionFacts
from rules.money import CENT, ZERO, split

ALONE = (1,)


@dataclass(slots=True)
class QpvFigures:
    """What one neighbourhood receives, and how the parts were found."""

    code: str
    amount: Decimal = ZERO
    actions: int = 0
    single: Decimal = ZERO
    by_beneficiaries: Decimal = ZERO
    by_population: Decimal = ZERO
    by_equal_parts: Decimal = ZERO
    population: int | None = None
    per_resident: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Coverage:
    """Euros per neighbourhood.

    `unlocated` is the money of actions without neighbourhood: parts + unlocated = total.
    """

    total: Decimal
    unlocated: Decimal
    unlocated_actions: int
    qpv: tuple[QpvFigures, ...]


@dataclass(frozen=True, slots=True)
class ObjectiveFigures:
    """What one objective receives; an action with several objectives is split evenly between them."""

    code: str
    amount: Decimal
    actions: int


def coverage_by_qpv(
    actions: Iterable[ActionFacts], populations: Mapping[str, int], contract_qpv: Iterable[str]
) -> Coverage:
    """The granted euros by neighbourhood, the contract's own first shown even at zero."""
    found = {code: QpvFigures(code) for code in sorted(set(contract_qpv))}
    total = unlocated = ZERO
    unlocated_actions = 0
    for action in actions:
        total += action.granted
        codes, weights, key = weights_of(action, populations)
        if not codes:
            unlocated += action.granted
            unlocated_actions += 1
            continue
        parts = split(action.granted, weights) if len(codes) > 1 else (action.granted,)
        for code, part in zip(codes, parts, strict=True):
            _add(found.setdefault(code, QpvFigures(code)), part, key)
    for figures in found.values():
        figures.population = populations.get(figures.code)
        if figures.population and figures.population > 0:
            figures.per_resident = (figures.amount / figures.population).quantize(CENT)
    return Coverage(total, unlocated, unlocated_actions, tuple(found.values()))


def weights_of(
    action: ActionFacts, populations: Mapping[str, int]
) -> tuple[Sequence[str], Sequence[int], str]:
    """The neighbourhoods of an action, how its money is split between them, and what the split was made by."""
    if not action.qpv_beneficiaries and len(action.qpv) < 2:
        return action.qpv, ALONE[: len(action.qpv)], "single"
    known: dict[str, int] = {}
    for code, count in action.qpv_beneficiaries:
        known[code] = known.get(code, 0) + max(0, count)
    codes = sorted(set(action.qpv))
    if any(known.values()) and known.keys() >= set(codes):
        concerned = sorted(code for code, count in known.items() if count)
        return (
            concerned,
            [known[code] for code in concerned],
            "beneficiaries" if len(concerned) > 1 else "single",
        )
    if len(codes) <= 1:
        return codes, [1] * len(codes), "single"
    residents = [populations.get(code, 0) for code in codes]
    if all(count > 0 for count in residents):
        return codes, residents, "population"
    return codes, [1] * len(codes), "equal"


def _add(figures: QpvFigures, part: Decimal, key: str) -> None:
    figures.amount += part
    figures.actions += 1
    if key == "beneficiaries":
        figures.by_beneficiaries += part
    elif key == "population":
        figures.by_population += part
    elif key == "equal":
        figures.by_equal_parts += part
    else:
        figures.single += part


def invested_objectives(
    actions: Iterable[ActionFacts], framework: Iterable[str]
) -> tuple[ObjectiveFigures, ...]:
    """Every objective from the most to the least invested, those of the framework without money included."""
    amounts: dict[str, Decimal] = dict.fromkeys(framework, ZERO)
    counts: dict[str, int] = dict.fromkeys(amounts, 0)
    for action in actions:
        codes = sorted(set(action.objectives))
        if not codes:
            continue
        parts = split(action.granted, [1] * len(codes)) if len(codes) > 1 else (action.granted,)
        for code, part in zip(codes, parts, strict=True):
            amounts[code] = amounts.get(code, ZERO) + part
            counts[code] = counts.get(code, 0) + 1
    figures = [ObjectiveFigures(code, amount, counts[code]) for code, amount in amounts.items()]
    return tuple(sorted(figures, key=lambda one: (-one.amount, -one.actions, one.code)))
