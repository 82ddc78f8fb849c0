# SPDX-License-Identifier: EUPL-1.2
"""The programme of a year: targets live, envelopes, neighbourhoods."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from reports.summary.words import words_of
from web.pages import page
from web.presenters.programme import programme_view
from web.visit import App, Visited
from workflow.contracts import territory_of
from workflow.examination import examine_programme
from workflow.queries_awards import programme_years

router = APIRouter()


@router.get("/programme")
def programme(application: App, visit: Visited, request: Request) -> Response:
    """The figures of one year, the newest by default."""
    with application.read() as db:
        contract = visit.contract(db)
        years = programme_years(db, contract) or [application.today().year]
        asked = request.query_params.get("annee", "")
        year = int(asked) if asked.isascii() and asked.isdigit() and len(asked) == 4 else years[0]
        figures, findings = examine_programme(db, contract, year, application.now())
        view = programme_view(figures, findings, words_of(territory_of(contract)))
    return page(request, "programme.html", year=year, years=years, contract=contract, **view)
