# SPDX-License-Identifier: EUPL-1.2
"""The page of a report, shown first or again after a refusal."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from fastapi import Request
from starlette.responses import Response

from web.finding import dossier_seen
from web.forms import Failure
from web.pages import page
from web.presenters.report import report_view
from web.routes.again import refilled
from web.visit import application_of, present_visit
from workflow.request.reporting import check_may_report


def show_report(request: Request, failure: Failure | None = None, status: int = 200) -> Response:
    """The report: what was done, for whom, what it cost."""
    application, visit = application_of(request), present_visit(request)
    with application.read() as db:
        dossier = dossier_seen(db, int(request.path_params["dossier_id"]), visit)
        check_may_report(db, dossier, visit.who)
        view = report_view(dossier, failure)
        sent = None if failure is None else replace(failure, action=view["form"].action)
        return page(request, "report.html", status=status, **refilled(view, sent))


REPORT_REDISPLAY: Mapping[str, Callable[[Request, Any, int], Response]] = {
    "/dossiers/{dossier_id}/bilan": show_report,
    "/dossiers/{dossier_id}/bilan/intermediaire": show_report,
    "/dossiers/{dossier_id}/bilan/remise": show_report,
}
