# SPDX-License-Identifier: EUPL-1.2
"""The pages of the round table, shown again after a refusal, and the parts of it that a script swaps in place."""

from collections.abc import Mapping, Sequence

from fastapi import Request
from starlette.responses import HTMLResponse, Response

from web.downloads import compressed
from web.finding import cell_seen, column_seen, conference_seen, dossier_instructed
from web.forms import Failure
from web.pages import environment, page
from web.presenters.grid import grid_view, moved_html, parts_view, read_screen
from web.presenters.grid_block import block_view, faults_view
from web.presenters.grid_cell import cell_view, refused_cell
from web.presenters.grid_column import column_view
from web.presenters.grid_row import row_view
from web.presenters.reader import Reader
from web.routes.again import Again, refilled, shown
from web.visit import application_of, present_typed, present_visit
from workflow.errors import WorkflowError
from workflow.grid.block import BlockRefusedError, CellFault
from workflow.grid.editing import dossier_at_table
from workflow.grid.moves import Moves, hear, read_mark
from workflow.grid.reading import read_rows
from workflow.grid.rights import editable_columns
from workflow.models import Seance

STATUS_OF_REFUSAL = 409
NOTHING_MOVED = 204


def is_in_place(request: Request) -> bool:
    """True when a script asked: it swaps what moved in the page that is there."""
    return request.headers.get("hx-request") == "true"


def show_grid(request: Request, failure: Failure | None = None, status: int = 200) -> Response:
    """The round table."""
    application, visit = application_of(request), present_visit(request)
    with application.read() as db:
        seance = conference_seen(db, int(request.path_params["seance_id"]), visit)
        screen = read_screen(request, db, seance, visit, request.query_params.get("colonnes", ""))
        view = grid_view(screen, visit) | {"failure": failure}
    return compressed(request, page(request, "grid.html", status=status, **view))


def show_moves(request: Request, since: str, columns: str, row: int | None = None) -> Response:
    """What moved since the mark of a page: the rows, the foot, the targets; nothing at all when nothing did.

    `row`: a dossier to be shown again in any case.
    """
    application, visit = application_of(request), present_visit(request)
    with application.read() as db:
        seance = conference_seen(db, int(request.path_params["seance_id"]), visit)
        heard = hear(db, seance.contract_id, read_mark(since))
        if row is None and heard.is_silence:
            return Response(status_code=NOTHING_MOVED)
        screen = read_screen(request, db, seance, visit, columns, heard)
        rows, reload = moved_html(screen, heard.moves.dossiers | {row}), _is_other(heard.moves, seance)
    return fragment("grid_moved.html", rows=rows, reload=reload, **parts_view(screen))


def _is_other(moves: Moves, seance: Seance) -> bool:
    """True when the séance itself moved: its agenda, its state."""
    return f"seance:{seance.id}" in moves.others


def fragment(template: str, *, status: int = 200, **values: object) -> HTMLResponse:
    """A part of a page."""
    response = HTMLResponse(environment().get_template(template).render(values), status)
    response.headers["Cache-Control"] = "no-store"
    return response


def refuse_in_place(request: Request, error: WorkflowError) -> Response:
    """The refused cell, in its place. What is not a cell is refused by a page."""
    application, visit, typed = application_of(request), present_visit(request), present_typed(request)
    path = request.path_params
    with application.read() as db:
        seance = conference_seen(db, int(path["seance_id"]), visit)
        column = column_seen(db, seance, int(path["credit_id"]))
        html = refused_cell(db, seance, int(path["dossier_id"]), column, typed.text("saisie"), error)
    return HTMLResponse(html, STATUS_OF_REFUSAL)


def refuse_block_in_place(request: Request, error: WorkflowError) -> Response:
    """Why nothing of a pasted block was kept, over the table that stays as it was."""
    application, visit = application_of(request), present_visit(request)
    with application.read() as db:
        seance = conference_seen(db, int(request.path_params["seance_id"]), visit)
        screen = read_screen(request, db, seance, visit)
        faults = faults_view(
            _faults(error),
            {one.row.id: one.row.reference for one in screen.rows},
            {column.id: f"{column.organisation}, {column.label}" for column in screen.columns},
        )
    return fragment("grid_block_refused.html", status=STATUS_OF_REFUSAL, message=error.message, faults=faults)


def _faults(error: Exception | None) -> Sequence[CellFault]:
    return error.cells if isinstance(error, BlockRefusedError) else ()


def show_block(
    request: Request, failure: Failure | None = None, status: int = 200, error: Exception | None = None
) -> Response:
    """The page that pastes a block without a script."""
    application, visit = application_of(request), present_visit(request)
    with application.read() as db:
        seance = conference_seen(db, int(request.path_params["seance_id"]), visit)
        screen = read_screen(request, db, seance, visit, request.query_params.get("colonnes", ""))
        view = block_view(screen, present_typed(request) if failure else None, _faults(error))
    return page(request, "grid_block.html", status=status, **view, failure=failure)


def show_cell(request: Request, failure: Failure | None = None, status: int = 200) -> Response:
    """The page of one cell."""
    application, visit, path = application_of(request), present_visit(request), request.path_params
    with application.read() as db:
        seance = conference_seen(db, int(path["seance_id"]), visit)
        dossier, column = cell_seen(db, seance, int(path["dossier_id"]), int(path["credit_id"]))
        view = cell_view(db, seance, dossier, column, Reader(visit.who, application.now()))
        return shown(request, "grid_cell.html", view, failure, status)


def show_row(request: Request) -> Response:
    """The sheet of one dossier of the table."""
    application, visit, path = application_of(request), present_visit(request), request.path_params
    with application.read() as db:
        seance = conference_seen(db, int(path["seance_id"]), visit)
        dossier_at_table(db, seance, int(path["dossier_id"]))
        dossier = dossier_instructed(db, int(path["dossier_id"]), visit)
        return page(
            request, "grid_row.html", **row_view(db, seance, dossier, Reader(visit.who, application.now()))
        )


def show_column(
    request: Request, failure: Failure | None = None, status: int = 200, error: Exception | None = None
) -> Response:
    """The page where a column leaves as a file and comes back; `error`: what refused the edits of its preview."""
    application, visit, path = application_of(request), present_visit(request), request.path_params
    with application.read() as db:
        seance = conference_seen(db, int(path["seance_id"]), visit)
        column = column_seen(db, seance, int(path["credit_id"]))
        may_type = column.id in editable_columns(visit.who, seance, (column,))
        view = column_view(seance, column, may_type=may_type)
        references = {row.id: row.reference for row in read_rows(db, seance)} if error else {}
        view["faults"] = faults_view(_faults(error), references, {column.id: column.label})
        return page(request, "grid_column.html", status=status, **refilled(view, failure))


GRID_REDISPLAY: Mapping[str, Again] = {
    "/seances/{seance_id}/table/collage": show_block,
    "/seances/{seance_id}/table/colonnes/{credit_id}": show_column,
    "/seances/{seance_id}/table/colonnes/{credit_id}/application": show_column,
    "/seances/{seance_id}/table/{dossier_id}/{credit_id}": show_cell,
}
