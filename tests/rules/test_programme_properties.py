# SPDX-License-Identifier: EUPL-1.2
"""What holds for any programme: no euro lost, order without effect, every action of last year accounted for."""

from dataclasses import asdict, replace
from decimal import Decimal
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from rules.cases import TERRITORY
from rules.complementarity import groups_of
from rules.continuity import compare_years
from rules.cpo_figures import count_by_financer, covered_years, financer_figures
from rules.engine import evaluate_programme
from rules.facts import ActionFacts, ProgrammeFacts
from rules.poches import poches_share
from rules.programme_details import PreviousActionFacts, PreviousYearFacts
from rules.yearly_sums import BodySum, yearly_sums
from tests.rules.test_properties import CALM, PARAMETERS, actions, money, previous_actions


@CALM
@given(st.lists(actions, max_size=10), st.randoms(use_true_random=False))
def test_yearly_sums_lose_no_euro_and_forget_the_order(found: list[ActionFacts], random: Random) -> None:
    shuffled = list(found)
    random.shuffle(shuffled)

    sums = yearly_sums(found)

    assert told(sums) == told(yearly_sums(shuffled))
    given_out = [amount for action in found for _, amount in (*action.by_financer, *action.in_kind)]
    assert sum((one.total for one in sums), Decimal(0)) == sum(given_out, Decimal(0))
    assert all(one.awards <= one.cash and one.uncovered <= one.total for one in sums)


def told(sums: tuple[BodySum, ...]) -> list[dict[str, object]]:
    return [asdict(one) for one in sums]


@CALM
@given(st.lists(actions, max_size=10))
def test_each_financer_counts_its_own_money_and_all_of_it(found: list[ActionFacts]) -> None:
    half = Decimal("0.5")
    figures = financer_figures(count_by_financer(found), half, half)

    brought = sum((amount for action in found for _, amount in action.by_financer), Decimal(0))
    assert sum((one.cpo.total_granted for one in figures.values()), Decimal(0)) == brought
    for one in figures.values():
        assert one.cpo.granted <= one.cpo.total_granted
        assert one.cpo.actions + one.cpo.unknown <= one.cpo.total <= len(found)
        if one.conventions is not None:
            assert one.conventions.granted is not None
            assert one.conventions.granted <= one.cpo.total_granted
            assert one.conventions.cpo <= one.conventions.count <= one.cpo.total


@CALM
@given(
    st.lists(actions, max_size=8), st.lists(previous_actions, max_size=8), st.randoms(use_true_random=False)
)
def test_every_action_of_last_year_is_continued_or_dropped(
    found: list[ActionFacts], before: list[PreviousActionFacts], random: Random
) -> None:
    shuffled, reordered = list(found), list(before)
    random.shuffle(shuffled)
    random.shuffle(reordered)

    compared = compare_years(PreviousYearFacts(2025, tuple(before)), found)

    assert compared == compare_years(PreviousYearFacts(2025, tuple(reordered)), shuffled)
    both = (*compared.continued, *compared.dropped)
    assert sum((one.granted for one in both), Decimal(0)) == compared.granted
    assert compared.granted == sum((action.granted for action in before), Decimal(0))
    assert compared.previous == len(both)


@CALM
@given(st.lists(actions, max_size=10, unique_by=id), st.randoms(use_true_random=False))
def test_groups_bring_together_actions_that_share_everything(
    found: list[ActionFacts], random: Random
) -> None:
    named = [replace(action, reference=f"A{rank}") for rank, action in enumerate(found)]
    shuffled = list(named)
    random.shuffle(shuffled)

    groups = groups_of(named)

    assert groups == groups_of(shuffled)
    for group in groups:
        assert len(set(group.references)) == len(group.actions) > 1
        assert group.granted == sum((action.granted for action in group.actions), Decimal(0))
        for action in group.actions:
            assert set(group.qpv) <= set(action.qpv)
            assert group.theme in (action.themes or action.objectives)
            if group.public:
                assert group.public in (action.publics or ())


@CALM
@given(st.lists(actions, max_size=10), st.randoms(use_true_random=False))
def test_programme_findings_do_not_depend_on_the_order_of_actions(
    found: list[ActionFacts], random: Random
) -> None:
    named = [replace(action, reference=f"A{rank}") for rank, action in enumerate(found)]
    shuffled = list(named)
    random.shuffle(shuffled)

    one, other = (ProgrammeFacts("essai", 2026, tuple(order)) for order in (named, shuffled))

    assert evaluate_programme(one, TERRITORY, PARAMETERS) == evaluate_programme(other, TERRITORY, PARAMETERS)


@given(money, st.integers(0, 300), st.integers(0, 300), st.booleans(), st.booleans())
def test_the_share_of_poches_stays_within_the_specific_euros(
    specific: Decimal, in_poches: int, beneficiaries: int, in_qpv: bool, is_known: bool
) -> None:
    share = poches_share(
        specific,
        poches=["P1"],
        qpv=["QN05994I"] if in_qpv else [],
        retained=["P1"],
        in_poches=in_poches if is_known else None,
        beneficiaries=beneficiaries,
    )

    assert share is None or 0 <= share <= specific
    if not is_known:
        assert share == (None if in_qpv and specific else specific)


@given(
    st.dictionaries(st.integers(2024, 2030), st.integers(1, 4), max_size=5),
    st.integers(2024, 2034),
)
def test_a_cpo_covers_its_years_and_no_other(durations: dict[int, int], year: int) -> None:
    covered = covered_years((start, duration, None) for start, duration in durations.items())

    opened = {start for start in durations if covered[start] == start}
    assert (year in covered) is any(start <= year < start + durations[start] for start in opened)
    assert set(durations) <= set(covered)
