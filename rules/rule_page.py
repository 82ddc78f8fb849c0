# SPDX-License-Identifier: EUPL-1.2
"""One rule explained, as plain values in French: the page of the site, `docs/rules.md` and the terminal only lay it out."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from rules import wording
from rules.cases import Case, read_cases
from rules.catalogue import RULES
from rules.figures import counted
from rules.findings import Finding, LineOutcome, Outcome, Scope, Severity
from rules.parameters import DatedValue, Parameter, Parameters, Value
from rules.render import render
from rules.rule import Formula, Rule
from rules.source import KINDS, READINGS
from rules.themes.pieces import PIECES

SCOPES = {
    Scope.DOSSIER: "Sur le dossier",
    Scope.LINE: "Sur chaque crédit",
    Scope.PROGRAMME: "Sur le programme d’une année",
}
STAGES = {
    "submission": "recevabilité",
    "dispatch": "répartition",
    "co_instruction": "co-instruction",
    "conference": "conférence des financeurs",
    "commitment": "comité d’engagement",
    "follow_up": "suivi",
    "programme": "programme de l’année",
}
SEVERITIES = {Severity.BLOCKING: "bloquante", Severity.WARNING: "alerte", Severity.INFO: "information"}
OUTCOMES = {
    Outcome.SATISFIED: "remplie",
    Outcome.VIOLATED: "non remplie",
    Outcome.UNDETERMINED: "information manquante",
    Outcome.NOT_APPLICABLE: "sans objet",
}
EXCEPTIONS = {
    "holder": "Le financeur qui détient le crédit peut y déroger, sur sa seule ligne, avec un motif.",
    "pilot": "Le pilote du contrat peut y déroger, avec un motif.",
}
BY_LAW = "Personne ici ne peut y déroger : la règle vient d’un texte qui s’impose à tous."
NO_EXCEPTION = "Aucune dérogation n’est prévue."
NO_NEED = "Sans objet : la règle n’arrête rien."
UNITS = {
    "jours": ("jour", "jours"),
    "mois": ("mois", "mois"),
    "annees": ("an", "ans"),
    "habitants": ("habitant", "habitants"),
}
BEFORE, AFTER = re.compile(r" (?=[:;?!»%€])"), re.compile("« ")
WORDS = {**PIECES, **wording.FINANCERS}  # codes that a list may hold
NO_VALUE, NEVER = "plus en vigueur", "aucune valeur"


@dataclass(frozen=True, slots=True)
class SourceRow:
    """One text: what it is, and how surely it was read."""

    text: str
    kind: str
    reading: str


@dataclass(frozen=True, slots=True)
class FormulaRow:
    """The formula in words, from one day on (None: since the rule exists)."""

    words: str
    since: date | None


@dataclass(frozen=True, slots=True)
class ValueRow:
    """One value of a parameter: from when, until when (None: no end known), from which text."""

    value: str
    since: date
    until: date | None
    text: str
    article: str
    reading: str
    seen: date

    def is_in_force(self, on: date) -> bool:
        """True when this value applies that day."""
        return self.since <= on and (self.until is None or on <= self.until)


@dataclass(frozen=True, slots=True)
class ParameterRows:
    """One parameter with its whole history, the oldest value first."""

    name: str
    label: str
    kind: str
    values: tuple[ValueRow, ...]


@dataclass(frozen=True, slots=True)
class Example:
    """One case: what happens, that day, what the product answers, how to cure it, where the case comes from."""

    name: str
    on: date
    outcome: str
    variant: str
    message: str
    remedy: str
    source: str


@dataclass(frozen=True, slots=True)
class RulePage:
    """All that explains one rule."""

    rule: Rule
    statement: str
    scope: str
    stage: str
    severity: str
    stops: str
    exception: str
    sources: tuple[SourceRow, ...]
    formulas: tuple[FormulaRow, ...]
    parameters: tuple[ParameterRows, ...]
    examples: tuple[Example, ...]


def rule_page(rule: Rule) -> RulePage:
    """The rule explained, with one example for each of its variants."""
    known = Parameters.load().by_name
    return RulePage(
        rule=rule,
        statement=statement(rule),
        scope=SCOPES[rule.scope],
        stage=STAGES[rule.stage],
        severity=SEVERITIES[rule.severity],
        stops=stops(rule),
        exception=exception(rule),
        sources=tuple(SourceRow(str(s), KINDS[s.kind], READINGS[s.read]) for s in rule.sources),
        formulas=tuple(_formula(formula) for formula in rule.formulas),
        parameters=tuple(parameter_rows(known[name]) for name in rule.parameters),
        examples=examples(rule),
    )


def by_scope(rules: Iterable[Rule] = RULES.values()) -> dict[Scope, list[Rule]]:
    """The rules by scope, in the order of the catalogue; a scope without rule is left out."""
    found = list(rules)
    groups = {scope: [rule for rule in found if rule.scope is scope] for scope in SCOPES}
    return {scope: group for scope, group in groups.items() if group}


def statement(rule: Rule) -> str:
    """The rule in one French sentence: the first line of its function's docstring."""
    return (rule.formulas[-1].function.__doc__ or rule.purpose).strip().splitlines()[0]


def stops(rule: Rule) -> str:
    """What a violation, or an unknown, stops."""
    if rule.severity is not Severity.BLOCKING:
        return "rien : elle signale"
    if rule.stops == "line":
        return "la ligne seule ; les autres lignes vivent"
    if rule.scope is Scope.PROGRAMME:
        return "la clôture de la séance qui retiendrait trop"
    return f"le dossier, à l’étape « {STAGES[rule.stage]} »"


def exception(rule: Rule) -> str:
    """Who may make an exception to it, or why nobody may."""
    if rule.exception:
        return EXCEPTIONS[rule.exception]
    if rule.severity is not Severity.BLOCKING:
        return NO_NEED
    return NO_EXCEPTION if all(source.is_local for source in rule.sources) else BY_LAW


def _formula(formula: Formula) -> FormulaRow:
    return FormulaRow(formula.words, None if formula.since == date.min else formula.since)


def parameter_rows(parameter: Parameter) -> ParameterRows:
    """One parameter with the history of its values."""
    ordered = sorted(parameter.values.items())
    ends = [since - timedelta(days=1) for since, _ in ordered[1:]]
    rows = [
        _value_row(parameter.unit, since, dated, end)
        for (since, dated), end in zip(ordered, [*ends, None], strict=True)
    ]
    if ordered[0][1].value is None:  # nothing was in force before: nothing is repealed
        rows[0] = replace(rows[0], value=NEVER)
    return ParameterRows(parameter.name, parameter.label, KINDS[parameter.kind], tuple(rows))


def _value_row(unit: str, since: date, dated: DatedValue, end: date | None) -> ValueRow:
    return ValueRow(
        value=shown_value(dated.value, unit),
        since=since,
        until=dated.until or end,
        text=tied(dated.text),
        article=tied(dated.article),
        reading=READINGS[dated.reading],
        seen=dated.seen,
    )


def shown_value(value: Value, unit: str) -> str:
    """A parameter's value with its unit: 50 %, 23 000 €, 2 mois."""
    if value is None:
        return NO_VALUE
    if isinstance(value, tuple):
        return wording.listing(WORDS.get(word, word) for word in value)
    if unit == "part":
        return wording.percent(value, digits=2)
    if unit == "euros":
        return wording.euros(value)
    return _with_unit(value, unit)


def tied(text: str) -> str:
    """The text with its double punctuation and guillemets tied to their words, so that no line breaks there."""
    return AFTER.sub("«" + wording.NBSP, BEFORE.sub(wording.NBSP, text))


def _with_unit(value: Decimal, unit: str) -> str:
    if value != value.to_integral_value():
        return f"{value:f}".replace(".", ",") + (f"{wording.NBSP}{UNITS[unit][1]}" if unit in UNITS else "")
    number = int(value)
    if unit not in UNITS:
        return counted(number, "")
    return f"{wording.number(number)}{wording.NBSP}{UNITS[unit][number > 1]}"


def examples(rule: Rule) -> tuple[Example, ...]:
    """The first case of each variant, grouped by outcome: filled, not filled, unknown, without object."""
    found: dict[tuple[Outcome, str], Example] = {}
    cases = [(case, case.finding()) for case in read_cases() if case.rule == rule.id]
    for case, finding in cases:
        found.setdefault((finding.outcome, finding.variant), _example(case, finding, render(finding)))
    for case, finding in cases:  # a variant met only on one line among others
        shown = _lines_shown(finding)
        for line in finding.lines or ():
            if line.variant not in {variant for _, variant in found}:
                found[line.outcome, line.variant] = _example(case, line, shown[line.line])
    order = list(OUTCOMES)
    return tuple(found[key] for key in sorted(found, key=lambda key: order.index(key[0])))


def _lines_shown(finding: Finding) -> Mapping[str, Mapping[str, object]]:
    facts = render(finding)["facts"]
    assert isinstance(facts, dict)
    return {line["line"]: line for line in facts.get("lines", ())}


def _example(case: Case, answer: Finding | LineOutcome, shown: Mapping[str, object]) -> Example:
    return Example(
        name=tied(case.name),
        on=case.on,
        outcome=OUTCOMES[answer.outcome],
        variant=answer.variant,
        message=str(shown["message"]),
        remedy=str(shown.get("remedy") or ""),
        source=tied(case.source),
    )
