# SPDX-License-Identifier: EUPL-1.2
"""The pages written from the code are current (`make docs`), and say something of every row they come from."""

import re
from string import Formatter

import pytest

from cli.rule_book import FIGURES, PARTICULAR, example, rule_book, statement
from cli.workflow_page import workflow_page
from rules.catalogue import RULES
from rules.rule import Rule
from tests.docs.pages import text_of

EVERY_RULE = pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.id)


def test_workflow_page_is_current() -> None:
    assert text_of("docs/workflow.md") == "\n".join(workflow_page()) + "\n", "lancer « make docs »"


def test_rules_page_is_current() -> None:
    assert text_of("docs/rules.md") == "\n".join(rule_book()) + "\n", "lancer « make docs »"


@EVERY_RULE
def test_rule_has_its_section(rule: Rule) -> None:
    page = text_of("docs/rules.md")

    section = page.split(f"\n## {rule.label}\n")[1].split("\n## ")[0]
    assert f"`{rule.id}`" in section
    assert rule.purpose in section
    assert statement(rule) in section
    assert all(f"`{name}`" in section for name in rule.parameters)


@EVERY_RULE
def test_rule_sentences_are_shown_with_figures(rule: Rule) -> None:
    for variant, sentence in {**rule.sentences}.items():
        texts = (sentence, rule.remedy.get(variant, ""))
        used = {name for text in texts for _, name, _, _ in Formatter().parse(text) if name}
        known = FIGURES.keys() | PARTICULAR.get((rule.id, variant), {}).keys()
        assert used <= known
        assert not re.search(r"[{}]", str(example(rule, variant)["message"]))


def test_particular_figures_belong_to_a_sentence() -> None:
    known = {(rule.id, variant) for rule in RULES.values() for variant in rule.sentences}

    assert set(PARTICULAR) <= known


def test_mermaid_has_one_colon_a_line() -> None:
    arrows = [line for line in text_of("docs/workflow.md").splitlines() if " --> " in line]

    assert arrows
    assert [line for line in arrows if line.count(":") > 1] == []
