# SPDX-License-Identifier: EUPL-1.2
"""What holds for any amounts and dates: more money never asks less, a completion never hastens a refusal, order is nothing."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rules.cases import TERRITORY
from rules.days import months_after
from rules.details import AccountFacts, AidFacts, CompletionFacts, ConventionRecord, YearlySumFacts
from rules.facts import DossierFacts, LineFacts
from rules.findings import Finding, Outcome
from rules.parameters import Parameters
from rules.render import render
from rules.themes.accounts import check_accounts, check_double_counting, check_own_share, check_requests_match
from rules.themes.convention import check_publication, check_required
from rules.themes.cpo_dossier import check_trajectory
from rules.themes.de_minimis import check_fiscal_years, check_rolling
from rules.themes.deadlines import check_refusal, implicit_refusal_on

ON = date(2026, 3, 1)
PARAMETERS = Parameters.load().at(ON)
BEFORE_2024 = Parameters.load().at(date(2023, 12, 31))
CALM = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
FINANCERS = ("etat", "region", "caf", "commune-aniche")
FORMS = (None, "association", "fondation", "entreprise", "bailleur", "autre", "commune", "ccas")
DEMANDING = {"not_required": 0, "recorded": 1, "form_missing": 1, "form_unsure": 1, "missing": 2}
BY_MONEY = {"small_commune": 0, "below": 0}

money = st.decimals(0, 40000, places=2)
days = st.dates(date(2020, 1, 1), date(2026, 12, 31))
sums = st.lists(
    st.builds(
        YearlySumFacts,
        financer=st.sampled_from(FINANCERS),
        here=money,
        elsewhere=money,
        awards=money,
        kind_value=money,
    ),
    max_size=4,
    unique_by=lambda one: one.financer,
).map(tuple)
aids = st.lists(
    st.builds(AidFacts, granted_on=days, amount=st.decimals(0, 400000, places=2), is_sieg=st.booleans()),
    max_size=5,
).map(tuple)
completions = st.builds(
    CompletionFacts,
    requested_on=days,
    due_on=days,
    completed_on=st.none() | days,
)
accounts = st.lists(
    st.builds(
        AccountFacts,
        side=st.sampled_from(["charge", "produit"]),
        account=st.sampled_from(["60", "64", "70", "706", "74", "75", "86", "87", "99"]),
        amount=money,
        payer=st.none() | st.sampled_from(FINANCERS),
    ),
    max_size=6,
).map(tuple)


@st.composite
def lines(draw: st.DrawFn) -> tuple[LineFacts, ...]:
    """Lines of distinct financers, in any state."""
    states = ("asked", "in_kind", "declined", "ineligible", "retained", "granted", "refused", "cancelled")
    return tuple(
        LineFacts(
            f"{financer}:specifique",
            financer,
            "specifique",
            draw(st.sampled_from(states)),
            requested=draw(st.none() | money),
            retained=draw(st.none() | money),
            in_kind_value=draw(st.none() | money),
            is_own_share=draw(st.booleans()),
        )
        for financer in draw(st.lists(st.sampled_from(FINANCERS), unique=True))
    )


def funded(found: tuple[YearlySumFacts, ...], form: str | None, kept: tuple[LineFacts, ...]) -> DossierFacts:
    return DossierFacts("D1", 2026, "committed", porteur_form=form, yearly_sums=found, lines=kept)


def required(dossier: DossierFacts) -> Finding:
    return check_required(dossier, TERRITORY, PARAMETERS)


@CALM
@given(
    sums,
    st.sampled_from(FORMS),
    lines(),
    st.sampled_from(FINANCERS),
    st.sampled_from(["here", "elsewhere", "awards", "kind_value"]),
    money,
    st.booleans(),
)
def test_more_money_never_asks_less_of_a_convention(
    found: tuple[YearlySumFacts, ...],
    form: str | None,
    kept: tuple[LineFacts, ...],
    financer: str,
    what: str,
    amount: Decimal,
    is_recorded: bool,
) -> None:
    known = next((one for one in found if one.financer == financer), YearlySumFacts(financer))
    others = tuple(one for one in found if one.financer != financer)
    richer = (*others, replace(known, **{what: getattr(known, what) + amount}))
    record = ConventionRecord("CV-1", date(2026, 1, 1)) if is_recorded else None
    before, after = (replace(funded(one, form, kept), convention=record) for one in (found, richer))

    poor, rich = required(before), required(after)
    if form in ("commune", "ccas"):
        assert poor.variant == rich.variant == "public_body"
    else:
        assert DEMANDING[rich.variant] >= DEMANDING[poor.variant]
        assert poor.facts["highest"] <= rich.facts["highest"]  # type: ignore[operator]

    published = [check_publication(one, TERRITORY, PARAMETERS).variant for one in (before, after)]
    assert BY_MONEY.get(published[0], 1) <= BY_MONEY.get(published[1], 1)


@CALM
@given(sums, st.sampled_from(FORMS), lines(), st.randoms(use_true_random=False))
def test_the_order_of_sums_and_lines_changes_no_word_of_a_convention(
    found: tuple[YearlySumFacts, ...], form: str | None, kept: tuple[LineFacts, ...], random: Any
) -> None:
    dossier = replace(funded(found, form, kept), convention=ConventionRecord("CV-1", date(2025, 1, 1)))
    other = replace(dossier, yearly_sums=shuffled(found, random), lines=shuffled(kept, random))

    for record in (None, dossier.convention):
        one, two = replace(dossier, convention=record), replace(other, convention=record)
        assert render(required(one)) == render(required(two))
        assert render(check_publication(one, TERRITORY, PARAMETERS)) == render(
            check_publication(two, TERRITORY, PARAMETERS)
        )


def shuffled(items: tuple[Any, ...], random: Any) -> tuple[Any, ...]:
    mixed = list(items)
    random.shuffle(mixed)
    return tuple(mixed)


@CALM
@given(days, st.lists(completions, max_size=4), completions, st.randoms(use_true_random=False))
def test_a_completion_never_hastens_the_implicit_refusal(
    filed: date, asked: list[CompletionFacts], added: CompletionFacts, random: Any
) -> None:
    before, suspended = implicit_refusal_on(filed, 2, asked)
    after, longer = implicit_refusal_on(filed, 2, [*asked, added])

    assert after >= before and longer >= suspended >= 0
    assert before == months_after(filed, 2) + timedelta(days=suspended)
    assert implicit_refusal_on(filed, 2, shuffled((*asked, added), random)) == (after, longer)


@CALM
@given(days, st.lists(completions, max_size=4))
def test_answering_sooner_never_delays_the_implicit_refusal(
    filed: date, asked: list[CompletionFacts]
) -> None:
    waiting = [replace(one, completed_on=None) for one in asked]

    assert implicit_refusal_on(filed, 2, asked) <= implicit_refusal_on(filed, 2, waiting)


@CALM
@given(days, st.lists(completions, max_size=4))
def test_suspension_counts_each_day_once(filed: date, asked: list[CompletionFacts]) -> None:
    deadline, suspended = implicit_refusal_on(filed, 2, asked)

    open_days = {
        filed + timedelta(days=rank)
        for rank in range((deadline - filed).days)
        for one in asked
        if one.requested_on
        <= filed + timedelta(days=rank)
        < (one.due_on if one.completed_on is None else min(one.due_on, one.completed_on))
    }
    assert suspended == len(open_days)


@CALM
@given(days, st.lists(completions, max_size=3).map(tuple), lines(), st.sampled_from(FORMS), days)
def test_silence_is_judged_line_by_line_whatever_their_order(
    filed: date, asked: tuple[CompletionFacts, ...], kept: tuple[LineFacts, ...], form: str | None, on: date
) -> None:
    dossier = DossierFacts(
        "D1", 2026, "submitted", porteur_form=form, filed_on=filed, completions=asked, lines=kept
    )
    other = replace(dossier, lines=kept[::-1], completions=asked[::-1])
    parameters = Parameters.load().at(on)

    finding = check_refusal(dossier, TERRITORY, parameters)

    assert finding == check_refusal(other, TERRITORY, parameters)
    answered = {line.key for line in kept if line.state == "granted"}
    passed = {line.line for line in finding.lines or () if line.outcome is Outcome.VIOLATED}
    assert not answered & passed
    assert not passed or on > finding.facts["deadline"]  # type: ignore[operator]


@CALM
@given(aids, lines(), st.integers(0, 4), money, st.randoms(use_true_random=False))
def test_cumulated_de_minimis_grows_with_each_aid_in_any_order(
    found: tuple[AidFacts, ...], kept: tuple[LineFacts, ...], rank: int, more: Decimal, random: Any
) -> None:
    dossier = DossierFacts("D1", 2026, "conference", economic_activity=True, de_minimis=found, lines=kept)
    grown = tuple(
        replace(aid, amount=aid.amount + more) if index == rank else aid for index, aid in enumerate(found)
    )
    for check, day in ((check_rolling, PARAMETERS), (check_fiscal_years, BEFORE_2024)):
        before = check(dossier, TERRITORY, day)
        after = check(replace(dossier, de_minimis=grown), TERRITORY, day)
        mixed = check(replace(dossier, de_minimis=shuffled(found, random), lines=kept[::-1]), TERRITORY, day)

        assert before.outcome is not Outcome.VIOLATED or after.outcome is Outcome.VIOLATED
        assert before == mixed
        if before.variant == after.variant:
            assert before.facts["total"] <= after.facts["total"]  # type: ignore[operator]


@CALM
@given(aids, days, days)
def test_an_aid_outside_the_period_counts_for_nothing(
    found: tuple[AidFacts, ...], on: date, granted: date
) -> None:
    parameters = replace(Parameters.load().at(ON), on=on)  # the rolling period, whatever the day drawn
    dossier = DossierFacts("D1", 2026, "conference", economic_activity=True, de_minimis=found)
    more = replace(dossier, de_minimis=(*found, AidFacts(granted, Decimal(500000))))

    check = check_rolling
    counts = months_after(on, -36) <= granted <= on
    assert (check(dossier, TERRITORY, parameters) == check(more, TERRITORY, parameters)) is not counts


@CALM
@given(accounts, lines(), st.none() | money, st.randoms(use_true_random=False))
def test_the_order_of_accounts_changes_no_word_of_the_plan(
    found: tuple[AccountFacts, ...], kept: tuple[LineFacts, ...], other: Decimal | None, random: Any
) -> None:
    dossier = DossierFacts(
        "D1", 2026, "submitted", accounts=found, lines=kept, other_resources=other, own_resources=other
    )
    mixed = replace(dossier, accounts=shuffled(found, random), lines=shuffled(kept, random))

    for check in (check_requests_match, check_accounts, check_double_counting):
        one, two = (check(facts, TERRITORY, PARAMETERS) for facts in (dossier, mixed))
        assert render(one) == render(two)


@CALM
@given(lines())
def test_a_plan_that_repeats_the_requests_always_matches(kept: tuple[LineFacts, ...]) -> None:
    plan = tuple(
        AccountFacts("produit", "74", line.requested, line.financer)
        for line in kept
        if line.requested is not None
    )
    dossier = DossierFacts("D1", 2026, "submitted", accounts=plan, lines=kept)

    variant = check_requests_match(dossier, TERRITORY, PARAMETERS).variant

    assert variant == ("equal" if plan else "no_detail")


@CALM
@given(money, money, st.decimals(0, 1, places=2))
def test_own_share_is_judged_on_exact_euros(own: Decimal, rest: Decimal, least: Decimal) -> None:
    cost = own + rest
    dossier = DossierFacts("D1", 2026, "submitted", total_cost=cost, own_resources=own)
    parameters = PARAMETERS.with_local({"funding.own_share_min": least})

    finding = check_own_share(dossier, TERRITORY, parameters)

    wanted = "contradictory" if not cost else "enough" if own >= least * cost else "below"
    assert finding.variant == wanted


@CALM
@given(st.lists(st.tuples(st.integers(2024, 2030), money), max_size=6).map(tuple), st.randoms())
def test_a_trajectory_reads_the_same_in_any_order(
    found: tuple[tuple[int, Decimal], ...], random: Any
) -> None:
    dossier = DossierFacts("D1", 2026, "co_instruction", cpo=True, cpo_trajectory=found)
    mixed = replace(dossier, cpo_trajectory=shuffled(found, random))

    finding = check_trajectory(dossier, TERRITORY, PARAMETERS)

    assert finding == check_trajectory(mixed, TERRITORY, PARAMETERS)
    years = sorted(year for year, _ in found)
    is_whole = bool(years) and 2026 in years and years == list(range(years[0], years[0] + len(years)))
    assert (finding.outcome is Outcome.SATISFIED) is is_whole
