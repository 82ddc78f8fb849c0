# SPDX-License-Identifier: EUPL-1.2
"""The catalogue of rules as people read it: by scope, with source and parameters of the day."""

from datetime import date
from typing import Any

from rules.catalogue import RULES
from rules.findings import Scope
from rules.parameters import Parameters
from rules.render import show
from web.presenters.findings import SEVERITIES

SCOPES = (
    (Scope.DOSSIER, "Sur le dossier"),
    (Scope.LINE, "Sur chaque crédit"),
    (Scope.PROGRAMME, "Sur le programme"),
)
STAGES = {
    "submission": "dépôt",
    "dispatch": "répartition",
    "co_instruction": "co-instruction",
    "conference": "conférence des financeurs",
    "commitment": "comité d’engagement",
    "programme": "programme de l’année",
}


def catalogue(on: date) -> list[dict[str, Any]]:
    """The rules by scope."""
    values = Parameters.load().at(on).values
    return [
        {
            "label": label,
            "rules": [
                {
                    "rule": rule,
                    "stage": STAGES.get(rule.stage, rule.stage),
                    "severity": SEVERITIES.get(rule.severity.value, rule.severity.value),
                    "parameters": [(name, _shown(values.get(name))) for name in rule.parameters],
                }
                for rule in RULES.values()
                if rule.scope is scope
            ],
        }
        for scope, label in SCOPES
    ]


def _shown(value: Any) -> str:
    """A share as a percentage, the rest as it is."""
    return show(float(value)) if value is not None and 0 < float(value) <= 1 else show(value)
