# SPDX-License-Identifier: EUPL-1.2
"""Saved views of the board: kept, renamed, shared, opened first, deleted."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from web.finding import own_saved_view, same_version
from web.pages import see
from web.presenters.board_address import canonical
from web.routes.again import show_saved_views
from web.visit import App, Form, Visited
from workflow.saved_views import change_view, save_view

router = APIRouter()


@router.get("/dossiers/vues")
def saved_views(request: Request) -> Response:
    """The views this person may open."""
    return show_saved_views(request)


@router.post("/dossiers/vues")
def keep(application: App, visit: Visited, typed: Form, request: Request) -> Response:
    """Keeps the board as it was shown, under a name."""
    query, shared = canonical(typed.text("query")), bool(typed.text("shared"))
    person_id = visit.person_id
    with application.write() as db:
        name = typed.text("name")
        view = save_view(db, visit.contract(db), person_id, name, query, application.now(), is_shared=shared)
    return see(request, f"/dossiers?{view.query}", f"Vue «\u00a0{view.name}\u00a0» enregistrée.")


@router.post("/dossiers/vues/{view_id}")
def change(view_id: int, application: App, visit: Visited, typed: Form, request: Request) -> Response:
    """Renames a view, shares it, opens it first."""
    name, shared, first = (typed.text(field) for field in ("name", "shared", "default"))
    with application.write() as db:
        view = own_saved_view(db, view_id, visit)
        same_version(view, typed)
        change_view(db, visit.contract(db), view, name, is_shared=bool(shared), is_default=bool(first))
        said = f"Vue «\u00a0{view.name}\u00a0» modifiée."
    return see(request, "/dossiers/vues", said)


@router.post("/dossiers/vues/{view_id}/suppression")
def remove(view_id: int, application: App, visit: Visited, typed: Form, request: Request) -> Response:
    """Deletes a view."""
    with application.write() as db:
        view = own_saved_view(db, view_id, visit)
        same_version(view, typed)
        db.delete(view)
        said = f"Vue «\u00a0{view.name}\u00a0» supprimée."
    return see(request, "/dossiers/vues", said)
