# SPDX-License-Identifier: EUPL-1.2
"""The board of dossiers."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from web.pages import page
from web.presenters.board import board_view
from web.presenters.own import own_board
from web.visit import App, Visited

router = APIRouter()


@router.get("/dossiers")
def board(application: App, visit: Visited, request: Request) -> Response:
    """By stage, or as a table sorted on any column; the filters are the address. A porteur's own, by year."""
    with application.read() as db:
        contract = visit.contract(db)
        if visit.porteurs is not None:
            return page(
                request, "own_board.html", contract=contract, **own_board(db, contract, visit.porteurs)
            )
        view = board_view(db, contract, request.query_params, application.today(), visit.porteurs)
    return page(request, "board.html", contract=contract, **view)
