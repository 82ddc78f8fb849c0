# SPDX-License-Identifier: EUPL-1.2
"""What one has to give: opinions for the partners, answers for the financers, late first."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from web.pages import page
from web.presenters.answer_queue import answer_queue
from web.presenters.opinion_queue import opinion_queue
from web.presenters.reader import Reader
from web.visit import App, Visited

router = APIRouter()


@router.get("/avis")
def opinions(application: App, visit: Visited, request: Request) -> Response:
    """Opinions to give."""
    with application.read() as db:
        reader = Reader(visit.who, application.now())
        view = opinion_queue(db, visit.contract(db), request.query_params, reader)
    return page(request, "opinion_queue.html", **view)


@router.get("/reponses")
def answers(application: App, visit: Visited, request: Request) -> Response:
    """Answers to give on funding lines."""
    with application.read() as db:
        reader = Reader(visit.who, application.now())
        view = answer_queue(db, visit.contract(db), request.query_params, reader)
    return page(request, "answer_queue.html", **view)
