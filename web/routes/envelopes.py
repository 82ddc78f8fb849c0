# SPDX-License-Identifier: EUPL-1.2
"""The envelopes of a year, the figures of each, the lines that consume it, their exports."""

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from reports.summary.words import words_of
from reports.table_file import FORMS
from web.downloads import table
from web.pages import page, see
from web.presenters.envelopes import envelopes_sheet, envelopes_view, lines_sheet, sorted_lines
from web.routes.again import show_credit, year_asked
from web.visit import App, Form, Visited
from workflow.contracts import territory_of
from workflow.envelope_facts import credit_balances
from workflow.envelopes import find_credit, lines_on_credit, set_envelope
from workflow.examination import examine_envelopes
from workflow.queries_awards import envelope_years

router = APIRouter()


@router.get("/enveloppes")
def envelopes(application: App, visit: Visited, request: Request) -> Response:
    """Every credit of the year: its envelope, what draws on it, what is left."""
    now = application.now()
    with application.read() as db:
        contract = visit.contract(db)
        year = year_asked(request, db, contract)
        years, balances = envelope_years(db, contract, year), credit_balances(db, contract, year)
        known = [one.facts for one in balances if one.envelope is not None or one.facts.forecast]
        findings = examine_envelopes(contract, year, known, now)
        view = envelopes_view(balances, findings, words_of(territory_of(contract)), visit.who)
    return page(request, "envelopes.html", year=year, years=years, **view)


@router.get("/enveloppes.{form}")
def export(form: str, application: App, visit: Visited, request: Request) -> Response:
    """The same table as a file."""
    with application.read() as db:
        contract = visit.contract(db)
        year = year_asked(request, db, contract)
        balances, words = credit_balances(db, contract, year), words_of(territory_of(contract))
        rows = envelopes_view(balances, (), words, visit.who)["rows"]
        title = f"Enveloppes {year} – {contract.label}"
    return table(request, form, [envelopes_sheet(rows, year)], title, f"enveloppes-{year}")


@router.get("/enveloppes/{credit_id}")
def credit(credit_id: int, request: Request) -> Response:
    """One credit: its figures, their history, the lines that consume it."""
    return show_credit(request)


@router.get("/enveloppes/{credit_id}/lignes.{form}")
def export_lines(credit_id: int, form: str, application: App, visit: Visited, request: Request) -> Response:
    """The lines of one credit as a file, in the order of the page."""
    if form not in FORMS:
        raise HTTPException(404)
    with application.read() as db:
        contract = visit.contract(db)
        year = year_asked(request, db, contract)
        found = find_credit(db, contract, credit_id)
        tri = request.query_params.get("tri", "")
        ordered, _, _ = sorted_lines(lines_on_credit(db, found, year), tri)
        sheet = lines_sheet(ordered, words_of(territory_of(contract)).line(found.code), year)
    return table(request, form, [sheet], sheet.title, f"lignes-{credit_id}-{year}")


@router.post("/enveloppes/{credit_id}/{year}")
def write(
    credit_id: int, year: int, application: App, visit: Visited, typed: Form, request: Request
) -> Response:
    """Writes the figures of one envelope."""
    with application.write() as db:
        changed = set_envelope(
            db,
            find_credit(db, visit.contract(db), credit_id),
            year,
            typed.required("status", "Enveloppe"),
            typed.amount("amount"),
            visit.who,
            application.now(),
            reason=typed.text("reason"),
            expected_version=typed.version(),
        )
    said = "Enveloppe enregistrée." if changed else "Rien n’a changé."
    return see(request, f"/enveloppes/{credit_id}?annee={year}", said)
