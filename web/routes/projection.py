# SPDX-License-Identifier: EUPL-1.2
"""The projection of a séance: a page that only reads, and follows the item that the secretary shows."""

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from app.bootstrap import Application
from web.finding import sitting_seance
from web.pages import page
from web.presenters.projection import projection_view
from web.presenters.reader import Reader
from web.routes.session_again import totals_of
from web.visit import App, Visit, Visited
from workflow.queries import get_dossier
from workflow.queries_session import agenda_size, item_in_session
from workflow.stages import SEANCE_OVER, SeanceStatus

router = APIRouter()


@router.get("/seances/{seance_id}/projection")
def projection(seance_id: int, application: App, visit: Visited, request: Request) -> Response:
    """The item shown, in large type."""
    follows = request.query_params.get("fige") != "oui"
    return _page(request, "projection.html", seance_id, application, visit, follows=follows)


@router.get("/seances/{seance_id}/projection/point")
def shown(seance_id: int, application: App, visit: Visited, request: Request) -> Response:
    """The item shown now, asked again by the page itself."""
    return _page(request, "projection_item.html", seance_id, application, visit, follows=True)


def _page(
    request: Request, template: str, seance_id: int, application: Application, visit: Visit, *, follows: bool
) -> Response:
    with application.read() as db:
        seance = sitting_seance(db, seance_id, visit)
        view: dict[str, Any] = {
            "seance": seance,
            "current": None,
            "items": agenda_size(db, seance),
            "is_open": seance.status == SeanceStatus.OPEN,
            "is_over": seance.status in SEANCE_OVER,
            "follows": follows
            and seance.status not in SEANCE_OVER,  # opened in the room before the séance is
        }
        item = item_in_session(db, seance, seance.shown_item_id) if seance.shown_item_id else None
        if item is not None and view["is_open"]:
            dossier = get_dossier(db, item.dossier_id)
            reader = Reader(visit.who, application.now())
            view["current"] = projection_view(seance, item, dossier, reader)
            view["totals"] = totals_of(request, db, seance, dossier)
        return page(request, template, **view)
