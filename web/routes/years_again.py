# SPDX-License-Identifier: EUPL-1.2
"""The pages of the years of a CPO, shown first or again after a refusal."""

from collections.abc import Callable, Mapping
from typing import Any

from fastapi import Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from web.finding import dossier_instructed
from web.forms import Failure
from web.pages import page
from web.presenters.reader import Reader
from web.presenters.renewals import renewals_view
from web.presenters.years import years_view
from web.routes.again import refilled, year_asked
from web.visit import Visit, application_of, present_visit
from workflow.renewals import renewables, years_to_renew


def show_years(request: Request, failure: Failure | None = None, status: int = 200) -> Response:
    """« Années suivantes » of one action."""
    application, visit = application_of(request), present_visit(request)
    with application.read() as db:
        dossier = dossier_instructed(db, int(request.path_params["dossier_id"]), visit)
        view = years_view(db, dossier, Reader(visit.who, application.now()))
        return page(request, "years.html", status=status, **refilled(view, failure))


def year_of_renewals(request: Request, db: Session, visit: Visit) -> int:
    """The year whose actions are renewed: the address's, else the current exercise."""
    return year_asked(request, db, visit.contract(db))


def show_renewals(request: Request, failure: Failure | None = None, status: int = 200) -> Response:
    """The CPO to renew."""
    application, visit = application_of(request), present_visit(request)
    with application.read() as db:
        contract, year = visit.contract(db), year_of_renewals(request, db, visit)
        years = sorted({*years_to_renew(db, contract), year})
        rows, reader = renewables(db, contract, year), Reader(visit.who, application.now())
        view = renewals_view(rows, year, years, contract.id, reader)
        return page(request, "renewals.html", status=status, **refilled(view, failure))


YEARS_REDISPLAY: Mapping[str, Callable[[Request, Any, int], Response]] = {
    "/cpo": show_renewals,
    "/dossiers/{dossier_id}/annees/previsions": show_years,
    "/dossiers/{dossier_id}/annees/indicateurs": show_years,
    "/dossiers/{dossier_id}/annees/reconduction": show_years,
    "/dossiers/{dossier_id}/annees/avenant": show_years,
    "/dossiers/{dossier_id}/annees/fin": show_years,
    "/dossiers/{dossier_id}/annees/renonciation": show_years,
}
