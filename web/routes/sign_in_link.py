# SPDX-License-Identifier: EUPL-1.2
"""Signing in without password: a link asked for by address, whose page has a button; opening it uses nothing up."""

from contextlib import suppress

from fastapi import APIRouter, Request
from starlette.responses import Response

from app.mail import mail_settings
from app.personal_links import TO_SIGN_IN, person_of_token, send_link, use_link
from web.entrance import enter, too_many
from web.pages import inside, page, see
from web.throttle import TooManyAttemptsError, origin_of, throttle_of
from web.visit import App, Form
from workflow.errors import NotAllowedHereError, UnknownReferenceError
from workflow.permissions import person_by_email

router = APIRouter()
ASK = "sign_in_link_ask.html"
SENT = "Si cette adresse a un compte, un lien vient de lui être envoyé. Il sert une fois, pendant un quart d’heure."


@router.get("/connexion/lien")
def ask_page(request: Request, suite: str = "") -> Response:
    """Where a link is asked for."""
    return page(request, ASK, error="", email="", suite=inside(suite))


@router.post("/connexion/lien")
def ask(application: App, typed: Form, request: Request) -> Response:
    """Sends a link; the same sentence for an unknown address."""
    throttle, address = throttle_of(request), origin_of(request)
    email, wanted = typed.text("email").lower(), inside(typed.text("suite"))
    try:
        throttle.check(address, f"sign-in-link:{email}")
    except TooManyAttemptsError as error:
        return too_many(request, ASK, error, email=email, suite=wanted)
    throttle.failed(address, f"sign-in-link:{email}")
    with suppress(UnknownReferenceError), application.write() as db:
        person, settings = person_by_email(db, email), mail_settings(application.config)
        send_link(db, TO_SIGN_IN, person, application.now(), settings, wanted=wanted)
    return see(request, "/connexion", SENT)


@router.get("/connexion/lien/{token}")
def open_link(token: str, application: App, request: Request, suite: str = "") -> Response:
    """The page with the button: a mail scanner that opens it signs nobody in."""
    try:
        with application.read() as db:
            email = person_of_token(db, TO_SIGN_IN, token, application.now()).email
    except NotAllowedHereError as error:
        return page(request, ASK, status=410, error=error.message, email="", suite=inside(suite))
    return page(request, "sign_in_link.html", token=token, email=email, suite=inside(suite))


@router.post("/connexion/lien/{token}")
def follow_link(token: str, application: App, typed: Form, request: Request) -> Response:
    """Opens the session."""
    throttle, address, wanted = throttle_of(request), origin_of(request), typed.text("suite")
    try:
        throttle.check(address)
        with application.write() as db:
            person = use_link(db, TO_SIGN_IN, token, application.now())
    except NotAllowedHereError as error:
        throttle.failed(address)
        return page(request, ASK, status=410, error=error.message, email="", suite=inside(wanted))
    except TooManyAttemptsError as error:
        return too_many(request, ASK, error, email="", suite=inside(wanted))
    return enter(request, application, person, means="link", wanted=wanted)
