# SPDX-License-Identifier: EUPL-1.2
"""When the action takes place: dates in order, in the year of the request, twelve months at most."""

from datetime import date, timedelta
from decimal import Decimal

from rules.days import months_after
from rules.facts import DossierFacts, TerritoryFacts
from rules.findings import SATISFIED, UNDETERMINED, VIOLATED, WARNING, Finding, Scope
from rules.parameters import ParametersOfDay
from rules.rule import Formula, Rule
from rules.source import Source

PERIOD = "action.period"


def check_period(dossier: DossierFacts, territory: TerritoryFacts, parameters: ParametersOfDay) -> Finding:
    """L’action commence dans l’année de la demande et ne dépasse pas douze mois."""
    starts, ends = dossier.starts_on, dossier.ends_on
    facts: dict[str, object] = {"starts_on": starts, "ends_on": ends, "year": str(dossier.year)}
    if starts is None or ends is None:
        return Finding(PERIOD, UNDETERMINED, WARNING, facts, "missing")
    if ends < starts:
        return Finding(PERIOD, UNDETERMINED, WARNING, facts, "reversed")
    if starts.year != dossier.year:
        return Finding(PERIOD, VIOLATED, WARNING, facts, "other_year")
    if ends.year == dossier.year:
        return Finding(PERIOD, SATISFIED, WARNING, facts, "calendar_year")
    longest = parameters.values["action.longest_months"]
    if longest is not None and ends > _last_allowed(starts, longest):
        facts["months"] = int(longest)
        return Finding(PERIOD, VIOLATED, WARNING, facts, "too_long")
    return Finding(PERIOD, SATISFIED, WARNING, facts, "over_two_years")


def _last_allowed(starts: date, months: Decimal) -> date:
    """The last day of a period of that many months: the eve of the same day, or the end of a month without that day."""
    same_day = months_after(starts, months)
    return same_day - timedelta(days=1) if same_day.day == starts.day else same_day


RULES = (
    Rule(
        id=PERIOD,
        label="Calendrier de l’action",
        scope=Scope.DOSSIER,
        stage="submission",
        severity=WARNING,
        sources=(
            Source(
                "formulaire",
                "Formulaire Cerfa 12156*06",
                "projet (dates)",
                "secondaire",
            ),
            Source(
                "choix_du_produit",
                "Usage des appels à projets : année civile, année scolaire par exception",
                reading="secondaire",
            ),
        ),
        purpose="Rattacher l’action à un exercice, et repérer des dates inversées.",
        parameters=("action.longest_months",),
        formulas=(
            Formula(
                check_period,
                "Début ≤ fin ; début dans l’année de la demande ; fin dans la même année, ou au plus tard la veille du jour "
                "anniversaire, douze mois après le début.",
            ),
        ),
        sentences={
            "calendar_year": "L’action a lieu du {starts_on} au {ends_on}, dans l’exercice {year}.",
            "over_two_years": "L’action commence le {starts_on} et finit le {ends_on}, à cheval sur deux exercices.",
            "missing": "Les dates de début et de fin de l’action ne sont pas toutes deux renseignées.",
            "reversed": "Les dates de l’action se contredisent : elle finirait le {ends_on} avant de commencer le {starts_on}.",
            "other_year": "L’action commence le {starts_on}, hors de l’exercice {year}.",
            "too_long": "L’action s’étend du {starts_on} au {ends_on}, soit plus de {months} mois.",
        },
        remedy={
            "missing": "Demander au porteur les dates de début et de fin.",
            "reversed": "Faire corriger les dates par le porteur.",
            "other_year": "Vérifier l’exercice de la demande avec le porteur.",
            "too_long": "Vérifier si une convention pluriannuelle convient mieux, ou faire corriger les dates.",
        },
    ),
)
