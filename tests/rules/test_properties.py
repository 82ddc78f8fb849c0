# SPDX-License-Identifier: EUPL-1.2
"""What holds for any facts at all: no rule raises, order does not matter, more droit commun never hurts, cents add up."""

import json
from dataclasses import fields, replace
from datetime import date
from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from rules.cases import TERRITORY
from rules.catalogue import DOSSIER_RULES, PROGRAMME_RULES
from rules.coverage import coverage_by_qpv, invested_objectives
from rules.cpo_figures import cpo_figures, missing_to_add, missing_to_convert
from rules.engine import admissible, blocked_lines, evaluate, evaluate_programme, stopping, surviving_lines
from rules.facts import (
    ActionFacts,
    ConventionFacts,
    DossierFacts,
    EnvelopeFacts,
    LineFacts,
    LocatedFacts,
    ProgrammeFacts,
    SettlementFacts,
    TerritoryFacts,
)
from rules.findings import Finding, Outcome
from rules.money import split
from rules.parameters import Parameters
from rules.programme_details import PreviousActionFacts
from rules.render import render
from rules.themes.located import check_residents_located

PARAMETERS = Parameters.load().at(date(2026, 3, 1))
KEYS = (
    "etat:specifique",
    "region:specifique",
    "epci:specifique",
    "departement:droit_commun",
    "caf:droit_commun",
    "commune-aniche:droit_commun",
)
STATES = (
    "not_asked", "asked", "indicative", "firm", "in_kind", "declined", "not_concerned",
    "no_reply", "ineligible", "retained", "granted", "refused", "cancelled",
)  # fmt: skip
CALM = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
WILD = settings(CALM, max_examples=40, phases=[Phase.explicit, Phase.generate])  # huge facts: no shrinking

money = st.decimals(0, 10**7, places=2)
maybe_money = st.none() | money
codes = st.lists(st.sampled_from(["QN05994I", "QN05993M", "QN05936M", "QN07501A", "x"]), max_size=3)
objectives = st.lists(st.sampled_from(["OG1.1", "OG1.2", "OG2.1", "OG9.9"]), max_size=3)


@st.composite
def lines(draw: st.DrawFn) -> tuple[LineFacts, ...]:
    """Lines of distinct credits, in any state, with any amounts."""
    keys = draw(st.lists(st.sampled_from(KEYS), unique=True))
    return tuple(
        LineFacts(
            key,
            *key.split(":"),
            draw(st.sampled_from(STATES)),
            requested=draw(maybe_money),
            proposed=draw(maybe_money),
            retained=draw(maybe_money),
            promised=draw(maybe_money),
            is_own_share=draw(st.booleans()),
            condition_confirmed=draw(st.none() | st.booleans()),
        )
        for key in keys
    )


@st.composite
def dossiers(draw: st.DrawFn) -> DossierFacts:
    """A plausible dossier, complete or not."""
    return DossierFacts(
        "D1",
        2026,
        "conference",
        porteur_siret=draw(st.none() | st.sampled_from(["73282932000074", "73282932000075", "732829320"])),
        objectives=draw(st.none() | objectives.map(tuple)),
        qpv=draw(st.none() | codes.map(tuple)),
        has_individual_beneficiaries=draw(st.none() | st.booleans()),
        beneficiaries_total=draw(st.none() | st.integers(0, 200)),
        beneficiaries_qpv=draw(st.none() | st.integers(0, 200)),
        total_cost=draw(maybe_money),
        own_resources=draw(maybe_money),
        other_resources=draw(maybe_money),
        lines=draw(lines()),
        holders_concerned=tuple(draw(st.lists(st.sampled_from(KEYS[3:]), unique=True))),
    )


def pairs(amounts: dict[str, Decimal]) -> tuple[tuple[str, Decimal], ...]:
    return tuple(amounts.items())


keys = st.lists(st.sampled_from(["a1", "a2", "a3", "a4"]), max_size=2, unique=True).map(tuple)
previous_actions = st.builds(
    PreviousActionFacts,
    reference=st.text(max_size=3),
    title=st.sampled_from(["t", "u"]),
    porteur=st.just("p"),
    granted=money,
    keys=keys,
    covered=st.booleans(),
    filed=st.booleans(),
)
actions = st.builds(
    ActionFacts,
    reference=st.text(max_size=3),
    title=st.just("t"),
    granted=money,
    cpo=st.none() | st.booleans(),
    inside=st.none() | st.booleans(),
    source=st.sampled_from(["dossier", "award"]),
    porteur=st.sampled_from(["p", "q"]),
    siren=st.sampled_from([None, "732829320", "443061841"]),
    is_private=st.none() | st.booleans(),
    convention=st.none() | st.sampled_from(["C1", "C2"]),
    by_financer=st.dictionaries(st.sampled_from(["etat", "caf"]), money).map(pairs),
    in_kind=st.dictionaries(st.sampled_from(["etat", "caf"]), money).map(pairs),
    themes=st.lists(st.sampled_from(["emploi", "sante"]), max_size=2).map(tuple),
    publics=st.none() | st.lists(st.sampled_from(["jeunes", "femmes"]), max_size=2).map(tuple),
    poches_share=st.none() | money,
    keys=keys,
    qpv=codes.map(tuple),
    qpv_beneficiaries=st.lists(st.tuples(st.sampled_from(["QN05994I", "QN05936M"]), st.integers(0, 9))).map(
        tuple
    ),
    objectives=objectives.map(tuple),
    projected=st.booleans(),
)


def anything(kind: type) -> st.SearchStrategy[Any]:
    """Any instance the types allow, every field filled: NaN, infinite and negative amounts included."""
    return st.builds(kind, **{field.name: ... for field in fields(kind)})


for _kind in (LineFacts, SettlementFacts, ActionFacts, EnvelopeFacts, ConventionFacts, PreviousActionFacts):
    st.register_type_strategy(_kind, anything(_kind))


@WILD
@given(anything(DossierFacts), anything(TerritoryFacts), st.dates())
def test_no_rule_raises_on_any_dossier_the_types_allow(
    dossier: DossierFacts, territory: TerritoryFacts, on: date
) -> None:
    keys = frozenset(line.key for line in dossier.lines)
    wide = replace(
        territory,
        qpv_majority_credits=keys,
        departement_policies=dict.fromkeys(keys, territory.objectives),
        epci_priorities=dict.fromkeys(keys, territory.objectives),
    )

    for parameters in (PARAMETERS, Parameters.load().at(on)):
        findings = evaluate(dossier, wide, parameters)
        assert [finding.rule for finding in findings] == [rule.id for rule in DOSSIER_RULES]
        json.dumps([render(finding) for finding in findings], allow_nan=False)
        admissible(findings, dossier)
        stopping(findings, dossier)
        blocked_lines(findings)


@WILD
@given(anything(ProgrammeFacts), anything(TerritoryFacts))
def test_no_rule_raises_on_any_programme_the_types_allow(
    programme: ProgrammeFacts, territory: TerritoryFacts
) -> None:
    findings = evaluate_programme(programme, territory, PARAMETERS)

    assert [finding.rule for finding in findings] == [rule.id for rule in PROGRAMME_RULES]
    json.dumps([render(finding) for finding in findings], allow_nan=False)


@CALM
@given(dossiers(), st.randoms(use_true_random=False))
def test_findings_do_not_depend_on_the_order_of_lines(dossier: DossierFacts, random: object) -> None:
    shuffled = list(dossier.lines)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    other = replace(dossier, lines=tuple(shuffled), holders_concerned=dossier.holders_concerned[::-1])

    assert evaluate(dossier, TERRITORY, PARAMETERS) == evaluate(other, TERRITORY, PARAMETERS)


@CALM
@given(dossiers(), st.sampled_from(KEYS[3:]), money, st.booleans())
def test_more_droit_commun_never_makes_droit_commun_first_worse(
    dossier: DossierFacts, key: str, amount: Decimal, firm: bool
) -> None:
    added = LineFacts(key, *key.split(":"), "firm" if firm else "indicative", promised=amount, firm=firm)
    richer = replace(dossier, lines=(*(line for line in dossier.lines if line.key != key), added))

    assert rank(richer) <= rank(dossier)


def rank(dossier: DossierFacts) -> int:
    """0 when nothing stops, 1 when something is unknown, 2 when a holder has not answered."""
    (finding,) = [one for one in evaluate(dossier, TERRITORY, PARAMETERS) if one.rule == "droit_commun.first"]
    return {Outcome.VIOLATED: 2, Outcome.UNDETERMINED: 1}.get(finding.outcome, 0)


@CALM
@given(dossiers())
def test_an_admissible_dossier_has_a_line_and_nothing_that_stops(dossier: DossierFacts) -> None:
    findings = evaluate(dossier, TERRITORY, PARAMETERS, stage="submission")
    answer = admissible(findings, dossier)

    assert answer is not True or (surviving_lines(findings, dossier) and not stopping(findings, dossier))
    assert answer is True or stopping(findings, dossier) or not surviving_lines(findings, dossier)


@given(st.decimals(-(10**9), 10**9, places=2), st.lists(st.integers(0, 10**6), min_size=1, max_size=12))
def test_split_parts_sum_to_the_total_and_stay_within_a_cent(total: Decimal, weights: list[int]) -> None:
    parts = split(total, weights)

    assert sum(parts) == total
    whole = sum(weights)
    if whole:
        exact = [total * weight / whole for weight in weights]
        assert all(abs(part - share) < Decimal("0.0101") for part, share in zip(parts, exact, strict=True))


@given(st.decimals(0, 10**6, places=5), st.lists(st.decimals(0, 100, places=3), min_size=1, max_size=6))
def test_split_keeps_fractions_of_a_cent_and_takes_exact_weights(
    total: Decimal, weights: list[Decimal]
) -> None:
    assert sum(split(total, weights)) == total


@CALM
@given(
    st.lists(actions, max_size=8),
    st.dictionaries(st.sampled_from(["QN05994I", "QN05936M"]), st.integers(0, 9)),
)
def test_euros_per_neighbourhood_and_objective_add_up(
    found: list[ActionFacts], residents: dict[str, int]
) -> None:
    coverage = coverage_by_qpv(found, residents, TERRITORY.qpv)
    total = sum((action.granted for action in found), Decimal(0))

    assert coverage.total == total
    assert sum((one.amount for one in coverage.qpv), coverage.unlocated) == total
    for one in coverage.qpv:
        assert one.amount == one.single + one.by_beneficiaries + one.by_population + one.by_equal_parts
    invested = invested_objectives(found, TERRITORY.objectives)
    located = sum((action.granted for action in found if action.objectives), Decimal(0))
    assert sum((one.amount for one in invested), Decimal(0)) == located


@given(st.integers(0, 500), st.integers(0, 500), st.decimals("0.05", "0.95", places=2))
def test_missing_actions_are_exactly_enough(total: int, covered: int, target: Decimal) -> None:
    covered = min(covered, total)
    to_convert, to_add = missing_to_convert(total, covered, target), missing_to_add(total, covered, target)

    assert covered + to_convert > target * total
    assert to_convert == 0 or covered + to_convert - 1 <= target * total
    assert to_add is not None and (covered + to_add > target * (total + to_add) or total == 0)
    assert to_add == 0 or covered + to_add - 1 <= target * (total + to_add - 1)


@CALM
@given(st.lists(actions, min_size=1, max_size=8))
def test_cpo_share_is_met_exactly_when_nothing_is_missing(found: list[ActionFacts]) -> None:
    figures = cpo_figures(found, Decimal("0.5"))

    assert figures.met is (figures.missing_actions == 0)
    assert figures.met is (figures.missing_new_actions == 0)


HOSTILE = [
    Decimal(text)
    for text in ("NaN", "sNaN", "Infinity", "-Infinity", "1E+999999", "-1E+40", "1E-999999", "-0")
]


@given(st.data())
@CALM
def test_hostile_amounts_give_findings_never_exceptions(data: st.DataObject) -> None:
    amount = st.none() | st.sampled_from(HOSTILE) | money
    dossier = data.draw(dossiers())
    hostile = replace(
        dossier,
        total_cost=data.draw(amount),
        own_resources=data.draw(amount),
        volunteering_charges=data.draw(amount),
        detailed_charges=data.draw(amount),
        lines=tuple(
            replace(line, requested=data.draw(amount), proposed=data.draw(amount), promised=data.draw(amount))
            for line in dossier.lines
        ),
    )
    action = replace(
        data.draw(actions), granted=data.draw(st.sampled_from(HOSTILE)), specific=data.draw(money)
    )
    envelope = EnvelopeFacts(
        "etat:specifique", 2026, "notified", data.draw(amount), retained=data.draw(money)
    )
    programme = ProgrammeFacts("essai", 2026, (action,), (envelope,))

    found = evaluate(hostile, TERRITORY, PARAMETERS) + evaluate_programme(programme, TERRITORY, PARAMETERS)

    json.dumps([render(finding) for finding in found], allow_nan=False)


@CALM
@given(
    st.tuples(*[st.integers(0, 60)] * 4),
    st.integers(0, 60),
    st.integers(0, 60),
    st.none() | st.integers(0, 200),
    st.none() | st.integers(0, 200),
)
def test_located_figures_add_up_and_a_violation_outlives_every_check(
    counts: tuple[int, int, int, int],
    to_inside: int,
    to_outside: int,
    announced: int | None,
    announced_in: int | None,
) -> None:
    """Checking the doubtful addresses one by one may settle a doubt, never turn a violation into something else."""
    inside, elsewhere, outside, to_check = counts
    to_inside = min(to_inside, to_check)
    to_outside = min(to_outside, to_check - to_inside)

    def found(inside: int, outside: int, to_check: int) -> Finding:
        by_qpv = (("QN05994I", inside), ("QN07501M", elsewhere))
        located = LocatedFacts(sum(counts), by_qpv, outside, to_check, 8, None)
        dossier = DossierFacts(
            "D1",
            2026,
            "submitted",
            beneficiaries_total=announced,
            beneficiaries_qpv=announced_in,
            located=located,
        )
        return check_residents_located(dossier, TERRITORY, PARAMETERS)

    before = found(inside, outside, to_check)
    after = found(inside + to_inside, outside + to_outside, to_check - to_inside - to_outside)

    for finding in (before, after):
        facts: dict[str, Any] = finding.facts
        assert facts["in_qpv"] + facts["outside"] + facts["to_check"] == facts["total"] == sum(counts)
        if "share_low" in facts:
            assert 0 <= facts["share_low"] <= facts["share_high"] <= 1
    if before.outcome is Outcome.VIOLATED:
        assert after.outcome is Outcome.VIOLATED
    if before.outcome is Outcome.SATISFIED:
        assert after.variant not in ("minority", "minority_partial", "to_check_decides", "partial")
