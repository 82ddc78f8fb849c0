# SPDX-License-Identifier: EUPL-1.2
"""Multi-year conventions (CPO).

The share of the programme's actions, and of its conventions, against both objectives.
"""

from rules.cpo_figures import convention_figures, figures_of
from rules.facts import TerritoryFacts
from rules.findings import NOT_APPLICABLE, SATISFIED, UNDETERMINED, VIOLATED, WARNING, Finding, Scope
from rules.parameters import ParametersOfDay
from rules.programme_year import ProgrammeYear
from rules.rule import Formula, Rule
from rules.source import Source
from rules.texts import CIRCULAIRE_2023, CONTRAT

TARGET_ACTIONS = "cpo.target_actions"
TARGET_CONVENTIONS = "cpo.target_conventions"


def check_target_actions(
    programme: ProgrammeYear, territory: TerritoryFacts, parameters: ParametersOfDay
) -> Finding:
    """Plus de la moitié des actions du programme sont couvertes par une CPO."""
    target = parameters.values["cpo.target_actions"]
    if target is None:
        return Finding(TARGET_ACTIONS, NOT_APPLICABLE, WARNING, {}, "not_in_force")
    figures = figures_of(programme.tally, target)
    facts: dict[str, object] = {
        "actions": figures.total,
        "cpo_actions": figures.actions,
        "unknown": figures.unknown,
        "share_actions": figures.share_actions,
        "granted": figures.total_granted,
        "cpo_granted": figures.granted,
        "share_granted": figures.share_granted,
        "target": figures.target,
        "missing_actions": figures.missing_actions,
        "missing_new_actions": figures.missing_new_actions,
        "inherited": figures.inherited,
    }
    if not figures.total:
        return Finding(TARGET_ACTIONS, NOT_APPLICABLE, WARNING, facts, "empty")
    if figures.met:
        return Finding(TARGET_ACTIONS, SATISFIED, WARNING, facts, "met")
    variant = "missed_unknown" if figures.unknown else "missed"
    return Finding(TARGET_ACTIONS, VIOLATED, WARNING, facts, variant)


def check_target_conventions(
    programme: ProgrammeYear, territory: TerritoryFacts, parameters: ParametersOfDay
) -> Finding:
    """La moitié au moins des conventions de l’année sont pluriannuelles."""
    target = parameters.values["cpo.target_conventions"]
    if target is None:
        return Finding(TARGET_CONVENTIONS, NOT_APPLICABLE, WARNING, {}, "not_in_force")
    if programme.facts.conventions is None:
        return Finding(TARGET_CONVENTIONS, UNDETERMINED, WARNING, {}, "missing")
    figures = convention_figures(programme.facts.conventions, target)
    facts: dict[str, object] = {
        "conventions": figures.count,
        "cpo": figures.cpo,
        "share": figures.share,
        "granted": figures.granted,
        "cpo_granted": figures.cpo_granted,
        "share_granted": figures.share_granted,
        "target": figures.target,
    }
    if figures.count < 0 or figures.cpo < 0 or figures.cpo > figures.count:
        return Finding(TARGET_CONVENTIONS, UNDETERMINED, WARNING, facts, "contradictory")
    if not figures.count:
        return Finding(TARGET_CONVENTIONS, NOT_APPLICABLE, WARNING, facts, "empty")
    outcome = SATISFIED if figures.met else VIOLATED
    return Finding(TARGET_CONVENTIONS, outcome, WARNING, facts, "met" if figures.met else "missed")


RULES = (
    Rule(
        id=TARGET_ACTIONS,
        label="Objectif de CPO parmi les actions",
        scope=Scope.PROGRAMME,
        stage="programme",
        severity=WARNING,
        sources=(Source("contrat", CONTRAT, "IV.3"),),
        purpose=(
            "Suivre la part des actions couvertes par une convention pluriannuelle, en nombre et en euros."
        ),
        parameters=("cpo.target_actions",),
        formulas=(
            Formula(
                check_target_actions,
                "Actions couvertes par une CPO ÷ actions du programme, strictement au-dessus de l’objectif ; même part en euros, montrée à côté. Une CPO couvre chaque année de sa durée, celles d’après comprises.",
            ),
        ),
        sentences={
            "met": (
                "{cpo_actions:action|actions} sur {actions} en CPO ({share_actions}), soit {cpo_granted} sur "
                "{granted} "
                "({share_granted}) : l’objectif de plus de {target} est atteint."
            ),
            "missed": (
                "{cpo_actions:action|actions} sur {actions} en CPO ({share_actions}), soit {cpo_granted} sur "
                "{granted} "
                "({share_granted}) : l’objectif est de plus de {target}."
            ),
            "missed_unknown": (
                "{cpo_actions:action|actions} sur {actions} en CPO ({share_actions}), soit {cpo_granted} sur "
                "{granted} "
                "({share_granted}) : l’objectif est de plus de {target}. Comptées hors CPO faute "
                "d’information : "
                "{unknown:action|actions}."
            ),
            "empty": "Aucune action n’est encore accordée ou retenue au programme.",
        },
        remedy={
            "missed": (
                "Passer {missing_actions:action|actions} en CPO à total constant, ou en ajouter "
                "{missing_new_actions:nouvelle|nouvelles}."
            ),
            "missed_unknown": (
                "Renseigner les CPO inconnues ; passer {missing_actions:action|actions} en CPO à total "
                "constant, "
                "ou en ajouter {missing_new_actions:nouvelle|nouvelles}."
            ),
        },
    ),
    Rule(
        id=TARGET_CONVENTIONS,
        label="Objectif de CPO parmi les conventions",
        scope=Scope.PROGRAMME,
        stage="programme",
        severity=WARNING,
        sources=(CIRCULAIRE_2023,),
        purpose="Suivre la part des conventions conclues sous forme pluriannuelle, en nombre et en euros.",
        parameters=("cpo.target_conventions",),
        formulas=(
            Formula(
                check_target_conventions,
                "Conventions pluriannuelles ÷ conventions distinctes de l’année, au moins égale à l’objectif ; même part en euros, montrée à côté.",
            ),
        ),
        sentences={
            "met": (
                "{cpo:convention pluriannuelle|conventions pluriannuelles} sur {conventions} ({share}), soit "
                "{cpo_granted} sur {granted} ({share_granted}) : "
                "l’objectif d’au moins {target} est atteint."
            ),
            "missed": (
                "{cpo:convention pluriannuelle|conventions pluriannuelles} sur {conventions} ({share}), soit "
                "{cpo_granted} sur {granted} ({share_granted}) : "
                "l’objectif est d’au moins {target}."
            ),
            "missing": "Aucune convention n’est enregistrée pour l’année : la part des CPO est inconnue.",
            "empty": "Aucune convention n’a été conclue cette année.",
            "contradictory": (
                "Les nombres de conventions se contredisent : {cpo} CPO pour {conventions} conventions."
            ),
        },
        remedy={
            "missed": "Proposer une forme pluriannuelle aux prochaines conventions.",
            "missing": "Enregistrer les conventions signées, en indiquant celles qui sont pluriannuelles.",
            "contradictory": "Vérifier les conventions enregistrées.",
        },
    ),
)
