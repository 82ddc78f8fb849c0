# SPDX-License-Identifier: EUPL-1.2
"""One act on many dossiers: its preview, its task, its report."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from app.bulk import ask_bulk
from web.finding import bulk_task_seen
from web.pages import page, see
from web.presenters.bulk import read_chosen, report_view
from web.presenters.transitions import typed_texts
from web.routes.again import show_bulk
from web.visit import App, Form, Visited
from workflow.bulk import items_of
from workflow.transitions import DOSSIER

router = APIRouter()


@router.get("/dossiers/lot")
def choose(request: Request) -> Response:
    """The dossiers chosen, the act, and what it would do to each."""
    return show_bulk(request)


@router.post("/dossiers/lot")
def ask(application: App, visit: Visited, typed: Form, request: Request) -> Response:
    """Puts the act in the queue, dossier by dossier."""
    trigger, reason, chosen = typed.text("action"), typed.text("reason"), read_chosen(typed.text("dossiers"))
    texts = typed_texts(DOSSIER, trigger, typed)
    with application.write() as db:
        contract = visit.contract(db)
        task = ask_bulk(db, contract, visit.who, trigger, chosen, texts, reason, application.now())
    return see(request, f"/dossiers/lots/{task.id}")


@router.get("/dossiers/lots/{task_id}")
def report(task_id: int, application: App, visit: Visited, request: Request) -> Response:
    """How far it is, then what came of each dossier."""
    with application.read() as db:
        task = bulk_task_seen(db, task_id, visit)
        view = report_view(task, items_of(db, task.id))
    return page(request, "bulk_report.html", **view)
