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
}
UNITS = ("euros", "part", "codes", "texte", "annee", *COUNTED)
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
    "actions": Figure("Actions du programme", "actions"),
    "amount": Figure("Montant", "euros"),
    "amounts_missing": Figure("Lignes sans montant connu", "codes"),
    "by_qpv": Figure("Montant par quartier", "euros"),
    "committed": Figure("Montant engagé", "euros"),
    "concerned": Figure("Lignes concernées", "codes"),
    "conventions": Figure("Conventions de l’année", "conventions"),
    "cost": Figure("Coût de l’action", "euros"),
    "counted": Figure("Bénéficiaires des quartiers et des poches retenues", "personnes"),
    "cpo": Figure("Conventions pluriannuelles", "conventions"),
    "cpo_actions": Figure("Actions en convention pluriannuelle", "actions"),
    "cpo_granted": Figure("Montant des actions en convention pluriannuelle", "euros"),
    "detailed_charges": Figure("Charges détaillées par compte, hors compte 86", "euros"),
    "detailed_resources": Figure("Produits détaillés par compte, hors compte 87", "euros"),
    "elsewhere": Figure("Quartiers d’un autre contrat", "codes"),
    "excess": Figure("Dépassement", "euros"),
    "gap": Figure("Écart entre le coût et les ressources", "euros"),
    "granted": Figure("Montant des actions du programme", "euros"),
    "holders": Figure("Crédits de droit commun concernés", "credits"),
    "in_poches": Figure("Bénéficiaires habitant une poche retenue", "personnes"),
    "in_poches_not_counted": Figure("Bénéficiaires d’une poche non retenue, non comptés", "personnes"),
    "in_qpv": Figure("Bénéficiaires habitant un quartier prioritaire", "personnes"),
    "matching": Figure("Objectifs soutenus par le financeur", "codes"),
    "misprinted": Figure("Codes imprimés et codes officiels", "codes"),
    "missing_actions": Figure("Actions à passer en convention pluriannuelle, total inchangé", "actions"),
    "missing_new_actions": Figure("Actions nouvelles à ajouter en convention pluriannuelle", "actions"),
    "objectives": Figure("Objectifs de l’action", "codes"),
    "ordinary": Figure("Droit commun", "euros"),
    "other": Figure("Autres ressources", "euros"),
    "others": Figure("Montant accordé par les autres financeurs", "euros"),
    "own": Figure("Ressources propres", "euros"),
    "persons": Figure("Personnes à déporter", "texte"),
    "poches": Figure("Poches de pauvreté retenues", "codes"),
    "qpv": Figure("Quartiers prioritaires visés", "codes"),
    "ratio": Figure("Montant des autres financeurs pour 1 € de l’État", "euros"),
    "reason": Figure("Motif", "texte"),
    "remainder": Figure("Reste à financer", "euros"),
    "remaining": Figure("Reste de l’enveloppe", "euros"),
    "requests": Figure("Demandes aux financeurs", "euros"),
    "resources": Figure("Ressources du plan", "euros"),
    "share": Figure("Part", "part"),
    "cpo.target_conventions:share": Figure("Part des conventions pluriannuelles", "part"),
    "droit_commun.share:share": Figure("Part du droit commun", "part"),
    "qpv.majority:share": Figure("Part des habitants des quartiers et des poches retenues", "part"),
    "share_actions": Figure("Part des actions", "part"),
    "share_granted": Figure("Part des montants", "part"),
    "siret": Figure("SIRET", "texte"),
    "specific": Figure("Crédits spécifiques", "euros"),
    "specific_at_most": Figure("Crédits spécifiques, au plus", "euros"),
    "status": Figure("Statut de l’enveloppe", "texte"),
    "target": Figure("Objectif à atteindre", "part"),
    "threshold": Figure("Part à dépasser", "part"),
    "total": Figure("Montant total", "euros"),
    "qpv.majority:total": Figure("Bénéficiaires au total", "personnes"),
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
