# SPDX-License-Identifier: EUPL-1.2
"""The round table of a conference: its page, what moved on it, its cells and its rows."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from web.finding import cell_seen, conference_seen
from web.pages import see
from web.presenters.grid_cell import typed_edit
from web.routes.grid_again import is_in_place, refuse_in_place, show_cell, show_grid, show_moves, show_row
from web.visit import App, Form, Visited
from workflow.errors import UnknownReferenceError, WorkflowError
from workflow.grid.editing import edit_cell

router = APIRouter()


@router.get("/seances/{seance_id}/table")
def grid_page(seance_id: int, request: Request) -> Response:
    """The whole table."""
    return show_grid(request)


@router.get("/seances/{seance_id}/table/suite")
def grid_moves(
    seance_id: int, request: Request, depuis: str = "", colonnes: str = "", ligne: int | None = None
) -> Response:
    """What moved since the page was made: asked every few seconds, answered by nothing most of the time."""
    return show_moves(request, depuis, colonnes, ligne)


@router.get("/seances/{seance_id}/table/{dossier_id}")
def grid_row(seance_id: int, dossier_id: int, request: Request) -> Response:
    """One dossier: last year, its report, what keeps it from the committee."""
    return show_row(request)


@router.get("/seances/{seance_id}/table/{dossier_id}/{credit_id}")
def grid_cell(seance_id: int, dossier_id: int, credit_id: int, request: Request) -> Response:
    """One cell, with its whole form."""
    return show_cell(request)


@router.post("/seances/{seance_id}/table/{dossier_id}/{credit_id}")
def save_cell(
    seance_id: int, dossier_id: int, credit_id: int, application: App, visit: Visited, typed: Form, request: Request
) -> Response:  # fmt: skip
    """What was typed in one cell, or on its page."""
    now, version = application.now(), typed.version()
    try:
        with application.write() as db:
            seance = conference_seen(db, seance_id, visit)
            dossier, column = cell_seen(db, seance, dossier_id, credit_id)
            edit, who = typed_edit(typed, dossier, column), visit.who
            changed = edit_cell(db, seance, dossier, column, edit, who, now, expected_version=version)
    except WorkflowError as error:
        if not is_in_place(request) or isinstance(error, UnknownReferenceError):
            raise
        return refuse_in_place(request, error)
    if is_in_place(request):
        return show_moves(request, typed.text("depuis"), typed.text("colonnes"))
    said = f"Case enregistrée\u00a0: {dossier.reference}, {column.organisation}."
    return see(
        request,
        f"/seances/{seance_id}/table#c{dossier_id}-{credit_id}",
        said if changed else "Rien n’a changé.",
    )
