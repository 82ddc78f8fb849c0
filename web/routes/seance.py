# SPDX-License-Identifier: EUPL-1.2
"""Séances: list, planning, agenda, transitions (convoke, open, close…)."""

from datetime import datetime

from fastapi import APIRouter, Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from app.closings import fire_seance
from app.seance_documents import ask_documents
from rules import wording
from rules.wording import moment
from web.finding import same_version, seance_seen
from web.forms import Typed
from web.pages import counted, see
from web.presenters.seance_confirm import CONFIRMED
from web.presenters.transitions import typed_inputs
from web.routes.again import show_seance, show_seances
from web.routes.session_again import show_minutes
from web.visit import App, Form, Visited
from workflow.errors import InvalidInputError
from workflow.firing import PARIS
from workflow.machine import state_label, table_of
from workflow.models import Dossier, Seance
from workflow.seance_days import concerns
from workflow.seances import fill_agenda, plan_seance, set_agenda

router = APIRouter()
SAID = {
    "remind": "Relance enregistrée : un message part à chaque personne restée silencieuse.",
    "release_minutes": "Relevé de décisions diffusé : il part, joint à un message, à chaque convoqué et invité.",
}


@router.get("/seances")
def seances_page(request: Request) -> Response:
    """Every séance of the contract."""
    return show_seances(request)


@router.post("/seances")
def plan(application: App, visit: Visited, typed: Form, request: Request) -> Response:
    """Plans a séance."""
    starts_at = typed.moment("starts_at")
    if starts_at is None:
        raise InvalidInputError("Date et heure : à renseigner.", "starts_at")
    with application.write() as db:
        body, now = typed.required("body", "Instance"), application.now()
        place, note = typed.text("place") or None, typed.text("note") or None
        contract = visit.contract(db)
        found = plan_seance(
            db,
            contract,
            body,
            starts_at,
            now,
            visit.who,
            place=place,
            agenda_note=note,
            mode=typed.text("mode") or "meeting",
            reason=typed.text("reason") or None,
        )
        address = f"/seances/{found.id}"
    return see(request, address, "Séance prévue. Il reste à remplir son ordre du jour, puis à convoquer.")


@router.get("/seances/{seance_id}")
def seance_page(seance_id: int, request: Request) -> Response:
    """One séance."""
    return show_seance(request)


@router.post("/seances/{seance_id}/actions/{trigger}")
def act(
    seance_id: int, trigger: str, application: App, visit: Visited, typed: Form, request: Request
) -> Response:
    """Convokes, moves, opens, closes or cancels."""
    with application.write() as db:
        seance = seance_seen(db, seance_id, visit)
        details, version = typed_inputs(seance, trigger, typed), typed.version()
        reason = typed.text("reason") or None
        now, before = application.now(), seance.starts_at
        if trigger == "move":
            confirm_day(db, seance, details.get("starts_at"), typed)
        fire_seance(db, seance, trigger, visit.who, reason, now, expected_version=version, **details)
        ask_documents(db, seance, trigger, now)
        said = _moved(seance, before) if trigger == "move" else _done(seance, trigger)
    return see(request, f"/seances/{seance_id}" + ("/session" if trigger == "open" else ""), said)


def confirm_day(db: Session, seance: Seance, starts_at: datetime | None, typed: Typed) -> None:
    """A day to avoid is chosen twice. Raises InvalidInputError the first time."""
    if starts_at is None or starts_at == seance.starts_at or typed.text(CONFIRMED) == "on":
        return
    why = concerns(db, seance, starts_at)
    if why:
        said = f"Le {wording.day(starts_at.astimezone(PARIS).date())} est à éviter : {wording.listing(why)}."
        raise InvalidInputError(f"{said} Cochez la confirmation pour le choisir quand même.", CONFIRMED)


def _done(seance: Seance, trigger: str) -> str:
    said = SAID.get(trigger) if seance.convoked_at else None
    return said or f"Séance désormais {state_label(table_of(seance), seance.status)}."


def _moved(seance: Seance, before: datetime) -> str:
    """Both dates, then who is told."""
    said = "Séance modifiée."
    if seance.starts_at != before:
        said = f"Séance déplacée du {moment(before)} au {moment(seance.starts_at)}."
    return f"{said} Les convoqués reçoivent la mise à jour dans une minute." if seance.convoked_at else said


@router.post("/seances/{seance_id}/ordre-du-jour/completer")
def fill(seance_id: int, application: App, visit: Visited, request: Request) -> Response:
    """Adds every dossier that waits at this body's stage."""
    with application.write() as db:
        seance = seance_seen(db, seance_id, visit)
        before = len(seance.items)
        added = fill_agenda(db, seance, visit.who, application.now()) - before
    said = (
        f"{counted(added, 'dossier ajouté')} à l’ordre du jour."
        if added
        else "Aucun autre dossier n’attend cette instance."
    )
    return see(request, f"/seances/{seance_id}#ordre-du-jour", said)


@router.post("/seances/{seance_id}/ordre-du-jour")
def arrange(seance_id: int, application: App, visit: Visited, typed: Form, request: Request) -> Response:
    """Keeps the ticked dossiers, in the order of their ranks."""
    with application.write() as db:
        seance = seance_seen(db, seance_id, visit)
        same_version(seance, typed)
        set_agenda(db, seance, _arranged(seance, typed), visit.who, application.now())
    return see(request, f"/seances/{seance_id}#ordre-du-jour", "Ordre du jour enregistré.")


def _arranged(seance: Seance, typed: Typed) -> list[Dossier]:
    kept = set(typed.texts("keep"))
    items = [item for item in seance.items if str(item.id) in kept]
    ranks = {item.id: typed.integer(f"rank-{item.id}", "Rang") or item.rank for item in items}
    return [item.dossier for item in sorted(items, key=lambda item: (ranks[item.id], item.rank))]


@router.get("/seances/{seance_id}/proces-verbal")
def minutes(seance_id: int, request: Request) -> Response:
    """What was decided, as closed."""
    return show_minutes(request)
