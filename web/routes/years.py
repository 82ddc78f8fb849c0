# SPDX-License-Identifier: EUPL-1.2
"""The later years of a CPO: forecasts, indicators, next dossier, amendments; and the list of the CPO to renew."""

from decimal import Decimal

from fastapi import APIRouter, Request
from starlette.responses import Response

from app.renewals import MADE, REFUSED, WAITING, renew_each
from web.finding import dossier_instructed
from web.forms import Typed
from web.pages import counted, see
from web.presenters.indicators import typed_readings
from web.presenters.years import PLANNED
from web.routes.years_again import show_renewals, show_years, year_of_renewals
from web.visit import App, Form, Visited
from workflow.amendments import Signed, amend, end_early, renounce
from workflow.errors import InvalidInputError
from workflow.forecasts import credit_of, set_forecast
from workflow.readings import record_readings
from workflow.renewals import renew

router = APIRouter()
LARGEST_YEARS = 12  # of one amendment: more is a typing error


@router.get("/cpo")
def renewals(request: Request) -> Response:
    """The CPO of a year and what becomes of each."""
    return show_renewals(request)


@router.post("/cpo")
def renew_many(application: App, visit: Visited, typed: Form, request: Request) -> Response:
    """Makes the next year of the actions ticked, each apart; the list then says what came of each."""
    ids = [
        int(text) for text in typed.texts("dossier") if text.isascii() and text.isdigit() and len(text) < 10
    ]
    if not ids:
        raise InvalidInputError("Actions\u00a0: en cocher au moins une.", "dossier")
    with application.read() as db:
        year = year_of_renewals(request, db, visit)
    outcomes = [one.outcome for one in renew_each(application, ids, visit.who)]
    said = [
        counted(outcomes.count(outcome), words)
        for outcome, words in (
            (MADE, "dossier envoyé"),
            (WAITING, "dossier créé"),
            (REFUSED, "action refusée"),
        )
        if outcome in outcomes
    ]
    return see(
        request,
        f"/cpo?annee={year}",
        f"{', '.join(said)}\u00a0: voir la colonne «\u00a0Dossier {year + 1}\u00a0».",
    )


@router.get("/dossiers/{dossier_id}/annees")
def years(dossier_id: int, request: Request) -> Response:
    """What each financer forecasts, year by year."""
    return show_years(request)


@router.post("/dossiers/{dossier_id}/annees/previsions")
def forecast(dossier_id: int, application: App, visit: Visited, typed: Form, request: Request) -> Response:
    """Corrects, or adds, one forecast."""
    with application.write() as db:
        dossier = dossier_instructed(db, dossier_id, visit)
        credit = credit_of(db, dossier.contract_id, typed.required("credit", "Crédit"))
        year, amount = typed.integer("year", "Année") or 0, typed.due_amount("amount", "Montant prévu")
        reason, version, now = typed.text("reason"), typed.version(), application.now()
        changed = set_forecast(
            db, dossier, credit, year, amount, reason, visit.who, now, expected_version=version
        )
    said = "Prévision enregistrée." if changed else "Rien n’a changé."
    return see(request, f"/dossiers/{dossier_id}/annees#annee-{year}", said)


@router.post("/dossiers/{dossier_id}/annees/indicateurs")
def indicators(dossier_id: int, application: App, visit: Visited, typed: Form, request: Request) -> Response:
    """Keeps what is read of each indicator."""
    with application.write() as db:
        dossier = dossier_instructed(db, dossier_id, visit)
        read, version = typed_readings(dossier, typed), typed.version()
        changed = record_readings(db, dossier, read, visit.who, application.now(), expected_version=version)
    said = "Relevé enregistré." if changed else "Rien n’a changé."
    return see(request, f"/dossiers/{dossier_id}/annees#indicateurs", said)


@router.post("/dossiers/{dossier_id}/annees/reconduction")
def renew_one(dossier_id: int, application: App, visit: Visited, request: Request) -> Response:
    """Makes the next year's dossier."""
    with application.write() as db:
        made = renew(db, dossier_instructed(db, dossier_id, visit), visit.who, application.now())
        db.flush()
        reference, id_ = made.dossier.reference, made.dossier.id
    said = f"Dossier {reference} créé et envoyé en conférence, aux montants promis."
    if not made.is_in_conference:
        said = f"Dossier {reference} créé aux montants promis\u00a0; cette page dit ce qui l’arrête avant la conférence."
    return see(request, f"/dossiers/{id_}", said)


@router.post("/dossiers/{dossier_id}/annees/avenant")
def amendment(dossier_id: int, application: App, visit: Visited, typed: Form, request: Request) -> Response:
    """A new trajectory."""
    with application.write() as db:
        dossier, version = dossier_instructed(db, dossier_id, visit), typed.version()
        trajectory, now = _trajectory(typed), application.now()
        amend(db, dossier, trajectory, _signed(typed), visit.who, now, expected_version=version)
    return see(
        request, f"/dossiers/{dossier_id}/annees", "Avenant enregistré\u00a0: les prévisions le suivent."
    )


@router.post("/dossiers/{dossier_id}/annees/fin")
def end(dossier_id: int, application: App, visit: Visited, typed: Form, request: Request) -> Response:
    """The early end of the CPO."""
    with application.write() as db:
        dossier, version = dossier_instructed(db, dossier_id, visit), typed.version()
        last = typed.integer("last_year", "Dernière année") or 0
        end_early(db, dossier, last, _signed(typed), visit.who, application.now(), expected_version=version)
    return see(
        request, f"/dossiers/{dossier_id}/annees", "Fin anticipée enregistrée\u00a0: la suite est libérée."
    )


@router.post("/dossiers/{dossier_id}/annees/renonciation")
def renunciation(
    dossier_id: int, application: App, visit: Visited, typed: Form, request: Request
) -> Response:
    """A financer renounces its later years."""
    with application.write() as db:
        dossier, version = dossier_instructed(db, dossier_id, visit), typed.version()
        credit = credit_of(db, dossier.contract_id, typed.required("credit", "Crédit"))
        signed, now = _signed(typed), application.now()
        renounce(db, dossier, credit, signed, visit.who, now, expected_version=version)
    return see(
        request, f"/dossiers/{dossier_id}/annees", "Renonciation enregistrée\u00a0: la suite est libérée."
    )


def _signed(typed: Typed) -> Signed:
    return Signed(typed.date("on", "Date"), typed.text("reason"))


def _trajectory(typed: Typed) -> dict[int, Decimal]:
    """Euros by year, out of the fields that are filled. Raises InvalidInputError on the field."""
    found = {}
    for name in sorted(name for name in typed.values if name.startswith(PLANNED))[:LARGEST_YEARS]:
        year, amount = name.removeprefix(PLANNED), typed.amount(name, "Total prévu")
        if amount is not None and year.isascii() and year.isdigit() and len(year) == 4:
            found[int(year)] = amount
    return found
