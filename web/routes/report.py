# SPDX-License-Identifier: EUPL-1.2
"""The report of an action: kept as a draft, sent as an interim report, or filed once."""

from datetime import datetime

from fastapi import APIRouter, Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from web.finding import dossier_seen
from web.forms import Typed
from web.pages import see
from web.presenters.report import typed_report
from web.presenters.request_fields import tab_of
from web.routes.report_again import show_confirmation, show_report
from web.routes.request_again import fragment
from web.visit import App, Form, Visit, Visited
from workflow.models import Dossier
from workflow.request.reporting import (
    check_complete,
    file_interim,
    file_report,
    save_report,
    save_report_readable,
)

router = APIRouter()


@router.get("/dossiers/{dossier_id}/bilan")
def report_page(dossier_id: int, request: Request) -> Response:
    """The report being written."""
    return show_report(request)


@router.post("/dossiers/{dossier_id}/bilan")
def keep(dossier_id: int, application: App, visit: Visited, typed: Form, request: Request) -> Response:
    """Keeps the draft."""
    with application.write() as db:
        _kept(db, dossier_id, visit, typed, application.now())
    return see(request, f"/dossiers/{dossier_id}/bilan", "Bilan enregistré\u00a0: il n’est pas encore remis.")


@router.post("/dossiers/{dossier_id}/bilan/saisie")
def keep_while_typing(dossier_id: int, application: App, visit: Visited, typed: Form) -> Response:
    """Keeps what can be read of a report being typed."""
    with application.write() as db:
        dossier = dossier_seen(db, dossier_id, visit)
        answers, version = typed_report(dossier, typed), typed.version()
        saved = save_report_readable(
            db, dossier, answers, visit.who, application.now(), expected_version=version, page=tab_of(typed)
        )
        version = dossier.version
    return fragment("request_saved.html", saved=saved, version=version, at=application.now())


@router.post("/dossiers/{dossier_id}/bilan/intermediaire")
def send_interim(
    dossier_id: int, application: App, visit: Visited, typed: Form, request: Request
) -> Response:
    """Keeps what was typed, and sends it as an interim report."""
    with application.write() as db:
        dossier = _kept(db, dossier_id, visit, typed, application.now())
        file_interim(db, dossier, visit.who, application.now())
    return see(
        request, f"/dossiers/{dossier_id}", "Bilan intermédiaire envoyé. Le bilan définitif reste à remettre."
    )


@router.post("/dossiers/{dossier_id}/bilan/remise")
def file(dossier_id: int, application: App, visit: Visited, typed: Form, request: Request) -> Response:
    """Keeps what was typed and reads it back; confirmed, files the report for good."""
    is_confirmed = typed.text("confirme") == "oui"
    with application.write() as db:
        dossier = _kept(db, dossier_id, visit, typed, application.now())
        check_complete(dossier)
        if is_confirmed:
            file_report(db, dossier, visit.who, application.now())
    if not is_confirmed:
        return show_confirmation(request)
    return see(request, f"/dossiers/{dossier_id}", "Bilan remis. Merci\u00a0: les financeurs vont le lire.")


def _kept(db: Session, dossier_id: int, visit: Visit, typed: Typed, now: datetime) -> Dossier:
    dossier = dossier_seen(db, dossier_id, visit)
    answers, version = typed_report(dossier, typed), typed.version()
    save_report(db, dossier, answers, visit.who, now, expected_version=version, page=tab_of(typed))
    return dossier
