# SPDX-License-Identifier: EUPL-1.2
"""`docs/rules.md` laid out from the explained rules (`rules.rule_page`): `rules --format markdown`; and one as plain text."""

from collections.abc import Iterable, Iterator

from cli.workflow_page import markdown_table
from rules.render import COMMON
from rules.rule import Rule
from rules.rule_page import SCOPES, FormulaRow, ParameterRows, RulePage, ValueRow, by_scope, rule_page
from rules.wording import day

HEAD = """# Les règles

Page écrite par `make docs` à partir du catalogue (`rules/catalogue.py`), des paramètres datés
(`rules/parameters/*.yaml`) et des cas (`rules/cases/*.yaml`) : ne pas la corriger à la main.

Une règle ne répond jamais « non » tout court. Elle répond l’une de quatre issues, avec les chiffres, la source et le
remède : **remplie** (`satisfied`), **non remplie** (`violated`), **information manquante** (`undetermined`) ou **sans
objet** (`not_applicable`). Une information manquante n’est ni un accord ni un refus : on la complète, on l’atteste ou
on la lève avec un motif. À une condition locale non remplie, qui la détient peut **déroger** avec un motif ; à une
règle de droit, personne. Tout cela est journalisé et imprimé dans la synthèse d’arbitrage.

Une règle **bloquante** (`blocking`) arrête ce qu’elle vise ; une **alerte** (`warning`) et une **information**
(`info`) n’arrêtent rien. Les règles « sur chaque crédit » (`line`) jugent chaque ligne de financement à part ; les
autres jugent le dossier (`dossier`) ou le programme d’une année (`programme`). Les exemples sont les cas que les tests
tiennent : leurs réponses sont celles du produit.
"""


def rule_book() -> Iterator[str]:
    """The lines of the page: a table of contents, every rule by scope, the common sentences."""
    yield from HEAD.splitlines()
    groups = by_scope()
    yield from ("", "## Sommaire")
    for scope, group in groups.items():
        yield from ("", f"{SCOPES[scope]} :", "")
        yield from (f"- [{rule.label}](#{rule.id}) : `{rule.id}`" for rule in group)
    for scope, group in groups.items():
        yield from ("", f"## {SCOPES[scope]}")
        for rule in group:
            yield from section(rule)
    yield from ("", "## Phrases communes à toutes les règles", "")
    yield from (f"- `{variant}` : {sentence}" for variant, sentence in COMMON.items())


def section(rule: Rule) -> Iterator[str]:
    """One rule, under an anchor that is its identifier."""
    page = rule_page(rule)
    yield from (
        "",
        f'<a id="{rule.id}"></a>',
        "",
        f"### {rule.label}",
        "",
        f"`{rule.id}`. {rule.purpose}",
        "",
    )
    yield from (f"- **{label}** : {text.rstrip('.')}" for label, text in summary(page))
    for parameter in page.parameters:
        yield from ("", f"**Paramètre** `{parameter.name}` : {parameter.label} ({parameter.kind}).", "")
        yield from markdown_table(("Du", "Au", "Valeur", "Texte", "Lecture"), _rows(parameter))
    yield ""
    rows = ((e.outcome, f"{e.name} ({day(e.on)})", e.message, e.remedy, e.source) for e in page.examples)
    yield from markdown_table(("Issue", "Exemple", "Réponse", "Remède", "Source de l’exemple"), rows)


def summary(page: RulePage) -> Iterator[tuple[str, str]]:
    """What the page says in a few lines, before parameters and examples."""
    yield "Énoncé", page.statement
    for formula in page.formulas:
        yield _formula_label(formula), formula.words
    yield "Portée", f"{page.scope.lower()} ; étape : {page.stage} ; gravité : {page.severity}"
    yield "Arrête", page.stops
    yield "Dérogation", page.exception
    for source in page.sources:
        yield "Source", f"{source.text} ({source.kind} ; {source.reading})"


def _formula_label(formula: FormulaRow) -> str:
    return "Formule" if formula.since is None else f"Formule depuis le {day(formula.since)}"


def _rows(parameter: ParameterRows) -> Iterable[tuple[str, ...]]:
    for row in parameter.values:
        yield day(row.since), _until(row), row.value, f"{row.text}, {row.article}", _reading(row)


def _until(row: ValueRow) -> str:
    return day(row.until) if row.until else ""


def _reading(row: ValueRow) -> str:
    return f"{row.reading}, le {day(row.seen)}"


def explained(rule: Rule) -> Iterator[str]:
    """One rule as plain text, for the terminal."""
    page = rule_page(rule)
    yield from (rule.label, f"{rule.id} – {rule.purpose}", "")
    yield from (f"{label} : {text}" for label, text in summary(page))
    for parameter in page.parameters:
        yield from ("", f"Paramètre {parameter.name} : {parameter.label} ({parameter.kind})")
        for row in parameter.values:
            until = f" au {day(row.until)}" if row.until else ""
            yield f"  du {day(row.since)}{until} : {row.value}"
            yield f"    {row.text}, {row.article} ({_reading(row)})"
    yield from ("", "Exemples :")
    for example in page.examples:
        yield f"  [{example.outcome}] {example.name} ({day(example.on)})"
        yield f"    {example.message}"
        if example.remedy:
            yield f"    → {example.remedy}"
    yield from ("", f"Page : {rule.page}")
