# SPDX-License-Identifier: EUPL-1.2
"""When a request may be filed: within its call, or within a rolling window of its year."""

from datetime import date

from rules.details import CallFacts
from rules.facts import DossierFacts, TerritoryFacts
from rules.findings import (
    BLOCKING,
    NOT_APPLICABLE,
    SATISFIED,
    UNDETERMINED,
    VIOLATED,
    WARNING,
    Finding,
    Scope,
)
from rules.parameters import ParametersOfDay
from rules.rule import Formula, Rule
from rules.source import Source
from rules.texts import CONTRAT

WINDOW = "call.window"
ROLLING = "rolling"


def check_window(dossier: DossierFacts, territory: TerritoryFacts, parameters: ParametersOfDay) -> Finding:
    """La demande est déposée pendant l’appel auquel elle répond, ou pendant une période de dépôt au fil de l’eau."""
    filed, code = dossier.filed_on, dossier.call
    if dossier.cpo_carried:
        return Finding(WINDOW, NOT_APPLICABLE, BLOCKING, {}, "carried")
    if filed is None:
        return Finding(WINDOW, UNDETERMINED, BLOCKING, {}, "not_filed")
    if not code:
        windows = [c for c in territory.calls if c.kind == ROLLING and c.year == dossier.year]
        return _rolling(filed, dossier.year, windows)
    call = next((c for c in territory.calls if c.code == code), None)
    facts: dict[str, object] = {"call": code, "filed_on": filed, "year": str(dossier.year)}
    if call is None:
        return Finding(WINDOW, UNDETERMINED, BLOCKING, facts, "unknown_call")
    facts |= {"opens_on": call.opens_on, "closes_on": call.closes_on, "call_year": str(call.year)}
    if call.year != dossier.year:
        return Finding(WINDOW, VIOLATED, BLOCKING, facts, "other_year")
    if call.kind == ROLLING:
        return _rolling(filed, dossier.year, [call])
    if filed < call.opens_on:
        return Finding(WINDOW, VIOLATED, BLOCKING, facts, "early")
    if filed > call.closes_on:
        facts["days_late"] = (filed - call.closes_on).days
        return Finding(WINDOW, VIOLATED, BLOCKING, facts, "late")
    return Finding(WINDOW, SATISFIED, BLOCKING, facts, "within")


def _rolling(filed: date, year: int, windows: list[CallFacts]) -> Finding:
    facts: dict[str, object] = {"filed_on": filed, "year": str(year)}
    if not windows and filed.year <= year:
        return Finding(WINDOW, UNDETERMINED, WARNING, facts, "no_rolling")
    for window in windows:
        if window.opens_on <= filed <= window.closes_on:
            facts |= {"call": window.code, "opens_on": window.opens_on, "closes_on": window.closes_on}
            return Finding(WINDOW, SATISFIED, BLOCKING, facts, "rolling")
    if filed.year > year:
        return Finding(WINDOW, UNDETERMINED, BLOCKING, facts, "after_year")
    windows.sort(key=_opening)
    facts |= {"openings": [w.opens_on for w in windows], "closings": [w.closes_on for w in windows]}
    return Finding(WINDOW, VIOLATED, BLOCKING, facts, "outside_rolling")


def _opening(window: CallFacts) -> tuple[date, date]:
    return window.opens_on, window.closes_on


RULES = (
    Rule(
        id=WINDOW,
        label="Période de dépôt",
        scope=Scope.DOSSIER,
        stage="submission",
        severity=BLOCKING,
        sources=(
            Source(
                "contrat", CONTRAT, "V.1, point 4 (appels, dépôts au fil de l’eau selon un calendrier défini)"
            ),
            Source("reglement_local", "Calendrier des appels du contrat"),
        ),
        purpose="Traiter de la même façon tous ceux qui demandent ; un retard ne s’accepte que par une exception motivée.",
        formulas=(
            Formula(
                check_window,
                "Ouverture ≤ date de dépôt ≤ clôture de l’appel cité, de la même année ; sans appel, de l’une des périodes "
                "au fil de l’eau de l’année. L’année suivante d’une CPO ne répond à aucun appel.",
            ),
        ),
        exception="pilot",
        sentences={
            "within": "Demande déposée le {filed_on}, pendant l’appel {call} (du {opens_on} au {closes_on}).",
            "rolling": (
                "Demande déposée au fil de l’eau le {filed_on}, pendant la période {call} (du {opens_on} au {closes_on})."
            ),
            "late": (
                "Demande déposée le {filed_on}, {days_late:jour|jours} après la clôture de l’appel {call} (le {closes_on})."
            ),
            "early": "Demande déposée le {filed_on}, avant l’ouverture de l’appel {call} (le {opens_on}).",
            "other_year": "La demande est faite pour {year}, mais l’appel {call} est celui de {call_year}.",
            "outside_rolling": (
                "Demande déposée au fil de l’eau le {filed_on}, hors des périodes de dépôt prévues pour {year} "
                "({openings:ouverture :|ouvertures :} ; {closings:clôture :|clôtures :})."
            ),
            "no_rolling": (
                "Demande déposée le {filed_on} sans citer d’appel, alors que le contrat ne fixe aucune période de dépôt au "
                "fil de l’eau pour {year}."
            ),
            "after_year": (
                "Demande enregistrée le {filed_on} pour {year}, après la fin de l’année, sans appel : sa vraie date de "
                "dépôt n’est pas connue."
            ),
            "unknown_call": "L’appel « {call} » n’est pas un appel du contrat.",
            "carried": "Année suivante d’une CPO : elle ne répond à aucun appel.",
            "not_filed": "La date de dépôt n’est pas connue.",
        },
        remedy={
            "late": "Le pilote peut accepter le retard par une exception motivée ; sinon, déclarer la demande irrecevable.",
            "early": "Le pilote peut accepter la demande par une exception motivée ; sinon, la faire déposer pendant l’appel.",
            "other_year": "Corriger l’appel ou l’exercice de la demande.",
            "outside_rolling": (
                "Nommer l’appel auquel la demande répond, s’il y en a un ; sinon, le pilote peut accepter la demande par "
                "une exception motivée, ou la déclarer irrecevable."
            ),
            "no_rolling": (
                "Nommer l’appel auquel la demande répond, ou ajouter la période de dépôt à la configuration du contrat."
            ),
            "after_year": (
                "Renseigner la date de dépôt et l’appel, ou attester que la demande est arrivée à temps."
            ),
            "unknown_call": "Corriger le code de l’appel, ou l’ajouter à la configuration du contrat.",
            "not_filed": "Déposer la demande, ou renseigner sa date de dépôt.",
        },
    ),
)
