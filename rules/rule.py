# SPDX-License-Identifier: EUPL-1.2
"""What a rule is: its identity, its source, its sentences and its function.

Guards of other floors use the same class.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from operator import attrgetter
from typing import Any, Literal

from rules.facts import TerritoryFacts
from rules.findings import (
    BLOCKING,
    NOT_APPLICABLE,
    SATISFIED,
    UNDETERMINED,
    VIOLATED,
    Finding,
    LineOutcome,
    Scope,
    Severity,
)
from rules.parameters import ParametersOfDay
from rules.source import Source

STAGES = ("submission", "dispatch", "co_instruction", "conference", "commitment", "follow_up", "programme")

# The subject is DossierFacts for the scopes line and dossier, ProgrammeYear for the scope programme.
Check = Callable[[Any, TerritoryFacts, ParametersOfDay], Finding]


@dataclass(frozen=True, slots=True)
class Formula:
    """How a rule is computed from one date on. A formula that changed in law keeps its earlier function, dated."""

    function: Check
    words: str  # the formula in French words
    since: date = date.min


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of the catalogue.

    `sentences` and `remedy` are French templates by variant, read by `rules.render`. `formulas` from the oldest to
    the newest; none for a guard of another floor.

    `stops`: what a violation stops, "line" (the line becomes ineligible, the others live) or "dossier" (the
    transition of the rule's stage). `exception`: who may override a violation with a reason, the financer that holds
    the credit ("holder") or the pilot ("pilot"); a rule with one source of law has none.
    """

    id: str
    label: str
    scope: Scope
    stage: str
    severity: Severity
    sources: tuple[Source, ...]
    purpose: str
    sentences: Mapping[str, str]
    remedy: Mapping[str, str] = field(default_factory=dict)
    parameters: tuple[str, ...] = ()
    formulas: tuple[Formula, ...] = ()
    stops: str = "dossier"
    exception: Literal["", "holder", "pilot"] = ""

    @property
    def source(self) -> str:
        """Every text cited, as one sentence."""
        return f"{' ; '.join(str(source) for source in self.sources)}."

    @property
    def page(self) -> str:
        """The address of the rule's page, from the root of the site; empty for a guard."""
        return f"/regles/{self.id}" if self.formulas else ""

    def formula_on(self, on: date) -> Formula | None:
        """The formula in force that day; None for a guard, or before the first one."""
        started = [formula for formula in self.formulas if formula.since <= on]
        return max(started, key=_since) if started else None


def aggregate(
    rule: str, lines: list[LineOutcome], facts: dict[str, object], *, severity: Severity = BLOCKING
) -> Finding:
    """One finding out of the answers per line: violated, else undetermined, else satisfied.

    No line, not applicable.
    """
    if not lines:
        return Finding(rule, NOT_APPLICABLE, severity, facts, "no_line")
    if len(lines) == 1:
        only = lines[0]
        return Finding(rule, only.outcome, severity, facts, only.variant, only.line, lines)
    lines.sort(key=_by_line)
    worst = min(lines, key=_by_gravity)
    return Finding(rule, worst.outcome, severity, facts, worst.variant, None, lines)


_by_line = attrgetter("line", "variant")
GRAVITY = {VIOLATED: 0, UNDETERMINED: 1, SATISFIED: 2, NOT_APPLICABLE: 3}


def _since(formula: Formula) -> date:
    return formula.since


def _by_gravity(outcome: LineOutcome) -> int:
    return GRAVITY[outcome.outcome]
