# SPDX-License-Identifier: EUPL-1.2
"""Filing a request: begun or copied, written step by step, checked, filed."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from web.finding import dossier_seen
from web.pages import page, see
from web.presenters.request import filed_view
from web.presenters.request_fields import tab_of, typed_step
from web.routes.request_again import (
    fragment,
    request_written,
    show_begin,
    show_check,
    show_step,
    show_tasks,
)
from web.visit import App, Form, Visited
from workflow.completion import PORTEUR_STAGES
from workflow.request.beginning import begin_request, copy_request, porteur_named, source_of
from workflow.request.filing import file_draft
from workflow.request.steps import step_after, step_of
from workflow.request.writing import save_readable, save_step
from workflow.sight import sees_dossier
from workflow.stages import Stage

router = APIRouter()


@router.get("/demandes/nouvelle")
def begin_page(request: Request) -> Response:
    """A new request, or last year's again."""
    return show_begin(request)


@router.post("/demandes")
def begin(application: App, visit: Visited, typed: Form, request: Request) -> Response:
    """Creates the draft; sent twice, it is the same draft."""
    with application.write() as db:
        chosen, new = typed.integer("porteur", "Organisme"), typed.text("new_porteur")
        title, year = typed.text("title"), typed.integer("year", "Année") or 0
        contract, now = visit.contract(db), application.now()
        porteur = porteur_named(db, visit.who, contract, chosen, new, now)
        dossier = begin_request(db, contract, porteur, title, year, visit.who, now)
        address = f"/demandes/{dossier.id}"
    return see(request, address, "Votre demande est commencée : tout ce que vous écrivez est gardé.")


@router.post("/demandes/copies")
def copy(application: App, visit: Visited, typed: Form, request: Request) -> Response:
    """Next year's draft of an action already filed."""
    with application.write() as db:
        source = source_of(db, typed.integer("source", "Dossier") or 0)
        if not sees_dossier(visit.who, source):
            source = source_of(db, 0)
        dossier = copy_request(db, source, typed.integer("year", "Année") or 0, visit.who, application.now())
        address, said = f"/demandes/{dossier.id}", f"Demande reprise du dossier {source.reference}."
    return see(request, address, said)


@router.get("/demandes/{dossier_id}")
def tasks_page(dossier_id: int, application: App, visit: Visited, request: Request) -> Response:
    """The steps; once filed, the dossier."""
    with application.read() as db:
        if dossier_seen(db, dossier_id, visit).stage not in PORTEUR_STAGES:
            return see(request, f"/dossiers/{dossier_id}")
    return show_tasks(request)


@router.get("/demandes/{dossier_id}/etapes/{step}")
def step_page(dossier_id: int, step: str, request: Request) -> Response:
    """One step."""
    return show_step(request)


@router.post("/demandes/{dossier_id}/etapes/{step}")
def save(
    dossier_id: int, step: str, application: App, visit: Visited, typed: Form, request: Request
) -> Response:
    """Saves a step and goes on to the next, back to the list, or stays to see the totals."""
    with application.write() as db:
        dossier, here = request_written(db, request), step_of(step)
        facts, version = typed_step(dossier, here, typed), typed.version()
        now, tab = application.now(), tab_of(typed)
        save_step(db, dossier, here, facts, visit.who, now, expected_version=version, page=tab)
    following, wanted = step_after(here), typed.text("suite")
    if wanted == "ici":
        return see(request, f"/demandes/{dossier_id}/etapes/{step}", "Enregistré.")
    if wanted == "liste" or following is None:
        return see(request, f"/demandes/{dossier_id}", f"« {here.label} » : enregistré.")
    return see(request, f"/demandes/{dossier_id}/etapes/{following.code}", f"« {here.label} » : enregistré.")


@router.post("/demandes/{dossier_id}/etapes/{step}/saisie")
def save_while_typing(
    dossier_id: int, step: str, application: App, visit: Visited, typed: Form, request: Request
) -> Response:
    """Saves what can be read of a step being typed."""
    with application.write() as db:
        dossier, here, now = request_written(db, request), step_of(step), application.now()
        facts, version = typed_step(dossier, here, typed), typed.version()
        tab = tab_of(typed)
        saved = save_readable(db, dossier, here, facts, visit.who, now, expected_version=version, page=tab)
        version = dossier.version
    return fragment("request_saved.html", saved=saved, version=version, at=now)


@router.get("/demandes/{dossier_id}/verification")
def check_page(dossier_id: int, request: Request) -> Response:
    """Every answer, what is missing, what the rules would say."""
    return show_check(request)


@router.post("/demandes/{dossier_id}/depot")
def file_request(
    dossier_id: int, application: App, visit: Visited, typed: Form, request: Request
) -> Response:
    """Files the draft, or sends the completed request back."""
    with application.write() as db:
        dossier = dossier_seen(db, dossier_id, visit)
        if dossier.stage == Stage.SUBMITTED:
            return see(request, f"/demandes/{dossier_id}/recepisse")  # sent twice, filed once
        version, sure = typed.version(), typed.text("confirme") == "oui"
        now = application.now()
        file_draft(db, dossier, visit.who, now, expected_version=version, unanswered=sure)
    return see(request, f"/demandes/{dossier_id}/recepisse")


@router.get("/demandes/{dossier_id}/recepisse")
def filed_page(dossier_id: int, application: App, visit: Visited, request: Request) -> Response:
    """What was filed, when, and what happens next."""
    with application.read() as db:
        dossier = dossier_seen(db, dossier_id, visit)
        if dossier.filed_on is None or dossier.stage == Stage.DRAFT:
            return see(request, f"/demandes/{dossier_id}")
        return page(request, "request_filed.html", **filed_view(dossier))
