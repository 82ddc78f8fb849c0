# SPDX-License-Identifier: EUPL-1.2
"""In session: the order of the day item by item, presences, recusals, decisions; nothing moves before the closing."""

from datetime import datetime

from fastapi import APIRouter, Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from reports.summary.words import words_of
from rules import wording
from web.finding import item_of, sitting_item, sitting_seance
from web.forms import Typed
from web.pages import counted, page, see
from web.presenters.session import AS_PROPOSED, bar_view, trial_of
from web.routes.session_again import show_closing, show_session, totals_of
from web.visit import App, Form, Visited
from workflow.contracts import territory_of
from workflow.models import Seance, SeanceItem
from workflow.permissions import Actor
from workflow.queries import get_dossier
from workflow.queries_session import agenda_rows
from workflow.session import (
    RETAINABLE,
    TakenUp,
    apply_recusals,
    decide,
    note_presences,
    retain,
    retain_as_proposed,
    show_item,
    take_up_proposals,
)
from workflow.stages import Decision
from workflow.votes import Votes

router = APIRouter()


@router.get("/seances/{seance_id}/session")
def session_page(seance_id: int, request: Request) -> Response:
    """The séance in session."""
    return show_session(request)


@router.get("/seances/{seance_id}/session/etat")
def bar(seance_id: int, application: App, visit: Visited, request: Request) -> Response:
    """Who is there and how many are decided, asked again by the page itself."""
    with application.read() as db:
        seance = sitting_seance(db, seance_id, visit)
        return page(request, "session_bar.html", **bar_view(seance, agenda_rows(db, seance.id)))


@router.get("/seances/{seance_id}/cloture")
def closing_page(seance_id: int, request: Request) -> Response:
    """What closing will do, or why it is not possible yet."""
    return show_closing(request)


@router.post("/seances/{seance_id}/presences")
def presences(seance_id: int, application: App, visit: Visited, typed: Form, request: Request) -> Response:
    """Who is there, and the recusals that follow."""
    with application.write() as db:
        seance = sitting_seance(db, seance_id, visit)
        noted = _presences(db, seance, typed, visit.who, application.now())
    said = f"Présences enregistrées, {counted(noted, 'déport noté')}." if noted else "Présences enregistrées."
    return see(request, _at(seance_id, typed.text("point")), said)


def _presences(db: Session, seance: Seance, typed: Typed, who: Actor, now: datetime) -> int:
    chosen = {called.id: typed.text(f"presence-{called.id}") for called in seance.convocations}
    seen = {id_: typed.text(f"vu-{id_}") or None for id_ in chosen if f"vu-{id_}" in typed.values}
    return note_presences(db, seance, chosen, who, now, seen=seen or None)


@router.post("/seances/{seance_id}/deports")
def recusals(seance_id: int, application: App, visit: Visited, typed: Form, request: Request) -> Response:
    """Notes who must leave which item."""
    with application.write() as db:
        noted = apply_recusals(db, sitting_seance(db, seance_id, visit), visit.who, application.now())
    said = f"{counted(noted, 'déport noté')}." if noted else "Aucun déport à noter parmi les présents."
    return see(request, _at(seance_id, typed.text("point")), said)


@router.post("/seances/{seance_id}/propositions")
def proposals(seance_id: int, application: App, visit: Visited, request: Request) -> Response:
    """Retains as proposed wherever nothing was decided yet and the financers have given their word."""
    with application.write() as db:
        taken = take_up_proposals(db, sitting_seance(db, seance_id, visit), visit.who, application.now())
    return see(request, _at(seance_id), _taken_up_told(taken))


def _taken_up_told(done: TakenUp) -> str:
    if not done.taken:
        return "Aucun dossier à reprendre tel que proposé."
    said = f"{counted(done.taken, 'dossier retenu')} comme proposé."
    if done.left:
        said += f" Laissé de côté, une personne concernée y siège encore\u00a0: {', '.join(done.left)}."
    return said


@router.post("/seances/{seance_id}/points/{item_id}/projection")
def project(seance_id: int, item_id: int, application: App, visit: Visited, request: Request) -> Response:
    """The projection shows this item."""
    with application.write() as db:
        seance = sitting_seance(db, seance_id, visit)
        show_item(db, seance, item_of(seance, item_id), visit.who, application.now())
    return see(request, _at(seance_id, str(item_id)), "Ce point est projeté.")


@router.post("/seances/{seance_id}/points/{item_id}/totaux")
def try_totals(
    seance_id: int, item_id: int, application: App, visit: Visited, typed: Form, request: Request
) -> Response:
    """The totals with what is being typed; nothing is written."""
    with application.read() as db:
        seance, item = sitting_item(db, seance_id, item_id, visit)
        dossier = get_dossier(db, item.dossier_id)
        totals = totals_of(request, db, seance, dossier, trial_of(item, dossier, typed))
        return page(request, "session_totals.html", totals=totals)


@router.post("/seances/{seance_id}/points/{item_id}")
def decide_item(
    seance_id: int, item_id: int, application: App, visit: Visited, typed: Form, request: Request
) -> Response:
    """The decision on one item and its amounts; then the next that waits, projected if this one was."""
    with application.write() as db:
        seance, item = sitting_item(db, seance_id, item_id, visit)
        pending = _decided(db, item, typed, visit.who, application.now())
        db.flush()
        following = next((row for row in agenda_rows(db, seance.id) if row.decision is None), None)
        if following is not None and seance.shown_item_id == item.id:
            show_item(db, seance, item_of(seance, following.id), visit.who, application.now())
        said = f"Dossier {item.dossier.reference} : décision enregistrée." + _waiting(seance, pending)
    return see(request, _at(seance_id, str(following.id if following else item_id)), said)


def _decided(db: Session, item: SeanceItem, typed: Typed, who: Actor, now: datetime) -> list[str]:
    """The decision, then its amounts; the lines that stay pending."""
    chosen = typed.required("decision", "Décision")
    decision = Decision.RETAINED if chosen == AS_PROPOSED else chosen
    decide(
        db,
        item,
        decision,
        typed.text("reason"),
        who,
        now,
        conditions=typed.text("conditions"),
        scheme=typed.text("scheme"),
        votes=_votes(typed),
        statement=typed.text("statement"),
        expected_version=typed.version(),
    )
    if chosen == AS_PROPOSED:
        return retain_as_proposed(db, item, who, now)
    for line in item.dossier.lines if decision == Decision.RETAINED else ():
        if line.state in RETAINABLE:
            retain(db, item, line, typed.amount(f"line-{line.id}"), who, now)
    return []


def _votes(typed: Typed) -> Votes:
    names = {"in_favour": "Voix pour", "against": "Voix contre", "abstained": "Abstentions"}
    return Votes(*(typed.integer(name, label) or 0 for name, label in names.items()))


def _waiting(seance: Seance, pending: list[str]) -> str:
    if not pending:
        return ""
    words = words_of(territory_of(seance.contract))
    listed = wording.listing(words.line(key) for key in pending)
    return f" En attente de leur financeur : {listed}."


def _at(seance_id: int, item: str = "") -> str:
    """The screen of the séance, on this item."""
    return f"/seances/{seance_id}/session" + (f"?point={item}" if item.isascii() and item.isdigit() else "")
