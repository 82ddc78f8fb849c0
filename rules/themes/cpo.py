# SPDX-License-Identifier: EUPL-1.2
"""Multi-year conventions (CPO).

The share of the programme's actions, and of its conventions, against both objectives.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from rules.facts import ActionFacts, ConventionFacts, ProgrammeFacts, TerritoryFacts
from rules.findings import Finding, Outcome, Scope, Severity
from rules.money import ZERO
from rules.parameters import ParametersOfDay
from rules.rule import Formula, Rule
from rules.source import Source
from rules.texts import CONTRAT

TARGET_ACTIONS = "cpo.target_actions"
TARGET_CONVENTIONS = "cpo.target_conventions"


@dataclass(frozen=True, slots=True)
class CpoFigures:
    """CPO among a set of actions. Shares between 0 and 1, None without actions or euros.

    `missing_actions`: actions to convert, total unchanged. `missing_new_actions`: actions to add (None when
    none would suffice). `unknown`: actions whose CPO is not known, counted as not CPO.
    """

    total: int
    total_granted: Decimal
    actions: int
    unknown: int
    share_actions: float | None
    granted: Decimal
    share_granted: float | None
    target: float | None
    met: bool | None
    missing_actions: int
    missing_new_actions: int | None


@dataclass(frozen=True, slots=True)
class ConventionFigures:
    """CPO among the conventions signed for the year."""

    count: int
    cpo: int
    share: float | None
    target: float | None
    met: bool | None


def counted_actions(programme: ProgrammeFacts) -> list[ActionFacts]:
    """The actions that make the contract's programme: inside, granted or retained, awards included."""
    return [action for action in programme.actions if action.inside is True and not action.projected]


def cpo_figures(actions: Sequence[ActionFacts], target: Decimal | None) -> CpoFigures:
    """The share of CPO among these actions, in number and in euros, and what the target lacks."""
    total, covered, unknown = len(actions), 0, 0
    money = covered_money = ZERO
    for action in actions:
        money += action.granted
        if action.cpo:
            covered += 1
            covered_money += action.granted
        elif action.cpo is None:
            unknown += 1
    share = covered / total if total else None
    return CpoFigures(
        total=total,
        total_granted=money,
        actions=covered,
        unknown=unknown,
        share_actions=share,
        granted=covered_money,
        share_granted=float(covered_money / money) if money > 0 else None,
        target=None if target is None else float(target),
        met=None if target is None or not total else covered > target * total,
        missing_actions=0 if target is None or not total else missing_to_convert(total, covered, target),
        missing_new_actions=0 if target is None else missing_to_add(total, covered, target),
    )


def missing_to_convert(total: int, covered: int, target: Decimal) -> int:
    """How many of the actions must become CPO, total unchanged, to exceed the target strictly."""
    return max(0, int(target * total) + 1 - covered)


def missing_to_add(total: int, covered: int, target: Decimal) -> int | None:
    """How many new CPO actions for the share to exceed the target strictly; None when no number is enough."""
    if covered > target * total:
        return 0
    if target >= 1:
        return None
    return int((target * total - covered) / (1 - target)) + 1


def convention_figures(conventions: ConventionFacts, target: Decimal | None) -> ConventionFigures:
    """The share of CPO among conventions.

    The circular asks for the target at least, so equality is enough.
    """
    count, cpo = conventions.count, conventions.cpo
    return ConventionFigures(
        count=count,
        cpo=cpo,
        share=cpo / count if count > 0 else None,
        target=None if target is None else float(target),
        met=None if target is None or count <= 0 else cpo >= target * count,
    )


def check_target_actions(
    programme: ProgrammeFacts, territory: TerritoryFacts, parameters: ParametersOfDay
) -> Finding:
    """Plus de la moitié des actions du programme sont couvertes par une CPO."""
    target = parameters.values["cpo.target_actions"]
    if target is None:
        return Finding(TARGET_ACTIONS, Outcome.NOT_APPLICABLE, Severity.WARNING, {}, "not_in_force")
    figures = cpo_figures(counted_actions(programme), target)
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
    }
    if not figures.total:
        return Finding(TARGET_ACTIONS, Outcome.NOT_APPLICABLE, Severity.WARNING, facts, "empty")
    if figures.met:
        return Finding(TARGET_ACTIONS, Outcome.SATISFIED, Severity.WARNING, facts, "met")
    variant = "missed_unknown" if figures.unknown else "missed"
    return Finding(TARGET_ACTIONS, Outcome.VIOLATED, Severity.WARNING, facts, variant)


def check_target_conventions(
    programme: ProgrammeFacts, territory: TerritoryFacts, parameters: ParametersOfDay
) -> Finding:
    """La moitié au moins des conventions de l’année sont pluriannuelles."""
    target = parameters.values["cpo.target_conventions"]
    if target is None:
        return Finding(TARGET_CONVENTIONS, Outcome.NOT_APPLICABLE, Severity.WARNING, {}, "not_in_force")
    if programme.conventions is None:
        return Finding(TARGET_CONVENTIONS, Outcome.UNDETERMINED, Severity.WARNING, {}, "missing")
    figures = convention_figures(programme.conventions, target)
    facts: dict[str, object] = {
        "conventions": figures.count,
        "cpo": figures.cpo,
        "share": figures.share,
        "target": figures.target,
    }
    if figures.count < 0 or figures.cpo < 0 or figures.cpo > figures.count:
        return Finding(TARGET_CONVENTIONS, Outcome.UNDETERMINED, Severity.WARNING, facts, "contradictory")
    if not figures.count:
        return Finding(TARGET_CONVENTIONS, Outcome.NOT_APPLICABLE, Severity.WARNING, facts, "empty")
    outcome = Outcome.SATISFIED if figures.met else Outcome.VIOLATED
    return Finding(TARGET_CONVENTIONS, outcome, Severity.WARNING, facts, "met" if figures.met else "missed")


RULES = (
    Rule(
        id=TARGET_ACTIONS,
        label="Objectif de CPO parmi les actions",
        scope=Scope.PROGRAMME,
        stage="programme",
        severity=Severity.WARNING,
        sources=(Source("contrat", CONTRAT, "IV.3"),),
        purpose=(
            "Suivre la part des actions couvertes par une convention pluriannuelle, en nombre et en euros."
        ),
        parameters=("cpo.target_actions",),
        formulas=(
            Formula(
                check_target_actions,
                "Actions couvertes par une CPO ÷ actions du programme, strictement au-dessus de l’objectif ; même part en euros, montrée à côté.",
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
        severity=Severity.WARNING,
        sources=(
            Source(
                "circulaire",
                "Circulaire du 31 août 2023 relative à l’élaboration des contrats de ville",
                "",
                "secondaire",
            ),
        ),
        purpose="Suivre la part des conventions conclues sous forme pluriannuelle.",
        parameters=("cpo.target_conventions",),
        formulas=(
            Formula(
                check_target_conventions,
                "Conventions pluriannuelles ÷ conventions distinctes de l’année, au moins égale à l’objectif.",
            ),
        ),
        sentences={
            "met": (
                "{cpo:convention pluriannuelle|conventions pluriannuelles} sur {conventions} ({share}) : "
                "l’objectif d’au moins {target} est atteint."
            ),
            "missed": (
                "{cpo:convention pluriannuelle|conventions pluriannuelles} sur {conventions} ({share}) : "
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
