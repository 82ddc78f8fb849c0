# SPDX-License-Identifier: EUPL-1.2
"""The catalogue of rules as people read it, and one rule explained: all its words come from `rules.rule_page`."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from rules.catalogue import RULES
from rules.parameters import Parameters
from rules.rule import Rule
from rules.rule_page import SCOPES, SEVERITIES, STAGES, ParameterRows, by_scope, rule_page, shown_value
from workflow.errors import UnknownReferenceError
from workflow.territory import LocalParameter

TONES = {"remplie": "good", "non remplie": "bad", "information manquante": "wait", "sans objet": "quiet"}
Chosen = Mapping[str, LocalParameter]


def catalogue(on: date) -> list[dict[str, Any]]:
    """The rules by scope, with the parameters of the day."""
    known = Parameters.load().by_name
    return [
        {
            "label": SCOPES[scope],
            "id": str(scope),
            "rules": [
                {
                    "rule": rule,
                    "stage": STAGES[rule.stage],
                    "severity": SEVERITIES[rule.severity],
                    "parameters": [_today(known[name], on) for name in rule.parameters],
                }
                for rule in group
            ],
        }
        for scope, group in by_scope().items()
    ]


def _today(parameter: Any, on: date) -> str:
    dated = parameter.at(on)
    if dated is not None and isinstance(dated.value, tuple):
        return f"liste ({len(dated.value)})"
    return "pas encore en vigueur" if dated is None else shown_value(dated.value, parameter.unit)


def rule_view(name: str, on: date, chosen: Chosen) -> dict[str, Any]:
    """One rule explained. `chosen`: the values the contract chose for itself. Raises UnknownReferenceError."""
    rule = RULES.get(name)
    if rule is None:
        raise UnknownReferenceError(f"Aucune règle ne s’appelle « {name[:60]} ».")
    page = rule_page(rule)
    return {
        "page": page,
        "rule": rule,
        "parameters": [parameter_view(parameter, on, chosen) for parameter in page.parameters],
        "examples": [{"example": one, "tone": TONES[one.outcome]} for one in page.examples],
        **_neighbours(rule),
    }


def parameter_view(parameter: ParameterRows, on: date, chosen: Chosen) -> dict[str, Any]:
    """One parameter: its values, which of them applies that day, what the contract chose instead."""
    unit = Parameters.load().by_name[parameter.name].unit
    local = chosen.get(parameter.name)
    return {
        "parameter": parameter,
        "rows": [(row, row.is_in_force(on)) for row in parameter.values],
        "local": None if local is None else (shown_value(local.value, unit), local.source),
    }


def _neighbours(rule: Rule) -> dict[str, Rule | None]:
    """The rules before and after it, in the order of findings."""
    ordered = list(RULES.values())
    at = ordered.index(rule)
    return {
        "before": ordered[at - 1] if at else None,
        "after": ordered[at + 1] if at + 1 < len(ordered) else None,
    }
