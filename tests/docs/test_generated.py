# SPDX-License-Identifier: EUPL-1.2
"""The pages written from the code are current (`make docs`), and say something of every row they come from."""

import re

import pytest

from cli.rule_book import rule_book
from cli.workflow_page import workflow_page
from rules.catalogue import RULES
from rules.rule import Rule
from rules.rule_page import rule_page, statement
from tests.docs.pages import text_of
from web.access import ACCESS
from web.rights_page import rights_page
from workflow.stages import Role
from workflow.transitions import TABLES

EVERY_RULE = pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.id)


def test_workflow_page_is_current() -> None:
    assert text_of("docs/workflow.md") == "\n".join(workflow_page()) + "\n", "lancer « make docs »"


def test_rules_page_is_current() -> None:
    assert text_of("docs/rules.md") == "\n".join(rule_book()) + "\n", "lancer « make docs »"


def test_rights_page_is_current() -> None:
    assert text_of("docs/rights.md") == "\n".join(rights_page()).rstrip() + "\n", "lancer « make docs »"


def test_rights_page_names_every_address_and_every_act() -> None:
    page = text_of("docs/rights.md")

    assert all(f"| `{path}` |" in page for _, path in ACCESS)
    assert all(
        f"| {row.label} |" in page
        for table in TABLES
        for row in table.rows
        if set(row.roles) - {Role.SYSTEM} and not row.closing_only
    )


def test_table_of_contents_leads_to_every_rule() -> None:
    page = text_of("docs/rules.md")

    assert re.findall(r"\]\(#([\w.]+)\)", page) == re.findall(r'<a id="([\w.]+)"></a>', page)
    assert sorted(re.findall(r'<a id="([\w.]+)"></a>', page)) == sorted(RULES)


@EVERY_RULE
def test_rule_has_its_section(rule: Rule) -> None:
    page, explained = text_of("docs/rules.md"), rule_page(rule)

    section = page.split(f'\n<a id="{rule.id}"></a>\n')[1].split("\n<a id=")[0]
    assert f"\n### {rule.label}\n" in section
    assert rule.purpose in section
    assert statement(rule).rstrip(".") in section
    assert all(formula.words.rstrip(".") in section for formula in rule.formulas)
    assert all(str(source) in section for source in rule.sources)
    assert all(f"`{name}`" in section for name in rule.parameters)
    assert explained.examples
    assert all(" ".join(example.message.split()) in section for example in explained.examples)


def test_mermaid_has_one_colon_a_line() -> None:
    arrows = [line for line in text_of("docs/workflow.md").splitlines() if " --> " in line]

    assert arrows
    assert [line for line in arrows if line.count(":") > 1] == []
