# SPDX-License-Identifier: EUPL-1.2
"""The sign of life of an open dossier page: who else is on it, and whether somebody saved something meanwhile."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from web.finding import dossier_instructed
from web.pages import page
from web.presenters.attention import PARTS, presence_view
from web.presenters.reader import Reader
from web.visit import App, Form, Visited
from workflow.attention import note_presence

router = APIRouter()


@router.post("/dossiers/{dossier_id}/presence")
def stay(dossier_id: int, application: App, visit: Visited, typed: Form, request: Request) -> Response:
    """Every twenty seconds, by htmx; an empty answer when nothing changed leaves the page alone."""
    now, doing, seq = application.now(), typed.text("doing"), typed.integer("seq") or 0
    with application.read() as db:
        dossier_instructed(db, dossier_id, visit)
        view = presence_view(db, dossier_id, Reader(visit.who, now), seq)
    doing = doing if doing in PARTS else ""
    application.note(lambda db: note_presence(db, dossier_id, visit.who, now, doing))
    if view["known"] == typed.text("known"):
        return Response(status_code=204)
    return page(request, "presence_said.html", presence=view)
