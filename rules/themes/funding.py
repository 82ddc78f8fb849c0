# SPDX-License-Identifier: EUPL-1.2
"""The requested funding plan: it balances, and volunteering balances apart."""

from rules.facts import DossierFacts, TerritoryFacts
from rules.findings import BLOCKING, SATISFIED, UNDETERMINED, VIOLATED, WARNING, Finding, Outcome, Scope
from rules.money import ZERO
from rules.parameters import ParametersOfDay
from rules.rule import Formula, Rule
from rules.source import Source

BALANCED = "funding.balanced"


def check_balanced(dossier: DossierFacts, territory: TerritoryFacts, parameters: ParametersOfDay) -> Finding:
    """Le plan demandé est équilibré : coût = ressources propres + autres + demandes ; comptes 86 = 87."""
    volunteering = _volunteering(dossier)
    facts: dict[str, object] = {
        "cost": dossier.total_cost,
        "own": dossier.own_resources,
        "other": dossier.other_resources,
        "volunteering": volunteering,
        "volunteering_charges": dossier.volunteering_charges,
        "volunteering_resources": dossier.volunteering_resources,
    }
    outcome, variant = _plan(dossier, facts)
    if outcome is SATISFIED and volunteering == "unbalanced":
        outcome, variant = VIOLATED, "volunteering"
    elif outcome is SATISFIED and volunteering == "unknown":
        outcome, variant = UNDETERMINED, "volunteering_missing"
    severity = (
        WARNING if dossier.cpo_carried else BLOCKING
    )  # its requests are promises: the porteur fits its plan to them
    return Finding(BALANCED, outcome, severity, facts, variant)


def _volunteering(dossier: DossierFacts) -> str:
    charges, resources = dossier.volunteering_charges, dossier.volunteering_resources
    if charges is None and resources is None:
        return "not_applicable"
    if charges is None or resources is None:
        return "unknown"
    return "balanced" if charges == resources else "unbalanced"


def _plan(dossier: DossierFacts, facts: dict[str, object]) -> tuple[Outcome, str]:
    cost, own, other = dossier.total_cost, dossier.own_resources, dossier.other_resources
    requests, negative = ZERO, False
    for line in dossier.lines:
        if line.requested is not None:
            requests += line.requested
            negative = negative or line.requested < 0
    resources = (own or ZERO) + (other or ZERO) + requests
    facts["requests"], facts["resources"] = requests, resources
    if cost is None:
        return UNDETERMINED, "cost_missing"
    facts["gap"] = cost - resources
    if _contradicts(dossier, facts, negative):
        return UNDETERMINED, "contradictory"
    if resources > cost:
        return VIOLATED, "over"
    if own is None or other is None:
        return UNDETERMINED, "resources_missing"
    return (SATISFIED, "balanced") if resources == cost else (VIOLATED, "under")


def _contradicts(dossier: DossierFacts, facts: dict[str, object], negative: bool) -> bool:
    """Negative amounts, or a total that is not the sum of its detailed accounts."""
    cost, own, other = dossier.total_cost, dossier.own_resources, dossier.other_resources
    if (
        negative
        or (cost is not None and cost < 0)
        or (own is not None and own < 0)
        or (other is not None and other < 0)
    ):
        return True
    charges, detailed = dossier.detailed_charges, dossier.detailed_resources
    if charges is None and detailed is None:
        return False
    facts["detailed_charges"], facts["detailed_resources"] = charges, detailed
    return (charges is not None and charges != cost) or (
        detailed is not None and own is not None and other is not None and detailed != facts["resources"]
    )


RULES = (
    Rule(
        id=BALANCED,
        label="Plan de financement équilibré",
        scope=Scope.DOSSIER,
        stage="submission",
        severity=BLOCKING,
        sources=(
            Source("formulaire", "Formulaire Cerfa 12156*06", "budget de l’action", reading="secondaire"),
        ),
        purpose="Vérifier que le plan demandé finance exactement le coût de l’action.",
        formulas=(
            Formula(
                check_balanced,
                "Coût = ressources propres + autres ressources + somme des demandes ; compte 86 = compte 87, à part. "
                "Avertit seulement sur l’année suivante d’une CPO, dont les demandes sont les montants promis.",
            ),
        ),
        sentences={
            "balanced": (
                "Le plan est équilibré : coût {cost}, ressources propres {own}, autres {other}, demandes "
                "{requests}."
            ),
            "over": "Le plan dépasse le coût : {resources} de ressources pour un coût de {cost}.",
            "under": (
                "Le plan ne couvre pas le coût : {resources} de ressources pour un coût de {cost} (il manque "
                "{gap})."
            ),
            "volunteering": (
                "Les contributions volontaires ne s’équilibrent pas : {volunteering_charges} au compte 86, "
                "{volunteering_resources} au compte 87."
            ),
            "volunteering_missing": (
                "Les contributions volontaires ne sont renseignées que d’un côté : {volunteering_charges} au "
                "compte 86, "
                "{volunteering_resources} au compte 87."
            ),
            "cost_missing": "Le coût total de l’action n’est pas renseigné.",
            "resources_missing": (
                "Les ressources propres ({own}) ou les autres ressources ({other}) manquent au plan."
            ),
            "contradictory": (
                "Les chiffres du plan se contredisent : un montant est négatif ou un total diffère de son "
                "détail."
            ),
        },
        remedy={
            "over": "Faire réviser le plan de financement par le porteur.",
            "under": "Faire réviser le plan de financement par le porteur.",
            "volunteering": "Faire égaliser les comptes 86 et 87 par le porteur.",
            "volunteering_missing": "Demander au porteur le compte manquant (86 ou 87).",
            "cost_missing": "Demander au porteur le coût total de l’action, hors contributions volontaires.",
            "resources_missing": (
                "Demander au porteur ses ressources propres et ses autres ressources, zéro compris."
            ),
            "contradictory": "Faire corriger le budget par le porteur.",
        },
    ),
)
