# SPDX-License-Identifier: EUPL-1.2
"""Administration for the eye: its entries, the dated parameters, the local choices, the findings of `doctor`."""

import re
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from app.bootstrap import Application
from app.diagnosis import Diagnosis
from app.errors import typographic
from rules.parameters import Parameters
from rules.rule_page import parameter_rows
from web.presenters.rules import parameter_view
from web.visit import Visit, may_open
from workflow.territory import BodyKind, CallKind, Territory

# Address, title, what it is for; whoever may open it sees it.
ENTRIES = (
    ("/administration/comptes", "Comptes et mandats", "Ouvrir un compte, donner ou clore un mandat."),
    ("/administration/import", "Import", "Importer des demandes ou des subventions publiées."),
    ("/administration/parametres", "Paramètres", "Seuils des règles et choix du contrat."),
    ("/administration/diagnostic", "Diagnostic", "Ce qui manque ou se contredit."),
    ("/etat", "État du planificateur", "Tâches de fond et envois."),
)
LEVELS = {
    "error": ("erreur", "bad"),
    "warning": ("à surveiller", "wait"),
    "info": ("pour information", "quiet"),
}
BODY_KINDS = {
    BodyKind.DISPATCH: "réunion de répartition",
    BodyKind.THEMATIC: "séance thématique",
    BodyKind.CONFERENCE: "conférence des financeurs",
    BodyKind.COMMITTEE: "comité d’engagement",
    BodyKind.STEERING: "comité de pilotage",
    BodyKind.STRATEGIC: "instance stratégique",
    BodyKind.NETWORK: "réseau",
    BodyKind.ANNUAL: "rencontre annuelle",
}
CALL_KINDS = {
    CallKind.AMI: "appel à manifestation d’intérêt",
    CallKind.ANNUAL: "appel annuel",
    CallKind.ROLLING: "au fil de l’eau",
    CallKind.RESERVED: "enveloppe réservée",
}
NATURES = {"droit_commun": "droit commun", "specifique": "crédits spécifiques"}
_OF_A_CONTRACT = re.compile(r"contracts\[(\d+)\]")


def entries_for(visit: Visit, application: Application) -> list[dict[str, str]]:
    """What this person may open, by the table of access."""
    return [
        {"address": address, "title": title, "text": text}
        for address, title, text in ENTRIES
        if may_open(address, visit, application)
    ]


def parameters_view(territory: Territory, on: date) -> dict[str, Any]:
    """The parameters of the rules with their history, then what this contract chose."""
    local = {one.name: one for one in territory.local_parameters}
    known = sorted(Parameters.load().by_name.values(), key=lambda one: one.name)
    return {
        "parameters": [parameter_view(parameter_rows(one), on, local) for one in known],
        "thresholds": _thresholds(territory),
        "calls": [
            (call, CALL_KINDS[call.kind], call.opens_on <= on <= call.closes_on) for call in territory.calls
        ],
        "bodies": [_body(territory, body) for body in territory.bodies],
        "credits": [
            {
                "financer": organisation.name,
                "nature": NATURES[credit.nature],
                "label": credit.label,
                "concerns": ", ".join(credit.concerns),
            }
            for organisation in territory.organisations
            for credit in organisation.credits
        ],
        "faults": territory.printed_faults,
    }


def _thresholds(territory: Territory) -> list[tuple[str, str]]:
    """The delays chosen locally, in days."""
    told = territory.reminders
    days = (
        ("Délai pour rendre un avis", territory.opinion_days),
        ("Délai pour compléter une demande", territory.completion_days),
        ("Rappel d’un avis avant sa date", told.opinion_days_before),
        ("Relance d’un avis en retard, tous les", told.opinion_late_every),
        ("Rappel de pièces avant leur date", told.completion_days_before),
        ("Relance de pièces en retard, tous les", told.completion_late_every),
        ("Rappel d’un bilan avant sa date", told.report_days_before),
        ("Relance d’un bilan en retard, tous les", told.report_late_every),
        ("Rappel d’une convention à signer, tous les", told.convention_every),
    )
    return [(label, f"{number}\u00a0jours") for label, number in days]


def _body(territory: Territory, body: Any) -> dict[str, Any]:
    names = territory.organisation_by_code
    return {
        "body": body,
        "kind": BODY_KINDS[body.kind],
        "members": ", ".join(names[code].name if code in names else code for code in body.members),
        "cadence": _cadence(body.cadence),
    }


def _cadence(cadence: Any) -> str:
    least, most = cadence.per_year_min, cadence.per_year_max
    said = (
        f"de {least} à {most} par an" if most else f"au moins {least} par an" if least else "sans rythme fixé"
    )
    return said if cadence.promised_per_year is None else f"{said} ({cadence.promised_per_year} promises)"


def diagnostic_view(found: Iterable[Diagnosis], codes: Sequence[str], code: str) -> dict[str, Any]:
    """The findings about this contract or about everybody; those of the other contracts are left out."""
    mine = [one for one in found if _is_about(one, codes, code)]
    return {
        "findings": [
            {
                "level": LEVELS[one.level][0],
                "tone": LEVELS[one.level][1],
                "subject": one.subject,
                "message": typographic(one.message),
                "remedy": typographic(one.remedy),
            }
            for one in mine
        ],
        "counts": [
            (label, tone, number)
            for level, (label, tone) in LEVELS.items()
            if (number := sum(one.level == level for one in mine))
        ],
    }


def _is_about(one: Diagnosis, codes: Sequence[str], code: str) -> bool:
    named = _OF_A_CONTRACT.match(one.subject)
    return named is None or codes[int(named.group(1))] == code
