# SPDX-License-Identifier: EUPL-1.2
"""The messages of the contract and where they stand."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from web.pages import page
from web.presenters.messages import STATES, message_rows
from web.visit import App, Visited
from workflow.queries_messages import count_messages, list_messages

router = APIRouter()


@router.get("/messages")
def messages(application: App, visit: Visited, request: Request) -> Response:
    """The newest messages, all or in one state."""
    state = request.query_params.get("etat", "")
    with application.read() as db:
        counts = count_messages(db, visit.contract_id)
        rows = message_rows(list_messages(db, visit.contract_id, state=state if state in STATES else None))
    return page(request, "messages.html", rows=rows, counts=counts, states=STATES, state=state)
