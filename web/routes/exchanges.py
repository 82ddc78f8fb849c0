# SPDX-License-Identifier: EUPL-1.2
"""The thread of a dossier: reading it, writing to it, correcting one's own message, the document joined."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from web.finding import dossier_seen
from web.pages import see
from web.routes.again import show_thread
from web.uploads import given_back, received_if_any
from web.visit import App, Form, Visited
from workflow.errors import UnknownReferenceError
from workflow.exchanges import INTERNAL, correct_message, message_of, write_message

router = APIRouter()


@router.get("/dossiers/{dossier_id}/echanges")
def thread_page(dossier_id: int, request: Request) -> Response:
    """The thread."""
    return show_thread(request)


@router.post("/dossiers/{dossier_id}/echanges")
def write(dossier_id: int, application: App, visit: Visited, typed: Form, request: Request) -> Response:
    """Adds a message."""
    joined, audience, text = received_if_any(request), typed.text("audience"), typed.text("text")
    with application.write() as db:
        dossier = dossier_seen(db, dossier_id, visit)
        now = application.now()
        message, is_new = write_message(db, dossier, audience, text, visit.who, now, joined=joined)
    said = "Note interne ajoutée." if message.audience == INTERNAL else "Message envoyé."
    said = said if is_new else "Ce message était déjà envoyé : il ne l’a pas été deux fois."
    return see(request, f"/dossiers/{dossier_id}/echanges#message-{message.id}", said)


@router.post("/dossiers/{dossier_id}/echanges/{exchange_id}")
def correct(
    dossier_id: int, exchange_id: int, application: App, visit: Visited, typed: Form, request: Request
) -> Response:
    """New words for one's own recent message."""
    with application.write() as db:
        message = message_of(db, dossier_seen(db, dossier_id, visit), exchange_id, visit.who)
        changed = correct_message(db, message, typed.text("text"), visit.who, application.now())
    said = "Message corrigé : la correction est signalée." if changed else "Rien n’a changé."
    return see(request, f"/dossiers/{dossier_id}/echanges#message-{exchange_id}", said)


@router.get("/dossiers/{dossier_id}/echanges/{exchange_id}/piece")
def joined_document(
    dossier_id: int, exchange_id: int, application: App, visit: Visited, *, vue: bool = False
) -> Response:
    """The document joined to a message."""
    with application.read() as db:
        message = message_of(db, dossier_seen(db, dossier_id, visit), exchange_id, visit.who)
        if message.document is None:
            raise UnknownReferenceError("Ce message n’a pas de document.")
        return given_back(message.document, shown=vue)
