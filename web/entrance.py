# SPDX-License-Identifier: EUPL-1.2
"""The door: a session opened for somebody who has proved who they are, by whatever means, and its cookie."""

import logging
from typing import Any

from fastapi import Request
from starlette.responses import Response

from app.bootstrap import Application
from web.device import device_of
from web.pages import inside, page, see
from web.sessions import LASTS, close_session, open_session
from web.throttle import TOO_MANY, TooManyAttemptsError
from web.visit import cookie_name, is_https
from workflow.models import Person

log = logging.getLogger(__name__)


def enter(
    request: Request,
    application: Application,
    person: Person,
    *,
    means: str,
    wanted: str,
    announcement: str = "",
    data: dict[str, Any] | None = None,
) -> Response:
    """Opens a session of this person, in place of the browser's former one, and leads to the page wanted."""
    device = device_of(request.headers.get("user-agent", ""))
    former = request.cookies.get(cookie_name(application), "")
    with application.write() as db:
        close_session(db, former)
        token = open_session(db, person, application.now(), device=device, means=means, data=data)
    log.info("signed in: person %s by %s", person.id, means)
    response = see(request, inside(wanted), announcement)
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


def too_many(request: Request, template: str, error: TooManyAttemptsError, **values: Any) -> Response:
    """The same page again, with how long to wait."""
    response = page(request, template, status=429, error=TOO_MANY, **values)
    response.headers["Retry-After"] = str(error.wait)
    return response
