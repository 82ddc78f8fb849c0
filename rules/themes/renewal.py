# SPDX-License-Identifier: EUPL-1.2
"""A renewed action brings the report that is due that day: interim in autumn, final six months after the year."""

from datetime import date

from rules.days import last_day, months_after
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
from rules.forms import PRIVATE
from rules.parameters import ParametersOfDay
from rules.rule import Formula, Rule
from rules.source import Source

REPORT = "renewal.report"
RECEIVED, MISSING, NOT_DUE = "recu", "manquant", "sans_objet"
FINAL, INTERIM = "final", "interim"
DECEMBER = 12


def check_report(dossier: DossierFacts, territory: TerritoryFacts, parameters: ParametersOfDay) -> Finding:
    """Une action reconduite a remis le bilan de l’année précédente qui est dû ce jour-là."""
    if dossier.renewal is False:
        return Finding(REPORT, NOT_APPLICABLE, WARNING, {}, "first_request")
    if dossier.renewal is None:
        return Finding(REPORT, UNDETERMINED, WARNING, {}, "renewal_missing")
    due, facts = report_due(dossier.year - 1, parameters)
    if not due:
        return Finding(REPORT, NOT_APPLICABLE, WARNING, facts, "not_yet_due")
    severity = BLOCKING if due == FINAL and dossier.porteur_form in PRIVATE else WARNING
    declared = dossier.previous_report
    if _known_received(dossier, due) or (declared == RECEIVED and due == INTERIM):
        return Finding(REPORT, SATISFIED, severity, facts, f"{due}_received")
    if declared == RECEIVED:  # the declaration does not tell which report it speaks of
        return Finding(REPORT, SATISFIED, severity, facts, "declared_received")
    if declared == NOT_DUE and due == FINAL and dossier.previous is not None:
        return Finding(REPORT, UNDETERMINED, severity, facts, "contradictory")
    if declared == NOT_DUE:
        return Finding(REPORT, NOT_APPLICABLE, severity, facts, "declared_not_due")
    if declared == MISSING:
        return Finding(REPORT, VIOLATED, severity, facts, f"{due}_missing")
    return Finding(REPORT, UNDETERMINED, severity, facts, f"{due}_unknown")


def report_due(last: int, parameters: ParametersOfDay) -> tuple[str, dict[str, object]]:
    """Which report of that year is due on the day of the parameters (final, interim or ""), and the dates that tell."""
    on, facts = parameters.on, dict[str, object](last_year=str(last))
    final = final_report_on(last, parameters)
    if final is not None:
        facts["final_due"] = final
        if on > final:
            return FINAL, facts
    interim = interim_report_on(last, parameters)
    if interim is not None:
        facts["interim_due"] = interim
        if on >= interim:
            return INTERIM, facts
    return "", facts


def final_report_on(year: int, parameters: ParametersOfDay) -> date | None:
    """The last day for the final report and the financial account of that year; None when no text fixed it."""
    months = parameters.values["renewal.final_months"]
    return None if months is None else months_after(last_day(year, DECEMBER), months)


def interim_report_on(year: int, parameters: ParametersOfDay) -> date | None:
    """The day from which the interim report of that year is awaited; None when nothing fixed its month."""
    month = parameters.values["renewal.interim_month"]
    return None if month is None else date(year, int(month), 1)


def _known_received(dossier: DossierFacts, due: str) -> bool:
    previous = dossier.previous
    if previous is None:
        return False
    return bool(previous.final_report) or (due == INTERIM and bool(previous.interim_report))


RULES = (
    Rule(
        id=REPORT,
        label="Bilan de l’action reconduite",
        scope=Scope.DOSSIER,
        stage="submission",
        severity=BLOCKING,
        sources=(
            Source(
                "loi",
                "Loi n° 2000-321 du 12 avril 2000",
                "article 10 (compte rendu financier, six mois)",
                reading="texte",
            ),
            Source(
                "formulaire",
                "Formulaire Cerfa 15059*02",
                "notice (établi avant toute nouvelle demande de subvention)",
                reading="texte",
            ),
            Source(
                "reglement_local",
                "Appels à projets politique de la ville",
                "bilan intermédiaire",
                "secondaire",
            ),
        ),
        purpose="Ne reconduire une action qu’après avoir lu ce qu’elle a fait ; seul le bilan dû à cette date compte.",
        parameters=("renewal.final_months", "renewal.interim_month"),
        formulas=(
            Formula(
                check_report,
                "Plus de six mois après la fin de l’année précédente : bilan définitif, avec le compte rendu financier ; "
                "avant, et à partir du mois fixé à l’automne de l’année précédente : bilan intermédiaire. Bloquant pour le "
                "bilan définitif d’un organisme de droit privé, alerte sinon : la loi n’oblige que le droit privé, et le "
                "bilan intermédiaire n’est qu’un usage.",
            ),
        ),
        sentences={
            "first_request": "Première demande : aucun bilan n’est attendu.",
            "not_yet_due": "Aucun bilan de {last_year} n’est encore dû à cette date.",
            "declared_not_due": "Le bilan de {last_year} est déclaré sans objet.",
            "interim_received": "Le bilan intermédiaire de {last_year} est reçu.",
            "final_received": "Le bilan définitif de {last_year} est reçu.",
            "declared_received": "Le bilan de {last_year} est déclaré reçu.",
            "interim_missing": "Le bilan intermédiaire de {last_year}, attendu depuis le {interim_due}, manque.",
            "final_missing": "Le bilan définitif de {last_year}, dû au plus tard le {final_due}, manque.",
            "contradictory": (
                "Le bilan de {last_year} est déclaré sans objet, alors que l’action a été retenue en {last_year} et que son "
                "bilan définitif, dû au plus tard le {final_due}, n’est pas enregistré."
            ),
            "interim_unknown": (
                "On ne sait pas si le bilan intermédiaire de {last_year}, attendu depuis le {interim_due}, est reçu."
            ),
            "final_unknown": (
                "On ne sait pas si le bilan définitif de {last_year}, dû au plus tard le {final_due}, est reçu."
            ),
            "renewal_missing": "On ne sait pas si l’action est nouvelle ou reconduite : le bilan attendu en dépend.",
        },
        remedy={
            "interim_missing": "Demander le bilan intermédiaire au porteur.",
            "final_missing": (
                "Demander au porteur le bilan définitif et le compte rendu financier, établis avant toute nouvelle demande."
            ),
            "contradictory": "Enregistrer le bilan de l’année précédente, ou corriger ce que la demande déclare.",
            "interim_unknown": "Vérifier si ce bilan est reçu, le demander sinon, et le noter au dossier.",
            "final_unknown": "Vérifier si ce bilan est reçu, le demander sinon, et le noter au dossier.",
            "renewal_missing": "Renseigner s’il s’agit d’une première demande ou d’un renouvellement.",
        },
    ),
)
