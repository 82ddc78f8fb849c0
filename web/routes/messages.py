# SPDX-License-Identifier: EUPL-1.2
"""The messages of the contract and where they stand; letters held are read, then released."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from fastapi import APIRouter, Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from notifications.errors import NotificationError
from notifications.failures import list_failures
from notifications.outbox import release, retry
from web.finding import letter_of, seance_seen
from web.pages import counted, page, see
from web.presenters.messages import STATES, letter_view, may_read_letters, message_rows, require_letter_reader
from web.visit import App, Form, Visited
from workflow.errors import NotAllowedHereError
from workflow.models import Message
from workflow.queries_messages import count_messages, letters_of, list_messages

router = APIRouter()


@router.get("/messages")
def messages(application: App, visit: Visited, request: Request) -> Response:
    """The newest messages, all or in one state."""
    state = request.query_params.get("etat", "")
    with application.read() as db:
        counts = count_messages(db, visit.contract_id)
        rows = message_rows(list_messages(db, visit.contract_id, state=state if state in STATES else None))
        may_read = may_read_letters(visit.who, visit.contract_id)
        failures = list_failures(db, application.now(), visit.contract_id) if may_read else []
    return page(
        request,
        "messages.html",
        rows=rows,
        counts=counts,
        states=STATES,
        state=state,
        may_read=may_read,
        failures=failures,
    )


@router.get("/messages/{message_id}")
def letter(message_id: int, application: App, visit: Visited, request: Request) -> Response:
    """One letter, for the secretary and the pilot."""
    require_letter_reader(visit.who, visit.contract_id)
    with application.read() as db, _told():
        return page(request, "letter.html", **letter_view(db, letter_of(db, message_id, visit)))


@router.post("/messages/{message_id}/liberation")
def release_letter(message_id: int, application: App, visit: Visited, request: Request) -> Response:
    """A letter held leaves."""
    require_letter_reader(visit.who, visit.contract_id)
    with application.write() as db:
        _release(db, letter_of(db, message_id, visit), application.now())
    return see(request, f"/messages/{message_id}", "Courrier libéré : il part au prochain envoi.")


@router.post("/messages/{message_id}/relance")
def retry_message(message_id: int, application: App, visit: Visited, request: Request) -> Response:
    """A message that failed is tried again, at the address known now."""
    require_letter_reader(visit.who, visit.contract_id)
    with application.write() as db:
        message = letter_of(db, message_id, visit)
        with _told():
            retry(db, message.key, application.now())
    return see(request, "/messages", "Message relancé : il part au prochain envoi.")


@router.post("/seances/{seance_id}/courriers")
def release_letters(
    seance_id: int, application: App, visit: Visited, typed: Form, request: Request
) -> Response:
    """The letters of a séance that the page listed leave together."""
    with application.write() as db:
        seance = seance_seen(db, seance_id, visit)
        require_letter_reader(visit.who, seance.contract_id)
        listed = set(typed.texts("letter"))
        letters = [message for message in letters_of(db, seance) if str(message.id) in listed]
        for message in letters:
            _release(db, message, application.now())
        said = f"{counted(len(letters), 'courrier libéré')}." if letters else "Aucun courrier à libérer."
    return see(request, f"/seances/{seance_id}", said)


def _release(db: Session, message: Message, now: datetime) -> None:
    with _told():
        release(db, message.key, now)


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except NotificationError as error:
        raise NotAllowedHereError(error.message) from error
