# SPDX-License-Identifier: EUPL-1.2
"""Runs every rule and never stops at the first.

Findings in the catalogue's order, then what they mean together.
"""

from collections.abc import Iterable
from datetime import date
from functools import lru_cache

from rules.catalogue import DOSSIER_RULES, PROGRAMME_RULES, RULES
from rules.facts import DossierFacts, LineFacts, ProgrammeFacts, SettlementFacts, TerritoryFacts
from rules.findings import UNDETERMINED, VIOLATED, Finding, LineOutcome, Outcome, Scope, Settlement
from rules.lines import is_asked
from rules.parameters import ParametersOfDay
from rules.programme_year import ProgrammeYear
from rules.rule import Check, Rule

SUBMISSION = "submission"


def evaluate(
    dossier: DossierFacts, territory: TerritoryFacts, parameters: ParametersOfDay, *, stage: str | None = None
) -> list[Finding]:
    """Every dossier and line rule once, satisfied and not applicable included.

    `stage` keeps that stage's rules.
    """
    findings = _run(_functions_on(parameters.on, stage), dossier, territory, parameters)
    if dossier.settlements:
        for finding in findings:
            _settle(finding, dossier.settlements)
    return findings


def evaluate_programme(
    programme: ProgrammeFacts | ProgrammeYear, territory: TerritoryFacts, parameters: ParametersOfDay
) -> list[Finding]:
    """Every programme rule once, in the catalogue's order. Given a year, sums already made are not made again."""
    year = ProgrammeYear.of(programme, territory)
    return _run(_programme_functions_on(parameters.on), year, territory, parameters)


Functions = tuple[tuple[Rule, Check], ...]


def _run(
    functions: Functions,
    subject: DossierFacts | ProgrammeYear,
    territory: TerritoryFacts,
    parameters: ParametersOfDay,
) -> list[Finding]:
    """Each rule's answer. Figures that cannot be computed with (not a number, infinite) make it undetermined."""
    findings: list[Finding] = []
    for rule, function in functions:
        try:
            findings.append(function(subject, territory, parameters))
        except (ArithmeticError, ValueError):
            findings.append(Finding(rule.id, UNDETERMINED, rule.severity, {}, "unreadable"))
    return findings


@lru_cache(maxsize=1024)
def _functions_on(on: date, stage: str | None) -> Functions:
    return _functions((rule for rule in DOSSIER_RULES if stage is None or rule.stage == stage), on)


@lru_cache(maxsize=1024)
def _programme_functions_on(on: date) -> Functions:
    return _functions(PROGRAMME_RULES, on)


def _functions(rules: Iterable[Rule], on: date) -> Functions:
    """Each rule with its formula of that day; the earliest formula covers the days before it."""
    return tuple((rule, (rule.formula_on(on) or rule.formulas[0]).function) for rule in rules)


# What each kind of settlement answers: only an unknown is attested or waived, only a violation is overridden.
SETTLES = {
    Settlement.ATTESTED: UNDETERMINED,
    Settlement.WAIVED: UNDETERMINED,
    Settlement.OVERRIDDEN: VIOLATED,
}


def _settle(finding: Finding, settlements: tuple[SettlementFacts, ...]) -> None:
    """Marks what a person attested, waived or overrode; a violation without possible exception stays as it is."""
    allowed = RULES[finding.rule].exception
    mine = [
        one
        for one in settlements
        if one.rule == finding.rule and (one.kind is not Settlement.OVERRIDDEN or allowed)
    ]
    if not mine:
        return
    if finding.lines:
        _settle_lines(finding, finding.lines, mine)
    else:
        found = _first_for(None, finding.outcome, mine)
        if found is not None:
            _mark(finding, found)


def _settle_lines(finding: Finding, lines: list[LineOutcome], mine: list[SettlementFacts]) -> None:
    """Each line by its own settlement; the finding is settled when every line that needs it is."""
    open_lines = [line for line in lines if line.outcome in (UNDETERMINED, VIOLATED)]
    found = [(line, _first_for(line.line, line.outcome, mine)) for line in open_lines]
    for line, settlement in found:
        if settlement is not None:
            _mark(line, settlement)
    settled = [(line, settlement) for line, settlement in found if settlement is not None]
    if settled and len(settled) == len(found):
        worst = next(settlement for line, settlement in settled if line.outcome is finding.outcome)
        _mark(finding, worst)


def _first_for(
    line: str | None, outcome: Outcome, settlements: list[SettlementFacts]
) -> SettlementFacts | None:
    """The first that answers this outcome, for this line or for the whole dossier."""
    for settlement in settlements:
        if settlement.line in (None, line) and SETTLES[settlement.kind] is outcome:
            return settlement
    return None


def _mark(answer: Finding | LineOutcome, settlement: SettlementFacts) -> None:
    answer.settled = settlement.kind
    answer.facts = {**answer.facts, "settled_by": settlement.by, "settled_reason": settlement.reason}


def surviving_lines(findings: Iterable[Finding], dossier: DossierFacts) -> list[LineFacts]:
    """The lines still asked that no violated condition of their credit, not overridden, makes ineligible."""
    lost = {
        line.line
        for finding in findings
        if finding.lines and finding.outcome is VIOLATED and _stops(finding) == "line"
        for line in finding.lines
        if line.outcome is VIOLATED and line.settled is None
    }
    return [line for line in dossier.lines if line.key not in lost and is_asked(line)]


def ineligible_lines(findings: Iterable[Finding]) -> dict[str, list[str]]:
    """Line key → rules whose condition is violated on it and not overridden."""
    return _lines_with(findings, {VIOLATED})


def blocked_lines(findings: Iterable[Finding]) -> dict[str, list[str]]:
    """Line key → rules violated on it, or undetermined and neither attested nor waived."""
    return _lines_with(findings, {VIOLATED, UNDETERMINED})


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
        line.outcome is UNDETERMINED and line.settled is None and line.line in alive
        for line in finding.lines or ()
    )


def _stops(finding: Finding) -> str:
    rule = RULES.get(finding.rule)
    return rule.stops if rule is not None else "dossier"


def admissible(findings: Iterable[Finding], dossier: DossierFacts) -> bool | None:
    """True, False when a submission rule refuses or no line survives, None while something is unknown."""
    submission = [finding for finding in findings if _is_submission(finding)]
    if any(f.outcome is VIOLATED and f.blocks and _stops(f) == "dossier" for f in submission):
        return False
    if not surviving_lines(submission, dossier):
        return False
    return None if stopping(submission, dossier) else True


def _is_submission(finding: Finding) -> bool:
    rule = RULES.get(finding.rule)
    return rule is not None and rule.stage == SUBMISSION and rule.scope is not Scope.PROGRAMME
