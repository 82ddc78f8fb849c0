# SPDX-License-Identifier: EUPL-1.2
"""Where the action takes place and for whom: known neighbourhoods, and the majority of their residents."""

from decimal import Decimal

from rules.facts import DossierFacts, TerritoryFacts
from rules.findings import (
    BLOCKING,
    NOT_APPLICABLE,
    SATISFIED,
    UNDETERMINED,
    VIOLATED,
    WARNING,
    Finding,
    LineOutcome,
    Outcome,
    Scope,
)
from rules.lines import is_live
from rules.parameters import ParametersOfDay
from rules.rule import Formula, Rule, aggregate
from rules.source import Source
from rules.texts import CONTRAT

QPV_KNOWN = "geography.qpv_known"
QPV_MAJORITY = "qpv.majority"


def check_qpv_known(dossier: DossierFacts, territory: TerritoryFacts, parameters: ParametersOfDay) -> Finding:
    """Chaque quartier visé est un QPV du contrat, ou l’action se tient dans une poche de pauvreté retenue."""
    codes = dossier.qpv
    if codes and territory.qpv.issuperset(codes):
        return Finding(QPV_KNOWN, SATISFIED, BLOCKING, {"qpv": sorted(set(codes))}, "known")
    if codes:
        return _faulty_codes(set(codes), territory)
    poches = sorted(territory.poches.intersection(dossier.poches or ()))
    if poches:
        return Finding(QPV_KNOWN, SATISFIED, BLOCKING, {"poches": poches}, "poche")
    return Finding(QPV_KNOWN, UNDETERMINED, BLOCKING, {}, "missing")


def _faulty_codes(codes: set[str], territory: TerritoryFacts) -> Finding:
    official = territory.official_qpv
    misprinted = {code for code in codes - territory.qpv if code in territory.printed_as}
    strange = codes - territory.qpv - misprinted
    elsewhere = sorted(strange & official) if official else []
    unknown = sorted(strange.difference(elsewhere))
    corrected = [f"{code} → {territory.printed_as[code]}" for code in sorted(misprinted)]
    facts: dict[str, object] = {
        "qpv": sorted(codes & territory.qpv),
        "unknown": unknown,
        "elsewhere": elsewhere,
        "misprinted": corrected,
    }
    if unknown:
        variant = "unknown" if official is not None else "not_in_contract"
        return Finding(QPV_KNOWN, VIOLATED, BLOCKING, facts, variant)
    variant = "elsewhere" if elsewhere else "misprinted"
    return Finding(QPV_KNOWN, VIOLATED, WARNING, facts, variant)


def check_qpv_majority(
    dossier: DossierFacts, territory: TerritoryFacts, parameters: ParametersOfDay
) -> Finding:
    """Le public de l’action réside, pour strictement plus de la moitié, en QPV ou en poche retenue."""
    credits = territory.qpv_majority_credits
    keys = [line.key for line in dossier.lines if line.key in credits and is_live(line)]
    if not keys:
        return aggregate(QPV_MAJORITY, [], {})
    threshold = parameters.values["qpv.majority_share"]
    if threshold is None:
        return Finding(QPV_MAJORITY, NOT_APPLICABLE, BLOCKING, {}, "not_in_force")
    outcome, variant, facts = _majority(dossier, territory, threshold)
    lines = [LineOutcome(key, outcome, variant, {}) for key in keys]
    facts["concerned"] = sorted(keys)
    return aggregate(QPV_MAJORITY, lines, facts)


def _majority(
    dossier: DossierFacts, territory: TerritoryFacts, threshold: Decimal
) -> tuple[Outcome, str, dict[str, object]]:
    total, in_qpv, in_poches = (
        dossier.beneficiaries_total,
        dossier.beneficiaries_qpv,
        dossier.beneficiaries_poches,
    )
    facts: dict[str, object] = {"total": total, "in_qpv": in_qpv, "threshold": float(threshold)}
    if dossier.has_individual_beneficiaries is False:
        return UNDETERMINED, "no_individual", facts
    if total is None or in_qpv is None:
        return UNDETERMINED, "missing", facts
    named = territory.poches.intersection(dossier.poches or ()) if territory.poches else frozenset[str]()
    counted = in_qpv
    if named:
        facts["in_poches"] = in_poches
        facts["poches"] = sorted(named)
        counted += in_poches or 0
    elif in_poches:
        facts["in_poches_not_counted"] = in_poches
    if total <= 0 or in_qpv < 0 or counted > total or (in_poches or 0) < 0:
        return UNDETERMINED, "no_public" if total == 0 and not counted else "contradictory", facts
    facts["counted"] = counted
    facts["share"] = counted / total
    if counted > threshold * total:
        return SATISFIED, "majority", facts
    if named and in_poches is None:
        return UNDETERMINED, "poches_missing", facts
    return VIOLATED, "minority", facts


RULES = (
    Rule(
        id=QPV_KNOWN,
        label="Quartiers prioritaires connus",
        scope=Scope.DOSSIER,
        stage="submission",
        severity=BLOCKING,
        sources=(
            Source("contrat", CONTRAT, "liste des quartiers"),
            Source(
                "decret",
                "Décret n° 2023-1314 du 28 décembre 2023",
                "en vigueur le 1er janvier 2024",
                "secondaire",
            ),
        ),
        purpose="S’assurer que l’action vise des quartiers du contrat, sous leur code officiel.",
        formulas=(
            Formula(
                check_qpv_known,
                "Chaque code de quartier figure dans la liste du contrat ; sans quartier, une poche de pauvreté retenue suffit. Un QPV d’un autre contrat ou une coquille connue avertit seulement.",
            ),
        ),
        sentences={
            "known": "L’action vise {qpv:le quartier prioritaire|les quartiers prioritaires}, du contrat.",
            "poche": "L’action vise {poches:la poche de pauvreté retenue|les poches de pauvreté retenues}.",
            "missing": "Aucun quartier prioritaire ni aucune poche retenue n’est indiqué pour cette action.",
            "unknown": (
                "Aucun quartier prioritaire, du contrat ou de la liste nationale, ne porte "
                "{unknown:le code|les codes}."
            ),
            "not_in_contract": (
                "Aucun quartier du contrat ne porte {unknown:le code|les codes} "
                "(liste nationale non configurée, donc non consultée)."
            ),
            "elsewhere": "Un autre contrat de ville couvre {elsewhere:le quartier|les quartiers}.",
            "misprinted": "Le code d’un quartier est une coquille ; code officiel : {misprinted}.",
        },
        remedy={
            "missing": "Indiquer les quartiers visés par leur code officiel.",
            "unknown": "Corriger le code du quartier avec le porteur.",
            "not_in_contract": "Corriger le code du quartier, ou configurer la liste nationale des QPV.",
            "elsewhere": "Vérifier avec le porteur que l’action relève bien de ce contrat.",
            "misprinted": "Remplacer le code imprimé par le code officiel.",
        },
    ),
    Rule(
        id=QPV_MAJORITY,
        label="Majorité d’habitants des quartiers prioritaires",
        scope=Scope.LINE,
        stage="submission",
        severity=BLOCKING,
        sources=(Source("contrat", CONTRAT, "V.1, point 4"),),
        purpose=(
            "Réserver les crédits spécifiques aux actions dont le public habite majoritairement les "
            "quartiers."
        ),
        parameters=("qpv.majority_share",),
        formulas=(
            Formula(
                check_qpv_majority,
                "(habitants des QPV + habitants des poches retenues et nommées au dossier) ÷ bénéficiaires, strictement au-dessus de la part à dépasser.",
            ),
        ),
        stops="line",
        exception="holder",
        sentences={
            "no_line": "Aucun crédit soumis à cette condition n’est demandé.",
            "majority": (
                "Habitants d’un quartier prioritaire ou d’une poche retenue : {counted} sur "
                "{total:bénéficiaire|bénéficiaires} ({share}), plus que la part à dépasser ({threshold})."
            ),
            "minority": (
                "Habitants d’un quartier prioritaire ou d’une poche retenue : {counted} sur "
                "{total:bénéficiaire|bénéficiaires} ({share}) ; il en faut strictement plus de {threshold} "
                "pour {concerned:la ligne|les lignes}."
            ),
            "no_individual": (
                "L’action n’a pas de bénéficiaires individuels : la majorité ne peut pas être calculée."
            ),
            "missing": (
                "Le nombre de bénéficiaires, ou de ceux qui habitent un quartier prioritaire, n’est pas "
                "renseigné."
            ),
            "poches_missing": (
                "Le nombre d’habitants de {poches:la poche retenue|des poches retenues} manque ; sans eux, "
                "la part connue ({counted} sur {total}, {share}) ne suffit pas."
            ),
            "no_public": "Le nombre total de bénéficiaires est nul : la majorité ne peut pas être calculée.",
            "contradictory": (
                "Les nombres de bénéficiaires se contredisent : {in_qpv} en quartier prioritaire "
                "pour {total} au total."
            ),
        },
        remedy={
            "minority": "Recentrer l’action sur les habitants des quartiers, ou solliciter d’autres crédits.",
            "no_individual": (
                "L’instructeur du crédit peut attester, avec un motif, que l’action sert ces habitants."
            ),
            "missing": "Demander au porteur le nombre de bénéficiaires, au total et en quartier prioritaire.",
            "poches_missing": "Demander au porteur le nombre de bénéficiaires habitant la poche retenue.",
            "no_public": (
                "Demander au porteur le nombre de bénéficiaires, ou indiquer que l’action n’en a pas."
            ),
            "contradictory": "Faire corriger les nombres de bénéficiaires par le porteur.",
        },
    ),
)
