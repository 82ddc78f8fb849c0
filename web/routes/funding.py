# SPDX-License-Identifier: EUPL-1.2
"""Funding lines: the page of one, the financer's answer, the amount proposed, a line nobody requested."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from reports.summary.words import words_of
from web.finding import dossier_instructed, line_of
from web.pages import see
from web.presenters.transitions import typed_inputs
from web.routes.again import show_line
from web.visit import App, Form, Visited
from workflow.contracts import territory_of
from workflow.machine import fire, state_label, table_of
from workflow.round_table import answer, open_line, propose

router = APIRouter()


@router.get("/dossiers/{dossier_id}/lignes/{line_id}")
def line_page(dossier_id: int, line_id: int, request: Request) -> Response:
    """One line: its amounts, its answer, its transitions."""
    return show_line(request)


@router.post("/dossiers/{dossier_id}/lignes")
def open_one(dossier_id: int, application: App, visit: Visited, typed: Form, request: Request) -> Response:
    """Opens a line nobody requested."""
    with application.write() as db:
        dossier = dossier_instructed(db, dossier_id, visit)
        credit = typed.required("credit", "Crédit à solliciter")
        open_line(db, dossier, credit, visit.who, typed.text("reason"), application.now())
    return see(request, f"/dossiers/{dossier_id}#financement", "Ligne ouverte : le financeur est sollicité.")


@router.post("/dossiers/{dossier_id}/lignes/{line_id}/reponse")
def reply(
    dossier_id: int, line_id: int, application: App, visit: Visited, typed: Form, request: Request
) -> Response:
    """The financer's answer."""
    with application.write() as db:
        line = line_of(dossier_instructed(db, dossier_id, visit), line_id)
        answer(
            db,
            line,
            typed.required("answer", "Réponse"),
            visit.who,
            application.now(),
            amount=typed.amount("amount"),
            reason=typed.text("reason") or None,
            description=typed.text("description") or None,
            expected_on=typed.date("expected_on"),
            expected_version=typed.version(),
        )
    return see(request, f"/dossiers/{dossier_id}/lignes/{line_id}", "Réponse du financeur enregistrée.")


@router.post("/dossiers/{dossier_id}/lignes/{line_id}/proposition")
def propose_amount(
    dossier_id: int, line_id: int, application: App, visit: Visited, typed: Form, request: Request
) -> Response:
    """The amount proposed; empty clears it."""
    with application.write() as db:
        line = line_of(dossier_instructed(db, dossier_id, visit), line_id)
        amount, version = typed.amount("amount", "Montant proposé"), typed.version()
        reason, now = typed.text("reason") or None, application.now()
        changed = propose(db, line, amount, visit.who, now, reason=reason, expected_version=version)
        about = words_of(territory_of(line.dossier.contract)).line(line.key)
    said = f"Montant proposé enregistré\u00a0: {about}." if changed else f"Rien n’a changé\u00a0: {about}."
    return see(request, f"/dossiers/{dossier_id}#financement", said)


@router.post("/dossiers/{dossier_id}/lignes/{line_id}/actions/{trigger}")
def act(
    dossier_id: int,
    line_id: int,
    trigger: str,
    application: App,
    visit: Visited,
    typed: Form,
    request: Request,
) -> Response:
    """Any other transition of a line: its financer's act, an ineligibility, a cancellation."""
    with application.write() as db:
        line = line_of(dossier_instructed(db, dossier_id, visit), line_id)
        details, version = typed_inputs(line, trigger, typed), typed.version()
        reason = typed.text("reason") or None
        fire(db, line, trigger, visit.who, reason, application.now(), expected_version=version, **details)
        said = f"Ligne désormais « {state_label(table_of(line), line.state)} »."
    return see(request, f"/dossiers/{dossier_id}#financement", said)
