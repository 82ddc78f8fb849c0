# SPDX-License-Identifier: EUPL-1.2
"""The page of the acts to record, shown first or again after a refusal."""

from collections.abc import Callable, Mapping
from typing import Any

from fastapi import Request
from starlette.responses import Response

from web.forms import Failure
from web.pages import page
from web.presenters.acts import acts_view
from web.presenters.reader import Reader
from web.routes.again import refilled, show_line, year_asked
from web.visit import application_of, present_visit


def show_acts(request: Request, failure: Failure | None = None, status: int = 200) -> Response:
    """The lines that wait for their financer's act, and the acts of the year."""
    application, visit = application_of(request), present_visit(request)
    with application.read() as db:
        contract = visit.contract(db)
        reader, year = Reader(visit.who, application.now()), year_asked(request, db, contract)
        view = acts_view(db, contract, request.query_params, year, reader, failure)
        return page(request, "acts.html", status=status, **refilled(view, failure))


ACTS_REDISPLAY: Mapping[str, Callable[[Request, Any, int], Response]] = {
    "/actes": show_acts,
    "/dossiers/{dossier_id}/lignes/{line_id}/versements": show_line,
    "/dossiers/{dossier_id}/lignes/{line_id}/verse": show_line,
    "/dossiers/{dossier_id}/lignes/{line_id}/realise": show_line,
}
