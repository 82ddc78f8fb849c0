# SPDX-License-Identifier: EUPL-1.2
"""The programme of a year: targets live with their charts, the whole table of its dossiers, its exports."""

from fastapi import APIRouter, Request
from sqlalchemy.orm import Session
from starlette.exceptions import HTTPException
from starlette.responses import Response

from reports.programme import programme_sheets
from reports.summary.words import words_of
from reports.table_file import FORMS
from web.downloads import compressed, table
from web.live import live_programme
from web.pages import page
from web.presenters.programme import programme_view
from web.presenters.programme_table import table_view
from web.routes.again import year_asked
from web.visit import App, Visited
from workflow.contracts import territory_of
from workflow.models import Contract
from workflow.queries_awards import programme_years
from workflow.queries_programme import programme_rows
from workflow.queries_summary import list_programme

router = APIRouter()


@router.get("/programme")
def programme(application: App, visit: Visited, request: Request) -> Response:
    """The figures of one year, the current exercise by default."""
    with application.read() as db:
        contract = visit.contract(db)
        years, year = _years(db, contract, request)
        live = live_programme(request, db, contract, year)
        view = programme_view(live, words_of(territory_of(contract)))
    return page(request, "programme.html", year=year, years=years, contract=contract, **view)


@router.get("/programme/dossiers")
def dossiers(application: App, visit: Visited, request: Request) -> Response:
    """Every dossier of the year in one table, sorted on any column."""
    with application.read() as db:
        contract = visit.contract(db)
        years, year = _years(db, contract, request)
        rows, territory = programme_rows(db, contract, year), territory_of(contract)
    view = table_view(rows, territory, year, request.query_params.get("tri", ""))
    return compressed(request, page(request, "programme_table.html", year=year, years=years, **view))


@router.get("/programme.{form}")
def export(form: str, application: App, visit: Visited, request: Request) -> Response:
    """The same dossiers with their funding lines, as a workbook."""
    if form not in FORMS:
        raise HTTPException(404)
    with application.read() as db:
        contract = visit.contract(db)
        _, year = _years(db, contract, request)
        title = f"Programme {year} – {contract.label}"
        sheets = programme_sheets(list_programme(db, contract, year), territory_of(contract), title=title)
    return table(request, form, sheets, title, f"programme-{year}")


def _years(db: Session, contract: Contract, request: Request) -> tuple[list[int], int]:
    """The years with a programme, and the one asked, else the current exercise."""
    year = year_asked(request, db, contract)
    return programme_years(db, contract) or [year], year
