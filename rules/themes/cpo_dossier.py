# SPDX-License-Identifier: EUPL-1.2
"""A dossier in multi-year convention (CPO): its profile, its duration, its indicators from the start, its trajectory."""

from rules.facts import DossierFacts, TerritoryFacts
from rules.findings import (
    INFO,
    NOT_APPLICABLE,
    SATISFIED,
    UNDETERMINED,
    VIOLATED,
    WARNING,
    Finding,
    Scope,
    Severity,
)
from rules.parameters import ParametersOfDay
from rules.rule import Formula, Rule
from rules.source import Source
from rules.texts import CONTRAT

PROFILE, DURATION = "cpo.profile", "cpo.duration"
INDICATORS, TRAJECTORY = "cpo.indicators", "cpo.trajectory"
SMALL = "petite"
PROFILES = {
    SMALL: "petite association",
    "parcours": "parcours des personnes",
    "structurante": "action structurante",
}


def _without(rule: str, cpo: bool | None, severity: Severity) -> Finding:
    """The answer for a dossier that is not, or perhaps not, in CPO."""
    if cpo is None:
        return Finding(rule, UNDETERMINED, severity, {}, "cpo_missing")
    return Finding(rule, NOT_APPLICABLE, severity, {}, "not_cpo")


def check_profile(dossier: DossierFacts, territory: TerritoryFacts, parameters: ParametersOfDay) -> Finding:
    """Une convention pluriannuelle vise une petite association, un parcours de personnes ou une action structurante."""
    if not dossier.cpo:
        return _without(PROFILE, dossier.cpo, WARNING)
    reason = dossier.cpo_reason
    if not reason:
        return Finding(PROFILE, UNDETERMINED, WARNING, {}, "reason_missing")
    facts: dict[str, object] = {"profile": PROFILES.get(reason, reason)}
    if reason not in PROFILES:
        return Finding(PROFILE, VIOLATED, WARNING, facts, "unknown_profile")
    if reason == SMALL and not dossier.is_small_association:
        if dossier.is_small_association is None:
            return Finding(PROFILE, UNDETERMINED, WARNING, facts, "small_unknown")
        return Finding(PROFILE, VIOLATED, WARNING, facts, "not_small")
    return Finding(PROFILE, SATISFIED, WARNING, facts, "eligible")


def check_duration(dossier: DossierFacts, territory: TerritoryFacts, parameters: ParametersOfDay) -> Finding:
    """Une convention pluriannuelle dure trois ou quatre ans : c’est une recommandation."""
    if not dossier.cpo:
        return _without(DURATION, dossier.cpo, INFO)
    least, most = parameters.values["cpo.years_min"], parameters.values["cpo.years_max"]
    years = dossier.cpo_years
    if least is None or most is None:
        return Finding(DURATION, NOT_APPLICABLE, INFO, {}, "not_in_force")
    facts: dict[str, object] = {"years": years, "least": int(least), "most": int(most)}
    if years is None:
        return Finding(DURATION, UNDETERMINED, INFO, facts, "missing")
    if least <= years <= most:
        return Finding(DURATION, SATISFIED, INFO, facts, "recommended")
    return Finding(DURATION, VIOLATED, INFO, facts, "unusual")


def check_indicators(
    dossier: DossierFacts, territory: TerritoryFacts, parameters: ParametersOfDay
) -> Finding:
    """Les indicateurs de suivi d’une convention pluriannuelle sont construits dès son départ."""
    if not dossier.cpo:
        return _without(INDICATORS, dossier.cpo, WARNING)
    indicators = dossier.cpo_indicators
    if indicators is None:
        return Finding(INDICATORS, UNDETERMINED, WARNING, {}, "missing")
    if not indicators:
        return Finding(INDICATORS, VIOLATED, WARNING, {}, "none")
    facts: dict[str, object] = {"indicators": list(indicators)}
    return Finding(INDICATORS, SATISFIED, WARNING, facts, "present")


def check_trajectory(
    dossier: DossierFacts, territory: TerritoryFacts, parameters: ParametersOfDay
) -> Finding:
    """La trajectoire d’une convention pluriannuelle donne un montant à chacune de ses années, qui se suivent."""
    if not dossier.cpo:
        return _without(TRAJECTORY, dossier.cpo, WARNING)
    trajectory = dossier.cpo_trajectory
    if trajectory is None:
        return Finding(TRAJECTORY, UNDETERMINED, WARNING, {}, "missing")
    if not trajectory:
        return Finding(TRAJECTORY, VIOLATED, WARNING, {}, "none")
    years = sorted(year for year, _ in trajectory)
    repeated = sorted({str(year) for year in years if years.count(year) > 1})
    if repeated:
        return Finding(TRAJECTORY, UNDETERMINED, WARNING, {"repeated": repeated}, "repeated")
    facts: dict[str, object] = {
        "planned_years": [str(year) for year in years],
        "planned": dict(trajectory).get(dossier.year),
        "year": str(dossier.year),
        "years": dossier.cpo_years,
    }
    if years != list(range(years[0], years[0] + len(years))):
        return Finding(TRAJECTORY, VIOLATED, WARNING, facts, "broken")
    if dossier.year not in years:
        return Finding(TRAJECTORY, VIOLATED, WARNING, facts, "year_absent")
    if dossier.cpo_years is not None and dossier.cpo_years != len(years):
        return Finding(TRAJECTORY, VIOLATED, WARNING, facts, "other_duration")
    return Finding(TRAJECTORY, SATISFIED, WARNING, facts, "set")


NOT_CPO = "L’action n’est pas en convention pluriannuelle d’objectifs."
CPO_MISSING = "On ne sait pas si l’action est en convention pluriannuelle d’objectifs."
SAY_CPO = "Renseigner si une convention pluriannuelle est demandée ou en cours."
PLURIANNUALITE = "IV.3 (la pluriannualité comme outil de suivi)"

RULES = (
    Rule(
        id=PROFILE,
        label="Profil de la convention pluriannuelle",
        scope=Scope.DOSSIER,
        stage="co_instruction",
        severity=WARNING,
        sources=(Source("contrat", CONTRAT, "IV.3 (critères d’éligibilité)"),),
        purpose="Réserver les conventions pluriannuelles aux trois profils du contrat.",
        formulas=(
            Formula(
                check_profile,
                "Motif parmi petite association (confirmé par la fiche du porteur), parcours des personnes, action "
                "structurante.",
            ),
        ),
        sentences={
            "eligible": "La convention pluriannuelle répond à un profil du contrat : {profile}.",
            "not_small": (
                "La convention pluriannuelle est demandée pour une petite association, ce que le porteur n’est pas."
            ),
            "unknown_profile": "« {profile} » n’est pas un profil de convention pluriannuelle du contrat.",
            "reason_missing": "Le profil qui justifie la convention pluriannuelle n’est pas renseigné.",
            "small_unknown": (
                "La convention pluriannuelle est demandée pour une petite association, et on ne sait pas si le porteur en "
                "est une."
            ),
            "cpo_missing": CPO_MISSING,
            "not_cpo": NOT_CPO,
        },
        remedy={
            "not_small": "Retenir un autre profil, ou une convention annuelle.",
            "unknown_profile": "Choisir l’un des trois profils du contrat.",
            "reason_missing": "Renseigner le profil : petite association, parcours ou action structurante.",
            "small_unknown": "Renseigner si le porteur est une petite association.",
            "cpo_missing": SAY_CPO,
        },
    ),
    Rule(
        id=DURATION,
        label="Durée de la convention pluriannuelle",
        scope=Scope.DOSSIER,
        stage="co_instruction",
        severity=INFO,
        sources=(
            Source("circulaire", "Circulaire du 18 janvier 2010", "trois ans", "secondaire"),
            Source("circulaire", "Circulaire du 29 septembre 2015", "quatre ans", "secondaire"),
        ),
        purpose="Signaler une durée inhabituelle ; ce n’est qu’une recommandation.",
        parameters=("cpo.years_min", "cpo.years_max"),
        formulas=(
            Formula(
                check_duration, "Durée comprise entre le minimum et le maximum recommandés, bornes comprises."
            ),
        ),
        sentences={
            "recommended": "La convention pluriannuelle dure {years:an|ans}, comme recommandé (de {least} à {most:an|ans}).",
            "unusual": "La convention pluriannuelle dure {years:an|ans}, alors que {least} à {most:an|ans} sont recommandés.",
            "missing": "La durée de la convention pluriannuelle n’est pas renseignée.",
            "cpo_missing": CPO_MISSING,
            "not_cpo": NOT_CPO,
        },
        remedy={
            "unusual": "Vérifier la durée avec le porteur ; une autre durée reste possible.",
            "missing": "Renseigner la durée en années.",
            "cpo_missing": SAY_CPO,
        },
    ),
    Rule(
        id=INDICATORS,
        label="Indicateurs de la convention pluriannuelle",
        scope=Scope.DOSSIER,
        stage="co_instruction",
        severity=WARNING,
        sources=(Source("contrat", CONTRAT, f"{PLURIANNUALITE}, indicateurs construits dès le départ"),),
        purpose="Pouvoir mesurer, chaque année, ce que l’action change.",
        formulas=(Formula(check_indicators, "Un indicateur de suivi au moins est nommé."),),
        sentences={
            "present": "La convention pluriannuelle est suivie par {indicators:un indicateur :|des indicateurs :}.",
            "none": "Aucun indicateur de suivi n’est prévu pour la convention pluriannuelle.",
            "missing": "Les indicateurs de suivi de la convention pluriannuelle ne sont pas renseignés.",
            "cpo_missing": CPO_MISSING,
            "not_cpo": NOT_CPO,
        },
        remedy={
            "none": "Construire des indicateurs avec le porteur et les services instructeurs.",
            "missing": "Renseigner les indicateurs construits avec le porteur.",
            "cpo_missing": SAY_CPO,
        },
    ),
    Rule(
        id=TRAJECTORY,
        label="Trajectoire annuelle de la convention pluriannuelle",
        scope=Scope.DOSSIER,
        stage="co_instruction",
        severity=WARNING,
        sources=(
            Source("contrat", CONTRAT, f"{PLURIANNUALITE}, trajectoire du projet"),
            Source("choix_du_produit", "Trajectoire lue comme un montant par année, sans trou"),
        ),
        purpose="Donner au porteur et aux financeurs la lisibilité de chaque année.",
        formulas=(
            Formula(
                check_trajectory,
                "Années de la trajectoire consécutives, en nombre égal à la durée, comprenant l’année de la demande.",
            ),
        ),
        sentences={
            "set": "La trajectoire de la convention pluriannuelle couvre {planned_years}, avec {planned} en {year}.",
            "broken": "La trajectoire de la convention pluriannuelle saute une année au moins : elle couvre {planned_years}.",
            "repeated": "La trajectoire de la convention pluriannuelle donne plusieurs montants pour {repeated}.",
            "year_absent": (
                "La trajectoire de la convention pluriannuelle ({planned_years}) ne comprend pas l’année de la demande, {year}."
            ),
            "other_duration": (
                "La trajectoire de la convention pluriannuelle couvre {planned_years}, alors que sa durée est de "
                "{years:an|ans}."
            ),
            "none": "Aucun montant annuel n’est prévu pour la convention pluriannuelle.",
            "missing": "Les montants annuels de la convention pluriannuelle ne sont pas renseignés.",
            "cpo_missing": CPO_MISSING,
            "not_cpo": NOT_CPO,
        },
        remedy={
            "broken": "Demander au porteur le montant de chaque année, zéro compris.",
            "repeated": "Faire corriger la trajectoire par le porteur : un seul montant par année.",
            "year_absent": "Compléter la trajectoire, ou corriger l’exercice.",
            "other_duration": "Corriger la trajectoire ou la durée, avec le porteur.",
            "none": "Demander au porteur un montant par année, ou retenir une convention annuelle.",
            "missing": "Demander au porteur le montant prévu chaque année.",
            "cpo_missing": SAY_CPO,
        },
    ),
)
