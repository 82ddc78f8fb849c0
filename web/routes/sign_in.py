# SPDX-License-Identifier: EUPL-1.2
"""Signing in by password, signing out, and choosing the contract one works on."""

from contextlib import suppress
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from app.bootstrap import Application
from app.openid.sign_out import sign_out_address
from app.passwords import is_right_password
from web.entrance import enter, too_many
from web.pages import inside, page, see
from web.sessions import close_session, find_session, keep_contract
from web.throttle import TooManyAttemptsError, origin_of, throttle_of
from web.visit import App, Form, Visit, Visited, cookie_name, is_https
from workflow.errors import UnknownReferenceError
from workflow.models import Person
from workflow.permissions import person_by_email

router = APIRouter()
WRONG = "Adresse électronique ou mot de passe incorrect."


@router.get("/connexion")
def door(application: App, visit: Visited, request: Request, suite: str = "") -> Response:
    """The sign-in page."""
    if visit.actor is not None:
        return see(request, inside(suite))
    return page(request, "sign_in.html", error="", **_shown(application, "", suite))


@router.post("/connexion")
def sign_in(application: App, typed: Form, request: Request) -> Response:
    """Opens a session; the same sentence for an unknown address and for a wrong password."""
    throttle, address = throttle_of(request), origin_of(request)
    email, wanted = typed.text("email").lower(), typed.text("suite")
    try:
        throttle.check(address, email)
        with throttle.hashing():
            person = _recognised(application, email, typed.raw("password"))
    except TooManyAttemptsError as error:
        return too_many(request, "sign_in.html", error, **_shown(application, email, wanted))
    if person is None:
        throttle.failed(address, email)
        return page(request, "sign_in.html", status=422, error=WRONG, **_shown(application, email, wanted))
    throttle.succeeded(email)
    return enter(request, application, person, means="password", wanted=wanted)


def _shown(application: Application, email: str, wanted: str) -> dict[str, Any]:
    providers = [(one.code, one.label) for one in application.config.deployment.openid]
    return {"email": email, "suite": inside(wanted), "providers": providers}


def _recognised(application: Application, email: str, password: str) -> Person | None:
    """The person, if this is their password; as long to answer for nobody."""
    person: Person | None = None
    with application.read() as db, suppress(UnknownReferenceError):
        person = person_by_email(db, email)
    return person if is_right_password(person.password_hash if person else None, password) else None


@router.post("/deconnexion")
def sign_out(application: App, visit: Visited, request: Request) -> Response:
    """Ends the session here and, for whoever came from an OpenID provider, leads there to end it too."""
    with application.write() as db:
        found = find_session(db, visit.token, application.now())
        means, data = (found.means, found.data) if found else ("", {})
        close_session(db, visit.token)
    elsewhere = sign_out_address(application.config, means, data)
    if elsewhere is None:
        response = see(request, "/connexion", "Vous êtes déconnecté.")
    else:
        request.state.visit = Visit()
        response = page(request, "signed_out.html", address=elsewhere.address, label=elsewhere.label)
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
