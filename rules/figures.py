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
    "habitants": ("habitant", "habitants"),
    "financeurs": ("financeur", "financeurs"),
    "groupes": ("groupe", "groupes"),
    "objectifs": ("objectif", "objectifs"),
    "organismes": ("organisme", "organismes"),
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
}


@dataclass(frozen=True, slots=True)
class Figure:
    """What a fact is called and counted in."""

    label: str
    unit: str


FIGURES: Mapping[str, Figure] = {
    "above": Figure("Organismes au-dessus du seuil", "organismes"),
    "accounts": Figure("Comptes du plan de financement en cause", "codes"),
    "acknowledged_on": Figure("Accusé de réception", "date"),
    "actions": Figure("Actions du programme", "actions"),
    "amount": Figure("Montant", "euros"),
    "amounts": Figure("Montants par financeur", "euros"),
    "amounts_missing": Figure("Lignes sans montant connu", "codes"),
    "announced": Figure("Bénéficiaires annoncés", "personnes"),
    "at_most": Figure("Crédits spécifiques pour les poches, au plus", "euros"),
    "attached": Figure("Montant rattaché à un objectif", "euros"),
    "before": Figure("Année précédente", "annee"),
    "below_actions": Figure("Parts des actions et des montants, sous l’objectif", "part"),
    "below_conventions": Figure("Parts des conventions et des montants, sous l’objectif", "part"),
    "by_beneficiaries": Figure("Montant réparti selon les bénéficiaires", "euros"),
    "by_equal_parts": Figure("Montant réparti à parts égales", "euros"),
    "by_population": Figure("Montant réparti selon les habitants", "euros"),
    "by_qpv": Figure("Montant par quartier", "euros"),
    "call": Figure("Appel", "texte"),
    "call_year": Figure("Exercice de l’appel", "annee"),
    "cap": Figure("Plafond des poches pour le département", "euros"),
    "ceiling": Figure("Plafond", "euros"),
    "poches.cap:ceiling": Figure("Plafond notifié au contrat", "euros"),
    "closes_on": Figure("Fin du dépôt", "date"),
    "closings": Figure("Fins de dépôt", "date"),
    "committed": Figure("Montant engagé", "euros"),
    "concerned": Figure("Lignes concernées", "codes"),
    "continued": Figure("Actions reconduites", "actions"),
    "contribution": Figure("Crédits spécifiques pour les poches", "euros"),
    "convention_granted": Figure("Montant des conventions pluriannuelles", "euros"),
    "convention_share_granted": Figure("Part des montants en convention pluriannuelle", "part"),
    "convention_target": Figure("Objectif à atteindre parmi les conventions", "part"),
    "conventions": Figure("Conventions de l’année", "conventions"),
    "cost": Figure("Coût de l’action", "euros"),
    "duplicate.action:count": Figure("Autres dossiers semblables", "dossiers"),
    "funding.accounts:count": Figure("Comptes renseignés", "comptes"),
    "pieces.due:count": Figure("Pièces attendues", "pieces"),
    "counted": Figure("Bénéficiaires des quartiers et des poches retenues", "personnes"),
    "covered": Figure("Sommes couvertes par une convention connue", "euros"),
    "covered_count": Figure("Organismes couverts par une convention connue", "organismes"),
    "covered_named": Figure("Organismes couverts, et leur somme", "euros"),
    "cpo": Figure("Conventions pluriannuelles", "conventions"),
    "cpo_actions": Figure("Actions en convention pluriannuelle", "actions"),
    "cpo_conventions": Figure("Conventions pluriannuelles", "conventions"),
    "cpo_granted": Figure("Montant des actions en convention pluriannuelle", "euros"),
    "days_late": Figure("Retard du dépôt", "jours"),
    "deadline": Figure("Date de la décision implicite", "date"),
    "declared_share": Figure("Part déclarée par le porteur", "part"),
    "detailed_charges": Figure("Charges détaillées par compte, hors compte 86", "euros"),
    "detailed_resources": Figure("Produits détaillés par compte, hors compte 87", "euros"),
    "dropped": Figure("Actions non reconduites", "actions"),
    "dropped_granted": Figure("Montant des actions non reconduites", "euros"),
    "dropped_titles": Figure("Intitulés des actions non reconduites", "texte"),
    "due": Figure("Échéance", "date"),
    "elsewhere": Figure("Quartiers d’un autre contrat", "codes"),
    "ends_on": Figure("Fin de l’action", "date"),
    "envelope": Figure("Enveloppe du département", "euros"),
    "excess": Figure("Dépassement", "euros"),
    "expected": Figure("Pièces attendues", "texte"),
    "funding.own_share:expected": Figure("Ressources propres attendues", "euros"),
    "filed_on": Figure("Date du dépôt", "date"),
    "forecast": Figure("Prévu par des CPO", "euros"),
    "final_due": Figure("Bilan définitif attendu le", "date"),
    "financers": Figure("Financeurs concernés", "codes"),
    "cpo.target_financers:financers": Figure("Financeurs du programme", "financeurs"),
    "form": Figure("Forme juridique du porteur", "texte"),
    "form_unknown": Figure("Organismes de forme juridique inconnue, et leur somme", "euros"),
    "gap": Figure("Écart entre le coût et les ressources", "euros"),
    "granted": Figure("Montant des actions du programme", "euros"),
    "complementarity.actions:granted": Figure("Montant du plus grand groupe", "euros"),
    "complementarity.actions:grouped": Figure("Actions d’un même quartier, thème et public", "actions"),
    "groups": Figure("Groupes d’actions voisines", "groupes"),
    "here": Figure("Aide demandée par ce dossier", "euros"),
    "highest": Figure("Montant annuel le plus élevé d’un financeur", "euros"),
    "convention.yearly_sums:highest": Figure("Somme annuelle la plus élevée", "euros"),
    "holders": Figure("Crédits de droit commun concernés", "credits"),
    "in_poches": Figure("Bénéficiaires habitant une poche retenue", "personnes"),
    "in_poches_not_counted": Figure("Bénéficiaires d’une poche non retenue, non comptés", "personnes"),
    "in_qpv": Figure("Bénéficiaires habitant un quartier prioritaire", "personnes"),
    "indicators": Figure("Indicateurs", "texte"),
    "inhabitants": Figure("Habitants, seuil des petites communes", "habitants"),
    "inherited": Figure("Actions couvertes par une convention d’une année antérieure", "actions"),
    "interim_due": Figure("Bilan intermédiaire attendu le", "date"),
    "invested": Figure("Objectifs financés", "objectifs"),
    "largest": Figure("Actions du plus grand groupe", "actions"),
    "last_year": Figure("Exercice précédent", "annee"),
    "cpo.duration:least": Figure("Durée minimale", "annees"),
    "funding.own_share:least": Figure("Part minimale de ressources propres", "part"),
    "objectives.invested:least": Figure("Objectifs les moins financés", "euros"),
    "located": Figure("Actions dont quartier et thème sont connus", "actions"),
    "matching": Figure("Objectifs soutenus par le financeur", "codes"),
    "misprinted": Figure("Codes imprimés et codes officiels", "codes"),
    "pieces.due:missing": Figure("Pièces manquantes", "texte"),
    "qpv.residents_located:missing": Figure("Bénéficiaires annoncés et non localisés", "personnes"),
    "missing_actions": Figure("Actions à passer en convention pluriannuelle, total inchangé", "actions"),
    "missing_new_actions": Figure("Actions nouvelles à ajouter en convention pluriannuelle", "actions"),
    "months": Figure("Durée maximale", "mois"),
    "cpo.duration:most": Figure("Durée maximale", "annees"),
    "objectives.invested:most": Figure("Objectifs les plus financés", "euros"),
    "new": Figure("Actions nouvelles", "actions"),
    "new_granted": Figure("Montant des actions nouvelles", "euros"),
    "number": Figure("Numéro Dauphin", "texte"),
    "objectives": Figure("Objectifs de l’action", "codes"),
    "on": Figure("Date du relevé", "date"),
    "openings": Figure("Ouvertures du dépôt", "date"),
    "opens_on": Figure("Ouverture du dépôt", "date"),
    "ordinary": Figure("Droit commun", "euros"),
    "orphans": Figure("Actions en convention pluriannuelle, sans demande cette année", "texte"),
    "other": Figure("Autres ressources", "euros"),
    "other_contracts": Figure("Bénéficiaires habitant un quartier d’un autre contrat", "personnes"),
    "others": Figure("Montant accordé par les autres financeurs", "euros"),
    "duplicate.action:others": Figure("Références des dossiers semblables", "codes"),
    "outside": Figure("Bénéficiaires habitant hors des quartiers", "personnes"),
    "own": Figure("Ressources propres", "euros"),
    "part": Figure("Part du plafond départemental", "part"),
    "persons": Figure("Personnes à déporter", "texte"),
    "planned": Figure("Montant prévu", "euros"),
    "planned_for": Figure("Montants prévus au plan", "euros"),
    "planned_years": Figure("Années de la trajectoire", "texte"),
    "poches": Figure("Poches de pauvreté retenues", "codes"),
    "precision_metres": Figure("Précision des limites de quartier", "metres"),
    "previous": Figure("Actions de l’année précédente", "actions"),
    "profile": Figure("Profil de l’action", "texte"),
    "public": Figure("Public", "texte"),
    "public_unknown": Figure("Groupes dont le public n’est pas connu", "groupes"),
    "published_on": Figure("Publication", "date"),
    "published": Figure("Actions abandonnées, connues par les seules subventions publiées", "actions"),
    "qpv": Figure("Quartiers prioritaires visés", "codes"),
    "complementarity.actions:qpv": Figure("Quartiers du plus grand groupe", "codes"),
    "ratio": Figure("Montant des autres financeurs pour 1 € de l’État", "euros"),
    "reason": Figure("Motif", "texte"),
    "received": Figure("Aides déjà reçues", "euros"),
    "reference": Figure("Référence de la convention", "texte"),
    "references": Figure("Références des actions", "codes"),
    "remainder": Figure("Reste à financer", "euros"),
    "remaining": Figure("Reste de l’enveloppe", "euros"),
    "repeated": Figure("Années répétées", "texte"),
    "requested": Figure("Montant demandé", "euros"),
    "requested_for": Figure("Montants demandés", "euros"),
    "requests": Figure("Demandes aux financeurs", "euros"),
    "resources": Figure("Ressources du plan", "euros"),
    "rna": Figure("Numéro RNA", "texte"),
    "cpo.target_conventions:share": Figure("Part des conventions pluriannuelles", "part"),
    "droit_commun.share:share": Figure("Part du droit commun", "part"),
    "funding.own_share:share": Figure("Part de ressources propres", "part"),
    "poches.cap:share": Figure("Part de l’enveloppe réservable aux poches", "part"),
    "qpv.majority:share": Figure("Part des habitants des quartiers et des poches retenues", "part"),
    "share_actions": Figure("Part des actions", "part"),
    "share_conventions": Figure("Part des conventions pluriannuelles", "part"),
    "share_granted": Figure("Part des montants", "part"),
    "share_high": Figure("Part possible, au plus", "part"),
    "share_low": Figure("Part établie, au moins", "part"),
    "signed_on": Figure("Signature", "date"),
    "silent": Figure("Actions dont le public n’est pas renseigné", "actions"),
    "since": Figure("Aides comptées depuis le", "date"),
    "siret": Figure("SIRET", "texte"),
    "small": Figure("Petites communes", "codes"),
    "specific": Figure("Crédits spécifiques", "euros"),
    "specific_at_most": Figure("Crédits spécifiques, au plus", "euros"),
    "starts_on": Figure("Début de l’action", "date"),
    "state_ordinary": Figure("Droit commun de l’État", "euros"),
    "status": Figure("Statut de l’enveloppe", "texte"),
    "suspended": Figure("Délai suspendu", "jours"),
    "target": Figure("Objectif à atteindre", "part"),
    "theme": Figure("Thème ou objectif", "texte"),
    "threshold": Figure("Part à dépasser", "part"),
    "convention.required:threshold": Figure("Montant à dépasser", "euros"),
    "convention.yearly_sums:threshold": Figure("Montant à dépasser", "euros"),
    "publication.due:threshold": Figure("Montant à dépasser", "euros"),
    "to_check": Figure("Bénéficiaires à vérifier", "personnes"),
    "to_convert": Figure("Actions à passer en convention pluriannuelle, par financeur", "actions"),
    "total": Figure("Montant total", "euros"),
    "de_minimis.cumulated:total": Figure("Aides de minimis cumulées", "euros"),
    "qpv.majority:total": Figure("Bénéficiaires au total", "personnes"),
    "qpv.residents_located:total": Figure("Bénéficiaires localisés", "personnes"),
    "total_granted": Figure("Subventions de l’année", "euros"),
    "unattached": Figure("Montant sans objectif", "euros"),
    "unclassified": Figure("Subventions non classées", "actions"),
    "uncovered": Figure("Montant sans convention connue", "euros"),
    "unknown": Figure("Codes inconnus", "codes"),
    "cpo.target_actions:unknown": Figure("Actions dont la convention n’est pas connue", "actions"),
    "cpo.target_financers:unknown": Figure("Actions dont la convention n’est pas connue", "actions"),
    "poches.cap:unknown": Figure("Montant dont la part des poches n’est pas connue", "euros"),
    "unknown_actions": Figure("Actions dont la part des poches n’est pas connue", "actions"),
    "unknown_count": Figure("Organismes de forme juridique inconnue", "organismes"),
    "unknown_named": Figure("Organismes de forme juridique inconnue, et leur somme", "euros"),
    "unlocated": Figure("Montant sans quartier connu", "euros"),
    "unsigned": Figure("Financeurs sans convention enregistrée", "codes"),
    "value": Figure("Valeur de la contribution en nature", "euros"),
    "volunteering": Figure("Contributions volontaires", "texte"),
    "volunteering_charges": Figure("Contributions volontaires, compte 86", "euros"),
    "volunteering_resources": Figure("Contributions volontaires, compte 87", "euros"),
    "without": Figure("Quartiers sans montant", "codes"),
    "convention.yearly_sums:without": Figure("Organismes sans convention connue, et leur somme", "euros"),
    "objectives.invested:without": Figure("Objectifs sans montant", "codes"),
    "convention.yearly_sums:without_count": Figure("Organismes sans convention connue", "organismes"),
    "objectives.invested:without_count": Figure("Objectifs sans montant", "objectifs"),
    "convention.yearly_sums:without_named": Figure(
        "Organismes sans convention connue, et leur somme", "euros"
    ),
    "objectives.invested:without_named": Figure("Objectifs sans montant", "codes"),
    "year": Figure("Exercice", "annee"),
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
