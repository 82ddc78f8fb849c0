# SPDX-License-Identifier: EUPL-1.2
"""Choosing one's password: a link asked for by address, then a page that only this link opens, once."""

from contextlib import suppress

from fastapi import APIRouter, Request
from starlette.responses import Response

from app.mail import mail_settings
from app.personal_links import TO_CHOOSE_PASSWORD, choose_password, person_of_token, send_link
from web.entrance import too_many
from web.forms import Typed
from web.pages import page, see
from web.throttle import TooManyAttemptsError, origin_of, throttle_of
from web.visit import App, Form
from workflow.errors import InvalidInputError, NotAllowedHereError, UnknownReferenceError
from workflow.permissions import person_by_email

router = APIRouter()
SENT = "Si cette adresse a un compte, un lien vient de lui être envoyé. Il sert une fois, pendant une heure."
DIFFERENT = "Les deux saisies diffèrent."


@router.get("/mot-de-passe")
def ask_page(request: Request) -> Response:
    """Where a link is asked for."""
    return page(request, "password_ask.html", error="", email="")


@router.post("/mot-de-passe")
def ask(application: App, typed: Form, request: Request) -> Response:
    """Sends a link; the same sentence for an unknown address."""
    throttle, address = throttle_of(request), origin_of(request)
    email = typed.text("email").lower()
    try:
        throttle.check(address, f"link:{email}")
    except TooManyAttemptsError as error:
        return too_many(request, "password_ask.html", error, email=email)
    throttle.failed(address, f"link:{email}")
    settings = mail_settings(application.config)
    with suppress(UnknownReferenceError), application.write() as db:
        send_link(db, TO_CHOOSE_PASSWORD, person_by_email(db, email), application.now(), settings)
    return see(request, "/connexion", SENT)


@router.get("/mot-de-passe/{token}")
def choose_page(token: str, application: App, request: Request) -> Response:
    """Where the password is typed; opening it uses nothing up."""
    try:
        with application.read() as db:
            email = person_of_token(db, TO_CHOOSE_PASSWORD, token, application.now()).email
    except NotAllowedHereError as error:
        return page(request, "password_ask.html", status=410, error=error.message, email="")
    return page(request, "password_choose.html", token=token, email=email, error="")


@router.post("/mot-de-passe/{token}")
def choose(token: str, application: App, typed: Form, request: Request) -> Response:
    """Keeps the password."""
    throttle = throttle_of(request)
    try:
        with application.read() as db:
            email = person_of_token(db, TO_CHOOSE_PASSWORD, token, application.now()).email
        password = typed_twice(typed)
        with throttle.hashing(), application.write() as db:
            choose_password(db, token, password, application.now())
    except NotAllowedHereError as error:
        return page(request, "password_ask.html", status=410, error=error.message, email="")
    except InvalidInputError as error:
        return page(
            request, "password_choose.html", status=422, token=token, email=email, error=error.message
        )
    except TooManyAttemptsError as error:
        return too_many(request, "password_choose.html", error, token=token, email=email)
    return see(request, "/connexion", "Votre mot de passe est choisi : connectez-vous.")


def typed_twice(typed: Typed) -> str:
    """The new password. Raises InvalidInputError when its two entries differ."""
    if typed.raw("password") != typed.raw("again"):
        raise InvalidInputError(DIFFERENT, "again")
    return typed.raw("password")
