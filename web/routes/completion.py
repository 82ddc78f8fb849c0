# SPDX-License-Identifier: EUPL-1.2
"""Completing or correcting a request, before its dispatch."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from web.finding import dossier_seen
from web.pages import see
from web.presenters.completion import typed_facts
from web.routes.again import show_completion
from web.visit import App, Form, Visited
from workflow.completion import complete_request

router = APIRouter()


@router.get("/dossiers/{dossier_id}/completer")
def completion_page(dossier_id: int, request: Request) -> Response:
    """The request, field by field."""
    return show_completion(request)


@router.post("/dossiers/{dossier_id}/completer")
def complete(dossier_id: int, application: App, visit: Visited, typed: Form, request: Request) -> Response:
    """Applies what was typed; fields that were not sent stay."""
    with application.write() as db:
        dossier = dossier_seen(db, dossier_id, visit)
        facts, version = typed_facts(dossier, typed), typed.version()
        changed = complete_request(db, dossier, facts, visit.who, application.now(), expected_version=version)
    said = "Demande corrigée : le journal dit qui, quand et quoi." if changed else "Rien n’a changé."
    return see(request, f"/dossiers/{dossier_id}#demande", said)
