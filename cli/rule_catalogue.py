# SPDX-License-Identifier: EUPL-1.2
"""`rules`: the catalogue as a table, or one rule explained as on its page."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import click

from cli.command import Invocation, command, table

if TYPE_CHECKING:
    from rules.parameters import Parameters, ParametersOfDay
    from rules.rule import Rule


@command()
@click.argument("names", metavar="[RÈGLE]…", nargs=-1)
@click.option(
    "--format",
    "form",
    type=click.Choice(("table", "markdown")),
    default="table",
    show_default=True,
    help="La forme ; markdown : la page de documentation des règles.",
)
def rules(cx: Invocation, names: tuple[str, ...], form: str) -> None:
    """Liste les règles, ou explique celles que l’on nomme : sources, formule, paramètres datés, exemples."""
    from cli.rule_book import explained, rule_book, section

    chosen = _chosen(names)
    if form == "markdown" and not cx.is_json:
        lines = (line for rule in chosen for line in section(rule)) if names else rule_book()
        click.echo("\n".join(lines))
        return
    if cx.is_json or not names:
        data = _catalogue(chosen)
        cx.answer(data, lambda: _rule_lines(data))
        return
    click.echo("\n\n".join("\n".join(explained(rule)) for rule in chosen))


def _chosen(names: Iterable[str]) -> "list[Rule]":
    from rules.catalogue import RULES
    from workflow.errors import UnknownReferenceError

    unknown = [name for name in names if name not in RULES]
    if unknown:
        raise UnknownReferenceError(
            f"Règle inconnue : « {unknown[0]} ». La commande « coinstruction rules » les liste."
        )
    return [RULES[name] for name in names] or list(RULES.values())


def _catalogue(chosen: "list[Rule]") -> list[dict[str, Any]]:
    from collections import Counter
    from datetime import UTC, datetime

    from rules.cases import read_cases
    from rules.parameters import Parameters
    from rules.wording import PARIS

    loaded = Parameters.load()
    today = loaded.at(datetime.now(UTC).astimezone(PARIS).date())
    cases = Counter(case.rule for case in read_cases())
    return [_entry(rule, loaded, today) | {"cases": cases[rule.id]} for rule in chosen]


def _entry(rule: "Rule", loaded: "Parameters", today: "ParametersOfDay") -> dict[str, Any]:
    formula = rule.formula_on(today.on) or rule.formulas[0]
    return {
        "rule": rule.id,
        "label": rule.label,
        "scope": str(rule.scope),
        "stage": rule.stage,
        "severity": str(rule.severity),
        "source": rule.source,
        "sources": [
            {"kind": one.kind, "text": one.text, "article": one.article, "reading": one.read}
            for one in rule.sources
        ],
        "purpose": rule.purpose,
        "formula": formula.words,
        "exception": rule.exception or None,
        "page": rule.page,
        "parameters": [_parameter(name, loaded, today) for name in rule.parameters],
    }


def _parameter(name: str, loaded: "Parameters", today: "ParametersOfDay") -> dict[str, Any]:
    from rules.render import json_safe

    parameter = loaded.by_name[name]
    value = today.lists.get(name) if parameter.unit == "liste" else today.values.get(name)
    return {"name": name, "label": parameter.label, "value": json_safe(value), "unit": parameter.unit}


def _rule_lines(data: list[dict[str, Any]]) -> list[str]:
    rows = [(rule["rule"], rule["scope"], rule["stage"], rule["severity"], rule["label"]) for rule in data]
    return table(("Règle", "Portée", "Étape", "Gravité", "Libellé"), rows)
