# SPDX-License-Identifier: EUPL-1.2
"""A finding as people and programs read it: French sentences and JSON-safe figures, made on reading only."""

from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from math import isfinite
from string import Formatter
from typing import Any, NamedTuple

from rules import wording
from rules.catalogue import RULES
from rules.figures import WORDS, counted, figures_of
from rules.findings import Finding, LineOutcome, Outcome, Settlement
from rules.rule import Rule

COMMON = {
    "not_in_force": "Cette règle n’est pas en vigueur à cette date.",
    "unreadable": "Les chiffres de ce dossier sont inexploitables : la règle n’a pas pu être calculée.",
}
OUTCOMES = {
    Outcome.SATISFIED: "Condition remplie.",
    Outcome.VIOLATED: "Condition non remplie.",
    Outcome.UNDETERMINED: "Information manquante.",
    Outcome.NOT_APPLICABLE: "Sans objet.",
}
SETTLED = {
    Settlement.ATTESTED: "Attesté par",
    Settlement.WAIVED: "Levé par",
    Settlement.OVERRIDDEN: "Dérogation de",
}


class _French(Formatter):
    """Formats by type: Decimal in euros, float as a percentage, int, date, list.

    `{n:action|actions}` agrees in number.
    """

    def __init__(self, names: Mapping[str, str]) -> None:
        self.names = names

    def vformat(self, format_string: str, args: Any, kwargs: Mapping[str, Any]) -> str:
        """Each template is read once: a long agenda says the same few sentences thousands of times."""
        return "".join(
            literal if name is None else literal + self.format_field(kwargs.get(name), spec or "")
            for literal, name, spec, _ in _pieces(format_string)
        )

    def format_field(self, value: object, format_spec: str) -> str:
        shown = show(value, self.names)
        if not format_spec:
            return shown
        singular, _, plural = format_spec.partition("|")
        if isinstance(value, list | tuple):
            return f"{singular if len(value) < 2 else plural} {shown}"
        return f"{shown} {singular if isinstance(value, int) and abs(value) < 2 else plural}"


@cache
def _pieces(template: str) -> tuple[tuple[str, str | None, str | None, str | None], ...]:
    return tuple(Formatter().parse(template))


def show(value: object, names: Mapping[str, str] | None = None) -> str:
    """One figure in French. `names` gives people's words for codes (credits, neighbourhoods, objectives).

    A mapping is read as « État (5 000 €) et CAF (2 000 €) ».
    """
    known = names or {}
    match value:
        case None:
            return wording.UNKNOWN
        case bool():
            return "oui" if value else "non"
        case Decimal():
            return wording.euros(value)
        case float():
            return wording.percent(value)
        case int():
            return wording.number(value)
        case datetime():
            return wording.moment(value)
        case date():
            return wording.day(value)
        case list() | tuple():
            return wording.listing(show(item, known) for item in value)
        case Mapping():
            return wording.listing(f"{show(key, known)} ({show(item, known)})" for key, item in value.items())
    return _word(str(value), known)


def _word(text: str, names: Mapping[str, str]) -> str:
    if text in names:
        return names[text]
    is_credit = text.endswith((":droit_commun", ":specifique"))
    return wording.credit(text, names) if is_credit or wording.is_financer(text) else text


def render(
    finding: Finding, book: Mapping[str, Rule] = RULES, names: Mapping[str, str] | None = None
) -> dict[str, object]:
    """The finding as JSON-safe data with its French message.

    An unknown rule or variant still says its outcome.
    """
    rule, french = book.get(finding.rule), _French(names or {})
    facts = {key: json_safe(value) for key, value in finding.facts.items()}
    if finding.lines is not None:
        facts["lines"] = [_line(line, finding, rule, french) for line in finding.lines]
    said = _said(finding, rule, french)
    return {
        "rule": finding.rule,
        "label": rule.label if rule else finding.rule,
        "outcome": finding.outcome.value,
        "severity": finding.severity.value,
        "message": said.message,
        "facts": facts,
        "figures": _figures(finding, names or {}) if rule and rule.formulas else [],
        "line": finding.line,
        "source": said.source,
        "page": rule.page if rule else "",
        "remedy": said.remedy,
        "settled": finding.settled.value if finding.settled else None,
        "blocks": finding.blocks,
    }


class Said(NamedTuple):
    """A finding in words: its sentence, what remedies it if anything does, the text it rests on."""

    message: str
    remedy: str | None
    source: str


def said(finding: Finding, names: Mapping[str, str]) -> Said:
    """The words alone, without the figures behind them: a long list is read by its sentences."""
    return _said(finding, RULES.get(finding.rule), _French(names))


def _said(finding: Finding, rule: Rule | None, french: Formatter) -> Said:
    text = message(finding, rule, french) + _settlement(finding)
    return Said(text, remedy(finding, rule, french), str(rule.source) if rule else "")


def _figures(finding: Finding, names: Mapping[str, str]) -> list[dict[str, object]]:
    """The finding's figures with their French label and unit; `line`: the funding line one is about."""
    known = {**WORDS, **names}
    return [
        {
            "name": name,
            "label": figure.label,
            "value": json_safe(value),
            "unit": figure.unit,
            "text": _told(value, figure.unit, known),
            "line": line,
        }
        for name, figure, value, line in figures_of(finding)
    ]


def _told(value: object, unit: str, names: Mapping[str, str]) -> str:
    """One figure with its unit: 100 personnes, 51 %, 1 200 €."""
    match value:
        case bool():
            return show(value)
        case int():
            return counted(value, unit)
        case Mapping():
            return wording.listing(_pair(key, item, unit, names) for key, item in value.items()) or "aucun"
        case list() | tuple():
            return wording.listing(show(item, names) for item in value) or "aucun"
        case "":
            return wording.UNKNOWN
    return show(value, names)


def _pair(key: object, value: object, unit: str, names: Mapping[str, str]) -> str:
    """One entry of a figure by neighbourhood or by financer."""
    told = _told(value, unit, names)
    return (
        f"{show(key, names)} ({told})"
        if isinstance(value, Mapping)
        else f"{show(key, names)}{wording.NBSP}: {told}"
    )


def reason_shown(reason: str) -> str:
    """A reason kept with an act: a list of rules by their labels (a line that fell), any other text as it is."""
    parts = reason.split(", ")
    if not all(part in RULES for part in parts):
        return reason
    words = "condition non remplie" if len(parts) < 2 else "conditions non remplies"
    return f"{words}{wording.NBSP}: {wording.listing(RULES[part].label for part in parts)}"


def message(finding: Finding, rule: Rule | None, french: Formatter) -> str:
    """The French sentence of the finding.

    For a rule of lines, one sentence per group of lines answered alike.
    """
    if not finding.lines or "concerned" in finding.facts:
        return _sentence(rule, finding.variant, finding.outcome, finding.facts, french)
    groups = _groups(finding)
    texts = [_sentence(rule, variant, finding.outcome, facts, french) for variant, facts in groups]
    return " ".join(dict.fromkeys(texts))


def _groups(finding: Finding) -> list[tuple[str, dict[str, object]]]:
    """The lines that make the finding's outcome, grouped when answered alike."""
    groups: dict[tuple[str, str], tuple[str, dict[str, object]]] = {}
    for line in finding.lines or ():
        if line.outcome is not finding.outcome:
            continue
        facts = {key: value for key, value in line.facts.items() if not key.startswith("settled_")}
        _, group = groups.setdefault((line.variant, repr(facts)), (line.variant, {**finding.facts, **facts}))
        concerned = group.setdefault("concerned", [])
        if isinstance(concerned, list):
            concerned.append(line.line)
    return list(groups.values())


def remedy(finding: Finding, rule: Rule | None, french: Formatter) -> str | None:
    """What would cure it, when something must be cured."""
    if rule is None or finding.outcome in (Outcome.SATISFIED, Outcome.NOT_APPLICABLE):
        return None
    if not finding.lines or "concerned" in finding.facts:
        template = rule.remedy.get(finding.variant)
        return french.vformat(template, (), finding.facts) if template else None
    texts = []
    for variant, facts in _groups(finding):
        template = rule.remedy.get(variant)
        if template:
            texts.append(french.vformat(template, (), facts))
    return " ".join(dict.fromkeys(texts)) or None


def _sentence(
    rule: Rule | None, variant: str, outcome: Outcome, facts: Mapping[str, object], french: Formatter
) -> str:
    template = (rule.sentences.get(variant) if rule else None) or COMMON.get(variant) or OUTCOMES[outcome]
    return french.vformat(template, (), facts)


def _settlement(answer: Finding | LineOutcome) -> str:
    if answer.settled is None:
        return ""
    who, why = answer.facts.get("settled_by", ""), str(answer.facts.get("settled_reason", "")).rstrip(" .")
    return f" {SETTLED[answer.settled]} {who} : {why}."


def _line(line: LineOutcome, finding: Finding, rule: Rule | None, french: Formatter) -> dict[str, object]:
    facts = {**finding.facts, **line.facts, "concerned": [line.line]}
    text = _sentence(rule, line.variant, line.outcome, facts, french) + _settlement(line)
    detail: dict[str, object] = {"line": line.line, "outcome": line.outcome.value, "message": text}
    detail["settled"] = line.settled.value if line.settled else None
    for key, value in line.facts.items():
        detail.setdefault(key, json_safe(value))
    return detail


def json_safe(value: object) -> object:
    """The value as JSON carries it: amounts as decimal strings in euros, dates in ISO form."""
    kind: Any = value.__class__
    if kind is str or value is None or kind is bool or kind is int:  # most of them
        return value
    return _carrier(kind)(value)


@cache
def _carrier(kind: Any) -> Callable[[Any], object]:
    """How the values of this class are carried, asked once: thousands of findings are kept when a séance closes."""
    if issubclass(kind, int | str):
        return lambda value: value
    if issubclass(kind, Decimal):
        return _amount
    if issubclass(kind, float):
        return lambda value: round(value, 6) if isfinite(value) else None
    if issubclass(kind, date):
        return lambda value: value.isoformat()
    if issubclass(kind, Mapping):
        return lambda value: {str(key): json_safe(item) for key, item in value.items()}
    if issubclass(kind, list | tuple):
        return lambda value: [json_safe(item) for item in value]
    if issubclass(kind, set | frozenset):
        return lambda value: sorted(str(item) for item in value)
    if is_dataclass(kind):
        names = tuple(item.name for item in fields(kind))
        return lambda value: {name: json_safe(getattr(value, name)) for name in names}
    return str


def _amount(value: Decimal) -> str:
    if not value.is_finite() or abs(value) >= wording.LARGEST or value != round(value, 2):
        return str(value)
    return f"{value:.2f}"
