# SPDX-License-Identifier: EUPL-1.2
"""One's column of the round table as a file: exported, brought back, previewed, then kept whole or not at all."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from app.grid_column import read_column_file
from reports.grid_column import column_sheet
from web.downloads import table
from web.finding import column_seen, conference_seen
from web.forms import Failure
from web.pages import counted, page, see
from web.presenters.grid_column import placed, preview_view, unpacked
from web.routes.grid_again import show_column
from web.visit import App, Form, Visited, chosen_file, chosen_name
from workflow.grid.block import BlockRefusedError, edit_block
from workflow.grid.reading import read_rows
from workflow.grid.rights import require_column, require_open_table

router = APIRouter()


@router.get("/seances/{seance_id}/table/colonnes/{credit_id}")
def column_page(seance_id: int, credit_id: int, request: Request) -> Response:
    """Where a column leaves and comes back."""
    return show_column(request)


@router.get("/seances/{seance_id}/table/colonnes/{credit_id}/colonne.xlsx")
def column_file(
    seance_id: int, credit_id: int, application: App, visit: Visited, request: Request
) -> Response:
    """The column to fill."""
    with application.read() as db:
        seance = conference_seen(db, seance_id, visit)
        column = column_seen(db, seance, credit_id)
        require_column(visit.who, seance, column)
        sheet = column_sheet(seance.id, column, read_rows(db, seance))
    return table(
        request,
        "xlsx",
        [sheet],
        f"Colonne {column.key}",
        f"seance-{seance_id}-{column.key.replace(':', '-')}",
    )


@router.post("/seances/{seance_id}/table/colonnes/{credit_id}")
def preview(seance_id: int, credit_id: int, application: App, visit: Visited, request: Request) -> Response:
    """What the file would change; tried whole, and undone."""
    with application.write() as db:
        seance = conference_seen(db, seance_id, visit)
        column = column_seen(db, seance, credit_id)
        require_open_table(seance)
        require_column(visit.who, seance, column)
        rows, refused = read_rows(db, seance), []
        reading = read_column_file(chosen_file(request), chosen_name(request), seance.id, column, rows)
        try:
            tried = [placed(edit) for edit in reading.edits]
            edit_block(db, seance, {column.id: column}, tried, visit.who, application.now())
        except BlockRefusedError as error:
            refused = error.cells
        db.rollback()
        view = preview_view(seance, column, reading, refused, rows)
    return page(request, "grid_column_preview.html", **view)


@router.post("/seances/{seance_id}/table/colonnes/{credit_id}/application")
def apply(
    seance_id: int, credit_id: int, application: App, visit: Visited, typed: Form, request: Request
) -> Response:
    """Keeps what the preview showed."""
    try:
        with application.write() as db:
            seance = conference_seen(db, seance_id, visit)
            column = column_seen(db, seance, credit_id)
            edits, now = unpacked(typed, column.id), application.now()
            changed = edit_block(db, seance, {column.id: column}, edits, visit.who, now)
    except BlockRefusedError as error:
        return show_column(request, Failure(request.url.path, typed, error.message), 409, error)
    return see(
        request, f"/seances/{seance_id}/table", f"{counted(changed, 'case modifiée')} d’après le fichier."
    )
