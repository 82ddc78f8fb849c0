# SPDX-License-Identifier: EUPL-1.2
"""Opinions of the consulted partners, the lead instructor's synthesis, the conseil citoyen's opinion."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from web.finding import dossier_instructed, opinion_of, same_version
from web.pages import see
from web.presenters.opinion import answers_typed
from web.routes.again import show_opinion, show_opinions
from web.visit import App, Form, Visited
from workflow.co_instruction import give_opinion, note_overdue, record_citizens_opinion, write_synthesis
from workflow.machine import fire

router = APIRouter()


@router.get("/dossiers/{dossier_id}/avis")
def side_by_side(dossier_id: int, request: Request) -> Response:
    """The opinions side by side, and the synthesis."""
    return show_opinions(request)


@router.get("/dossiers/{dossier_id}/avis/{opinion_id}")
def one(dossier_id: int, opinion_id: int, request: Request) -> Response:
    """One opinion: what its author must know, and the form."""
    return show_opinion(request)


@router.post("/dossiers/{dossier_id}/avis/{opinion_id}")
def give(
    dossier_id: int, opinion_id: int, application: App, visit: Visited, typed: Form, request: Request
) -> Response:
    """Gives or changes an opinion."""
    with application.write() as db:
        opinion = opinion_of(dossier_instructed(db, dossier_id, visit), opinion_id)
        give_opinion(
            db,
            opinion,
            typed.required("value", "Avis"),
            typed.text("text") or None,
            visit.who,
            application.now(),
            confirms={"oui": True, "non": False}.get(typed.text("confirms")),
            criteria=answers_typed(typed),
            questions=typed.text("questions") or None,
            expected_version=typed.version(),
        )
    return see(request, f"/dossiers/{dossier_id}/avis/{opinion_id}", "Avis enregistré.")


@router.post("/dossiers/{dossier_id}/avis/{opinion_id}/retard")
def overdue(dossier_id: int, opinion_id: int, application: App, visit: Visited, request: Request) -> Response:
    """Notes that an opinion is overdue."""
    with application.write() as db:
        opinion = opinion_of(dossier_instructed(db, dossier_id, visit), opinion_id)
        note_overdue(db, opinion, visit.who, application.now())
    return see(
        request, f"/dossiers/{dossier_id}/avis", "Retard constaté : le dossier peut avancer sans cet avis."
    )


@router.post("/dossiers/{dossier_id}/avis/{opinion_id}/annulation")
def cancel(
    dossier_id: int, opinion_id: int, application: App, visit: Visited, typed: Form, request: Request
) -> Response:
    """Cancels an opinion not given yet."""
    with application.write() as db:
        opinion = opinion_of(dossier_instructed(db, dossier_id, visit), opinion_id)
        reason, version = typed.text("reason"), typed.version()
        fire(db, opinion, "cancel", visit.who, reason, application.now(), expected_version=version)
    return see(request, f"/dossiers/{dossier_id}/avis", "Demande d’avis annulée.")


@router.post("/dossiers/{dossier_id}/synthese")
def synthesis(dossier_id: int, application: App, visit: Visited, typed: Form, request: Request) -> Response:
    """The lead instructor's synthesis, with a suggested amount per line."""
    with application.write() as db:
        dossier = dossier_instructed(db, dossier_id, visit)
        same_version(dossier, typed)
        opinion = typed.required("opinion", "Avis de synthèse")
        amounts = {line.key: typed.amount(f"suggested-{line.id}") for line in dossier.lines}
        suggested = {key: amount for key, amount in amounts.items() if amount is not None}
        strengths, reservations = typed.text("strengths"), typed.text("reservations")
        now = application.now()
        write_synthesis(db, dossier, opinion, strengths, reservations, suggested, visit.who, now)
    return see(request, f"/dossiers/{dossier_id}/avis#synthese", "Synthèse enregistrée.")


@router.post("/dossiers/{dossier_id}/conseil-citoyen")
def citizens(dossier_id: int, application: App, visit: Visited, typed: Form, request: Request) -> Response:
    """The conseil citoyen's opinion."""
    with application.write() as db:
        dossier = dossier_instructed(db, dossier_id, visit)
        same_version(dossier, typed)
        record_citizens_opinion(db, dossier, typed.text("text"), visit.who, application.now())
    return see(request, f"/dossiers/{dossier_id}/avis#citoyens", "Avis du conseil citoyen enregistré.")
