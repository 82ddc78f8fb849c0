# SPDX-License-Identifier: EUPL-1.2
"""The answer to a convocation by its signed link, without an account. Reading records nothing: only the buttons do."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from web.pages import see
from web.routes.again import show_answer
from web.visit import App, Form
from workflow.answer_links import read_token
from workflow.answers import as_called, record_answer

router = APIRouter()


@router.get("/reponse/{token}")
def answer_page(token: str, request: Request) -> Response:
    """The buttons; mail scanners that open links see them and press none."""
    return show_answer(request)


@router.post("/reponse/{token}")
def answer(token: str, application: App, typed: Form, request: Request) -> Response:
    """Records the answer, and again as often as wanted."""
    now = application.now()
    with application.write() as db:
        called = read_token(db, token, now)
        wanted = typed.text("mandataire")
        bearer = next((c for c in called.seance.convocations if str(c.id) == wanted), None)
        given, deputy = typed.required("reponse", "Réponse"), typed.text("suppleant") or None
        record_answer(db, called, given, as_called(called), now, proxy=bearer, deputy=deputy)
    return see(request, f"/reponse/{token}", "Réponse enregistrée. Merci.")
