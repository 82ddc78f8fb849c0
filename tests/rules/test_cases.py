# SPDX-License-Identifier: EUPL-1.2
"""The readable cases: each rule, each outcome, both sides of each threshold. Every finding met is also rendered."""

import json
from typing import Any

import pytest

from rules.catalogue import PROGRAMME_RULES, RULES
from rules.engine import evaluate, evaluate_programme
from rules.findings import Finding, Outcome
from rules.parameters import Parameters
from rules.render import json_safe, render
from tests.rules.reading import dossier_of, programme_of, read_cases, territory_of

CASES = read_cases()
PROGRAMME = {rule.id for rule in PROGRAMME_RULES}


def evaluate_case(case: dict[str, Any]) -> Finding:
    parameters = Parameters.load().at(case["date"])
    if case["rule"] in PROGRAMME:
        found = evaluate_programme(programme_of(case["facts"]), territory_of(case), parameters)
    else:
        found = evaluate(dossier_of(case["facts"]), territory_of(case), parameters)
    (finding,) = [one for one in found if one.rule == case["rule"]]
    return finding


@pytest.mark.parametrize("case", CASES, ids=[f"{case['file']}: {case['name']}" for case in CASES])
def test_case_gives_the_expected_finding(case: dict[str, Any]) -> None:
    finding = evaluate_case(case)

    expected = case["expected"]
    assert (finding.outcome.value, finding.variant) == (expected["outcome"], expected["variant"])
    if "severity" in expected:
        assert finding.severity.value == expected["severity"]
    if "blocks" in expected:
        assert finding.blocks is expected["blocks"]
    if "lines" in expected:
        assert {line.line: line.variant for line in finding.lines or ()} == expected["lines"]
    assert finding.settled == expected.get("settled")
    facts = {key: json_safe(finding.facts.get(key)) for key in expected.get("facts", {})}
    assert facts == expected.get("facts", {})
    assert case["source"]


@pytest.mark.parametrize("case", CASES, ids=[f"{case['file']}: {case['name']}" for case in CASES])
def test_case_is_told_in_french(case: dict[str, Any]) -> None:
    finding = evaluate_case(case)

    shown = render(finding)

    json.dumps(shown)
    message = str(shown["message"])
    rule = RULES[finding.rule]
    assert (
        finding.lines
        or finding.variant in rule.sentences
        or finding.variant in ("not_in_force", "unreadable")
    )
    for line in finding.lines or ():
        assert line.variant in rule.sentences
    assert message.endswith((".", ". ")) and "{" not in message and "None" not in message
    assert "'" not in message, "typographic apostrophes only"
    for sign in ":;?!%€":
        assert f" {sign}" not in message, "non-breaking space wanted before double punctuation"
    if finding.outcome in (Outcome.SATISFIED, Outcome.NOT_APPLICABLE):
        assert shown["remedy"] is None
    elif finding.variant != "unreadable":
        assert shown["remedy"]
    if "message" in case["expected"]:
        plain = message.replace("\u00a0", " ").replace("\u202f", " ")
        assert plain == case["expected"]["message"]
