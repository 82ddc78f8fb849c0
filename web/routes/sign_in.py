# SPDX-License-Identifier: EUPL-1.2
"""Signing in and out, and choosing the contract one works on."""

from contextlib import suppress

from fastapi import APIRouter, Request
from starlette.responses import Response

from app.bootstrap import Application
from app.passwords import is_right_password
from web.forms import Typed
from web.pages import inside, page, see
from web.sessions import LASTS, close_session, keep_contract, open_session
from web.throttle import Throttle, TooManyAttemptsError
from web.visit import App, Form, Visited, cookie_name, is_https
from workflow.errors import UnknownReferenceError
from workflow.models import Person
from workflow.permissions import person_by_email

router = APIRouter()
WRONG = "Adresse électronique ou mot de passe incorrect."
TOO_MANY = "Trop d’essais en peu de temps. Attendez un quart d’heure, puis recommencez."


@router.get("/connexion")
def door(visit: Visited, request: Request, suite: str = "") -> Response:
    """The sign-in page."""
    if visit.actor is not None:
        return see(request, inside(suite))
    return page(request, "sign_in.html", email="", suite=inside(suite), error="")


@router.post("/connexion")
def sign_in(application: App, typed: Form, request: Request) -> Response:
    """Opens a session; the same sentence for an unknown address and for a wrong password."""
    throttle: Throttle = request.app.state.throttle
    email, address = typed.text("email").lower(), request.client.host if request.client else ""
    try:
        throttle.check(address, email)
        with throttle.hashing():
            person = _recognised(application, email, typed.raw("password"))
    except TooManyAttemptsError:
        return _refused(request, typed, TOO_MANY, 429)
    if person is None:
        throttle.failed(address, email)
        return _refused(request, typed, WRONG, 422)
    throttle.succeeded(email)
    with application.write() as db:
        token = open_session(db, person, application.now())
    return _let_in(application, see(request, inside(typed.text("suite"))), token)


def _recognised(application: Application, email: str, password: str) -> Person | None:
    """The person, if this is their password; as long to answer for nobody."""
    person: Person | None = None
    with application.read() as db, suppress(UnknownReferenceError):
        person = person_by_email(db, email)
    return person if is_right_password(person.password_hash if person else None, password) else None


def _let_in(application: Application, response: Response, token: str) -> Response:
    response.set_cookie(
        cookie_name(application),
        token,
        max_age=int(LASTS.total_seconds()),
        httponly=True,
        samesite="lax",
        secure=is_https(application),
        path="/",
    )
    return response


@router.post("/deconnexion")
def sign_out(application: App, visit: Visited, request: Request) -> Response:
    """Ends the session."""
    with application.write() as db:
        close_session(db, visit.token)
    response = see(request, "/connexion", "Vous êtes déconnecté.")
    response.delete_cookie(cookie_name(application), secure=is_https(application), httponly=True, path="/")
    return response


@router.post("/contrat")
def choose_contract(application: App, visit: Visited, typed: Form, request: Request) -> Response:
    """Works on another contract, among those one may open."""
    wanted = typed.integer("contrat", "Contrat")
    if wanted not in {contract[0] for contract in visit.contracts}:
        raise UnknownReferenceError("Ce contrat ne vous est pas ouvert.")
    with application.write() as db:
        keep_contract(db, visit.token, wanted)
    return see(request, "/")


def _refused(request: Request, typed: Typed, error: str, status: int) -> Response:
    email, suite = typed.text("email"), inside(typed.text("suite"))
    return page(request, "sign_in.html", status=status, email=email, suite=suite, error=error)
