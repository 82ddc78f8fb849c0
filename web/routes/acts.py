# SPDX-License-Identifier: EUPL-1.2
"""The financers' own acts: those to record, in one batch; payments of a granted line, and what was spent of it."""

from urllib.parse import urlencode

from fastapi import APIRouter, Request
from starlette.responses import Response

from reports.summary.words import words_of
from web.downloads import table
from web.finding import dossier_instructed, line_of
from web.pages import counted, see
from web.presenters.acts import acts_sheets, typed_entries
from web.routes.acts_again import show_acts
from web.routes.again import year_asked
from web.visit import App, Form, Visited
from workflow.acts import acting_for, acts_awaited, acts_recorded, record_acts
from workflow.contracts import territory_of
from workflow.errors import InvalidInputError
from workflow.payments import correct_paid, record_payment, record_spent

router = APIRouter()
LINE = "/dossiers/{}/lignes/{}#versements"


@router.get("/actes")
def acts(request: Request) -> Response:
    """The lines that wait for their financer's act."""
    return show_acts(request)


@router.get("/actes.{form}")
def export(form: str, application: App, visit: Visited, request: Request) -> Response:
    """The same as a file."""
    with application.read() as db:
        contract = visit.contract(db)
        year, mine = year_asked(request, db, contract), acting_for(visit.who, contract.id)
        waiting, recorded = acts_awaited(db, contract, mine), acts_recorded(db, contract, mine, year)
        sheets = acts_sheets(waiting, recorded, words_of(territory_of(contract)), year)
        title = f"Actes des financeurs {year} – {contract.label}"
    return table(request, form, sheets, title, f"actes-{year}")


@router.post("/actes")
def record(application: App, visit: Visited, typed: Form, request: Request) -> Response:
    """Records one act on every line ticked: all of them, or none."""
    authority, on, number = (
        typed.text("authority"),
        typed.date("date", "Date de l’acte"),
        typed.text("number"),
    )
    entries = typed_entries(typed)
    with application.write() as db:
        now, contract = application.now(), visit.contract(db)
        done = record_acts(db, contract, entries, authority, on, number, visit.who, now)
    said = f"Acte n°\u00a0{number} enregistré\u00a0: {counted(done, 'ligne')}. Les courriers aux porteurs attendent d’être libérés."
    return see(request, f"/actes?{urlencode({'qui': typed.text('qui')})}", said)


@router.post("/dossiers/{dossier_id}/lignes/{line_id}/versements")
def pay(
    dossier_id: int, line_id: int, application: App, visit: Visited, typed: Form, request: Request
) -> Response:
    """One payment."""
    with application.write() as db:
        line = line_of(dossier_instructed(db, dossier_id, visit), line_id)
        amount, on, now = (
            typed.due_amount("amount", "Montant versé"),
            typed.date("on", "Date"),
            application.now(),
        )
        if on is None:
            raise InvalidInputError("Date du versement\u00a0: à renseigner.", "on")
        number, version = typed.text("number"), typed.version()
        record_payment(db, line, amount, on, visit.who, now, mandate=number, expected_version=version)
    return see(request, LINE.format(dossier_id, line_id), "Versement enregistré.")


@router.post("/dossiers/{dossier_id}/lignes/{line_id}/verse")
def correct(
    dossier_id: int, line_id: int, application: App, visit: Visited, typed: Form, request: Request
) -> Response:
    """The sum paid, corrected."""
    with application.write() as db:
        line = line_of(dossier_instructed(db, dossier_id, visit), line_id)
        total, reason, version = (
            typed.due_amount("total", "Total versé"),
            typed.text("reason"),
            typed.version(),
        )
        changed = correct_paid(
            db, line, total, reason, visit.who, application.now(), expected_version=version
        )
    said = "Total versé corrigé." if changed else "Rien n’a changé."
    return see(request, LINE.format(dossier_id, line_id), said)


@router.post("/dossiers/{dossier_id}/lignes/{line_id}/realise")
def spend(
    dossier_id: int, line_id: int, application: App, visit: Visited, typed: Form, request: Request
) -> Response:
    """What the report says was spent."""
    with application.write() as db:
        line = line_of(dossier_instructed(db, dossier_id, visit), line_id)
        spent, reason, version = typed.due_amount("spent", "Réalisé"), typed.text("reason"), typed.version()
        changed = record_spent(
            db, line, spent, reason, visit.who, application.now(), expected_version=version
        )
    said = "Montant réalisé enregistré." if changed else "Rien n’a changé."
    return see(request, LINE.format(dossier_id, line_id), said)
