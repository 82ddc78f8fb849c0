# SPDX-License-Identifier: EUPL-1.2
"""Signing in by OpenID Connect: leaving for the provider, coming back from it."""

from typing import cast

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from app.openid.errors import OpenidError
from app.openid.provider import Provider
from app.openid.sign_in import LASTS_SECONDS, Proven, begin, finish, read_attempt, stranger
from web.entrance import enter
from web.pages import inside
from web.throttle import origin_of, throttle_of
from web.visit import App, is_https
from workflow.identities import is_of_another_organisation, person_of_identity

router = APIRouter()
ELSEWHERE = (
    "Vous êtes connecté. Votre fournisseur d’identité vous rattache à un autre établissement (SIRET {siret}) que vos mandats : "
    "signalez-le à l’administrateur s’il a changé."
)


@router.get("/connexion/openid/{provider}")
def leave(provider: str, application: App, request: Request, suite: str = "") -> Response:
    """Sends the browser to the provider; a cookie keeps what its answer must match."""
    throttle_of(request).check(origin_of(request))
    base_address = application.config.deployment.base_address
    address, attempt = begin(_provider(request, provider), base_address, inside(suite), application.now())
    response = RedirectResponse(address, 303)
    response.set_cookie(
        _cookie(request),
        attempt.sealed(),
        max_age=LASTS_SECONDS,
        httponly=True,
        samesite="lax",
        secure=is_https(application),
        path="/",
    )
    return response


@router.get("/connexion/openid/{provider}/retour")
def come_back(provider: str, application: App, request: Request) -> Response:
    """Opens the session of the account whose identity this is; never creates one."""
    throttle, address, now = throttle_of(request), origin_of(request), application.now()
    throttle.check(address)
    known, attempt = _provider(request, provider), read_attempt(request.cookies.get(_cookie(request), ""))
    try:
        proven = finish(known, application.config.deployment.base_address, attempt, request.query_params, now)
        with application.write() as db:
            person = person_of_identity(db, proven.issuer, proven.subject, proven.email, now)
            if person is None:
                raise stranger(known, proven)
            told = _told(proven) if is_of_another_organisation(db, person, proven.siret, now) else ""
    except OpenidError:
        throttle.failed(address)
        raise
    wanted = attempt.wanted if attempt else ""
    response = enter(
        request, application, person, means=provider, wanted=wanted, announcement=told, data=proven.data
    )
    response.delete_cookie(_cookie(request), secure=is_https(application), httponly=True, path="/")
    return response


def _told(proven: Proven) -> str:
    return ELSEWHERE.format(siret=proven.siret[:20])


def _provider(request: Request, code: str) -> Provider:
    found = cast("dict[str, Provider]", request.app.state.openid).get(code)
    if found is None:
        raise HTTPException(404)
    return found


def _cookie(request: Request) -> str:
    return "__Host-openid" if is_https(request.app.state.application) else "openid"
