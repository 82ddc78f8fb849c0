# SPDX-License-Identifier: EUPL-1.2
"""One's own account: mandates, open sessions to end one by one or all, and the password."""

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from app.bootstrap import Application
from app.passwords import check_password, hash_password, is_right_password
from web.entrance import too_many
from web.finding import LARGEST_ID
from web.forms import Typed
from web.pages import page, see
from web.presenters.account import account_view
from web.routes.password import typed_twice
from web.sessions import close_one_of, digest
from web.throttle import TooManyAttemptsError, origin_of, throttle_of
from web.visit import App, Form, Visit, Visited
from workflow.accounts import end_sessions
from workflow.errors import InvalidInputError
from workflow.models import Person

router = APIRouter()
WRONG = "Mot de passe actuel : incorrect."


@router.get("/compte")
def account(application: App, visit: Visited, request: Request) -> Response:
    """The account of whoever is signed in."""
    return page(request, "account.html", error="", field="", **_view(application, visit))


def _view(application: Application, visit: Visit) -> dict[str, Any]:
    with application.read() as db:
        person, present = db.get_one(Person, visit.who.person_id), digest(visit.token)
        view = account_view(db, person, present, application.now(), application.today())
    labels = {one.code: one.label for one in application.config.deployment.openid}
    return {**view, "labels": labels}


@router.post("/compte/mot-de-passe")
def change_password(application: App, visit: Visited, typed: Form, request: Request) -> Response:
    """A new password, for whoever knows the present one; the other sessions end."""
    throttle, address = throttle_of(request), origin_of(request)
    try:
        throttle.check(address, visit.who.email)
        new = typed_twice(typed)
        check_password(new)
        with throttle.hashing():
            _change(application, visit, typed, new)
    except TooManyAttemptsError as error:
        return too_many(request, "account.html", error, field="", **_view(application, visit))
    except InvalidInputError as error:
        if error.field == "current":
            throttle.failed(address, visit.who.email)
        shown = {"error": error.message, "field": error.field}
        return page(request, "account.html", status=422, **_view(application, visit), **shown)
    return see(request, "/compte", "Mot de passe changé. Vos autres connexions sont terminées.")


def _change(application: Application, visit: Visit, typed: Typed, new: str) -> None:
    with application.read() as db:
        known = db.get_one(Person, visit.who.person_id).password_hash
    if not is_right_password(known, typed.raw("current")):
        raise InvalidInputError(WRONG, "current")
    hashed = hash_password(new)
    with application.write() as db:
        person = db.get_one(Person, visit.who.person_id)
        person.password_hash = hashed
        end_sessions(db, person, but=digest(visit.token))


@router.post("/compte/sessions/autres")
def end_others(application: App, visit: Visited, request: Request) -> Response:
    """Ends every session but this one."""
    with application.write() as db:
        end_sessions(db, db.get_one(Person, visit.who.person_id), but=digest(visit.token))
    return see(request, "/compte", "Vos autres connexions sont terminées.")


@router.post("/compte/sessions/{session_id}/fin")
def end_one(session_id: int, application: App, visit: Visited, request: Request) -> Response:
    """Ends one session of one's own."""
    with application.write() as db:
        close_one_of(db, visit.who.person_id or 0, min(session_id, LARGEST_ID))
    return see(request, "/compte", "Connexion terminée.")
