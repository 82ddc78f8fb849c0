# SPDX-License-Identifier: EUPL-1.2
"""The one place where an error becomes a French page with its status code; what was typed is never lost."""

import logging
from urllib.parse import quote

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import OperationalError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from app.errors import AppError
from web.forms import Failure
from web.pages import page, see
from web.presenters.findings import rendered
from web.routes import REDISPLAY
from web.security import HEADERS
from web.visit import ForgedFormError, SignInNeededError, present_typed
from workflow.errors import (
    ConflictError,
    InvalidInputError,
    NotAllowedHereError,
    NotPermittedError,
    RefusedError,
    UnknownReferenceError,
    WorkflowError,
)

log = logging.getLogger(__name__)

STATUS: dict[type[WorkflowError], int] = {
    NotPermittedError: 403,
    NotAllowedHereError: 409,
    RefusedError: 409,
    ConflictError: 409,
    UnknownReferenceError: 404,
    InvalidInputError: 422,
}
TITLES = {
    400: "Demande illisible",
    401: "Connexion expirée",
    403: "Accès refusé",
    404: "Page introuvable",
    405: "Action impossible à cette adresse",
    409: "Ce n’est pas possible en l’état",
    413: "Envoi trop volumineux",
    422: "Saisie à corriger",
    500: "Incident technique",
    503: "Service momentanément occupé",
}
SENTENCES = {
    403: "Vos mandats ne donnent pas accès à cette page. Si cela vous étonne, adressez-vous au pilote du contrat.",
    404: "Cette page n’existe pas, ou elle ne vous est pas ouverte.",
    405: "Cette adresse ne répond pas à cette action.",
    500: "Une erreur imprévue s’est produite. Elle a été consignée ; rien de ce que vous avez saisi n’a été "
    "enregistré à moitié. Réessayez, puis signalez-la si elle se répète.",
    503: "La base de données est occupée. Attendez un instant puis recommencez : rien n’a été enregistré.",
}


def register_errors(web: FastAPI) -> None:
    """Tells the application which function answers which error."""
    for kind, handler in (
        (WorkflowError, _refused),
        (AppError, _not_found),
        (HTTPException, _http),
        (RequestValidationError, _not_found),
        (SignInNeededError, _sign_in_needed),
        (ForgedFormError, _forged),
        (ClientDisconnect, _too_big),
        (OperationalError, _busy),
        (Exception, _unexpected),
    ):
        web.add_exception_handler(kind, handler)


def error_page(request: Request, status: int, message: str = "", failure: Failure | None = None) -> Response:
    """A page that says what happened, what to do, and what had been typed."""
    typed = Failure(request.url.path, present_typed(request), message).kept
    return page(
        request,
        "error.html",
        status=status,
        heading=TITLES.get(status, "Erreur"),
        message=message or SENTENCES.get(status, ""),
        failure=failure,
        typed=typed,
    )


def _refused(request: Request, error: Exception) -> Response:
    """A refusal of the workflow: the same page again, with the reasons and what was typed."""
    assert isinstance(error, WorkflowError)
    status = next((code for kind, code in STATUS.items() if isinstance(error, kind)), 400)
    failure = _failure(request, error)
    show_again = REDISPLAY.get(getattr(request.scope.get("route"), "path", ""))
    if request.method == "POST" and status in (403, 409, 422) and show_again is not None:
        try:
            return show_again(request, failure, status)
        except (WorkflowError, HTTPException):
            log.info("refused page could not be shown again", exc_info=True)
    return error_page(request, status, error.message, failure)


def _failure(request: Request, error: WorkflowError) -> Failure:
    findings = error.findings if isinstance(error, RefusedError) else ()
    return Failure(
        action=request.url.path,
        typed=present_typed(request),
        message=error.message,
        field=getattr(error, "field", ""),
        faults=tuple(getattr(error, "faults", {}).items()),
        findings=tuple(rendered(finding) for finding in findings),
        is_conflict=isinstance(error, ConflictError),
    )


def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return error_page(request, error.status_code)


def _not_found(request: Request, error: Exception) -> Response:
    return error_page(request, 404, getattr(error, "message", ""))


def _sign_in_needed(request: Request, error: Exception) -> Response:
    if request.method in ("GET", "HEAD"):
        wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        return see(request, f"/connexion?suite={quote(wanted, safe='/')}")
    return error_page(
        request,
        401,
        "Votre connexion a expiré. Copiez votre saisie ci-dessous, reconnectez-vous, puis recommencez.",
    )


def _forged(request: Request, error: Exception) -> Response:
    return error_page(
        request,
        403,
        "Cette page avait été ouverte avant votre dernière connexion. Rouvrez-la, puis recommencez.",
    )


def _too_big(request: Request, error: Exception) -> Response:
    return error_page(request, 413)


def _busy(request: Request, error: Exception) -> Response:
    log.error("database unavailable on %s", request.url.path, exc_info=error)
    return error_page(request, 503)


def _route_of(request: Request) -> str:
    """The route, without its values: a calendar's address is a secret."""
    return str(getattr(request.scope.get("route"), "path", "?"))


def _unexpected(request: Request, error: Exception) -> Response:
    """Outside every other layer: it logs, and dresses its own answer."""
    log.error("unexpected error on %s %s", request.method, _route_of(request), exc_info=error)
    response = error_page(request, 500)
    response.headers.update(HEADERS)
    return response
