# SPDX-License-Identifier: EUPL-1.2
"""The pages of a request being written, shown first or shown again after a refusal; what was typed is kept."""

from collections.abc import Callable, Mapping
from typing import Any

from fastapi import Request
from sqlalchemy.orm import Session
from starlette.responses import HTMLResponse, Response

from app.perimeters import sketch_of
from web.finding import dossier_seen
from web.forms import Failure, Field
from web.pages import environment, page
from web.presenters.request import check_view, differences_of, step_view, tasks_view, told_on_fields
from web.presenters.request_begin import begin_view
from web.presenters.request_budget import amounts_planned, budget_view
from web.presenters.request_map import map_view
from web.routes.again import refilled
from web.visit import application_of, present_visit
from workflow.models import Dossier
from workflow.request.beginning import check_may_begin
from workflow.request.steps import BUDGET, PLACES, step_of
from workflow.request.writing import check_may_write


def show_begin(request: Request, failure: Failure | None = None, status: int = 200) -> Response:
    """The page where a request begins."""
    application, visit = application_of(request), present_visit(request)
    check_may_begin(visit.who, visit.contract_id)
    with application.read() as db:
        words = request.query_params.get("q", "")[:200].replace("\x00", "")
        view = begin_view(db, visit.contract(db), visit.who, application.today(), words)
        return page(request, "request_begin.html", status=status, **refilled(view, failure))


def request_written(db: Session, request: Request) -> Dossier:
    """The request of this address, in the hands of whoever asks. Raises UnknownReferenceError, NotAllowedHereError."""
    visit = present_visit(request)
    dossier = dossier_seen(db, int(request.path_params["dossier_id"]), visit)
    check_may_write(dossier, visit.who)
    return dossier


def show_tasks(request: Request, failure: Failure | None = None, status: int = 200) -> Response:
    """The list of steps."""
    with application_of(request).read() as db:
        view = tasks_view(request_written(db, request))
        return page(request, "request_tasks.html", status=status, **refilled(view, failure))


def show_step(request: Request, failure: Failure | None = None, status: int = 200) -> Response:
    """One step; on a conflict, what is recorded now beside what had been typed."""
    application = application_of(request)
    with application.read() as db:
        dossier, step = request_written(db, request), step_of(request.path_params["step"])
        view: dict[str, Any] = step_view(dossier, step)
        told = told_on_fields(failure, view["form"])
        fields: tuple[Field, ...] = view["form"].fields
        if step.code == PLACES:
            view["map"] = map_view(dossier, sketch_of(application.config, dossier.contract.code))
        if step.code == BUDGET:
            view["budget"] = budget_view(dossier, told)
            fields += amounts_planned(view["budget"])
        view["differences"] = differences_of(fields, told)
        return page(request, "request_step.html", status=status, **refilled(view, told))


def show_check(request: Request, failure: Failure | None = None, status: int = 200) -> Response:
    """« Vérifier et déposer »."""
    application = application_of(request)
    with application.read() as db:
        view = check_view(db, request_written(db, request), application.now())
        return page(request, "request_check.html", status=status, **refilled(view, failure))


def show_unsaved(request: Request, failure: Failure, status: int) -> Response:
    """Inside the page: why what is being typed is not saved."""
    return fragment("request_saved.html", status, unsaved=failure.message)


def fragment(template: str, status: int = 200, **values: Any) -> HTMLResponse:
    """A piece of a page, for a form that saves while one types."""
    text = environment().get_template(template).render(values)
    return HTMLResponse(text, status, headers={"Cache-Control": "no-store"})


REQUEST_REDISPLAY: Mapping[str, Callable[[Request, Any, int], Response]] = {
    "/demandes": show_begin,
    "/demandes/copies": show_begin,
    "/demandes/{dossier_id}/etapes/{step}": show_step,
    "/demandes/{dossier_id}/etapes/{step}/saisie": show_unsaved,
    "/demandes/{dossier_id}/depot": show_check,
}
