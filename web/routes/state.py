# SPDX-License-Identifier: EUPL-1.2
"""How the background work is: jobs, workers, messages that wait or failed; for those who run the contract."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from app.health import read_health
from app.mail import mail_settings
from web.pages import page
from web.presenters.state import state_view
from web.visit import App

router = APIRouter()


@router.get("/etat")
def state(application: App, request: Request) -> Response:
    """The state of the scheduler and of the outbox."""
    with application.read() as db:
        health = read_health(db, application.now())
    return page(request, "state.html", **state_view(health, mail_settings(application.config).held))
