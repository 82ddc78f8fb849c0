# SPDX-License-Identifier: EUPL-1.2
"""Showing a page again after a refused form: which page, for which route; what was typed is kept in its form."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from fastapi import Request
from starlette.responses import Response

from app.perimeters import perimeters_path
from reports.summary.words import words_of
from web.finding import dossier_seen, line_of, seance_seen
from web.forms import Failure, FormView, refill
from web.pages import page, see
from web.presenters.answer import answer_view
from web.presenters.completion import completion_view
from web.presenters.dossier import dossier_view
from web.presenters.funding import line_view
from web.presenters.located import located_view
from web.presenters.own import own_dossier_view, told_heading
from web.presenters.reader import Reader
from web.presenters.seance import plan_form, seance_list, seance_view
from web.visit import application_of, present_visit
from workflow.answer_links import read_token
from workflow.completion import check_may_complete
from workflow.contracts import territory_of
from workflow.queries import list_seances
from workflow.sight import sees_contract

Again = Callable[[Request, Failure | None, int], Response]


def show_dossier(request: Request, failure: Failure | None = None, status: int = 200) -> Response:
    """The dossier page."""
    application, visit = application_of(request), present_visit(request)
    with application.read() as db:
        dossier = dossier_seen(db, int(request.path_params["dossier_id"]), visit)
        if not sees_contract(visit.who, dossier.contract_id):
            view = own_dossier_view(db, dossier, Reader(visit.who, application.now()))
            return page(request, "own_dossier.html", status=status, **refilled(view, failure))
        view = dossier_view(db, dossier, Reader(visit.who, application.now()))
        has_perimeters = perimeters_path(application.config, dossier.contract.code) is not None
        view["located"] = located_view(dossier, visit.who, has_perimeters=has_perimeters)
        return page(request, "dossier.html", status=status, **refilled(view, failure))


def show_action(request: Request, failure: Failure | None = None, status: int = 200) -> Response:
    """The page of one transition of a dossier."""
    application, visit = application_of(request), present_visit(request)
    trigger = request.path_params["trigger"]
    with application.read() as db:
        dossier = dossier_seen(db, int(request.path_params["dossier_id"]), visit)
        view = dossier_view(db, dossier, Reader(visit.who, application.now()))
        if not view["inside"]:
            view |= told_heading(db, dossier)
        action = next((a for a in view["actions"] if a["trigger"] == trigger), None)
        if action is None and failure is None:
            status = 409
        values = refilled({**view, "action": action}, failure)
        return page(request, "action.html", status=status, **values)


def show_completion(request: Request, failure: Failure | None = None, status: int = 200) -> Response:
    """The page where a request is completed or corrected."""
    application, visit = application_of(request), present_visit(request)
    with application.read() as db:
        dossier = dossier_seen(db, int(request.path_params["dossier_id"]), visit)
        check_may_complete(dossier, visit.who)
        if failure is None and not sees_contract(visit.who, dossier.contract_id):
            return see(request, f"/demandes/{dossier.id}")  # its porteur writes step by step
        return page(request, "completion.html", status=status, **refilled(completion_view(dossier), failure))


def show_line(request: Request, failure: Failure | None = None, status: int = 200) -> Response:
    """The page of one funding line."""
    application, visit = application_of(request), present_visit(request)
    with application.read() as db:
        dossier = dossier_seen(db, int(request.path_params["dossier_id"]), visit)
        line = line_of(dossier, int(request.path_params["line_id"]))
        words = words_of(territory_of(dossier.contract))
        view = line_view(db, line, words, Reader(visit.who, application.now()))
        return page(request, "line.html", status=status, dossier=dossier, **refilled(view, failure))


def show_seances(request: Request, failure: Failure | None = None, status: int = 200) -> Response:
    """The list of séances."""
    application, visit = application_of(request), present_visit(request)
    with application.read() as db:
        contract = visit.contract(db)
        view = seance_list(list_seances(db, contract), application.now())
        view["plan"] = plan_form(contract, visit.who)
        return page(request, "seances.html", status=status, **refilled(view, failure))


def show_seance(request: Request, failure: Failure | None = None, status: int = 200) -> Response:
    """The page of one séance."""
    application, visit = application_of(request), present_visit(request)
    with application.read() as db:
        seance = seance_seen(db, int(request.path_params["seance_id"]), visit)
        view = seance_view(db, seance, Reader(visit.who, application.now()))
        return page(request, "seance.html", status=status, **refilled(view, failure))


def show_answer(request: Request, failure: Failure | None = None, status: int = 200) -> Response:
    """The public page of an answer."""
    application, token = application_of(request), str(request.path_params["token"])
    with application.read() as db:
        view = answer_view(read_token(db, token, application.now()), token)
        return page(request, "answer.html", status=status, **{**view, "failure": failure})


def refilled(view: dict[str, Any], failure: Failure | None) -> dict[str, Any]:
    """The view with the refused form filled with what was typed, and on a conflict who changed it last."""
    if failure is None:
        return {**view, "failure": None}
    acts = view.get("history") if failure.is_conflict else None
    told = replace(failure, form=_form_of(view, failure), last_act=acts[0] if acts else None)
    return {**{name: _refilled(value, failure) for name, value in view.items()}, "failure": told}


def _form_of(value: Any, failure: Failure) -> str:
    """The id of the refused form, if the page still has it; that of an act not allowed is not shown."""
    if isinstance(value, FormView):
        return value.id if value.is_of(failure) else ""
    inside: Iterable[Any] = value if isinstance(value, list | tuple) else ()
    if isinstance(value, dict):
        inside = value.values() if value.get("allowed", True) else ()
    return next((found for inner in inside if (found := _form_of(inner, failure))), "")


def _refilled(value: Any, failure: Failure) -> Any:
    if isinstance(value, FormView):
        return refill(value, failure)
    if isinstance(value, dict):
        return {name: _refilled(inner, failure) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_refilled(inner, failure) for inner in value]
    return value


REDISPLAY: Mapping[str, Again] = {
    "/dossiers/{dossier_id}/actions/{trigger}": show_action,
    "/dossiers/{dossier_id}/completer": show_completion,
    "/dossiers/{dossier_id}/constats": show_dossier,
    "/dossiers/{dossier_id}/constats/retrait": show_dossier,
    "/dossiers/{dossier_id}/localisation": show_dossier,
    "/dossiers/{dossier_id}/localisation/effacement": show_dossier,
    "/dossiers/{dossier_id}/avis/{opinion_id}": show_dossier,
    "/dossiers/{dossier_id}/avis/{opinion_id}/retard": show_dossier,
    "/dossiers/{dossier_id}/avis/{opinion_id}/annulation": show_dossier,
    "/dossiers/{dossier_id}/synthese": show_dossier,
    "/dossiers/{dossier_id}/conseil-citoyen": show_dossier,
    "/dossiers/{dossier_id}/lignes": show_dossier,
    "/dossiers/{dossier_id}/lignes/{line_id}/proposition": show_line,
    "/dossiers/{dossier_id}/lignes/{line_id}/reponse": show_line,
    "/dossiers/{dossier_id}/lignes/{line_id}/actions/{trigger}": show_line,
    "/reponse/{token}": show_answer,
    "/seances": show_seances,
    "/seances/{seance_id}/actions/{trigger}": show_seance,
    "/seances/{seance_id}/ordre-du-jour": show_seance,
    "/seances/{seance_id}/ordre-du-jour/completer": show_seance,
    "/seances/{seance_id}/invitations": show_seance,
    "/seances/{seance_id}/reponses": show_seance,
    "/seances/{seance_id}/presences": show_seance,
    "/seances/{seance_id}/deports": show_seance,
    "/seances/{seance_id}/propositions": show_seance,
    "/seances/{seance_id}/points/{item_id}": show_seance,
}
