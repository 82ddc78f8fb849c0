# SPDX-License-Identifier: EUPL-1.2
"""The page of a report, shown first or again after a refusal."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from fastapi import Request
from starlette.responses import Response

from web.finding import dossier_seen
from web.forms import Failure, Field, FormView
from web.pages import page
from web.presenters.own import head_of
from web.presenters.report import amounts_realised, report_view
from web.presenters.report_read import filed_report, final_report
from web.presenters.request import differences_of
from web.routes.again import refilled
from web.routes.request_again import show_unsaved
from web.visit import application_of, present_visit
from workflow.request.reporting import check_may_report, may_report


def show_report(request: Request, failure: Failure | None = None, status: int = 200) -> Response:
    """The report: what was done, for whom, what it cost."""
    application, visit = application_of(request), present_visit(request)
    with application.read() as db:
        dossier = dossier_seen(db, int(request.path_params["dossier_id"]), visit)
        filed = filed_report(dossier)
        if filed and not may_report(db, dossier, visit.who):
            failed = {"failure": failure} if failure else {}
            head = head_of(db, dossier, visit.who)
            return page(request, "report_read.html", status=status, report=filed, **head, **failed)
        check_may_report(db, dossier, visit.who)
        view = report_view(db, dossier, failure)
        view["differences"] = differences_of(
            (*view["form"].fields, *amounts_realised(view["tables"])), failure
        )
        sent = None if failure is None else replace(failure, action=view["form"].action)
        return page(request, "report.html", status=status, **refilled(view, sent))


def show_confirmation(request: Request) -> Response:
    """The report as it will be filed, once kept: it is not modified afterwards."""
    application, visit = application_of(request), present_visit(request)
    with application.read() as db:
        dossier = dossier_seen(db, int(request.path_params["dossier_id"]), visit)
        confirmed = Field("confirme", "", "hidden", ("oui",))
        address = f"/dossiers/{dossier.id}/bilan/remise"
        form = FormView(address, "Remettre le bilan définitif", (confirmed,), dossier.version)
        head = head_of(db, dossier, visit.who)
        return page(request, "report_read.html", report=final_report(dossier), form=form, **head)


REPORT_REDISPLAY: Mapping[str, Callable[[Request, Any, int], Response]] = {
    "/dossiers/{dossier_id}/bilan": show_report,
    "/dossiers/{dossier_id}/bilan/saisie": show_unsaved,
    "/dossiers/{dossier_id}/bilan/intermediaire": show_report,
    "/dossiers/{dossier_id}/bilan/remise": show_report,
}
