# SPDX-License-Identifier: EUPL-1.2
"""The figures of a finding with their French label and their unit, so that page, JSON and letter say them alike.

A name that means something else in one rule has its own row there: `qpv.majority:total`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from rules import wording
from rules.findings import Finding

# Units counted in persons or things: what one is called, and several.
COUNTED = {
    "personnes": ("personne", "personnes"),
    "actions": ("action", "actions"),
    "conventions": ("convention", "conventions"),
    "credits": ("crédit", "crédits"),
    "comptes": ("compte", "comptes"),
    "dossiers": ("dossier", "dossiers"),
    "pieces": ("pièce", "pièces"),
    "jours": ("jour", "jours"),
    "mois": ("mois", "mois"),
    "annees": ("an", "ans"),
    "metres": ("mètre", "mètres"),
}
UNITS = ("euros", "part", "codes", "texte", "annee", "date", *COUNTED)
# Words of the code that a figure may hold, as people say them.
WORDS = {
    "notified": "notifiée",
    "provisional": "provisoire",
    "none": "sans montant",
    "balanced": "équilibrées",
    "unbalanced": "déséquilibrées",
    "not_applicable": "sans objet",
    "unknown": "à compléter",
    "planned": "prévu au plan",
    "requested": "demandé",
}


@dataclass(frozen=True, slots=True)
class Figure:
    """What a fact is called and counted in."""

    label: str
    unit: str


FIGURES: Mapping[str, Figure] = {
    "accounts": Figure("Comptes du plan de financement en cause", "codes"),
    "acknowledged_on": Figure("Accusé de réception", "date"),
    "actions": Figure("Actions du programme", "actions"),
    "amount": Figure("Montant", "euros"),
    "amounts": Figure("Montants par financeur", "euros"),
    "amounts_missing": Figure("Lignes sans montant connu", "codes"),
    "announced": Figure("Bénéficiaires annoncés", "personnes"),
    "by_qpv": Figure("Montant par quartier", "euros"),
    "call": Figure("Appel", "texte"),
    "call_year": Figure("Exercice de l’appel", "annee"),
    "ceiling": Figure("Plafond", "euros"),
    "closes_on": Figure("Fin du dépôt", "date"),
    "closings": Figure("Fins de dépôt", "date"),
    "committed": Figure("Montant engagé", "euros"),
    "concerned": Figure("Lignes concernées", "codes"),
    "conventions": Figure("Conventions de l’année", "conventions"),
    "cost": Figure("Coût de l’action", "euros"),
    "duplicate.action:count": Figure("Autres dossiers semblables", "dossiers"),
    "funding.accounts:count": Figure("Comptes renseignés", "comptes"),
    "pieces.due:count": Figure("Pièces attendues", "pieces"),
    "counted": Figure("Bénéficiaires des quartiers et des poches retenues", "personnes"),
    "cpo": Figure("Conventions pluriannuelles", "conventions"),
    "cpo_actions": Figure("Actions en convention pluriannuelle", "actions"),
    "cpo_granted": Figure("Montant des actions en convention pluriannuelle", "euros"),
    "days_late": Figure("Retard du dépôt", "jours"),
    "deadline": Figure("Date de la décision implicite", "date"),
    "declared_share": Figure("Part déclarée par le porteur", "part"),
    "detailed_charges": Figure("Charges détaillées par compte, hors compte 86", "euros"),
    "detailed_resources": Figure("Produits détaillés par compte, hors compte 87", "euros"),
    "due": Figure("Échéance", "date"),
    "elsewhere": Figure("Quartiers d’un autre contrat", "codes"),
    "ends_on": Figure("Fin de l’action", "date"),
    "excess": Figure("Dépassement", "euros"),
    "expected": Figure("Pièces attendues", "texte"),
    "filed_on": Figure("Date du dépôt", "date"),
    "final_due": Figure("Bilan définitif attendu le", "date"),
    "financers": Figure("Financeurs concernés", "codes"),
    "gap": Figure("Écart entre le coût et les ressources", "euros"),
    "granted": Figure("Montant des actions du programme", "euros"),
    "here": Figure("Aide demandée par ce dossier", "euros"),
    "highest": Figure("Montant annuel le plus élevé d’un financeur", "euros"),
    "holders": Figure("Crédits de droit commun concernés", "credits"),
    "in_poches": Figure("Bénéficiaires habitant une poche retenue", "personnes"),
    "in_poches_not_counted": Figure("Bénéficiaires d’une poche non retenue, non comptés", "personnes"),
    "in_qpv": Figure("Bénéficiaires habitant un quartier prioritaire", "personnes"),
    "indicators": Figure("Indicateurs", "texte"),
    "interim_due": Figure("Bilan intermédiaire attendu le", "date"),
    "last_year": Figure("Exercice précédent", "annee"),
    "cpo.duration:least": Figure("Durée minimale", "annees"),
    "funding.own_share:least": Figure("Part minimale de ressources propres", "part"),
    "matching": Figure("Objectifs soutenus par le financeur", "codes"),
    "misprinted": Figure("Codes imprimés et codes officiels", "codes"),
    "pieces.due:missing": Figure("Pièces manquantes", "texte"),
    "qpv.residents_located:missing": Figure("Bénéficiaires annoncés et non localisés", "personnes"),
    "missing_actions": Figure("Actions à passer en convention pluriannuelle, total inchangé", "actions"),
    "missing_new_actions": Figure("Actions nouvelles à ajouter en convention pluriannuelle", "actions"),
    "months": Figure("Durée maximale", "mois"),
    "cpo.duration:most": Figure("Durée maximale", "annees"),
    "number": Figure("Numéro Dauphin", "texte"),
    "objectives": Figure("Objectifs de l’action", "codes"),
    "on": Figure("Date du relevé", "date"),
    "openings": Figure("Ouvertures du dépôt", "date"),
    "opens_on": Figure("Ouverture du dépôt", "date"),
    "ordinary": Figure("Droit commun", "euros"),
    "other": Figure("Autres ressources", "euros"),
    "other_contracts": Figure("Bénéficiaires habitant un quartier d’un autre contrat", "personnes"),
    "others": Figure("Montant accordé par les autres financeurs", "euros"),
    "outside": Figure("Bénéficiaires habitant hors des quartiers", "personnes"),
    "duplicate.action:others": Figure("Références des dossiers semblables", "codes"),
    "own": Figure("Ressources propres", "euros"),
    "persons": Figure("Personnes à déporter", "texte"),
    "planned": Figure("Montant prévu", "euros"),
    "planned_years": Figure("Années de la trajectoire", "texte"),
    "poches": Figure("Poches de pauvreté retenues", "codes"),
    "precision_metres": Figure("Précision des limites de quartier", "metres"),
    "profile": Figure("Profil de l’action", "texte"),
    "published_on": Figure("Publication", "date"),
    "qpv": Figure("Quartiers prioritaires visés", "codes"),
    "ratio": Figure("Montant des autres financeurs pour 1 € de l’État", "euros"),
    "reason": Figure("Motif", "texte"),
    "received": Figure("Aides déjà reçues", "euros"),
    "reference": Figure("Référence de la convention", "texte"),
    "remainder": Figure("Reste à financer", "euros"),
    "remaining": Figure("Reste de l’enveloppe", "euros"),
    "requested": Figure("Montant demandé", "euros"),
    "requests": Figure("Demandes aux financeurs", "euros"),
    "resources": Figure("Ressources du plan", "euros"),
    "rna": Figure("Numéro RNA", "texte"),
    "share": Figure("Part", "part"),
    "cpo.target_conventions:share": Figure("Part des conventions pluriannuelles", "part"),
    "droit_commun.share:share": Figure("Part du droit commun", "part"),
    "funding.own_share:share": Figure("Part de ressources propres", "part"),
    "qpv.majority:share": Figure("Part des habitants des quartiers et des poches retenues", "part"),
    "share_actions": Figure("Part des actions", "part"),
    "share_granted": Figure("Part des montants", "part"),
    "share_high": Figure("Part possible, au plus", "part"),
    "share_low": Figure("Part établie, au moins", "part"),
    "signed_on": Figure("Signature", "date"),
    "since": Figure("Aides comptées depuis le", "date"),
    "siret": Figure("SIRET", "texte"),
    "specific": Figure("Crédits spécifiques", "euros"),
    "specific_at_most": Figure("Crédits spécifiques, au plus", "euros"),
    "starts_on": Figure("Début de l’action", "date"),
    "status": Figure("Statut de l’enveloppe", "texte"),
    "suspended": Figure("Délai suspendu", "jours"),
    "target": Figure("Objectif à atteindre", "part"),
    "threshold": Figure("Part à dépasser", "part"),
    "convention.required:threshold": Figure("Montant à dépasser", "euros"),
    "publication.due:threshold": Figure("Montant à dépasser", "euros"),
    "to_check": Figure("Bénéficiaires à vérifier", "personnes"),
    "total": Figure("Montant total", "euros"),
    "de_minimis.cumulated:total": Figure("Aides de minimis cumulées", "euros"),
    "qpv.majority:total": Figure("Bénéficiaires au total", "personnes"),
    "qpv.residents_located:total": Figure("Bénéficiaires localisés", "personnes"),
    "total_granted": Figure("Subventions de l’année", "euros"),
    "unclassified": Figure("Subventions non classées", "actions"),
    "unknown": Figure("Codes inconnus", "codes"),
    "cpo.target_actions:unknown": Figure("Actions dont la convention n’est pas connue", "actions"),
    "unlocated": Figure("Montant sans quartier connu", "euros"),
    "value": Figure("Valeur de la contribution en nature", "euros"),
    "volunteering": Figure("Contributions volontaires", "texte"),
    "volunteering_charges": Figure("Contributions volontaires, compte 86", "euros"),
    "volunteering_resources": Figure("Contributions volontaires, compte 87", "euros"),
    "without": Figure("Quartiers sans montant", "codes"),
    "year": Figure("Année", "annee"),
    "years": Figure("Durée prévue", "annees"),
}

# Facts that the sentence or another figure already says in people's words.
SAID_ELSEWHERE = frozenset({"conflicts", "settled_by", "settled_reason"})


def figure_of(rule: str, name: str) -> Figure | None:
    """What this fact is called in this rule; None when nobody has named it."""
    return FIGURES.get(f"{rule}:{name}") or FIGURES.get(name)


def figures_of(finding: Finding) -> Iterator[tuple[str, Figure, Any, str | None]]:
    """The named figures of a finding, then those of its lines: name, label and unit, value, line."""
    yield from _named(finding.rule, finding.facts, None)
    for line in finding.lines or ():
        yield from _named(finding.rule, line.facts, line.line)


def _named(
    rule: str, facts: Mapping[str, object], line: str | None
) -> Iterator[tuple[str, Figure, Any, str | None]]:
    for name, value in facts.items():
        figure = figure_of(rule, name)
        if figure is not None:
            yield name, figure, value, line


def counted(value: int, unit: str) -> str:
    """A whole number and what it counts: 1 personne, 100 personnes."""
    words = COUNTED.get(unit)
    shown = wording.number(value)
    return shown if words is None else f"{shown}{wording.NBSP}{words[abs(value) > 1]}"
