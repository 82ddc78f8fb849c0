# SPDX-License-Identifier: EUPL-1.2
"""Multi-year conventions (CPO) on the money of each financer: both objectives, in number and in euros."""

from collections.abc import Mapping

from rules.cpo_figures import FinancerFigures, financer_figures
from rules.facts import TerritoryFacts
from rules.findings import (
    NOT_APPLICABLE,
    SATISFIED,
    UNDETERMINED,
    VIOLATED,
    WARNING,
    Finding,
    LineOutcome,
    Scope,
)
from rules.parameters import ParametersOfDay
from rules.programme_year import ProgrammeYear
from rules.rule import Formula, Rule, aggregate
from rules.source import Source
from rules.texts import CIRCULAIRE_2023, CONTRAT

TARGET_FINANCERS = "cpo.target_financers"


def check_target_financers(
    programme: ProgrammeYear, territory: TerritoryFacts, parameters: ParametersOfDay
) -> Finding:
    """Chaque financeur tient les deux objectifs de CPO sur ce qu’il finance, en nombre et en euros."""
    target = parameters.values["cpo.target_actions"]
    convention_target = parameters.values["cpo.target_conventions"]
    if convention_target is None:  # the circular came first, and no contract replaces it
        return Finding(TARGET_FINANCERS, NOT_APPLICABLE, WARNING, {}, "not_in_force")
    found = financer_figures(programme.by_financer, target, convention_target)
    lines = [_answer(financer, figures) for financer, figures in found.items()]
    facts: dict[str, object] = {
        "financers": len(lines),
        "target": None if target is None else float(target),
        "convention_target": float(convention_target),
    }
    finding = aggregate(TARGET_FINANCERS, lines, facts, severity=WARNING)
    if lines:
        finding.variant = _together(finding, found)
    return finding


def _together(finding: Finding, found: Mapping[str, FinancerFigures]) -> str:
    """The financers below each objective, with their shares; the detail of each is on its line."""
    below = {code: one.cpo for code, one in found.items() if one.cpo.met is False}
    conventions = {code: one.conventions for code, one in found.items()}
    short = {code: one for code, one in conventions.items() if one is not None and one.met is False}
    finding.facts |= {
        "concerned": list(found),
        "below_actions": {code: [one.share_actions, one.share_granted] for code, one in below.items()},
        "to_convert": {code: one.missing_actions for code, one in below.items()},
        "below_conventions": {code: [one.share, one.share_granted] for code, one in short.items()},
        "unsigned": [code for code, one in conventions.items() if one is None],
    }
    if finding.outcome is VIOLATED:
        return (
            "some_below_both"
            if below and short
            else "some_below_actions"
            if below
            else "some_below_conventions"
        )
    return "some_unsigned" if finding.outcome is UNDETERMINED else "all_met"


def _answer(financer: str, figures: FinancerFigures) -> LineOutcome:
    cpo, conventions = figures.cpo, figures.conventions
    facts: dict[str, object] = {
        "actions": cpo.total,
        "cpo_actions": cpo.actions,
        "share_actions": cpo.share_actions,
        "granted": cpo.total_granted,
        "cpo_granted": cpo.granted,
        "share_granted": cpo.share_granted,
        "unknown": cpo.unknown,
        "missing_actions": cpo.missing_actions,
        "missing_new_actions": cpo.missing_new_actions,
        "conventions": conventions and conventions.count,
        "cpo_conventions": conventions and conventions.cpo,
        "share_conventions": conventions and conventions.share,
        "convention_granted": conventions and conventions.granted,
        "convention_share_granted": conventions and conventions.share_granted,
    }
    missed = cpo.met is False
    if conventions is None:
        outcome = VIOLATED if missed else UNDETERMINED
        variant = "missed_unsigned" if missed else "unsigned"
    elif conventions.met:
        outcome, variant = (VIOLATED, "missed_actions") if missed else (SATISFIED, "met")
    else:
        outcome, variant = VIOLATED, "missed_both" if missed else "missed_conventions"
    return LineOutcome(financer, outcome, variant, facts)


ACTIONS = (
    "{concerned} : {cpo_actions:action|actions} sur {actions} en CPO ({share_actions} ; {cpo_granted} sur {granted}, "
    "{share_granted})"
)
CONVENTIONS = (
    "{cpo_conventions:convention pluriannuelle|conventions pluriannuelles} sur {conventions} ({share_conventions} ; "
    "{convention_share_granted} des montants)"
)
TO_CONVERT = (
    "{concerned} : {missing_actions:action|actions} à passer en CPO à total constant, ou "
    "{missing_new_actions:nouvelle|nouvelles}."
)
TO_SIGN = "{concerned} : proposer une forme pluriannuelle aux prochaines conventions."
TO_RECORD = "{concerned} : enregistrer les conventions signées."

BELOW_ACTIONS = "Objectif de plus de {target} des actions non atteint (part des actions, puis des euros) : {below_actions}."
BELOW_CONVENTIONS = (
    "Objectif d’au moins {convention_target} des conventions non atteint (part des conventions, puis des euros) : "
    "{below_conventions}."
)
CONVERT = "Actions à passer en CPO à total constant : {to_convert}."
SIGN = "Proposer une forme pluriannuelle aux prochaines conventions de ces financeurs."

RULES = (
    Rule(
        id=TARGET_FINANCERS,
        label="Objectifs de CPO par financeur",
        scope=Scope.PROGRAMME,
        stage="programme",
        severity=WARNING,
        sources=(Source("contrat", CONTRAT, "IV.3"), CIRCULAIRE_2023),
        purpose=(
            "Voir quel financeur porte les conventions pluriannuelles et lequel reste en deçà. Les textes fixent les "
            "objectifs pour l’ensemble ; les lire par financeur est un choix du produit."
        ),
        parameters=("cpo.target_actions", "cpo.target_conventions"),
        formulas=(
            Formula(
                check_target_financers,
                "Par financeur, sur les actions où il apporte de l’argent : actions en CPO ÷ actions, strictement "
                "au-dessus de l’objectif du contrat ; conventions pluriannuelles ÷ conventions distinctes, au moins "
                "égale à celui de la circulaire ; les mêmes parts en euros, montrées à côté.",
            ),
        ),
        sentences={
            "no_line": "Aucun financeur n’apporte encore de montant accordé ou retenu au programme.",
            "all_met": "Chaque financeur atteint les deux objectifs de CPO : {concerned}.",
            "some_below_actions": BELOW_ACTIONS,
            "some_below_conventions": BELOW_CONVENTIONS,
            "some_below_both": f"{BELOW_ACTIONS} {BELOW_CONVENTIONS}",
            "some_unsigned": (
                "L’objectif sur les actions est atteint par chaque financeur ; aucune convention enregistrée pour "
                "{unsigned}."
            ),
            "met": f"{ACTIONS} ; {CONVENTIONS} : les deux objectifs sont atteints.",
            "missed_actions": f"{ACTIONS}, plus de {{target}} attendus ; {CONVENTIONS}, objectif atteint.",
            "missed_conventions": (
                f"{ACTIONS}, objectif atteint ; {CONVENTIONS}, au moins {{convention_target}} attendus."
            ),
            "missed_both": (
                f"{ACTIONS}, plus de {{target}} attendus ; {CONVENTIONS}, au moins {{convention_target}} attendus."
            ),
            "missed_unsigned": f"{ACTIONS}, plus de {{target}} attendus.",
            "unsigned": (
                f"{ACTIONS}, objectif atteint ; aucune convention enregistrée, la part des pluriannuelles est inconnue."
            ),
        },
        remedy={
            "some_below_actions": CONVERT,
            "some_below_conventions": SIGN,
            "some_below_both": f"{CONVERT} {SIGN}",
            "some_unsigned": "Enregistrer les conventions signées sur les dossiers de ces financeurs.",
            "missed_actions": TO_CONVERT,
            "missed_conventions": TO_SIGN,
            "missed_both": f"{TO_CONVERT} {TO_SIGN}",
            "missed_unsigned": TO_CONVERT,
            "unsigned": TO_RECORD,
        },
    ),
)
