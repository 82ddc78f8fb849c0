# SPDX-License-Identifier: EUPL-1.2
"""What holds of a filed request whatever its dates, titles and pieces: time does not run back, likeness goes both ways."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from rules.cases import TERRITORY
from rules.details import CallFacts, SiblingFacts, YearlySumFacts
from rules.facts import DossierFacts, TerritoryFacts
from rules.findings import Finding, Outcome
from rules.parameters import Parameters
from rules.themes.calls import check_window
from rules.themes.duplicates import check_action
from rules.themes.period import check_period
from rules.themes.pieces import PIECES, check_due
from rules.themes.registration import check_audit
from rules.themes.renewal import report_due

PARAMETERS = Parameters.load().at(date(2026, 3, 1))
DOSSIER = DossierFacts("D1", 2026, "submitted")
CALM = settings(max_examples=150, deadline=None)

days = st.dates(date(2025, 9, 1), date(2027, 3, 1))
lengths = st.integers(0, 120).map(lambda count: timedelta(days=count))
words = st.lists(st.sampled_from(["Ateliers", "de", "couture", "l’été", "Cœur", "QPV", "2026"]), max_size=6)
titles = words.map(" ".join)
costs = st.none() | st.sampled_from([Decimal(1000), Decimal("1000.01")])
numbers = st.none() | st.sampled_from(["296534", "296535"])
forms = st.sampled_from(["association", "fondation", "commune", "ccas", "entreprise", "autre"])


def windows(kind: str) -> st.SearchStrategy[CallFacts]:
    """A call or a rolling window of 2026, open one day at least."""
    return st.builds(lambda opens, length: CallFacts("A", kind, 2026, opens, opens + length), days, lengths)


def window(filed: date, calls: list[CallFacts], call: str | None) -> Finding:
    territory: TerritoryFacts = replace(TERRITORY, calls=tuple(calls))
    return check_window(replace(DOSSIER, filed_on=filed, call=call), territory, PARAMETERS)


@CALM
@given(windows("annual"), days, lengths)
def test_filing_later_never_brings_a_late_request_back_into_its_call(
    call: CallFacts, filed: date, later: timedelta
) -> None:
    order = ["early", "within", "late"]
    first, second = (window(day, [call], "A").variant for day in (filed, filed + later))

    assert order.index(first) <= order.index(second)
    assert (first == "within") is (call.opens_on <= filed <= call.closes_on)


@CALM
@given(st.lists(windows("rolling"), min_size=1, max_size=4), days)
def test_a_rolling_request_is_received_when_any_window_is_open_in_whatever_order(
    calls: list[CallFacts], filed: date
) -> None:
    found = window(filed, calls, None)

    is_open = any(call.opens_on <= filed <= call.closes_on for call in calls)
    assert (found.outcome is Outcome.SATISFIED) is is_open
    assert window(filed, calls[::-1], None).variant == found.variant
    if not is_open:
        assert window(filed, calls[::-1], None) == found


@CALM
@given(titles, titles, costs, costs, numbers, numbers)
def test_two_requests_resemble_each_other_both_ways(
    title: str,
    other: str,
    cost: Decimal | None,
    other_cost: Decimal | None,
    number: str | None,
    other_number: str | None,
) -> None:
    first = replace(DOSSIER, title=title, total_cost=cost, dauphin_number=number)
    second = replace(DOSSIER, title=other, total_cost=other_cost, dauphin_number=other_number)

    assert _likeness(first, second) == _likeness(second, first)


def _likeness(mine: DossierFacts, theirs: DossierFacts) -> str:
    sibling = SiblingFacts(
        "D2", theirs.title, total_cost=theirs.total_cost, dauphin_number=theirs.dauphin_number
    )
    return check_action(replace(mine, siblings=(sibling,)), TERRITORY, PARAMETERS).variant


@CALM
@given(st.dates(date(2026, 1, 1), date(2026, 12, 31)), st.integers(0, 500), st.integers(0, 500))
def test_a_longer_action_never_becomes_shorter(starts: date, length: int, more: int) -> None:
    outcomes = []
    for count in (length, length + more):
        dated = replace(DOSSIER, starts_on=starts, ends_on=starts + timedelta(days=count))
        outcomes.append(check_period(dated, TERRITORY, PARAMETERS).variant)

    order = ["calendar_year", "over_two_years", "too_long"]
    assert order.index(outcomes[0]) <= order.index(outcomes[1])


@CALM
@given(days, lengths)
def test_the_report_that_is_due_never_goes_back_in_time(on: date, later: timedelta) -> None:
    order = ["", "interim", "final"]
    first, second = (report_due(2025, Parameters.load().at(day))[0] for day in (on, on + later))

    assert order.index(first) <= order.index(second)


@CALM
@given(forms, st.booleans(), st.lists(st.sampled_from(sorted(PIECES))), st.sampled_from(sorted(PIECES)), days)
def test_one_more_piece_never_leaves_more_missing(
    form: str, renewal: bool, pieces: list[str], added: str, on: date
) -> None:
    parameters = Parameters.load().at(on)
    received = replace(DOSSIER, porteur_form=form, renewal=renewal, pieces=tuple(pieces))
    more = replace(received, pieces=(*pieces, added))

    before = check_due(received, TERRITORY, parameters).facts.get("missing", [])
    after = check_due(more, TERRITORY, parameters).facts.get("missing", [])
    assert isinstance(before, list) and isinstance(after, list)
    assert after == [name for name in before if name != PIECES[added]]


@CALM
@given(st.lists(st.decimals(0, 200000, places=2), min_size=1, max_size=4), st.decimals(0, 200000, places=2))
def test_more_subsidies_never_bring_back_below_the_threshold(amounts: list[Decimal], added: Decimal) -> None:
    sums = tuple(YearlySumFacts(f"f{rank}", here=amount) for rank, amount in enumerate(amounts))
    association = replace(DOSSIER, porteur_form="association")
    before, after = (
        check_audit(replace(association, yearly_sums=known), TERRITORY, PARAMETERS)
        for known in (sums, (*sums, YearlySumFacts("autre", awards=added)))
    )

    order = ["below", "to_check"]
    assert order.index(before.variant) <= order.index(after.variant)
