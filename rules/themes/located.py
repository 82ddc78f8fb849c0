# SPDX-License-Identifier: EUPL-1.2
"""Where beneficiaries live, counted from their addresses: beside the declared figures, never in their place."""

from rules.facts import DossierFacts, LocatedFacts, TerritoryFacts
from rules.findings import NOT_APPLICABLE, SATISFIED, UNDETERMINED, VIOLATED, WARNING, Finding, Outcome, Scope
from rules.parameters import ParametersOfDay
from rules.rule import Formula, Rule
from rules.source import Source
from rules.texts import CONTRAT

RESIDENTS_LOCATED = "qpv.residents_located"


def check_residents_located(
    dossier: DossierFacts, territory: TerritoryFacts, parameters: ParametersOfDay
) -> Finding:
    """Les adresses du fichier des bénéficiaires confirment la part d’habitants des quartiers annoncée par le porteur.

    Nobody to check or missing from the file is counted in or out: both are kept between the lowest and the highest share.
    """
    located = dossier.located
    if located is None:
        return _finding(NOT_APPLICABLE, "no_file", {})
    threshold = parameters.values["qpv.majority_share"]
    if threshold is None:
        return _finding(NOT_APPLICABLE, "not_in_force", {})
    facts = _counts(dossier, located, territory)
    facts["threshold"] = float(threshold)
    if not _adds_up(located):
        return _finding(UNDETERMINED, "contradictory", facts)
    if located.total == 0:
        return _finding(UNDETERMINED, "empty", facts)
    missing = _missing(dossier, located)
    inside, everybody = _inside(located, territory), located.total + missing
    most = inside + located.to_check + missing
    declared = _declared(dossier)
    facts |= {"missing": missing, "share_low": inside / everybody, "share_high": most / everybody}
    facts["declared_share"] = None if declared is None else declared[0] / declared[1]
    has_poches = not territory.poches.isdisjoint(dossier.poches or ())
    if most <= threshold * everybody and not has_poches:
        return _finding(VIOLATED, "minority_partial" if missing else "minority", facts)
    if declared is not None and declared[0] * everybody > most * declared[1]:
        return _finding(VIOLATED, "declared_higher_partial" if missing else "declared_higher", facts)
    if inside > threshold * everybody:
        if declared is None:
            return _finding(SATISFIED, "majority_undeclared", facts)
        counted = declared[0] + (max(dossier.beneficiaries_poches or 0, 0) if has_poches else 0)
        agrees = counted > threshold * declared[1]
        outcome = SATISFIED if agrees else UNDETERMINED
        return _finding(outcome, "majority" if agrees else "declared_lower", facts)
    if has_poches:
        return _finding(UNDETERMINED, "poches", facts)
    return _finding(UNDETERMINED, "partial" if missing else "to_check_decides", facts)


def _finding(outcome: Outcome, variant: str, facts: dict[str, object]) -> Finding:
    return Finding(RESIDENTS_LOCATED, outcome, WARNING, facts, variant)


def _inside(located: LocatedFacts, territory: TerritoryFacts) -> int:
    return sum(count for code, count in located.by_qpv if code in territory.qpv)


def _counts(dossier: DossierFacts, located: LocatedFacts, territory: TerritoryFacts) -> dict[str, object]:
    elsewhere = sum(count for code, count in located.by_qpv if code not in territory.qpv)
    return {
        "in_qpv": _inside(located, territory),
        "outside": located.outside + elsewhere,
        "other_contracts": elsewhere,
        "to_check": located.to_check,
        "total": located.total,
        "announced": dossier.beneficiaries_total,
        "precision_metres": located.precision_metres,
        "on": located.on,
    }


def _adds_up(located: LocatedFacts) -> bool:
    counts = [count for _, count in located.by_qpv] + [located.outside, located.to_check]
    return min(counts) >= 0 and sum(counts) == located.total


def _missing(dossier: DossierFacts, located: LocatedFacts) -> int:
    """People announced whom the file does not hold: nothing is known of where they live."""
    return max((dossier.beneficiaries_total or 0) - located.total, 0)


def _declared(dossier: DossierFacts) -> tuple[int, int] | None:
    """People announced in QPV and in all, when both are known and possible."""
    total, in_qpv = dossier.beneficiaries_total, dossier.beneficiaries_qpv
    return (in_qpv, total) if total and in_qpv is not None and 0 <= in_qpv <= total else None


FIGURES = (
    "Fichier de {total:bénéficiaire|bénéficiaires} : {in_qpv} dans un quartier du contrat, {outside} hors de ces quartiers "
    "(dont {other_contracts} dans un quartier d’un autre contrat), {to_check} à vérifier"
)
RANGE = "de {share_low} à {share_high}"

RULES = (
    Rule(
        id=RESIDENTS_LOCATED,
        label="Part d’habitants des quartiers, calculée",
        scope=Scope.DOSSIER,
        stage="submission",
        severity=WARNING,
        sources=(
            Source("choix_du_produit", "Calcul d’après les adresses, qui éclaire la condition de majorité"),
            Source("contrat", CONTRAT, "V.1, point 4"),
        ),
        purpose=(
            "Mettre en regard la part annoncée par le porteur et celle que donnent les adresses des bénéficiaires, placées "
            "dans les périmètres officiels des quartiers."
        ),
        parameters=("qpv.majority_share", "geocoding.min_score", "geocoding.precise_types"),
        formulas=(
            Formula(
                check_residents_located,
                "Part la plus basse : habitants placés dans un quartier du contrat ÷ bénéficiaires (ceux du fichier, ou "
                "ceux annoncés s’ils sont plus nombreux). Part la plus haute : les mêmes, plus les adresses à vérifier et "
                "les absents du fichier. Chacune est comparée à la part à dépasser et à la part annoncée.",
            ),
        ),
        sentences={
            "no_file": "Aucun fichier de bénéficiaires n’a été localisé pour ce dossier.",
            "contradictory": (
                "Les nombres localisés se contredisent : {in_qpv} dans un quartier du contrat, {outside} hors de ces "
                "quartiers et {to_check} à vérifier, pour {total:bénéficiaire|bénéficiaires}."
            ),
            "empty": (
                "Le fichier localisé ne contient personne : {in_qpv} dans un quartier du contrat, {outside} hors de ces "
                "quartiers, {to_check} à vérifier."
            ),
            "majority": (
                f"{FIGURES}. La part la plus basse ({{share_low}}) dépasse {{threshold}}, comme la part annoncée "
                "({declared_share})."
            ),
            "majority_undeclared": (
                f"{FIGURES}. La part la plus basse ({{share_low}}) dépasse {{threshold}} ; le porteur n’a pas annoncé la "
                "sienne."
            ),
            "minority": (
                f"{FIGURES}. La part la plus haute ({{share_high}}) ne dépasse pas {{threshold}} ; annoncé par le porteur : "
                "{declared_share}."
            ),
            "minority_partial": (
                f"{FIGURES} ; {{missing}} des {{announced}} annoncés n’y figurent pas. Même s’ils habitaient tous les "
                "quartiers, la part la plus haute ({share_high}) ne dépasserait pas {threshold} ; annoncé par le porteur : "
                "{declared_share}."
            ),
            "declared_higher": (
                f"{FIGURES}. La part annoncée ({{declared_share}}) dépasse la plus haute que ce fichier permette "
                "({share_high})."
            ),
            "declared_higher_partial": (
                f"{FIGURES} ; {{missing}} des {{announced}} annoncés n’y figurent pas. Même s’ils habitaient tous les "
                "quartiers, la part annoncée ({declared_share}) dépasserait la plus haute possible ({share_high})."
            ),
            "declared_lower": (
                f"{FIGURES}. La part la plus basse ({{share_low}}) dépasse {{threshold}}, alors que celle qu’annonce le porteur "
                "({declared_share}) ne la dépasse pas."
            ),
            "to_check_decides": (
                f"{FIGURES} : la part va {RANGE}, et ces derniers décident si elle dépasse {{threshold}} ; annoncé par le "
                "porteur : {declared_share}."
            ),
            "partial": (
                f"{FIGURES} ; {{missing}} des {{announced}} annoncés n’y figurent pas. La part va {RANGE} : le fichier ne "
                "suffit pas à dire si elle dépasse {threshold} ; annoncé par le porteur : {declared_share}."
            ),
            "poches": (
                f"{FIGURES}. La part des quartiers seuls ({{share_low}} au moins, {{share_high}} au plus) n’est pas sûrement "
                "au-dessus de {threshold} ; les habitants de la poche retenue, sans périmètre, n’y sont pas comptés ; annoncé "
                "par le porteur : {declared_share}."
            ),
        },
        remedy={
            "contradictory": "Localiser de nouveau le fichier des bénéficiaires.",
            "empty": "Demander au porteur un fichier qui contient ses bénéficiaires, et le localiser.",
            "minority": (
                "Revoir la déclaration avec le porteur : public visé, nombre d’habitants des quartiers, ou autres crédits."
            ),
            "minority_partial": "Revoir la déclaration avec le porteur, et lui demander le fichier de tous les bénéficiaires.",
            "declared_higher_partial": "Revoir avec le porteur le nombre annoncé d’habitants des quartiers.",
            "declared_higher": "Revoir avec le porteur le nombre annoncé d’habitants des quartiers.",
            "declared_lower": "Faire corriger par le porteur le nombre annoncé d’habitants des quartiers.",
            "to_check_decides": (
                "Vérifier une à une les adresses douteuses (géocodage ou limite de quartier), puis localiser le fichier "
                "corrigé."
            ),
            "partial": "Demander au porteur le fichier de tous les bénéficiaires annoncés, ou leur nombre exact.",
            "poches": "Vérifier avec le porteur combien de bénéficiaires habitent la poche retenue.",
        },
    ),
)
