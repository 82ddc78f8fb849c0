# SPDX-License-Identifier: EUPL-1.2
"""The readable cases: each rule, each outcome, both sides of each threshold. Every finding met is also rendered."""

import json

import pytest

from rules.cases import Case, read_cases
from rules.catalogue import RULES
from rules.findings import Outcome
from rules.render import json_safe, render

CASES = read_cases()
NAMES = [f"{case.file}: {case.name}" for case in CASES]


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_case_gives_the_expected_finding(case: Case) -> None:
    finding = case.finding()

    expected = case.expected
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
    assert case.source


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_case_is_told_in_french(case: Case) -> None:
    finding = case.finding()

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
    if "message" in case.expected:
        plain = message.replace("\u00a0", " ").replace("\u202f", " ")
        assert plain == case.expected["message"]
