# SPDX-License-Identifier: EUPL-1.2
"""A block pasted in the round table: one sending, kept whole or not at all."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from web.finding import conference_seen
from web.forms import Failure
from web.pages import counted, see
from web.presenters.grid_block import block_places, block_text
from web.routes.grid_again import is_in_place, refuse_block_in_place, show_block, show_moves
from web.visit import App, Form, Visited
from workflow.errors import WorkflowError
from workflow.grid.block import BlockRefusedError, edit_block, place_block, read_block
from workflow.grid.reading import columns_of, read_rows

router = APIRouter()


@router.get("/seances/{seance_id}/table/collage")
def block_page(seance_id: int, request: Request) -> Response:
    """Where a block is pasted without a script."""
    return show_block(request)


@router.post("/seances/{seance_id}/table/collage")
def paste(seance_id: int, application: App, visit: Visited, typed: Form, request: Request) -> Response:
    """Keeps the block, or says why not, cell by cell."""
    try:
        with application.write() as db:
            seance = conference_seen(db, seance_id, visit)
            columns = {column.id: column for column in columns_of(db, seance.contract)}
            cells, places = read_block(block_text(typed)), block_places(typed)
            touched = {place.dossier_id for row in places[: len(cells)] for place in row[:1]}
            rows = {row.id: row for row in read_rows(db, seance, touched)}
            edits = place_block(cells, places, rows, columns)
            changed = edit_block(db, seance, columns, edits, visit.who, application.now())
    except WorkflowError as error:
        return _refused(request, error)
    if is_in_place(request):
        return show_moves(request, typed.text("depuis"), typed.text("page"))
    return see(request, f"/seances/{seance_id}/table", f"{counted(changed, 'case modifiée')}.")


def _refused(request: Request, error: WorkflowError) -> Response:
    if is_in_place(request):
        return refuse_block_in_place(request, error)
    if not isinstance(error, BlockRefusedError):
        raise error
    failure = Failure(request.url.path, request.state.typed, error.message)
    return show_block(request, failure, 409, error)
