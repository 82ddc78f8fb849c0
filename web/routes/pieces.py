# SPDX-License-Identifier: EUPL-1.2
"""The pieces of a dossier: the list, sending one, reading one, withdrawing one."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from web.finding import dossier_seen
from web.pages import see
from web.presenters.pieces import said_of
from web.routes.again import show_pieces
from web.uploads import given_back, received_file
from web.visit import App, Form, Visited
from workflow.errors import UnknownReferenceError
from workflow.pieces import add_piece, check_may_add, may_read, piece_of, withdraw_piece

router = APIRouter()


@router.get("/dossiers/{dossier_id}/pieces")
def pieces_page(dossier_id: int, request: Request) -> Response:
    """The pieces."""
    return show_pieces(request)


@router.post("/dossiers/{dossier_id}/pieces")
def send(dossier_id: int, application: App, visit: Visited, typed: Form, request: Request) -> Response:
    """Receives a piece; the database is not held while the file is judged."""
    with application.read() as db:
        check_may_add(db, dossier_seen(db, dossier_id, visit), visit.who)
    received, code = received_file(request), typed.required("code", "Nature de la pièce")
    replaces = typed.integer("replaces", "Pièce remplacée")
    with application.write() as db:
        dossier = dossier_seen(db, dossier_id, visit)
        piece, is_new = add_piece(
            db, dossier, code, received, visit.who, application.now(), replaces=replaces
        )
        said = said_of(piece, is_new=is_new)
    return see(request, f"/dossiers/{dossier_id}/pieces", said)


@router.get("/dossiers/{dossier_id}/pieces/{piece_id}")
def piece(dossier_id: int, piece_id: int, application: App, visit: Visited, *, vue: bool = False) -> Response:
    """The file; `vue=1` shows it in the browser when it is a PDF or an image."""
    with application.read() as db:
        dossier = dossier_seen(db, dossier_id, visit)
        found = piece_of(db, dossier, piece_id)
        if not may_read(dossier, found, visit.who):
            raise UnknownReferenceError("Cette pièce a été retirée.")
        return given_back(found.document, shown=vue)


@router.post("/dossiers/{dossier_id}/pieces/{piece_id}/retrait")
def withdraw(
    dossier_id: int, piece_id: int, application: App, visit: Visited, typed: Form, request: Request
) -> Response:
    """A piece sent by mistake no longer counts."""
    with application.write() as db:
        dossier = dossier_seen(db, dossier_id, visit)
        found, reason = piece_of(db, dossier, piece_id), typed.text("reason")
        withdraw_piece(db, dossier, found, reason, visit.who, application.now())
    return see(
        request, f"/dossiers/{dossier_id}/pieces", "Pièce retirée : le journal dit par qui et pourquoi."
    )
