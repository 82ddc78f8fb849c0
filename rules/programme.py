# SPDX-License-Identifier: EUPL-1.2
"""The figures of a programme year, all of them together: what `check --programme`, the page and the summary show."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from rules.complementarity import Group
from rules.continuity import Continuity
from rules.coverage import Coverage, ObjectiveFigures
from rules.cpo_figures import (
    ConventionFigures,
    CpoFigures,
    FinancerFigures,
    convention_figures,
    cpo_figures,
    figures_of,
    financer_figures,
)
from rules.facts import ActionFacts, ProgrammeFacts, TerritoryFacts
from rules.money import ZERO
from rules.parameters import ParametersOfDay
from rules.programme_year import Leverage, ProgrammeYear
from rules.themes.convention_sums import SumsBalance, sums_balance
from rules.themes.envelope import EnvelopeFigures, envelope_figures
from rules.themes.poches import PochesBalance, poches_balance


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
class ProgrammeFigures:
    """What `check --programme` shows, less the findings.

    Top figures: the contract's programme, granted or retained.
    """

    year: int
    actions: int
    granted: Decimal
    cpo: CpoFigures
    financers: dict[str, FinancerFigures]
    conventions: ConventionFigures | None
    envelopes: tuple[EnvelopeFigures, ...]
    outside: Tally
    unclassified: Tally
    projected: Projection
    ordinary: Decimal
    ordinary_share: float | None
    ordinary_by_financer: dict[str, Decimal]
    own_share: Decimal
    leverage: Leverage
    coverage: Coverage
    objectives: tuple[ObjectiveFigures, ...]  # from the most to the least invested
    poches: PochesBalance
    sums: SumsBalance
    continuity: Continuity | None
    groups: tuple[Group, ...]

    @property
    def cpo_by_financer(self) -> dict[str, CpoFigures]:
        """The objective on actions, per financer."""
        return {financer: figures.cpo for financer, figures in self.financers.items()}


def programme_figures(
    programme: ProgrammeFacts | ProgrammeYear, territory: TerritoryFacts, parameters: ParametersOfDay
) -> ProgrammeFigures:
    """Every figure of the year. Projected actions never enter the top figures."""
    year = ProgrammeYear.of(programme, territory)
    target = parameters.values["cpo.target_actions"]
    convention_target = parameters.values["cpo.target_conventions"]
    conventions = year.facts.conventions
    return ProgrammeFigures(
        year=year.facts.year,
        actions=len(year.counted),
        granted=year.granted,
        cpo=figures_of(year.tally, target),
        financers=financer_figures(year.by_financer, target, convention_target),
        conventions=None if conventions is None else convention_figures(conventions, convention_target),
        envelopes=tuple(envelope_figures(envelope) for envelope in year.facts.envelopes),
        outside=_tally(action for action in year.settled if action.inside is False),
        unclassified=_tally(action for action in year.settled if action.inside is None),
        projected=_projection(year, target),
        ordinary=year.ordinary,
        ordinary_share=float(year.ordinary / year.granted) if year.granted > 0 else None,
        ordinary_by_financer=year.ordinary_by_financer,
        own_share=sum((action.own_share for action in year.counted), ZERO),
        leverage=year.leverage,
        coverage=year.coverage,
        objectives=year.objectives,
        poches=poches_balance(year, parameters),
        sums=sums_balance(year, parameters),
        continuity=year.continuity,
        groups=year.groups,
    )


def _tally(actions: Iterable[ActionFacts]) -> Tally:
    found = list(actions)
    return Tally(len(found), sum((action.granted for action in found), ZERO))


def _projection(year: ProgrammeYear, target: Decimal | None) -> Projection:
    coming = [action for action in year.facts.actions if action.projected and action.inside is not False]
    figures = cpo_figures(coming, target)
    together = cpo_figures([*year.counted, *coming], target)
    return Projection(figures.total, figures.total_granted, figures, together)
