# SPDX-License-Identifier: EUPL-1.2
"""Complementarities: actions of the same neighbourhood, theme and public, to bring together."""

from rules.complementarity import Group
from rules.facts import TerritoryFacts
from rules.findings import INFO, NOT_APPLICABLE, SATISFIED, UNDETERMINED, Finding, Scope
from rules.parameters import ParametersOfDay
from rules.programme_year import ProgrammeYear
from rules.rule import Formula, Rule
from rules.source import Source
from rules.texts import CONTRAT
from rules.wording import public_word

ACTIONS = "complementarity.actions"


def check_complementarities(
    programme: ProgrammeYear, territory: TerritoryFacts, parameters: ParametersOfDay
) -> Finding:
    """Les actions d’un même quartier, d’un même thème et d’un même public sont à rapprocher."""
    inside = [action for action in programme.facts.actions if action.inside is True]
    if not inside:
        return Finding(ACTIONS, NOT_APPLICABLE, INFO, {}, "empty")
    located = [action for action in inside if action.qpv and (action.themes or action.objectives)]
    facts: dict[str, object] = {
        "actions": len(inside),
        "located": len(located),
        "silent": sum(action.publics is None for action in located),
    }
    if not located:
        return Finding(ACTIONS, UNDETERMINED, INFO, facts, "unlocated")
    if not programme.groups:
        return Finding(ACTIONS, SATISFIED, INFO, facts, "none")
    facts |= _figures(programme.groups)
    return Finding(ACTIONS, SATISFIED, INFO, facts, _variant(programme.groups))


def _variant(groups: tuple[Group, ...]) -> str:
    if groups[0].public is None:
        return "groups_public_unknown"
    return "groups_some_unknown" if groups[-1].public is None else "groups"


def _figures(groups: tuple[Group, ...]) -> dict[str, object]:
    """How many groups, and the largest one in full."""
    largest = groups[0]
    return {
        "groups": len(groups),
        "grouped": len({id(action) for group in groups for action in group.actions}),
        "public_unknown": sum(group.public is None for group in groups),
        "largest": len(largest.actions),
        "references": list(largest.references),
        "qpv": list(largest.qpv),
        "theme": largest.theme,
        "public": None if largest.public is None else public_word(largest.public),
        "granted": largest.granted,
    }


GROUPS = (
    "{groups:groupe|groupes} d’actions à rapprocher, {grouped:action concernée|actions concernées} sur {actions}. Le "
    "plus grand réunit {largest:action|actions} pour {granted} ({qpv} ; thème : {theme} ; "
)

RULES = (
    Rule(
        id=ACTIONS,
        label="Complémentarités à favoriser",
        scope=Scope.PROGRAMME,
        stage="programme",
        severity=INFO,
        sources=(
            Source("contrat", CONTRAT, "V.1, missions du comité d’engagement (repérer les complémentarités)"),
            Source("choix_du_produit", "Même quartier, même thème, même public"),
        ),
        purpose="Montrer à l’instructeur les actions qui gagneraient à se connaître.",
        formulas=(
            Formula(
                check_complementarities,
                "Au moins deux actions du programme, retenues ou en instruction, du même quartier, du même groupe "
                "thématique (à défaut du même objectif) et du même public ; public non renseigné : quartier et thème "
                "seulement.",
            ),
        ),
        sentences={
            "groups": f"{GROUPS}public : {{public}}).",
            "groups_some_unknown": (
                f"{GROUPS}public : {{public}}). Public non renseigné dans {{public_unknown:groupe|groupes}}."
            ),
            "groups_public_unknown": f"{GROUPS}public non renseigné pour une partie ou la totalité).",
            "none": "Aucune action ne partage quartier, thème et public avec une autre ({located:action située|actions situées}).",
            "unlocated": "Aucune action du programme n’indique à la fois son quartier et son thème ({actions:action|actions}).",
            "empty": "Le programme n’a encore aucune action.",
        },
        remedy={"unlocated": "Renseigner les quartiers et les thèmes ou objectifs des actions."},
    ),
)
