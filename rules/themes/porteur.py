# SPDX-License-Identifier: EUPL-1.2
"""Who carries the action: its SIRET. La Poste's establishments follow their own key."""

from functools import lru_cache

from stdnum.exceptions import InvalidChecksum, ValidationError
from stdnum.fr import siren, siret

from rules.facts import DossierFacts, TerritoryFacts
from rules.findings import BLOCKING, SATISFIED, UNDETERMINED, VIOLATED, Finding, Outcome, Scope
from rules.parameters import ParametersOfDay
from rules.rule import Formula, Rule
from rules.source import Source

SIRET = "porteur.siret"


def check_siret(dossier: DossierFacts, territory: TerritoryFacts, parameters: ParametersOfDay) -> Finding:
    """Le porteur est désigné par un SIRET dont la clé est exacte."""
    number = dossier.porteur_siret
    if not number:
        return Finding(SIRET, UNDETERMINED, BLOCKING, {}, "missing")
    outcome, variant = siret_validity(number)
    return Finding(SIRET, outcome, BLOCKING, {"siret": number}, variant)


@lru_cache(maxsize=8192)
def siret_validity(number: str) -> tuple[Outcome, str]:
    """What a number is worth as a SIRET: the outcome, and `valid`, `key`, `form` or `siren_only`."""
    try:
        siret.validate(number)
    except InvalidChecksum:
        return VIOLATED, "key"
    except ValidationError:
        if siren.is_valid(number):
            return UNDETERMINED, "siren_only"
        return VIOLATED, "form"
    return SATISFIED, "valid"


RULES = (
    Rule(
        id=SIRET,
        label="SIRET du porteur",
        scope=Scope.DOSSIER,
        stage="submission",
        severity=BLOCKING,
        sources=(
            Source(
                "formulaire", "Formulaire Cerfa 12156*06", "identification du demandeur", reading="secondaire"
            ),
            Source(
                "decret",
                "Code de commerce (répertoire Sirene)",
                "articles R. 123-220 et suivants",
                "a_verifier",
            ),
        ),
        purpose="Désigner sans ambiguïté l’organisme qui demande et qui sera payé.",
        formulas=(
            Formula(
                check_siret,
                "Quatorze chiffres ; clé de Luhn sur les neuf premiers puis sur les quatorze. Pour La Poste (SIREN 356 000 000), hors siège, la somme des chiffres est un multiple de 5.",
            ),
        ),
        sentences={
            "valid": "Le SIRET {siret} est valide.",
            "missing": "Le SIRET du porteur n’est pas renseigné.",
            "siren_only": (
                "Seul le SIREN {siret} est renseigné : l’établissement qui demande n’est pas désigné."
            ),
            "key": "La clé du SIRET {siret} est fausse.",
            "form": "« {siret} » n’est pas un SIRET : quatorze chiffres sont attendus.",
        },
        remedy={
            "missing": "Demander le SIRET au porteur.",
            "siren_only": "Demander au porteur le SIRET de l’établissement qui porte l’action.",
            "key": "Faire corriger le SIRET par le porteur.",
            "form": "Faire corriger le SIRET par le porteur.",
        },
    ),
)
