# SPDX-License-Identifier: EUPL-1.2
"""The catalogue is complete: source, purpose, sentences, parameters that exist, and cases for every rule and variant."""

import ast
from datetime import date
from pathlib import Path

import pytest

import rules
from rules.cases import read_cases
from rules.catalogue import RULES, THEMES
from rules.findings import Scope
from rules.parameters import Parameters
from rules.rule import STAGES, Rule

EVERY_RULE = list(RULES.values())
BY_ID = [rule.id for rule in EVERY_RULE]


def test_catalogue_holds_every_declared_rule_once() -> None:
    declared = [rule.id for theme in THEMES for rule in theme.RULES]

    assert sorted(declared) == sorted(RULES)
    assert len(declared) == len(set(declared))


@pytest.mark.parametrize("rule", EVERY_RULE, ids=BY_ID)
def test_rule_tells_what_it_is(rule: Rule) -> None:
    assert rule.label and rule.purpose.endswith(".") and rule.source.endswith(".")
    assert rule.stage in STAGES
    assert rule.stops in ("line", "dossier")
    assert rule.formulas and all(one.function.__doc__ and one.words.endswith(".") for one in rule.formulas)
    assert rule.sentences and all(text.endswith(".") for text in rule.sentences.values())
    assert set(rule.remedy) <= set(rule.sentences)


@pytest.mark.parametrize("rule", EVERY_RULE, ids=BY_ID)
def test_rule_uses_parameters_that_exist_and_are_in_force(rule: Rule) -> None:
    """In force today, or left to the contract, or repealed by an explicit null."""
    parameters, on = Parameters.load(), date(2026, 1, 1)
    today = parameters.at(on)

    known = {**today.values, **today.lists}
    for name in rule.parameters:
        parameter = parameters.by_name[name]
        repealed = any(day <= on and dated.value is not None for day, dated in parameter.values.items())
        assert known[name] is not None or parameter.kind == "reglement_local" or repealed


def test_every_sentence_is_reached_by_a_case() -> None:
    reached: set[tuple[str, str]] = set()
    for case in read_cases():
        finding = case.finding()
        reached.add((finding.rule, finding.variant))
        reached.update((finding.rule, line.variant) for line in finding.lines or ())

    written = {(rule.id, variant) for rule in EVERY_RULE for variant in rule.sentences}
    assert written - reached == set()


def test_every_rule_has_a_case_for_each_of_its_outcomes() -> None:
    outcomes: dict[str, set[str]] = {}
    for case in read_cases():
        outcomes.setdefault(case.rule, set()).add(case.expected["outcome"])

    assert set(outcomes) == set(RULES)
    assert all("satisfied" in found for found in outcomes.values())


def test_line_rules_say_what_they_stop() -> None:
    lines = {rule.id for rule in EVERY_RULE if rule.scope is Scope.LINE and rule.stops == "line"}

    assert lines == {"qpv.majority", "departement.policies", "epci.priorities"}


def test_no_threshold_hides_in_the_code() -> None:
    """Numbers of law live in the parameter files: the themes hold no fraction of their own."""
    for path in sorted((Path(rules.__file__).parent / "themes").glob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        fractions = [
            n.value for n in ast.walk(tree) if isinstance(n, ast.Constant) and isinstance(n.value, float)
        ]
        assert fractions == [], path.name
