# SPDX-License-Identifier: EUPL-1.2
"""Each rule is explained whole: sources, formula, history, examples of every variant; each figure has its French name."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from rules.cases import Case, read_cases
from rules.catalogue import RULES
from rules.figures import FIGURES, SAID_ELSEWHERE, UNITS, figure_of, figures_of
from rules.findings import Finding, Outcome, Severity
from rules.parameters import Parameters
from rules.render import COMMON, render
from rules.rule import Rule
from rules.rule_page import RulePage, by_scope, exception, rule_page, shown_value
from rules.source import Source

CASES = read_cases()
EVERY_RULE = pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.id)


def missing_of(rule: Rule, cases: tuple[Case, ...]) -> Iterator[str]:
    """What a rule still lacks to be explained; nothing for a rule that may ship."""
    if not rule.sources or not all(source.text for source in rule.sources):
        yield "source"
    if not rule.formulas or not all(formula.words for formula in rule.formulas):
        yield "formula"
    if rule.page != f"/regles/{rule.id}":
        yield "page"
    mine = [case for case in cases if case.rule == rule.id]
    if not {"satisfied"} < {case.expected["outcome"] for case in mine}:
        yield "cases of its outcomes"
    shown = {case.expected["variant"] for case in mine}
    shown |= {line.variant for case in mine for line in case.finding().lines or ()}
    yield from (f"case of {variant}" for variant in rule.sentences if variant not in shown)


@EVERY_RULE
def test_rule_has_source_formula_cases_and_page(rule: Rule) -> None:
    assert list(missing_of(rule, CASES)) == []


@pytest.mark.parametrize(
    ("changes", "lacking"),
    [
        ({"sources": ()}, ["source"]),
        ({"sources": (Source("loi", ""),)}, ["source"]),
        ({"formulas": ()}, ["formula", "page"]),
        ({"sentences": {**RULES["porteur.siret"].sentences, "new": "Nouveau."}}, ["case of new"]),
    ],
)
def test_incomplete_rule_is_refused(changes: dict[str, object], lacking: list[str]) -> None:
    rule = replace(RULES["porteur.siret"], **changes)  # type: ignore[arg-type]

    assert list(missing_of(rule, CASES)) == lacking


def test_rule_without_case_is_refused() -> None:
    others = tuple(case for case in CASES if case.rule != "porteur.siret")

    assert "cases of its outcomes" in list(missing_of(RULES["porteur.siret"], others))


@EVERY_RULE
def test_rule_of_law_has_no_exception(rule: Rule) -> None:
    page = rule_page(rule)

    if not all(source.is_local for source in rule.sources):
        assert rule.exception == ""
    assert page.exception.endswith(".")


def test_who_may_make_an_exception_is_told() -> None:
    siret, objective, majority = (
        RULES["porteur.siret"],
        RULES["framework.objective"],
        RULES["qpv.majority"],
    )

    assert exception(siret).startswith("Personne ici ne peut y déroger")
    assert exception(objective) == "Aucune dérogation n’est prévue."
    assert exception(majority).startswith("Le financeur qui détient le crédit peut y déroger")
    assert exception(RULES["action.period"]) == "Sans objet : la règle n’arrête rien."
    assert exception(replace(objective, exception="pilot")).startswith("Le pilote du contrat")


@EVERY_RULE
def test_page_shows_one_example_of_each_variant(rule: Rule) -> None:
    page = rule_page(rule)

    shown = [(example.outcome, example.variant) for example in page.examples]
    assert len(shown) == len(set(shown))
    assert {variant for _, variant in shown} == set(rule.sentences) | ({v for _, v in shown} & set(COMMON))
    assert [outcome for outcome, _ in shown] == sorted((o for o, _ in shown), key=outcomes(page).index)
    assert all(example.source and example.message for example in page.examples)


def outcomes(page: RulePage) -> list[str]:
    return list(dict.fromkeys(example.outcome for example in page.examples))


def test_page_shows_the_whole_history_of_a_parameter() -> None:
    majority = rule_page(RULES["qpv.majority"]).parameters[0]

    told = [(row.value, row.since, row.until) for row in majority.values]
    assert told == [
        ("50\u00a0%", date(2024, 1, 1), date(2030, 12, 31)),
        ("plus en vigueur", date(2031, 1, 1), None),
    ]
    assert [row.is_in_force(date(2030, 12, 31)) for row in majority.values] == [True, False]
    assert [row.is_in_force(date(2031, 1, 1)) for row in majority.values] == [False, True]


def test_a_parameter_that_never_had_a_value_is_not_told_repealed() -> None:
    (least,) = rule_page(RULES["funding.own_share"]).parameters

    assert [row.value for row in least.values] == ["aucune valeur"]


@pytest.mark.parametrize(
    ("value", "unit", "shown"),
    [
        (Decimal("0.025"), "part", "2,5\u00a0%"),
        (Decimal("0.5025"), "part", "50,25\u00a0%"),
        (Decimal(23000), "euros", "23\u202f000\u00a0€"),
        (Decimal(1), "mois", "1\u00a0mois"),
        (Decimal(1), "annees", "1\u00a0an"),
        (Decimal(4), "annees", "4\u00a0ans"),
        (Decimal(3500), "habitants", "3\u202f500\u00a0habitants"),
        (Decimal("1.5"), "annees", "1,5\u00a0ans"),
        (Decimal(12), "nombre", "12"),
        (Decimal("1.5"), "nombre", "1,5"),
        (("ami", "rolling"), "liste", "ami et rolling"),
        (None, "euros", "plus en vigueur"),
    ],
)
def test_value_is_told_with_its_unit(value: Decimal | tuple[str, ...] | None, unit: str, shown: str) -> None:
    assert shown_value(value, unit) == shown


def test_every_parameter_can_be_told() -> None:
    for parameter in Parameters.load().by_name.values():
        assert all(shown_value(dated.value, parameter.unit) for dated in parameter.values.values())


def test_rules_are_grouped_by_scope_without_loss() -> None:
    grouped = [rule for group in by_scope().values() for rule in group]

    assert sorted(rule.id for rule in grouped) == sorted(RULES)


def test_every_fact_has_a_french_name_and_a_unit() -> None:
    unnamed = set()
    for case in CASES:
        finding = case.finding()
        for facts in (finding.facts, *(line.facts for line in finding.lines or ())):
            unnamed |= {f"{finding.rule}:{name}" for name in facts if figure_of(finding.rule, name) is None}

    unnamed = {name for name in unnamed if name.partition(":")[2] not in SAID_ELSEWHERE}
    assert unnamed == set(), "name them in rules/figures.py"
    assert {figure.unit for figure in FIGURES.values()} <= set(UNITS)


@pytest.mark.parametrize("case", CASES, ids=[f"{case.file}: {case.name}" for case in CASES])
def test_figures_are_told_with_their_unit(case: Case) -> None:
    figures = render(case.finding())["figures"]

    assert isinstance(figures, list)
    for figure in figures:
        text = figure["text"]
        assert text and "None" not in text and "{" not in text
        if figure["unit"] == "personnes" and figure["value"] is not None:
            assert text.endswith(("personne", "personnes"))


KINDS: dict[str, tuple[type, ...]] = {
    "euros": (Decimal,),
    "part": (float,),
    "codes": (str,),
    "texte": (str,),
    "annee": (str,),
    "date": (date,),
}


def test_units_are_those_of_the_values() -> None:
    """A name that counts euros in one rule and actions in another is caught here: it needs its own row."""
    wrong = set()
    for case in CASES:
        finding = case.finding()
        for name, figure, value, _ in figures_of(finding):
            kinds = KINDS.get(figure.unit, (int,))
            if not all(isinstance(part, kinds) for part in parts(value)):
                wrong.add(f"{finding.rule}:{name} ({figure.unit}) : {value}")

    assert wrong == set()


def parts(value: object) -> Iterator[object]:
    """What a figure is made of; nothing when it is unknown."""
    if isinstance(value, Mapping):
        for item in value.values():
            yield from parts(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from parts(item)
    elif value is not None:
        yield value


def test_letter_names_the_beneficiaries() -> None:
    facts: dict[str, object] = {"total": 100, "in_qpv": 1}
    shown = render(Finding("qpv.majority", Outcome.UNDETERMINED, Severity.BLOCKING, facts, "contradictory"))

    assert shown["figures"] == [
        {
            "name": "total",
            "label": "Bénéficiaires au total",
            "value": 100,
            "unit": "personnes",
            "text": "100\u00a0personnes",
            "line": None,
        },
        {
            "name": "in_qpv",
            "label": "Bénéficiaires habitant un quartier prioritaire",
            "value": 1,
            "unit": "personnes",
            "text": "1\u00a0personne",
            "line": None,
        },
    ]


@EVERY_RULE
def test_a_text_is_as_surely_read_in_the_rule_as_in_its_parameters(rule: Rule) -> None:
    for name in rule.parameters:
        for dated in Parameters.load().by_name[name].values.values():
            for source in rule.sources:
                if source.text == dated.text and source.article and dated.article.startswith(source.article):
                    assert source.read == dated.reading, (source, dated)
