# SPDX-License-Identifier: EUPL-1.2
"""Runs every rule and never stops at the first.

Findings in the catalogue's order, then what they mean together.
"""

from collections.abc import Iterable

from rules.catalogue import DOSSIER_RULES, PROGRAMME_RULES, RULES
from rules.facts import DossierFacts, LineFacts, ProgrammeFacts, SettlementFacts, TerritoryFacts
from rules.findings import Finding, LineOutcome, Outcome, Scope
from rules.lines import is_asked
from rules.parameters import ParametersOfDay
from rules.rule import Check, Rule

SUBMISSION = "submission"


def evaluate(
    dossier: DossierFacts, territory: TerritoryFacts, parameters: ParametersOfDay, *, stage: str | None = None
) -> list[Finding]:
    """Every dossier and line rule once, satisfied and not applicable included.

    `stage` keeps that stage's rules.
    """
    findings = [
        _run(rule, function, dossier, territory, parameters)
        for rule, function in _FUNCTIONS
        if stage is None or rule.stage == stage
    ]
    if dossier.settlements:
        for finding in findings:
            if finding.outcome is Outcome.UNDETERMINED or finding.lines:
                _settle(finding, dossier.settlements)
    return findings


def evaluate_programme(
    programme: ProgrammeFacts, territory: TerritoryFacts, parameters: ParametersOfDay
) -> list[Finding]:
    """Every programme rule once, in the catalogue's order."""
    return [_run(rule, function, programme, territory, parameters) for rule, function in _PROGRAMME_FUNCTIONS]


def _run(
    rule: Rule,
    function: Check,
    subject: DossierFacts | ProgrammeFacts,
    territory: TerritoryFacts,
    parameters: ParametersOfDay,
) -> Finding:
    """The rule's answer.

    Figures that cannot be computed with (not a number, infinite) make it undetermined.
    """
    try:
        return function(subject, territory, parameters)
    except (ArithmeticError, ValueError):
        return Finding(rule.id, Outcome.UNDETERMINED, rule.severity, {}, "unreadable")


def _functions(rules: Iterable[Rule]) -> tuple[tuple[Rule, Check], ...]:
    return tuple((rule, rule.function) for rule in rules if rule.function is not None)


_FUNCTIONS = _functions(DOSSIER_RULES)
_PROGRAMME_FUNCTIONS = _functions(PROGRAMME_RULES)


def _settle(finding: Finding, settlements: tuple[SettlementFacts, ...]) -> None:
    """Mark what a person attested or waived.

    Only an undetermined answer can be settled, never a violated one.
    """
    mine = [settlement for settlement in settlements if settlement.rule == finding.rule]
    if mine and finding.lines:
        _settle_lines(finding, finding.lines, mine)
    elif finding.outcome is Outcome.UNDETERMINED:
        whole = [settlement for settlement in mine if settlement.line is None]
        if whole:
            _mark(finding, whole[0])


def _settle_lines(finding: Finding, lines: list[LineOutcome], mine: list[SettlementFacts]) -> None:
    """Each unknown line by its own settlement; the finding is settled when every unknown line is."""
    unknown = [line for line in lines if line.outcome is Outcome.UNDETERMINED]
    found = [(line, _first_for(line.line, mine)) for line in unknown]
    for line, settlement in found:
        if settlement is not None:
            _mark(line, settlement)
    settled = [settlement for _, settlement in found if settlement is not None]
    if settled and len(settled) == len(found) and finding.outcome is Outcome.UNDETERMINED:
        _mark(finding, settled[0])


def _first_for(line: str, settlements: list[SettlementFacts]) -> SettlementFacts | None:
    for settlement in settlements:
        if settlement.line is None or settlement.line == line:
            return settlement
    return None


def _mark(answer: Finding | LineOutcome, settlement: SettlementFacts) -> None:
    answer.settled = settlement.kind
    answer.facts = {**answer.facts, "settled_by": settlement.by, "settled_reason": settlement.reason}


def surviving_lines(findings: Iterable[Finding], dossier: DossierFacts) -> list[LineFacts]:
    """The lines still asked that no violated condition of their credit makes ineligible."""
    lost = {
        line.line
        for finding in findings
        if finding.lines and finding.outcome is Outcome.VIOLATED and _stops(finding) == "line"
        for line in finding.lines
        if line.outcome is Outcome.VIOLATED
    }
    return [line for line in dossier.lines if line.key not in lost and is_asked(line)]


def ineligible_lines(findings: Iterable[Finding]) -> dict[str, list[str]]:
    """Line key → rules whose condition is violated on it."""
    return _lines_with(findings, {Outcome.VIOLATED})


def blocked_lines(findings: Iterable[Finding]) -> dict[str, list[str]]:
    """Line key → rules violated on it, or undetermined and neither attested nor waived."""
    return _lines_with(findings, {Outcome.VIOLATED, Outcome.UNDETERMINED})


def _lines_with(findings: Iterable[Finding], outcomes: set[Outcome]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for finding in findings:
        if finding.lines and _stops(finding) == "line":
            for line in finding.lines:
                if line.outcome in outcomes and line.settled is None:
                    found.setdefault(line.line, []).append(finding.rule)
    return found


def stopping(findings: Iterable[Finding], dossier: DossierFacts) -> list[Finding]:
    """The findings that stop the dossier's transition.

    Those of the dossier, and what is unknown of a surviving line.

    A violated condition of a credit stops only its line, unless no line survives: then it is listed too.
    At `commitment`, a line whose condition nobody confirmed is blocked alone: see `blocked_lines`.
    """
    found = list(findings)
    alive = {line.key for line in surviving_lines(found, dossier)}
    return [finding for finding in found if finding.blocks and _stops_dossier(finding, alive)]


def _stops_dossier(finding: Finding, alive: set[str]) -> bool:
    if _stops(finding) == "dossier" or not alive:
        return True
    rule = RULES[finding.rule]
    if rule.stage != SUBMISSION:
        return False
    return any(
        line.outcome is Outcome.UNDETERMINED and line.settled is None and line.line in alive
        for line in finding.lines or ()
    )


def _stops(finding: Finding) -> str:
    rule = RULES.get(finding.rule)
    return rule.stops if rule is not None else "dossier"


def admissible(findings: Iterable[Finding], dossier: DossierFacts) -> bool | None:
    """True, False when a submission rule refuses or no line survives, None while something is unknown."""
    submission = [finding for finding in findings if _is_submission(finding)]
    if any(f.outcome is Outcome.VIOLATED and f.blocks and _stops(f) == "dossier" for f in submission):
        return False
    if not surviving_lines(submission, dossier):
        return False
    return None if stopping(submission, dossier) else True


def _is_submission(finding: Finding) -> bool:
    rule = RULES.get(finding.rule)
    return rule is not None and rule.stage == SUBMISSION and rule.scope is not Scope.PROGRAMME
