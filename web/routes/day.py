# SPDX-License-Identifier: EUPL-1.2
"""My day: what waits for whoever is signed in, and where one arrives."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from web.pages import page, see
from web.presenters.day import day_view
from web.visit import App, Visited
from workflow.answer_links import signing_key
from workflow.my_day import my_day

router = APIRouter()


@router.get("/")
def home(visit: Visited, request: Request) -> Response:
    """The day of whoever instructs, the dossiers of a porteur, or the door."""
    if visit.actor is None:
        return see(request, "/connexion")
    return see(request, "/journee" if visit.sees_contract else "/dossiers")


@router.get("/journee")
def day(application: App, visit: Visited, request: Request) -> Response:
    """What waits for me, late first."""
    now = application.now()
    with application.read() as db:
        found = my_day(db, visit.contract(db), visit.who, now)
        view = day_view(found, visit.who.person_id, now, signing_key(db) if found.called else None)
    return page(request, "day.html", **view)
