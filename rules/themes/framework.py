# SPDX-License-Identifier: EUPL-1.2
"""The contract's reference framework, and the conditions Département and EPCI set on their credits."""

from rules.facts import DossierFacts, TerritoryFacts
from rules.findings import BLOCKING, SATISFIED, UNDETERMINED, VIOLATED, WARNING, Finding, Scope
from rules.lines import check_supported_objective
from rules.parameters import ParametersOfDay
from rules.rule import Formula, Rule
from rules.source import Source
from rules.texts import CONTRAT

OBJECTIVE = "framework.objective"
POLICIES = "departement.policies"
PRIORITIES = "epci.priorities"


def check_objective(dossier: DossierFacts, territory: TerritoryFacts, parameters: ParametersOfDay) -> Finding:
    """L’action répond à au moins un objectif du cadre de référence du contrat."""
    asked, framework = dossier.objectives, territory.objectives
    if not framework:
        return Finding(OBJECTIVE, UNDETERMINED, BLOCKING, {}, "no_framework")
    if asked is None:
        return Finding(OBJECTIVE, UNDETERMINED, BLOCKING, {}, "missing")
    if not asked:
        return Finding(OBJECTIVE, VIOLATED, BLOCKING, {}, "none")
    if framework.issuperset(asked):
        return Finding(OBJECTIVE, SATISFIED, BLOCKING, {"objectives": sorted(set(asked))}, "known")
    known, unknown = sorted(framework.intersection(asked)), sorted(set(asked) - framework)
    facts: dict[str, object] = {"objectives": known, "unknown": unknown}
    if known:
        return Finding(OBJECTIVE, VIOLATED, WARNING, facts, "partly")
    return Finding(OBJECTIVE, VIOLATED, BLOCKING, facts, "unknown")


def check_departement_policies(
    dossier: DossierFacts, territory: TerritoryFacts, parameters: ParametersOfDay
) -> Finding:
    """L’action financée par le Département s’inscrit dans ses politiques de droit commun."""
    return check_supported_objective(POLICIES, dossier, territory.departement_policies)


def check_epci_priorities(
    dossier: DossierFacts, territory: TerritoryFacts, parameters: ParametersOfDay
) -> Finding:
    """L’action financée par l’intercommunalité s’inscrit dans ses priorités."""
    return check_supported_objective(PRIORITIES, dossier, territory.epci_priorities)


ASK_OBJECTIVES = "Demander au porteur les objectifs du contrat auxquels l’action répond."

RULES = (
    Rule(
        id=OBJECTIVE,
        label="Objectif du cadre de référence",
        scope=Scope.DOSSIER,
        stage="submission",
        severity=BLOCKING,
        sources=(Source("contrat", CONTRAT, "V.1, point 4"),),
        purpose="Ne programmer que des actions qui répondent aux objectifs du contrat.",
        formulas=(
            Formula(
                check_objective,
                "Un objectif de l’action au moins appartient au cadre de référence ; les codes hors cadre sont signalés.",
            ),
        ),
        sentences={
            "known": "L’action répond {objectives:à l’objectif|aux objectifs}.",
            "no_framework": "Le cadre de référence du contrat n’est pas configuré.",
            "missing": "Aucun objectif du cadre de référence n’est renseigné.",
            "none": "L’action ne répond à aucun objectif du cadre de référence.",
            "partly": (
                "L’action répond {objectives:à l’objectif|aux objectifs} ; hors du cadre de référence : "
                "{unknown}."
            ),
            "unknown": "Hors du cadre de référence du contrat : {unknown:objectif|objectifs}.",
        },
        remedy={
            "no_framework": "Compléter le cadre de référence dans la configuration du contrat.",
            "missing": ASK_OBJECTIVES,
            "none": "Réorienter la demande, ou rattacher l’action à un objectif du contrat.",
            "partly": "Corriger les codes d’objectifs qui ne figurent pas au cadre de référence.",
            "unknown": "Corriger les codes d’objectifs, ou réorienter la demande.",
        },
    ),
    Rule(
        id=POLICIES,
        label="Politiques de droit commun du Département",
        scope=Scope.LINE,
        stage="commitment",
        severity=BLOCKING,
        sources=(Source("contrat", CONTRAT, "V.1, point 4"),),
        purpose="Réserver les crédits du Département aux actions relevant de ses politiques, selon son avis.",
        formulas=(
            Formula(
                check_departement_policies,
                "La confirmation du Département tranche ; à défaut, un objectif rattaché à l’une de ses politiques ne fait que le suggérer.",
            ),
        ),
        stops="line",
        exception="holder",
        sentences={
            "no_line": "Aucun crédit du Département soumis à cette condition n’est demandé.",
            "confirmed": "Le Département confirme que l’action relève de ses politiques : {concerned}.",
            "denied": "Le Département indique que l’action ne relève pas de ses politiques : {concerned}.",
            "suggested": (
                "L’action paraît relever des politiques du Département ({matching:objectif|objectifs}) ; "
                "son avis ne l’a pas encore confirmé."
            ),
            "not_suggested": (
                "Aucun objectif de l’action n’est rattaché à une politique du Département ; "
                "son avis doit trancher."
            ),
            "objectives_unknown": (
                "Les objectifs de l’action ne sont pas renseignés et le Département n’a pas tranché."
            ),
        },
        remedy={
            "denied": (
                "Retirer la ligne du Département, ou lui soumettre une action relevant de ses politiques."
            ),
            "suggested": "Recueillir la confirmation du Département dans son avis.",
            "not_suggested": "Recueillir la position du Département dans son avis.",
            "objectives_unknown": ASK_OBJECTIVES,
        },
    ),
    Rule(
        id=PRIORITIES,
        label="Priorités de l’intercommunalité",
        scope=Scope.LINE,
        stage="commitment",
        severity=BLOCKING,
        sources=(Source("contrat", CONTRAT, "V.1, point 4"),),
        purpose=(
            "Réserver les crédits de l’intercommunalité aux actions relevant de ses priorités, selon son "
            "avis."
        ),
        formulas=(
            Formula(
                check_epci_priorities,
                "La confirmation de l’intercommunalité tranche ; à défaut, un objectif rattaché à ses priorités ne fait que le suggérer.",
            ),
        ),
        stops="line",
        exception="holder",
        sentences={
            "no_line": "Aucun crédit de l’intercommunalité soumis à cette condition n’est demandé.",
            "confirmed": "L’intercommunalité confirme que l’action relève de ses priorités : {concerned}.",
            "denied": "L’intercommunalité indique que l’action ne relève pas de ses priorités : {concerned}.",
            "suggested": (
                "L’action paraît relever des priorités de l’intercommunalité "
                "({matching:objectif|objectifs}) ; "
                "son avis ne l’a pas encore confirmé."
            ),
            "not_suggested": (
                "Aucun objectif de l’action n’est rattaché à une priorité de l’intercommunalité ; "
                "son avis doit trancher."
            ),
            "objectives_unknown": (
                "Les objectifs de l’action ne sont pas renseignés et l’intercommunalité n’a pas tranché."
            ),
        },
        remedy={
            "denied": "Retirer la ligne de l’intercommunalité, ou recentrer l’action sur ses priorités.",
            "suggested": "Recueillir la confirmation de l’intercommunalité dans son avis.",
            "not_suggested": "Recueillir la position de l’intercommunalité dans son avis.",
            "objectives_unknown": ASK_OBJECTIVES,
        },
    ),
)
