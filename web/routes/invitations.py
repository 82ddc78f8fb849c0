# SPDX-License-Identifier: EUPL-1.2
"""Around the convocation, for the secretary: guests, answers received otherwise, and the papers that were sent."""

from fastapi import APIRouter, Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from web.downloads import attachment
from web.finding import called_of, document_of, seance_seen
from web.forms import Typed
from web.pages import counted, see
from web.visit import App, Form, Visited
from workflow.answers import record_answer
from workflow.errors import InvalidInputError
from workflow.invitations import invite
from workflow.models import Dossier, Organisation

router = APIRouter()


@router.post("/seances/{seance_id}/invitations")
def invite_guest(seance_id: int, application: App, visit: Visited, typed: Form, request: Request) -> Response:
    """Invites an organisation, or one person."""
    with application.write() as db:
        seance = seance_seen(db, seance_id, visit)
        organisation, dossier = _chosen(db, typed)
        address, name = typed.text("address"), typed.text("name")
        added = invite(
            db,
            seance,
            organisation,
            visit.who,
            application.now(),
            address=address,
            name=name,
            dossier=dossier,
        )
    said = f"{counted(len(added), 'personne invitée')}."
    return see(request, f"/seances/{seance_id}#invites", said)


def _chosen(db: Session, typed: Typed) -> tuple[Organisation, Dossier | None]:
    number, heard = typed.integer("organisation", "Organisme"), typed.integer("dossier", "Dossier")
    organisation = db.get(Organisation, number) if number else None
    if organisation is None:
        raise InvalidInputError("Organisme : à choisir.", "organisation")
    return organisation, db.get(Dossier, heard) if heard else None


@router.post("/seances/{seance_id}/reponses")
def note_answer(seance_id: int, application: App, visit: Visited, typed: Form, request: Request) -> Response:
    """An answer received by telephone or by letter."""
    with application.write() as db:
        seance = seance_seen(db, seance_id, visit)
        called = called_of(seance, typed.integer("called", "Personne"), "called")
        bearer = typed.integer("proxy", "Mandataire")
        proxy = called_of(seance, bearer, "proxy") if bearer else None
        answer, deputy = typed.required("answer", "Réponse"), typed.text("deputy") or None
        record_answer(db, called, answer, visit.who, application.now(), proxy=proxy, deputy=deputy)
        said = f"Réponse de {called.person.name} notée."
    return see(request, f"/seances/{seance_id}#membres", said)


@router.get("/seances/{seance_id}/pieces/{document_id}")
def paper(seance_id: int, document_id: int, application: App, visit: Visited) -> Response:
    """A paper as it was sent."""
    with application.read() as db:
        found = document_of(db, seance_seen(db, seance_id, visit), document_id)
        return attachment(found.content, found.name, found.media_type)
