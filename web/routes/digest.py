# SPDX-License-Identifier: EUPL-1.2
"""The digest of the day: what the next one says, which news a person wants, and how to stop them without an account."""

from fastapi import APIRouter, Request
from sqlalchemy.orm import Session
from starlette.exceptions import HTTPException
from starlette.responses import Response

from app.mail import mail_settings
from notifications.due.news import TOPICS
from notifications.due.preview import news_of, next_moment, preview, upcoming
from notifications.due.stopping import person_of_link, stop_news
from web.pages import page, see
from web.presenters.messages import may_read_letters, require_letter_reader
from web.presenters.reminders import chosen, topics_of, upcoming_rows
from web.visit import App, Form, Visited
from workflow.models import Person

router = APIRouter()


@router.get("/resume")
def digest_page(application: App, visit: Visited, request: Request) -> Response:
    """The person's next digest, and the news it may hold."""
    now = application.now()
    with application.read() as db:
        person = db.get_one(Person, visit.who.person_id)
        told = news_of(db, visit.contract(db), person, now) if visit.contract_id else None
        texts = preview(db, told, now, mail_settings(application.config)) if told else None
        topics = topics_of(person)
    return page(request, "digest.html", texts=texts, topics=topics, at=next_moment(now))


@router.post("/resume")
def choose_news(application: App, visit: Visited, typed: Form, request: Request) -> Response:
    """Keeps the news that are ticked."""
    wanted = set(typed.texts("topic"))
    with application.write() as db:
        person = db.get_one(Person, visit.who.person_id)
        person.muted = " ".join(topic for topic in TOPICS if topic not in wanted)
    return see(request, "/resume", "Votre choix est enregistré.")


@router.get("/resume/arret/{signed}")
def stop_page(signed: str, application: App, request: Request) -> Response:
    """Asks before stopping: what only opens a link (a mail scanner) stops nothing."""
    with application.read() as db:
        name = _of_link(db, signed).name
    return page(request, "digest_stop.html", name=name, signed=signed, done=False)


@router.post("/resume/arret/{signed}")
def stop(signed: str, application: App, request: Request) -> Response:
    """Stops the news; by the page's button, or by the mail reader itself (RFC 8058)."""
    with application.write() as db:
        person = _of_link(db, signed)
        stop_news(person)
        name = person.name
    return page(request, "digest_stop.html", name=name, signed=signed, done=True)


@router.get("/messages/prochains")
def next_messages(application: App, visit: Visited, request: Request) -> Response:
    """What the next run will tell, and to whom."""
    now = application.now()
    with application.read() as db:
        rows = upcoming_rows(upcoming(db, visit.contract(db), now))
    may_read = may_read_letters(visit.who, visit.contract_id)
    return page(request, "upcoming.html", rows=rows, at=next_moment(now), may_read=may_read)


@router.get("/messages/prochains/{code}/{rank}")
def next_message(code: str, rank: int, application: App, visit: Visited, request: Request) -> Response:
    """The words of one of them, for the secretary and the pilot."""
    require_letter_reader(visit.who, visit.contract_id)
    now = application.now()
    with application.read() as db:
        one = chosen(upcoming(db, visit.contract(db), now), code, rank)
        if one is None:
            raise HTTPException(404)
        texts = preview(db, one, now, mail_settings(application.config))
    return page(request, "upcoming_message.html", one=one, texts=texts, at=next_moment(now))


def _of_link(db: Session, signed: str) -> Person:
    person = person_of_link(db, signed)
    if person is None:
        raise HTTPException(404)
    return person
