# SPDX-License-Identifier: EUPL-1.2
"""The one place where an error becomes a French page with its status code; what was typed is never lost."""

import logging
from urllib.parse import quote, urlsplit

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from app.errors import AppError
from app.openid.errors import OpenidError
from app.pdfs import PdfsBusyError
from web.forms import Failure, field_of
from web.pages import address_of, inside, page, see
from web.presenters.findings import rendered
from web.routes import REDISPLAY
from web.security import HEADERS, largest_body, too_large
from web.throttle import TOO_MANY, TooManyAttemptsError
from web.visit import ForgedFormError, SignInNeededError, present_typed
from web.wording import ADVICE, SENTENCES, TITLES
from workflow.errors import (
    ConflictError,
    InvalidInputError,
    NotAllowedHereError,
    NotPermittedError,
    RefusedError,
    TooLargeError,
    UnknownReferenceError,
    UnsupportedContentError,
    WorkflowError,
)

log = logging.getLogger(__name__)

STATUS: dict[type[WorkflowError], int] = {
    NotPermittedError: 403,
    NotAllowedHereError: 409,
    RefusedError: 409,
    ConflictError: 409,
    UnknownReferenceError: 404,
    TooLargeError: 413,
    UnsupportedContentError: 415,
    InvalidInputError: 422,
}

TOO_LONG = (
    "Ce document demande trop de temps, ou trop de documents sont demandés en ce moment\u00a0: rien n’est perdu. "
    "Attendez une minute, puis demandez-le de nouveau."
)
# Never sent again with the rest of a form.
SECRET = frozenset({"jeton", "password"})


def register_errors(web: FastAPI) -> None:
    """Tells the application which function answers which error."""
    for kind, handler in (
        (WorkflowError, _refused),
        (AppError, _not_found),
        (OpenidError, _openid_refused),
        (TooManyAttemptsError, _too_many),
        (HTTPException, _http),
        (RequestValidationError, _not_found),
        (SignInNeededError, _sign_in_needed),
        (ForgedFormError, _forged),
        (ClientDisconnect, _too_big),
        (OperationalError, _busy),
        (PoolTimeoutError, _busy),
        (PdfsBusyError, _too_long),
        (Exception, _unexpected),
    ):
        web.add_exception_handler(kind, handler)


def error_page(
    request: Request, status: int, message: str = "", failure: Failure | None = None, *, heading: str = ""
) -> Response:
    """A page that says what happened, what to do, and what had been typed."""
    typed = Failure(request.url.path, present_typed(request), message).kept
    before = urlsplit(request.headers.get("referer", ""))
    is_ours = before.netloc == request.url.netloc and before.path != request.url.path
    return page(
        request,
        "error.html",
        status=status,
        heading=heading or TITLES.get(status, "Erreur"),
        message=message or SENTENCES.get(status, ""),
        advice=ADVICE.get(status, ""),
        code=status,
        back=inside(before.path) if is_ours else "",
        failure=failure,
        typed=typed,
        resent=_resent(request) if status == 401 else (),
        signing=quote(urlsplit(request.headers.get("referer", "")).path or "/", safe="/"),
    )


def _resent(request: Request) -> list[tuple[str, str]]:
    """What a form sent too late held, to be sent again once signed in; then it is shown, not obeyed."""
    if _route_of(request) not in REDISPLAY:
        return []
    typed = present_typed(request).values
    return [(name, text) for name, texts in typed.items() if name not in SECRET for text in texts]


def _refused(request: Request, error: Exception) -> Response:
    """A refusal of the workflow: the same page again, with the reasons and what was typed."""
    assert isinstance(error, WorkflowError)
    status = next((code for kind, code in STATUS.items() if isinstance(error, kind)), 400)
    failure = _failure(request, error)
    if request.method == "POST" and status in (403, 409, 413, 415, 422):
        shown = _shown_again(request, failure, status)
        if shown is not None:
            return shown
    return error_page(request, status, error.message, failure)


def _shown_again(request: Request, failure: Failure, status: int) -> Response | None:
    """The page the form came from, with what was typed; None when it cannot be shown."""
    show_again = REDISPLAY.get(_route_of(request)) if _is_read(request) else None
    try:
        return show_again(request, failure, status) if show_again else None
    except (WorkflowError, HTTPException, ValueError):  # what the address names is not there, or is no number
        log.info("refused page could not be shown again", exc_info=True)
        return None


def _is_read(request: Request) -> bool:
    """True when the numbers of the address are numbers: a form refused before its route was entered has not been checked."""
    numbers = (str(value) for name, value in request.path_params.items() if name.endswith("_id"))
    return all(text.isascii() and text.isdigit() for text in numbers)


def _failure(request: Request, error: WorkflowError) -> Failure:
    findings = error.findings if isinstance(error, RefusedError) else ()
    named = (name for finding in findings if (name := field_of(finding.rule, finding.facts)))
    return Failure(
        action=request.url.path,
        typed=present_typed(request),
        message=error.message,
        field=next(named, getattr(error, "field", "")),
        faults=tuple(getattr(error, "faults", {}).items()),
        findings=tuple(rendered(finding) for finding in findings),
        is_conflict=isinstance(error, ConflictError),
    )


def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    response = error_page(request, error.status_code)
    response.headers.update(error.headers or {})  # 405 says which methods are allowed
    return response


def _not_found(request: Request, error: Exception) -> Response:
    return error_page(request, 404, getattr(error, "message", ""))


def _sign_in_needed(request: Request, error: Exception) -> Response:
    if request.method == "GET":
        return see(request, f"/connexion?suite={quote(address_of(request), safe='/')}")
    return error_page(
        request, 401, "Votre connexion a expiré : rien n’est encore enregistré, rien n’est perdu."
    )


def _forged(request: Request, error: Exception) -> Response:
    """The page is older than the session: shown again with what was typed, for the person to read and send."""
    message = "Cette page avait été ouverte avant votre dernière connexion. Relisez, puis renvoyez."
    failure = Failure(request.url.path, present_typed(request), message)
    return _shown_again(request, failure, 403) or error_page(
        request,
        403,
        "Cette page avait été ouverte avant votre dernière connexion. Rouvrez-la, puis recommencez.",
    )


def _openid_refused(request: Request, error: Exception) -> Response:
    """What happened exactly is for the log; the page says what to do."""
    assert isinstance(error, OpenidError)
    log.warning("sign-in by openid refused on %s: %s", _route_of(request), error.detail)
    response = error_page(request, error.status, str(error), heading="Connexion impossible")
    if error.status == 503:
        response.headers["Retry-After"] = "30"
    return response


def _too_many(request: Request, error: Exception) -> Response:
    assert isinstance(error, TooManyAttemptsError)
    response = error_page(request, 429, TOO_MANY)
    response.headers["Retry-After"] = str(error.wait)
    return response


def _too_big(request: Request, error: Exception) -> Response:
    return error_page(request, 413, too_large(largest_body(request.url.path)))


def _busy(request: Request, error: Exception) -> Response:
    log.error("database unavailable on %s", request.url.path, exc_info=error)
    return error_page(request, 503)


def _too_long(request: Request, error: Exception) -> Response:
    """A document that is not made in time, or too many asked at once."""
    log.warning("document not made in time on %s: %s", _route_of(request), type(error).__name__)
    response = error_page(request, 503, TOO_LONG, heading="Document pas encore prêt")
    response.headers["Retry-After"] = "60"
    return response


def _route_of(request: Request) -> str:
    """The route, without its values: a calendar's address is a secret."""
    return str(getattr(request.scope.get("route"), "path", "?"))


def _unexpected(request: Request, error: Exception) -> Response:
    """Outside every other layer: it logs, and dresses its own answer."""
    log.error("unexpected error on %s %s", request.method, _route_of(request), exc_info=error)
    response = error_page(request, 500)
    response.headers.update(HEADERS)
    return response
