# SPDX-License-Identifier: EUPL-1.2
"""Importing a file: sent, previewed, then imported by a task; the rejected rows are downloaded to be corrected."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from app.imports import find_import, receive_file, rejected_of, start_import
from reports.csv_text import inert, write_csv
from web.downloads import attachment
from web.pages import page, see
from web.presenters.imports import import_view
from web.routes.again import show_imports
from web.visit import App, Form, Visited, chosen_file, chosen_name

router = APIRouter()


@router.get("/administration/import")
def imports(request: Request) -> Response:
    """The form and the last files sent."""
    return show_imports(request)


@router.post("/administration/import")
def send(application: App, visit: Visited, typed: Form, request: Request) -> Response:
    """Keeps the file and asks for its preview; an unreadable one is refused at once."""
    number = receive_file(
        application,
        visit.contract_id,
        visit.who,
        chosen_file(request),
        chosen_name(request),
        profile=typed.required("profile", "Profil").partition(":")[0],
        target=typed.text("profile").partition(":")[2] or None,
        year=typed.integer("year", "Exercice"),
    )
    return see(request, f"/administration/imports/{number}")


@router.get("/administration/imports/{import_id}")
def one_import(import_id: int, application: App, visit: Visited, request: Request) -> Response:
    """Where one file stands: its preview row by row, then what was imported."""
    with application.read() as db:
        view = import_view(find_import(db, visit.contract_id, import_id))
    return page(request, "import.html", **view)


@router.post("/administration/imports/{import_id}/lancement")
def start(import_id: int, application: App, visit: Visited, request: Request) -> Response:
    """The import itself, once the preview was read."""
    with application.write() as db:
        is_new = start_import(db, visit.contract_id, import_id, visit.who, application)
    said = "Import lancé : il se fait en arrière-plan." if is_new else "Cet import était déjà lancé."
    return see(request, f"/administration/imports/{import_id}", said)


@router.get("/administration/imports/{import_id}/rejets.csv")
def rejected(import_id: int, application: App, visit: Visited) -> Response:
    """The rejected rows as they came, with their reasons."""
    with application.read() as db:
        headers, rows = rejected_of(db, find_import(db, visit.contract_id, import_id))
    content = write_csv(headers, ([inert(cell) for cell in row] for row in rows))
    return attachment(content, f"rejets-{import_id}.csv", "text/csv; charset=utf-8")
