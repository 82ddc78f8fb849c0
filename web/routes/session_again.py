# SPDX-License-Identifier: EUPL-1.2
"""The screens of a séance in session, shown again after a refused form with what was typed."""

from decimal import Decimal
from typing import Any

from fastapi import Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from reports.summary.words import words_of
from web.finding import seance_seen, sitting_seance
from web.forms import Failure
from web.live import live_for_a_while
from web.pages import page, see
from web.presenters.history import history
from web.presenters.minutes import minutes_view
from web.presenters.people import named_in
from web.presenters.reader import Reader
from web.presenters.seance import seance_heading
from web.presenters.session import (
    PRESENCE_CHOICES,
    agenda_view,
    bar_view,
    chosen_row,
    item_view,
    presence_form,
    session_heading,
)
from web.presenters.session_totals import Trial, totals_view
from web.presenters.transitions import actions_of
from web.routes.again import refilled, show_seance
from web.visit import application_of, present_visit
from workflow.contracts import territory_of
from workflow.errors import NotAllowedHereError
from workflow.firing import PARIS
from workflow.models import Dossier, Seance
from workflow.queries import get_dossier, journal_of
from workflow.queries_session import AgendaRow, agenda_rows, item_in_session, load_decisions
from workflow.stages import MINUTED_LABELS, SeanceStatus
from workflow.transitions import SEANCE

ALL_BUT_CLOSING = frozenset(SEANCE.triggers) - {"close"}


def show_session(request: Request, failure: Failure | None = None, status: int = 200) -> Response:
    """The séance in session, on the item asked for; a séance that is not open has its own page."""
    application, visit = application_of(request), present_visit(request)
    reader = Reader(visit.who, application.now())
    with application.read() as db:
        seance = sitting_seance(db, int(request.path_params["seance_id"]), visit)
        if seance.status != SeanceStatus.OPEN:
            return show_seance(request, failure, status) if failure else see(request, f"/seances/{seance.id}")
        rows = agenda_rows(db, seance.id)
        chosen = chosen_row(rows, _asked(request))
        view = session_heading(seance, reader) | bar_view(seance, rows)
        view |= agenda_view(rows, chosen, seance.shown_item_id)
        view |= {"presences": presence_form(seance), "presence_choices": PRESENCE_CHOICES}
        view |= _examined(request, db, seance, chosen, reader)
        view |= {"history": _acts(db, seance)} if failure else {}
        return page(request, "session.html", status=status, **refilled(view, failure))


def _examined(
    request: Request, db: Session, seance: Seance, chosen: AgendaRow | None, reader: Reader
) -> dict[str, Any]:
    """The item chosen, and the totals of its year."""
    item = item_in_session(db, seance, chosen.id) if chosen else None
    dossier = get_dossier(db, item.dossier_id) if item else None
    current = item_view(db, seance, item, dossier, reader) if item and dossier else None
    return {"current": current, "totals": totals_of(request, db, seance, dossier)}


def totals_of(
    request: Request, db: Session, seance: Seance, dossier: Dossier | None, trial: Trial | None = None
) -> dict[str, Any]:
    """The totals of the dossier's year: the programme as it stands without this séance, kept a minute, and what is typed here."""
    year, words = year_of(seance, dossier), words_of(territory_of(seance.contract))
    base = live_for_a_while(request, db, seance.contract, year).figures
    return totals_view(db, seance, year, words, base, trial)


def _acts(db: Session, seance: Seance) -> list[dict[str, Any]]:
    """For a conflict, who changed it last."""
    journal, words = journal_of(db, f"seance:{seance.id}"), words_of(territory_of(seance.contract))
    return history(journal, words.names | named_in(db, journal), words.lines)


def _asked(request: Request) -> str:
    """The item of the address: in the path of its form, else after `point`."""
    return str(request.path_params.get("item_id") or request.query_params.get("point", ""))


def year_of(seance: Seance, dossier: Dossier | None) -> int:
    """The year whose envelopes are shown: the dossier's."""
    return dossier.year if dossier else seance.starts_at.astimezone(PARIS).year


def show_closing(request: Request, failure: Failure | None = None, status: int = 200) -> Response:
    """What closing will do, its guards asked."""
    application, visit = application_of(request), present_visit(request)
    with application.read() as db:
        seance = sitting_seance(db, int(request.path_params["seance_id"]), visit)
        load_decisions(db, seance)
        address = f"/seances/{seance.id}"
        acts = actions_of(db, seance, visit.who, application.now(), address, skip=ALL_BUT_CLOSING)
        counts: dict[str | None, int] = {}
        for item in seance.items:
            counts[item.decision] = counts.get(item.decision, 0) + 1
        view = seance_heading(seance) | {
            "closing": acts[0] if acts else None,
            "counted": [(MINUTED_LABELS[made].capitalize(), number) for made, number in counts.items()],
            "retained": sum((a.amount for item in seance.items for a in item.amounts), Decimal(0)),
        }
        return page(request, "closing.html", status=status, **refilled(view, failure))


def show_act(request: Request, failure: Failure | None = None, status: int = 200) -> Response:
    """After a refused act: the closing has its own page, the others are on the page of the séance."""
    is_closing = request.path_params["trigger"] == "close"
    return (show_closing if is_closing else show_seance)(request, failure, status)


def show_minutes(request: Request, failure: Failure | None = None, status: int = 200) -> Response:
    """The minutes of a closed séance."""
    application, visit = application_of(request), present_visit(request)
    with application.read() as db:
        seance = seance_seen(db, int(request.path_params["seance_id"]), visit)
        if seance.minutes is None:
            raise NotAllowedHereError(
                "Cette séance n’est pas close : son relevé de décisions n’existe pas encore."
            )
        view = minutes_view(db, seance, Reader(visit.who, application.now()))
        return page(request, "minutes.html", status=status, **refilled(view, failure))


SESSION_REDISPLAY = {
    "/seances/{seance_id}/rectifications": show_minutes,
    "/seances/{seance_id}/actions/{trigger}": show_act,
    "/seances/{seance_id}/presences": show_session,
    "/seances/{seance_id}/deports": show_session,
    "/seances/{seance_id}/propositions": show_session,
    "/seances/{seance_id}/points/{item_id}": show_session,
    "/seances/{seance_id}/points/{item_id}/projection": show_session,
}
