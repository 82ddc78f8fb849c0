# SPDX-License-Identifier: EUPL-1.2
"""A programme year as its rules read it: the facts, and the sums that several rules need, each computed once."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from rules.complementarity import Group, groups_of
from rules.continuity import Continuity, compare_years
from rules.coverage import Coverage, ObjectiveFigures, coverage_by_qpv, invested_objectives
from rules.cpo_figures import FinancerCount, Tally, count_by_financer, tally_of
from rules.facts import ActionFacts, EnvelopeFacts, ProgrammeFacts, TerritoryFacts
from rules.money import CENT, ZERO
from rules.poches import PochesFigures, poches_figures
from rules.yearly_sums import BodySum, yearly_sums

STATE, STATE_SPECIFIC = "etat", "etat:specifique"


@dataclass(frozen=True, slots=True)
class Leverage:
    """What the other financers grant beside the State's specific credits; `ratio` is None without any.

    `state_ordinary`: what else the State brings, on neither side.
    """

    specific: Decimal
    others: Decimal
    ratio: Decimal | None
    state_ordinary: Decimal = ZERO


@dataclass(frozen=True)
class ProgrammeYear:
    """The subject of every programme rule. Made once for a reading, then thrown away."""

    facts: ProgrammeFacts
    territory: TerritoryFacts

    @classmethod
    def of(cls, programme: "ProgrammeFacts | ProgrammeYear", territory: TerritoryFacts) -> "ProgrammeYear":
        """The year of these facts; the same one when it is given again."""
        return programme if isinstance(programme, cls) else cls(programme, territory)  # type: ignore[arg-type]

    @cached_property
    def settled(self) -> tuple[ActionFacts, ...]:
        """Granted or retained, inside the programme or not."""
        return tuple(action for action in self.facts.actions if not action.projected)

    @cached_property
    def counted(self) -> tuple[ActionFacts, ...]:
        """The actions that make the contract's programme: inside, granted or retained, awards included."""
        return tuple(action for action in self.settled if action.inside is True)

    @cached_property
    def granted(self) -> Decimal:
        """Euros of the programme."""
        return sum((action.granted for action in self.counted), ZERO)

    @cached_property
    def ordinary(self) -> Decimal:
        """What ordinary-law credits bring to it."""
        return sum((action.ordinary for action in self.counted), ZERO)

    @cached_property
    def ordinary_by_financer(self) -> dict[str, Decimal]:
        """The same by financer: what each partner's ordinary law brings."""
        found: dict[str, Decimal] = {}
        for action in self.counted:
            for financer, amount in action.ordinary_by:
                found[financer] = found.get(financer, ZERO) + amount
        return found

    @cached_property
    def tally(self) -> Tally:
        """The programme's CPO counted."""
        return tally_of(self.counted)

    @cached_property
    def by_financer(self) -> dict[str, FinancerCount]:
        """The same on the money of each financer."""
        return count_by_financer(self.counted)

    @cached_property
    def leverage(self) -> Leverage:
        """What the others bring for one euro of the State's specific credits."""
        return leverage_of(self.counted)

    @cached_property
    def coverage(self) -> Coverage:
        """Euros per neighbourhood."""
        return coverage_by_qpv(self.counted, self.facts.populations, self.territory.qpv)

    @cached_property
    def objectives(self) -> tuple[ObjectiveFigures, ...]:
        """From the most to the least invested."""
        return invested_objectives(self.counted, self.territory.objectives)

    @cached_property
    def sums(self) -> tuple[BodySum, ...]:
        """Per body and financer, whatever the classification: the law adds everything up."""
        return yearly_sums(self.settled)

    @cached_property
    def poches(self) -> PochesFigures:
        """The State's specific euros for residents of the retained poches."""
        return poches_figures(self.counted)

    @cached_property
    def departmental(self) -> EnvelopeFacts | None:
        """The whole département's envelope of the State's specific credit, when its amount is known."""
        for one in self.facts.envelopes:
            if one.held_by == "departement" and one.credit == STATE_SPECIFIC and one.status != "none":
                return one if one.amount is not None else None
        return None

    @cached_property
    def continuity(self) -> Continuity | None:
        """Dropped, continued and new actions; None when nothing is known of the year before."""
        previous = self.facts.previous
        return None if previous is None else compare_years(previous, self.facts.actions)

    @cached_property
    def groups(self) -> tuple[Group, ...]:
        """Actions to bring together: those retained and those still under instruction."""
        return groups_of(action for action in self.facts.actions if action.inside is True)


def leverage_of(actions: Iterable[ActionFacts]) -> Leverage:
    """Granted by the other financers for one euro of State specific credits.

    Own shares are already outside `granted`; the State's ordinary credits are neither specific nor another's.
    """
    specific = others = state_ordinary = ZERO
    for action in actions:
        state = sum((amount for financer, amount in action.by_financer if financer == STATE), ZERO)
        ordinary = max(ZERO, state - action.specific)
        specific += action.specific
        state_ordinary += ordinary
        others += action.granted - action.specific - ordinary
    ratio = (others / specific).quantize(CENT) if specific > 0 else None
    return Leverage(specific, others, ratio, state_ordinary)
