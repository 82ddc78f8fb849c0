# SPDX-License-Identifier: EUPL-1.2
"""What is known of the porteur, as the rules read it: form, seat, recognition, activity, aids."""

from datetime import date
from decimal import Decimal

from rules.wording import day, euros
from workflow.models import Organisation
from workflow.territory import Geography

FORMS = {
    "association": "association",
    "fondation": "fondation",
    "commune": "commune",
    "ccas": "CCAS",
    "epci": "intercommunalité",
    "etablissement_public": "établissement public",
    "bailleur": "bailleur",
    "entreprise": "entreprise",
    "autre": "autre",
}
RECOGNITIONS = {
    "agrement": "agréée par l’État",
    "utilite_publique": "reconnue d’utilité publique",
    "aucune": "ni l’un ni l’autre",
}


def porteur_words(porteur: Organisation, geography: Geography) -> str:
    """One sentence; what is unknown is left out, and an empty text says that nothing is known."""
    known = [
        FORMS.get(porteur.legal_form or "", porteur.legal_form or ""),
        "petite association" if porteur.is_small_association else "",
        f"SIRET {porteur.siret}" if porteur.siret else "",
        f"RNA {porteur.rna}" if porteur.rna else "",
        f"siège\u00a0: {geography.commune_name(porteur.commune)}" if porteur.commune else "",
        RECOGNITIONS.get(porteur.recognition or "", "") if porteur.recognition != "aucune" else "",
        _activity(porteur.economic_activity),
        _aids(porteur),
    ]
    return ", ".join(word for word in known if word)


def _activity(economic: bool | None) -> str:
    if economic is None:
        return ""
    return "exerce une activité économique" if economic else "sans activité économique"


def _aids(porteur: Organisation) -> str:
    if not porteur.de_minimis:
        return ""
    aids = (
        f"{euros(Decimal(aid['amount']))} le {day(date.fromisoformat(aid['granted_on']))}"
        for aid in porteur.de_minimis
    )
    return f"aides de minimis déclarées\u00a0: {', '.join(aids)}"
