# SPDX-License-Identifier: EUPL-1.2
"""From one year to the next: actions dropped, continued, new; a convention that runs on without a request."""

from rules.facts import TerritoryFacts
from rules.findings import INFO, SATISFIED, UNDETERMINED, VIOLATED, WARNING, Finding, Scope
from rules.parameters import ParametersOfDay
from rules.programme_year import ProgrammeYear
from rules.rule import Formula, Rule
from rules.source import Source
from rules.texts import CONTRAT

ACTIONS = "continuity.actions"


def check_actions(
    programme: ProgrammeYear, territory: TerritoryFacts, parameters: ParametersOfDay
) -> Finding:
    """Actions de l’an passé abandonnées ou reconduites, actions nouvelles ; une CPO en cours a son dossier."""
    found = programme.continuity
    before = str(programme.facts.year - 1)
    if found is None:
        return Finding(ACTIONS, UNDETERMINED, INFO, {"before": before}, "unknown")
    facts: dict[str, object] = {
        "before": str(found.year),
        "previous": found.previous,
        "granted": found.granted,
        "continued": len(found.continued),
        "dropped": len(found.dropped),
        "dropped_granted": found.dropped_granted,
        "dropped_titles": [action.title for action in found.dropped],
        "published": sum(action.published for action in found.dropped),
        "new": len(found.new),
        "new_granted": found.new_granted,
        "orphans": [f"{action.title} ({action.porteur})" for action in found.orphans],
    }
    if found.orphans:
        return Finding(ACTIONS, VIOLATED, WARNING, facts, "cpo_without_request")
    variant = "dropped" if found.dropped else "kept"
    if facts["published"]:
        variant = "dropped_published"
    return Finding(ACTIONS, SATISFIED, INFO, facts, variant)


COUNTS = (
    "Sur {previous:action|actions} de {before} ({granted}) : {continued:reconduite|reconduites}, "
    "{dropped:abandonnée|abandonnées} ({dropped_granted}) ; {new:action nouvelle|actions nouvelles} ({new_granted})"
)

RULES = (
    Rule(
        id=ACTIONS,
        label="Continuité d’une année sur l’autre",
        scope=Scope.PROGRAMME,
        stage="programme",
        severity=INFO,
        sources=(
            Source(
                "contrat",
                CONTRAT,
                "IV.3 (lisibilité financière aux porteurs) et V, vision globale des actions",
            ),
            Source("choix_du_produit", "Reconnaissance d’une action d’une année sur l’autre"),
        ),
        purpose="Voir ce qui s’arrête et ce qui commence, et ne pas oublier une convention pluriannuelle en cours.",
        formulas=(
            Formula(
                check_actions,
                "Actions retenues ou publiées de l’année précédente comparées à celles de l’année (retenues, publiées "
                "ou en instruction) : même action du produit, ou même SIREN et même intitulé, accents, casse et "
                "millésime mis à part. Alerte si une CPO couvre l’année sans aucune demande.",
            ),
        ),
        sentences={
            "kept": f"{COUNTS}.",
            "dropped": f"{COUNTS}.",
            "dropped_published": (
                f"{COUNTS}. Parmi les abandonnées, {{published:action n’est connue|actions ne sont connues}} que par un intitulé publié, qui "
                "a pu changer."
            ),
            "cpo_without_request": f"{COUNTS}. En convention pluriannuelle et sans demande cette année : {{orphans}}.",
            "unknown": "Rien n’est connu du programme de {before} : la continuité ne peut pas être lue.",
        },
        remedy={
            "cpo_without_request": (
                "Demander au porteur son dossier de l’année, ou vérifier avec lui que la convention a pris fin."
            ),
            "unknown": "Importer le programme ou les subventions publiées de l’année précédente.",
        },
    ),
)
