# SPDX-License-Identifier: EUPL-1.2
"""The figures of a programme year: CPO, envelopes, droit commun, leverage, neighbourhoods, objectives.

Pure sums.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from rules.coverage import Coverage, ObjectiveFigures, coverage_by_qpv, invested_objectives
from rules.facts import ActionFacts, ProgrammeFacts, TerritoryFacts
from rules.money import CENT, ZERO
from rules.parameters import ParametersOfDay
from rules.themes.cpo import (
    ConventionFigures,
    CpoFigures,
    convention_figures,
    counted_actions,
    cpo_figures,
)
from rules.themes.envelope import EnvelopeFigures, envelope_figures


@dataclass(frozen=True, slots=True)
class Tally:
    """How many actions, for how much."""

    actions: int
    granted: Decimal


@dataclass(frozen=True, slots=True)
class Projection:
    """The actions still under instruction, counted apart, and the CPO share if all of them were retained."""

    actions: int
    granted: Decimal
    cpo: CpoFigures
    with_programme: CpoFigures


@dataclass(frozen=True, slots=True)
class Leverage:
    """What the other financers grant beside the State's specific credits; `ratio` is None without any."""

    specific: Decimal
    others: Decimal
    ratio: Decimal | None


@dataclass(frozen=True, slots=True)
class ProgrammeFigures:
    """What `check --programme` shows, less the findings.

    Top figures: the contract's programme, granted or retained.
    """

    year: int
    actions: int
    granted: Decimal
    cpo: CpoFigures
    cpo_by_financer: dict[str, CpoFigures]
    conventions: ConventionFigures | None
    envelopes: tuple[EnvelopeFigures, ...]
    outside: Tally
    unclassified: Tally
    projected: Projection
    ordinary: Decimal
    ordinary_share: float | None
    own_share: Decimal
    leverage: Leverage
    coverage: Coverage
    objectives: tuple[ObjectiveFigures, ...]  # from the most to the least invested


def programme_figures(
    programme: ProgrammeFacts, territory: TerritoryFacts, parameters: ParametersOfDay
) -> ProgrammeFigures:
    """Every figure of the year. Projected actions never enter the top figures."""
    inside = counted_actions(programme)
    settled = [action for action in programme.actions if not action.projected]
    target = parameters.values["cpo.target_actions"]
    money, ordinary = _sum(inside), ordinary_money(inside)
    return ProgrammeFigures(
        year=programme.year,
        actions=len(inside),
        granted=money,
        cpo=cpo_figures(inside, target),
        cpo_by_financer=_cpo_by_financer(inside, target),
        conventions=_conventions(programme, parameters),
        envelopes=tuple(envelope_figures(envelope) for envelope in programme.envelopes),
        outside=_tally(action for action in settled if action.inside is False),
        unclassified=_tally(action for action in settled if action.inside is None),
        projected=_projection(programme, inside, target),
        ordinary=ordinary,
        ordinary_share=float(ordinary / money) if money > 0 else None,
        own_share=sum((action.own_share for action in inside), ZERO),
        leverage=leverage_of(inside),
        coverage=coverage_by_qpv(inside, programme.populations, territory.qpv),
        objectives=invested_objectives(inside, territory.objectives),
    )


def ordinary_money(actions: Iterable[ActionFacts]) -> Decimal:
    """What ordinary-law credits bring to these actions."""
    return sum((action.ordinary for action in actions), ZERO)


def leverage_of(actions: Iterable[ActionFacts]) -> Leverage:
    """Granted by others for one euro of State specific credits; own shares are already outside `granted`."""
    specific = others = ZERO
    for action in actions:
        specific += action.specific
        others += action.granted - action.specific
    return Leverage(specific, others, (others / specific).quantize(CENT) if specific > 0 else None)


def _sum(actions: Iterable[ActionFacts]) -> Decimal:
    return sum((action.granted for action in actions), ZERO)


def _tally(actions: Iterable[ActionFacts]) -> Tally:
    found = list(actions)
    return Tally(len(found), _sum(found))


def _projection(programme: ProgrammeFacts, inside: list[ActionFacts], target: Decimal | None) -> Projection:
    coming = [action for action in programme.actions if action.projected and action.inside is not False]
    figures = cpo_figures(coming, target)
    return Projection(figures.total, figures.total_granted, figures, cpo_figures([*inside, *coming], target))


def _cpo_by_financer(inside: list[ActionFacts], target: Decimal | None) -> dict[str, CpoFigures]:
    shares: dict[str, list[ActionFacts]] = {}
    for action in inside:
        amounts: dict[str, Decimal] = {}
        for financer, amount in action.by_financer:
            amounts[financer] = amounts.get(financer, ZERO) + amount
        for financer, amount in amounts.items():
            if amount > 0:
                part = ActionFacts(action.reference, action.title, action.porteur, amount, action.cpo)
                shares.setdefault(financer, []).append(part)
    return {financer: cpo_figures(shares[financer], target) for financer in sorted(shares)}


def _conventions(programme: ProgrammeFacts, parameters: ParametersOfDay) -> ConventionFigures | None:
    if programme.conventions is None:
        return None
    return convention_figures(programme.conventions, parameters.values["cpo.target_conventions"])
