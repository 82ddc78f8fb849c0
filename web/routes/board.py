# SPDX-License-Identifier: EUPL-1.2
"""The board of dossiers, and its export."""

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from reports.board import board_sheets, write_board
from web.downloads import attachment
from web.pages import page
from web.presenters.board import FORMS, about_board, board_view
from web.presenters.board_address import BoardReader, read_board
from web.presenters.own import own_board
from web.visit import App, Visited, may_open
from workflow.firing import PARIS
from workflow.queries_board import page_of_board
from workflow.saved_views import default_view

router = APIRouter()


@router.get("/dossiers")
def board(application: App, visit: Visited, request: Request) -> Response:
    """By stage, or as a table sorted on any column; the filters are the address. Without any, the person's own view.

    A porteur's own dossiers, by year.
    """
    with application.read() as db:
        contract = visit.contract(db)
        if visit.porteurs is not None:
            own = own_board(db, contract, visit.porteurs)
            return page(request, "own_board.html", contract=contract, **own)
        reader, mine = BoardReader(visit.who, application.today()), visit.who.person_id
        first = default_view(db, contract, mine) if mine and not request.url.query else None
        if first is not None:
            return RedirectResponse(f"/dossiers?{first.query}", 303)
        view = board_view(db, read_board(db, contract, request.query_params.multi_items(), reader))
    may_import = may_open("/administration/import", visit, application)
    return page(request, "board.html", contract=contract, may_import=may_import, **view)


@router.get("/dossiers/export.{form}")
def export(form: str, application: App, visit: Visited, request: Request) -> Response:
    """Every dossier of the board as it is filtered, sorted and cut into columns, as a spreadsheet."""
    if form not in dict(FORMS):
        raise HTTPException(404)
    now, reader = application.now(), BoardReader(visit.who, application.today())
    with application.read() as db:
        shown = read_board(db, visit.contract(db), request.query_params.multi_items(), reader)
        sort, descending = shown.sort
        rows = page_of_board(db, shown.contract, shown.filters, sort=sort, descending=descending)
    about = about_board(shown, len(rows), now.astimezone(PARIS))
    made, kind = write_board(form, board_sheets(rows, shown.columns, shown.words, about), now)
    name = f"dossiers-{reader.today.isoformat()}.{form}"
    return attachment(made, name, kind)
