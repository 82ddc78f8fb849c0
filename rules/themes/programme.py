# SPDX-License-Identifier: EUPL-1.2
"""The programme's own rules: every award classified, and the three figures the contract asks to show."""

from rules.facts import TerritoryFacts
from rules.findings import INFO, NOT_APPLICABLE, SATISFIED, UNDETERMINED, VIOLATED, WARNING, Finding, Scope
from rules.money import ZERO
from rules.parameters import ParametersOfDay
from rules.programme_year import ProgrammeYear
from rules.rule import Formula, Rule
from rules.source import Source
from rules.texts import CONTRAT, LOI_VILLE

CLASSIFIED = "programme.classified"
DROIT_COMMUN_SHARE = "droit_commun.share"
LEVERAGE = "leverage.p147"
COVERAGE = "coverage.qpv"


def check_classified(
    programme: ProgrammeYear, territory: TerritoryFacts, parameters: ParametersOfDay
) -> Finding:
    """Chaque ligne de l’année est rangée dans le programme du contrat ou hors de lui."""
    loose = [action for action in programme.settled if action.inside is None]
    facts: dict[str, object] = {
        "unclassified": len(loose),
        "amount": sum((action.granted for action in loose), ZERO),
    }
    if loose:
        return Finding(CLASSIFIED, VIOLATED, WARNING, facts, "unclassified")
    return Finding(CLASSIFIED, SATISFIED, WARNING, facts, "classified")


def check_droit_commun_share(
    programme: ProgrammeYear, territory: TerritoryFacts, parameters: ParametersOfDay
) -> Finding:
    """Part du droit commun dans les montants accordés ou retenus du programme."""
    granted, ordinary = programme.granted, programme.ordinary
    facts: dict[str, object] = {"granted": granted, "ordinary": ordinary}
    if granted <= 0:
        return Finding(DROIT_COMMUN_SHARE, NOT_APPLICABLE, INFO, facts, "empty")
    facts["share"] = float(ordinary / granted)
    return Finding(DROIT_COMMUN_SHARE, SATISFIED, INFO, facts, "share")


def check_leverage(
    programme: ProgrammeYear, territory: TerritoryFacts, parameters: ParametersOfDay
) -> Finding:
    """Ce que les autres financeurs accordent pour un euro de crédits spécifiques de l’État."""
    found = programme.leverage
    facts: dict[str, object] = {
        "specific": found.specific,
        "others": found.others,
        "ratio": found.ratio,
        "state_ordinary": found.state_ordinary,
    }
    if found.ratio is None:
        return Finding(LEVERAGE, NOT_APPLICABLE, INFO, facts, "empty")
    return Finding(LEVERAGE, SATISFIED, INFO, facts, "leverage")


def check_coverage(
    programme: ProgrammeYear, territory: TerritoryFacts, parameters: ParametersOfDay
) -> Finding:
    """Euros par quartier prioritaire, en parts dont la somme est le total exact."""
    found = programme.coverage
    facts: dict[str, object] = {
        "total": found.total,
        "unlocated": found.unlocated,
        "by_qpv": {figures.code: figures.amount for figures in found.qpv},
        "by_beneficiaries": sum((figures.by_beneficiaries for figures in found.qpv), ZERO),
        "by_population": sum((figures.by_population for figures in found.qpv), ZERO),
        "by_equal_parts": sum((figures.by_equal_parts for figures in found.qpv), ZERO),
        "without": [figures.code for figures in found.qpv if not figures.actions],
    }
    if found.total <= 0:
        return Finding(COVERAGE, NOT_APPLICABLE, INFO, facts, "empty")
    if found.unlocated:
        return Finding(COVERAGE, UNDETERMINED, INFO, facts, "unlocated")
    variant = "uncovered" if facts["without"] else "covered"
    return Finding(COVERAGE, SATISFIED, INFO, facts, variant)


SHARED = (
    "Partagés entre plusieurs quartiers : {by_beneficiaries} selon les bénéficiaires, {by_population} selon la "
    "population, {by_equal_parts} à parts égales."
)
NOTHING_GRANTED = "Aucun montant n’est encore accordé ou retenu au programme."

RULES = (
    Rule(
        id=CLASSIFIED,
        label="Lignes classées dans ou hors contrat",
        scope=Scope.PROGRAMME,
        stage="programme",
        severity=WARNING,
        sources=(
            Source("choix_du_produit", "Règle de comptage : les lignes non classées sont comptées à part"),
        ),
        purpose="Ne compter au programme que ce qui en relève, sans rien laisser de côté.",
        formulas=(
            Formula(
                check_classified,
                "Nombre de lignes de l’année ni dans le programme du contrat, ni hors de lui = 0.",
            ),
        ),
        sentences={
            "classified": "Toutes les lignes de l’année sont classées dans ou hors contrat.",
            "unclassified": (
                "Ni dans ni hors contrat : {unclassified:ligne|lignes} pour {amount}, hors des parts "
                "calculées."
            ),
        },
        remedy={"unclassified": "Classer ces lignes : programme du contrat (CV) ou hors contrat (HCV)."},
    ),
    Rule(
        id=DROIT_COMMUN_SHARE,
        label="Part du droit commun",
        scope=Scope.PROGRAMME,
        stage="programme",
        severity=INFO,
        sources=(
            LOI_VILLE,
            Source("contrat", CONTRAT, "IV.2"),
        ),
        purpose="Montrer ce que le droit commun apporte au programme, à côté des crédits spécifiques.",
        formulas=(
            Formula(
                check_droit_commun_share,
                "Montants de droit commun ÷ montants accordés ou retenus du programme.",
            ),
        ),
        sentences={
            "share": "Le droit commun apporte {ordinary} sur {granted} ({share}).",
            "empty": NOTHING_GRANTED,
        },
    ),
    Rule(
        id=LEVERAGE,
        label="Effet levier du programme 147",
        scope=Scope.PROGRAMME,
        stage="programme",
        severity=INFO,
        sources=(Source("contrat", CONTRAT, "IV.2"),),
        purpose=(
            "Mesurer ce que les autres financeurs accordent à côté de l’État, ressources propres et "
            "bénévolat exclus."
        ),
        formulas=(
            Formula(
                check_leverage,
                "Montants des autres financeurs ÷ crédits spécifiques de l’État ; droit commun de l’État, ressources propres du porteur et bénévolat exclus.",
            ),
        ),
        sentences={
            "leverage": (
                "Pour 1 € de crédits spécifiques de l’État, les autres financeurs accordent {ratio} "
                "({others} pour {specific})."
            ),
            "empty": "Aucun crédit spécifique de l’État n’est encore accordé ou retenu.",
        },
    ),
    Rule(
        id=COVERAGE,
        label="Euros par quartier prioritaire",
        scope=Scope.PROGRAMME,
        stage="programme",
        severity=INFO,
        sources=(
            Source(
                "choix_du_produit", "Règle de répartition : bénéficiaires par quartier, à défaut population"
            ),
        ),
        purpose="Voir quels quartiers le programme sert, et lesquels il oublie.",
        formulas=(
            Formula(
                check_coverage,
                "Montant de chaque action réparti entre ses quartiers selon leurs bénéficiaires, à défaut leur population, à défaut à parts égales ; la somme des parts est le total.",
            ),
        ),
        sentences={
            "covered": f"Les {{total}} du programme atteignent tous les quartiers du contrat. {SHARED}",
            "uncovered": f"{{total}} répartis ; sans aucune action : {{without}}. {SHARED}",
            "unlocated": f"{{unlocated}} sur {{total}} ne sont rattachés à aucun quartier. {SHARED}",
            "empty": NOTHING_GRANTED,
        },
        remedy={"unlocated": "Renseigner les quartiers visés par les actions concernées."},
    ),
)
