# SPDX-License-Identifier: EUPL-1.2
"""Why each decision on a dossier was allowed, computed again with the rules of its day."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from web.finding import dossier_instructed
from web.pages import page
from web.presenters.decisions import decisions_view
from web.visit import App, Visited

router = APIRouter()


@router.get("/dossiers/{dossier_id}/decisions")
def decisions(dossier_id: int, application: App, visit: Visited, request: Request) -> Response:
    """Each decision with what was read, what the rules said then, and what they say again of it now."""
    with application.read() as db:
        dossier = dossier_instructed(db, dossier_id, visit)
        return page(request, "decisions.html", **decisions_view(db, dossier))
