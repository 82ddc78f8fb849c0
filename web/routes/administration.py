# SPDX-License-Identifier: EUPL-1.2
"""Administration: what one may do there, the parameters read-only with their sources, what `doctor` says."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from app.examination import examine_installation
from web.pages import page
from web.presenters.administration import diagnostic_view, entries_for, parameters_view
from web.visit import App, Visited
from workflow.contracts import territory_of

router = APIRouter()


@router.get("/administration")
def index(application: App, visit: Visited, request: Request) -> Response:
    """What this person may administer."""
    return page(request, "administration.html", entries=entries_for(visit, application))


@router.get("/administration/parametres")
def parameters(application: App, visit: Visited, request: Request) -> Response:
    """The numbers of the rules and the local choices, as they run; they change in the configuration alone."""
    with application.read() as db:
        contract = visit.contract(db)
        view = parameters_view(territory_of(contract), application.today())
        return page(
            request, "parameters.html", contract=contract, file=application.config.source.name, **view
        )


@router.get("/administration/diagnostic")
def diagnostic(application: App, visit: Visited, request: Request) -> Response:
    """What `doctor` finds about this contract and the deployment."""
    with application.read() as db:
        code = visit.contract(db).code
    codes = [territory.code for territory in application.config.contracts]
    view = diagnostic_view(examine_installation(application), codes, code)
    return page(request, "diagnostic.html", file=application.config.source.name, **view)
