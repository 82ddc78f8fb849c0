# SPDX-License-Identifier: EUPL-1.2
"""The dossier page, its transitions, and the settling of its findings."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from web.finding import dossier_instructed, dossier_seen, same_version
from web.pages import see
from web.presenters.transitions import typed_inputs
from web.routes.again import show_action, show_dossier
from web.visit import App, Form, Visited
from workflow.machine import fire, state_label, table_of
from workflow.request.reporting import may_report
from workflow.settlements import settle, still_stops, withdraw

router = APIRouter()


@router.get("/dossiers/{dossier_id}")
def dossier_page(dossier_id: int, request: Request) -> Response:
    """The dossier."""
    return show_dossier(request)


@router.get("/dossiers/{dossier_id}/actions/{trigger}")
def action_page(
    dossier_id: int, trigger: str, application: App, visit: Visited, request: Request
) -> Response:
    """One transition on a page of its own: its form, or why it is not possible. The report has its own page, for all it says."""
    if trigger == "report":
        with application.read() as db:
            if may_report(db, dossier_seen(db, dossier_id, visit), visit.who):
                return see(request, f"/dossiers/{dossier_id}/bilan")
    return show_action(request)


@router.post("/dossiers/{dossier_id}/actions/{trigger}")
def act(
    dossier_id: int, trigger: str, application: App, visit: Visited, typed: Form, request: Request
) -> Response:
    """Fires one transition."""
    with application.write() as db:
        dossier = dossier_seen(db, dossier_id, visit)
        details = typed_inputs(dossier, trigger, typed)
        reason = typed.text("reason") or None
        version = typed.version()
        fire(db, dossier, trigger, visit.who, reason, application.now(), expected_version=version, **details)
        label = state_label(table_of(dossier), dossier.stage)
        said = f"Dossier {dossier.reference} : désormais « {label} »."
    return see(request, f"/dossiers/{dossier_id}", said)


@router.post("/dossiers/{dossier_id}/constats")
def settle_finding(
    dossier_id: int, application: App, visit: Visited, typed: Form, request: Request
) -> Response:
    """Attests or waives one undetermined finding, or overrides a local condition."""
    with application.write() as db:
        dossier = dossier_instructed(db, dossier_id, visit)
        same_version(dossier, typed)
        rule, kind, reason = typed.text("rule"), typed.text("kind"), typed.text("reason")
        line = typed.text("line") or None
        done = settle(db, dossier, rule, kind, reason, visit.who, application.now(), line)
    said = "Constat réglé : votre motif est au journal."
    if done.reinstated:
        said += " La ligne est rétablie : un montant peut de nouveau y être proposé."
    return see(request, f"/dossiers/{dossier_id}#constats", said)


@router.post("/dossiers/{dossier_id}/constats/retrait")
def withdraw_settlement(
    dossier_id: int, application: App, visit: Visited, typed: Form, request: Request
) -> Response:
    """Withdraws an attestation, a waiver or an override."""
    now = application.now()
    with application.write() as db:
        dossier = dossier_instructed(db, dossier_id, visit)
        same_version(dossier, typed)
        number = typed.integer("settlement", "Règlement") or 0
        gone = withdraw(db, dossier, number, typed.text("reason"), visit.who, now)
        left = still_stops(dossier, gone, now)
    return see(request, f"/dossiers/{dossier_id}#constats", f"Règlement retiré. {left}".strip())
