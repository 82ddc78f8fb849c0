# SPDX-License-Identifier: EUPL-1.2
"""`docs/rules.md` written from the catalogue of rules and the dated parameters: `rules --format markdown`."""

from collections.abc import Iterator, Mapping
from decimal import Decimal

from cli.workflow_page import markdown_table
from rules.catalogue import RULES
from rules.findings import Finding, Outcome, Scope, Severity
from rules.parameters import Parameter, Parameters, Value
from rules.render import COMMON, render, show
from rules.rule import Rule
from rules.source import KINDS
from rules.wording import day, listing

HEAD = """# Les règles

Page écrite par `make docs` à partir du catalogue (`rules/catalogue.py`) et des paramètres datés
(`rules/parameters/*.yaml`) : ne pas la corriger à la main.

Une règle ne répond jamais « non » tout court. Elle répond l’une de quatre issues, avec les chiffres, la source et le
remède : **remplie** (`satisfied`), **non remplie** (`violated`), **information manquante** (`undetermined`) ou **sans
objet** (`not_applicable`). Une information manquante n’est ni un accord ni un refus : on la complète, on l’atteste ou
on la lève avec un motif, journalisé et imprimé dans la synthèse d’arbitrage.

Une règle **bloquante** (`blocking`) arrête ce qu’elle vise ; une **alerte** (`warning`) et une **information**
(`info`) n’arrêtent rien. Les règles de portée « ligne » (`line`) jugent chaque ligne de financement à part ; les
autres jugent le dossier (`dossier`) ou le programme d’une année (`programme`). Les phrases ci-dessous sont celles du
produit, sur des chiffres inventés.
"""
SCOPES = {
    Scope.LINE: "ligne de financement",
    Scope.DOSSIER: "dossier",
    Scope.PROGRAMME: "programme d’une année",
}
STAGES = {
    "submission": "recevabilité",
    "dispatch": "répartition",
    "co_instruction": "co-instruction",
    "conference": "conférence des financeurs",
    "commitment": "comité d’engagement",
    "follow_up": "suivi",
    "programme": "programme",
}
SEVERITIES = {Severity.BLOCKING: "bloquante", Severity.WARNING: "alerte", Severity.INFO: "information"}
# Invented figures for the sentences, by the name a rule gives them, then those that one sentence needs.
FIGURES: Mapping[str, object] = {
    "actions": 40,
    "amount": Decimal(5000),
    "announced": 100,
    "committed": Decimal(610000),
    "concerned": ["caf:droit_commun"],
    "conventions": 25,
    "cost": Decimal(20000),
    "counted": 60,
    "declared_share": 0.55,
    "cpo": 13,
    "cpo_actions": 22,
    "cpo_granted": Decimal(210000),
    "elsewhere": ["QN05901M"],
    "excess": Decimal(12000),
    "gap": Decimal(2000),
    "granted": Decimal(400000),
    "in_qpv": 120,
    "matching": ["1.1.2"],
    "misprinted": ["QN05994I"],
    "missing": 0,
    "missing_actions": 4,
    "missing_new_actions": 7,
    "objectives": ["1.1.2"],
    "ordinary": Decimal(7000),
    "other": Decimal(3000),
    "other_contracts": 5,
    "others": Decimal(300000),
    "outside": 40,
    "own": Decimal(2000),
    "persons": ["Camille Exemple"],
    "poches": ["poche-exemple"],
    "qpv": ["QN05936M", "QN05940M"],
    "ratio": Decimal("1.25"),
    "remainder": Decimal(8000),
    "remaining": Decimal(30000),
    "requests": Decimal(15000),
    "resources": Decimal(18000),
    "share": 0.6,
    "share_actions": 0.55,
    "share_granted": 0.525,
    "share_high": 0.6,
    "share_low": 0.51,
    "siret": "73282932000074",
    "specific": Decimal(6500),
    "specific_at_most": Decimal(8000),
    "target": 0.5,
    "threshold": 0.5,
    "to_check": 9,
    "total": 100,
    "unclassified": 1,
    "unknown": ["QN05999X"],
    "unlocated": Decimal(8000),
    "value": Decimal(1500),
    "volunteering_charges": Decimal(1200),
    "volunteering_resources": Decimal(900),
    "without": ["QN05939M"],
}
CPO_MISSED: dict[str, object] = {
    "cpo_actions": 17,
    "cpo_granted": Decimal(160000),
    "share_actions": 0.425,
    "share_granted": 0.4,
}
SPECIFIC: dict[str, object] = {"concerned": ["etat:specifique"]}
COVERED: dict[str, object] = {"total": Decimal(400000)}
INSIDE: dict[str, object] = {"in_qpv": 51}
SMALLER: dict[str, object] = {"in_qpv": 41, "outside": 50, "share_low": 0.41, "share_high": 0.5}
PARTIAL: dict[str, object] = {"total": 40, "outside": 10, "to_check": 0, "other_contracts": 0, "missing": 60}
PARTICULAR: Mapping[tuple[str, str], Mapping[str, object]] = {
    ("porteur.siret", "siren_only"): {"siret": "732829320"},
    ("porteur.siret", "key"): {"siret": "73282932000075"},
    ("porteur.siret", "form"): {"siret": "7328 A"},
    ("funding.balanced", "over"): {"resources": Decimal(22000)},
    ("funding.balanced", "volunteering_missing"): {"volunteering_resources": None},
    ("funding.balanced", "resources_missing"): {"own": None},
    ("droit_commun.remainder", "resources_missing"): {"own": None},
    ("framework.objective", "partly"): {"unknown": ["9.9.9"]},
    ("framework.objective", "unknown"): {"unknown": ["9.9.9"]},
    ("qpv.majority", "minority"): {"counted": 48, "share": 0.48} | SPECIFIC,
    ("qpv.majority", "poches_missing"): {"counted": 48, "share": 0.48},
    ("qpv.residents_located", "contradictory"): INSIDE | {"outside": 30},
    ("qpv.residents_located", "empty"): {"in_qpv": 0, "outside": 0, "to_check": 0},
    ("qpv.residents_located", "majority"): INSIDE,
    ("qpv.residents_located", "majority_undeclared"): INSIDE,
    ("qpv.residents_located", "minority"): SMALLER,
    ("qpv.residents_located", "minority_partial"): SMALLER | {"in_qpv": 31, "total": 90, "missing": 10},
    ("qpv.residents_located", "declared_higher"): INSIDE | {"declared_share": 0.71},
    ("qpv.residents_located", "declared_higher_partial"): PARTIAL
    | {"in_qpv": 30, "declared_share": 0.95, "share_high": 0.9},
    ("qpv.residents_located", "declared_lower"): INSIDE | {"declared_share": 0.5},
    ("qpv.residents_located", "to_check_decides"): {
        "in_qpv": 45,
        "outside": 46,
        "share_low": 0.45,
        "share_high": 0.54,
    },
    ("qpv.residents_located", "partial"): PARTIAL | {"in_qpv": 30, "share_low": 0.3, "share_high": 0.9},
    ("qpv.residents_located", "poches"): {
        "in_qpv": 45,
        "outside": 46,
        "share_low": 0.45,
        "share_high": 0.54,
    },
    ("departement.policies", "confirmed"): {"concerned": ["departement:specifique"]},
    ("departement.policies", "denied"): {"concerned": ["departement:specifique"]},
    ("epci.priorities", "confirmed"): {"concerned": ["epci:specifique"]},
    ("epci.priorities", "denied"): {"concerned": ["epci:specifique"]},
    ("droit_commun.remainder", "exceeded"): {"specific": Decimal(9500)},
    ("cpo.target_actions", "missed"): CPO_MISSED,
    ("cpo.target_actions", "missed_unknown"): CPO_MISSED | {"unknown": 2},
    ("cpo.target_conventions", "met"): {"share": 0.52},
    ("cpo.target_conventions", "missed"): {"cpo": 8, "share": 0.32},
    ("cpo.target_conventions", "contradictory"): {"cpo": 26},
    ("envelope.limit", "within"): {"amount": Decimal(640000)} | SPECIFIC,
    ("envelope.limit", "exceeded"): {"amount": Decimal(640000), "committed": Decimal(652000)} | SPECIFIC,
    ("envelope.limit", "exceeded_provisional"): {"amount": Decimal(640000), "committed": Decimal(652000)}
    | SPECIFIC,
    ("envelope.limit", "missing"): SPECIFIC,
    ("droit_commun.share", "share"): {"ordinary": Decimal(120000), "share": 0.3},
    ("leverage.p147", "leverage"): {"specific": Decimal(240000)},
    ("coverage.qpv", "covered"): COVERED,
    ("coverage.qpv", "uncovered"): COVERED,
    ("coverage.qpv", "unlocated"): COVERED,
}


def rule_book() -> Iterator[str]:
    """The lines of the page: every rule, in the order of findings."""
    yield from HEAD.splitlines()
    parameters = Parameters.load().by_name
    for rule in RULES.values():
        yield from ("", f"## {rule.label}", "", f"`{rule.id}`. {rule.purpose}", "")
        yield from _facts(rule)
        for name in rule.parameters:
            yield from ("", *_parameter(parameters[name]))
        yield from ("", *_sentences(rule))
    yield from ("", "## Phrases communes à toutes les règles", "")
    yield from (f"- `{variant}` : {sentence}" for variant, sentence in COMMON.items())


def _facts(rule: Rule) -> Iterator[str]:
    yield f"- **Énoncé** : {statement(rule)}"
    yield f"- **Portée** : {SCOPES[rule.scope]} ; **étape** : {STAGES[rule.stage]} ; **gravité** : {SEVERITIES[rule.severity]}"
    if rule.scope is Scope.LINE and rule.severity is Severity.BLOCKING:
        stops_line = "la ligne seule ; les autres lignes vivent"
        yield f"- **Arrête** : {stops_line if rule.stops == 'line' else 'le dossier, à cette étape'}"
    yield f"- **Source** : {rule.source.rstrip('.')}"


def statement(rule: Rule) -> str:
    """The rule in one French sentence: the first line of its function's docstring."""
    return (rule.formulas[-1].function.__doc__ or rule.purpose).strip().splitlines()[0]


def _parameter(parameter: Parameter) -> Iterator[str]:
    yield f"**Paramètre** `{parameter.name}` : {parameter.label} ({KINDS[parameter.kind]})."
    yield ""
    rows = []
    for since, dated in sorted(parameter.values.items()):
        value = _value(dated.value, parameter.unit)
        rows.append((day(since), value, f"{dated.text}, {dated.article}", day(dated.seen)))
    yield from markdown_table(("Depuis le", "Valeur", "Texte", "Lu le"), rows)


def _value(value: Value, unit: str) -> str:
    if value is None:
        return "abrogé"
    if isinstance(value, tuple):
        return listing(value)
    if unit == "part":
        return show(float(value))
    return show(value) if unit == "euros" else f"{value} {unit}"


def _sentences(rule: Rule) -> Iterator[str]:
    rows = []
    for variant in rule.sentences:
        shown = example(rule, variant)
        rows.append((f"`{variant}`", str(shown["message"]), str(shown["remedy"] or "")))
    return markdown_table(("Cas", "Phrase", "Remède"), rows)


def example(rule: Rule, variant: str) -> Mapping[str, object]:
    """The rule's sentence and remedy for one variant, on invented figures."""
    facts = {**FIGURES, **PARTICULAR.get((rule.id, variant), {})}
    return render(Finding(rule.id, Outcome.UNDETERMINED, rule.severity, facts, variant))
