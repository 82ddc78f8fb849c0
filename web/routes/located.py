# SPDX-License-Identifier: EUPL-1.2
"""Locating the beneficiaries of a dossier from a file that is read and never kept, and forgetting their counts."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from app.perimeters import locate_residents
from web.finding import dossier_instructed
from web.pages import see
from web.visit import App, Form, Visited, chosen_file
from workflow.located.recording import check_may_locate, forget_located, record_located

router = APIRouter()


@router.post("/dossiers/{dossier_id}/localisation")
def locate(dossier_id: int, application: App, visit: Visited, typed: Form, request: Request) -> Response:
    """Counts who lives in which QPV; the database is not held while the file is read."""
    with application.read() as db:
        dossier = dossier_instructed(db, dossier_id, visit)
        check_may_locate(dossier, visit.who)
        contract, version = dossier.contract.code, typed.version()
    counts = locate_residents(application.config, contract, chosen_file(request), application.today())
    with application.write() as db:
        dossier = dossier_instructed(db, dossier_id, visit)
        record_located(db, dossier, counts, visit.who, application.now(), expected_version=version)
    said = "Bénéficiaires localisés : seuls les comptes sont gardés, le fichier ne l’est pas."
    return see(request, f"/dossiers/{dossier_id}#residence", said)


@router.post("/dossiers/{dossier_id}/localisation/effacement")
def forget(dossier_id: int, application: App, visit: Visited, typed: Form, request: Request) -> Response:
    """Removes the counts."""
    with application.write() as db:
        dossier = dossier_instructed(db, dossier_id, visit)
        version = typed.version()
        removed = forget_located(db, dossier, visit.who, application.now(), expected_version=version)
    said = "Localisation des bénéficiaires effacée." if removed else "Rien n’a changé."
    return see(request, f"/dossiers/{dossier_id}#demande", said)
