# SPDX-License-Identifier: EUPL-1.2
"""What a rule is: its identity, its source, its sentences and its function.

Guards of other floors use the same class.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from rules.facts import TerritoryFacts
from rules.findings import Finding, LineOutcome, Outcome, Scope, Severity
from rules.parameters import ParametersOfDay

STAGES = ("submission", "dispatch", "co_instruction", "conference", "commitment", "programme")

# The subject is DossierFacts for the scopes line and dossier, ProgrammeFacts for the scope programme.
Check = Callable[[Any, TerritoryFacts, ParametersOfDay], Finding]


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of the catalogue.

    `sentences` and `remedy` are French templates by variant, read by `rules.render`.

    `stops`: what a violation stops, "line" (the line becomes ineligible, the others live) or "dossier" (the
    transition of the rule's stage). `source` cites text, article, date; a rule without legal basis says so.
    """

    id: str
    label: str
    scope: Scope
    stage: str
    severity: Severity
    source: str
    purpose: str
    sentences: Mapping[str, str]
    remedy: Mapping[str, str] = field(default_factory=dict)
    parameters: tuple[str, ...] = ()
    function: Check | None = None
    stops: str = "dossier"


def aggregate(
    rule: str, lines: list[LineOutcome], facts: dict[str, object], *, severity: Severity = Severity.BLOCKING
) -> Finding:
    """One finding out of the answers per line: violated, else undetermined, else satisfied.

    No line, not applicable.
    """
    if not lines:
        return Finding(rule, Outcome.NOT_APPLICABLE, severity, facts, "no_line")
    lines.sort(key=_by_line)
    worst = min(lines, key=_by_gravity)
    only = lines[0].line if len(lines) == 1 else None
    return Finding(rule, worst.outcome, severity, facts, worst.variant, only, lines)


GRAVITY = {Outcome.VIOLATED: 0, Outcome.UNDETERMINED: 1, Outcome.SATISFIED: 2, Outcome.NOT_APPLICABLE: 3}


def _by_line(outcome: LineOutcome) -> tuple[str, str]:
    return outcome.line, outcome.variant


def _by_gravity(outcome: LineOutcome) -> int:
    return GRAVITY[outcome.outcome]
