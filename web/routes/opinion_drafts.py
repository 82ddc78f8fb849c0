# SPDX-License-Identifier: EUPL-1.2
"""Drafts of opinions and of syntheses: saved as one types, or by a button where there is no JavaScript; and dropped."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from reports.summary.words import words_of
from web.finding import dossier_instructed, opinion_of
from web.pages import page, see
from web.presenters.drafts import content_of, filled
from web.presenters.opinion import give_form
from web.presenters.reader import Reader
from web.presenters.synthesis import sums_of, synthesis_form
from web.visit import App, Form, Visited
from workflow.contracts import territory_of
from workflow.drafts import check_may_draft, forget_draft, save_draft

router = APIRouter()
KEPT = "Brouillon enregistré. Il n’est visible que de votre organisme, et rien n’est encore rendu."
DROPPED = "Brouillon effacé."


def _is_as_one_types(request: Request) -> bool:
    return request.headers.get("hx-request") == "true"


@router.post("/dossiers/{dossier_id}/avis/{opinion_id}/brouillon")
def save_opinion(
    dossier_id: int, opinion_id: int, application: App, visit: Visited, typed: Form, request: Request
) -> Response:
    """Keeps what is typed of an opinion."""
    with application.write() as db:
        opinion = opinion_of(dossier_instructed(db, dossier_id, visit), opinion_id)
        content = content_of(give_form(opinion), typed)
        now, version = application.now(), typed.version()
        saved_at = save_draft(db, opinion, content, visit.who, now, page_version=version).saved_at
    if _is_as_one_types(request):
        return page(request, "draft_saved.html", saved_at=saved_at, sums=None)
    return see(request, f"/dossiers/{dossier_id}/avis/{opinion_id}", KEPT)


@router.post("/dossiers/{dossier_id}/avis/{opinion_id}/brouillon/effacement")
def drop_opinion(
    dossier_id: int, opinion_id: int, application: App, visit: Visited, request: Request
) -> Response:
    """Drops one's own draft of an opinion."""
    with application.write() as db:
        forget_draft(db, opinion_of(dossier_instructed(db, dossier_id, visit), opinion_id), visit.who)
    return see(request, f"/dossiers/{dossier_id}/avis/{opinion_id}", DROPPED)


@router.post("/dossiers/{dossier_id}/synthese/brouillon")
def save_synthesis(
    dossier_id: int, application: App, visit: Visited, typed: Form, request: Request
) -> Response:
    """Keeps what is typed of a synthesis, and says what its amounts add up to."""
    with application.write() as db:
        dossier = dossier_instructed(db, dossier_id, visit)
        check_may_draft(dossier, visit.who)
        words, reader = words_of(territory_of(dossier.contract)), Reader(visit.who, application.now())
        form = synthesis_form(dossier, words, reader)
        assert form is not None  # checked above
        content = content_of(form, typed)
        version = typed.version()
        saved_at = save_draft(db, dossier, content, visit.who, reader.now, page_version=version).saved_at
        sums = sums_of(dossier, filled(form, content))
    if _is_as_one_types(request):
        return page(request, "draft_saved.html", saved_at=saved_at, sums=sums)
    return see(request, f"/dossiers/{dossier_id}/avis#synthese", KEPT)


@router.post("/dossiers/{dossier_id}/synthese/brouillon/effacement")
def drop_synthesis(dossier_id: int, application: App, visit: Visited, request: Request) -> Response:
    """Drops one's own draft of a synthesis."""
    with application.write() as db:
        forget_draft(db, dossier_instructed(db, dossier_id, visit), visit.who)
    return see(request, f"/dossiers/{dossier_id}/avis#synthese", DROPPED)
