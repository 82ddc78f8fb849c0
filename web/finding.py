# SPDX-License-Identifier: EUPL-1.2
"""Finding what an address names, for whoever may see it; to anybody else it does not exist."""

import logging
from datetime import date

from sqlalchemy.orm import Session

from web.forms import Typed
from web.visit import Visit
from workflow.bulk import task_seen
from workflow.errors import ConflictError, InvalidInputError, UnknownReferenceError
from workflow.grid.editing import dossier_at_table
from workflow.grid.reading import columns_of, find_alone, require_conference
from workflow.grid.rows import GridColumn
from workflow.guards.written import WRITTEN
from workflow.models import (
    Convocation,
    Document,
    Dossier,
    FundingLine,
    Message,
    Opinion,
    Organisation,
    Person,
    SavedView,
    Scenario,
    Seance,
    SeanceItem,
    Task,
)
from workflow.queries import get_dossier, get_seance
from workflow.queries_accounts import get_account
from workflow.queries_messages import get_message
from workflow.queries_organisations import get_organisation
from workflow.queries_session import item_in_session, seance_in_session
from workflow.saved_views import own_view
from workflow.scenario_comparison import get_scenarios
from workflow.scenario_tasks import change_asked
from workflow.sight import sees_contract, sees_dossier

log = logging.getLogger(__name__)
LARGEST_ID = 2**31 - 1


def dossier_seen(db: Session, dossier_id: int, visit: Visit) -> Dossier:
    """The dossier, with all that its page reads. Raises UnknownReferenceError."""
    dossier = get_dossier(db, _sane(dossier_id))
    if not sees_dossier(visit.who, dossier):
        log.warning("dossier %s asked by person %s, who does not see it", dossier_id, visit.who.person_id)
        raise UnknownReferenceError(f"Dossier inconnu : n° {dossier_id}.")
    return dossier


def dossier_instructed(db: Session, dossier_id: int, visit: Visit) -> Dossier:
    """The same, for those who see the whole contract: not the porteur."""
    dossier = dossier_seen(db, dossier_id, visit)
    if not sees_contract(visit.who, dossier.contract_id):
        raise UnknownReferenceError(f"Dossier inconnu : n° {dossier_id}.")
    return dossier


def opinion_of(dossier: Dossier, opinion_id: int) -> Opinion:
    """One opinion of this dossier. Raises UnknownReferenceError."""
    found = next((opinion for opinion in dossier.opinions if opinion.id == opinion_id), None)
    if found is None:
        raise UnknownReferenceError("Cet avis n’est pas de ce dossier.")
    return found


def line_of(dossier: Dossier, line_id: int) -> FundingLine:
    """One funding line of this dossier. Raises UnknownReferenceError."""
    found = next((line for line in dossier.lines if line.id == line_id), None)
    if found is None:
        raise UnknownReferenceError("Cette ligne de financement n’est pas de ce dossier.")
    return found


def seance_seen(db: Session, seance_id: int, visit: Visit) -> Seance:
    """The séance with its agenda. Raises UnknownReferenceError."""
    seance = get_seance(db, _sane(seance_id))
    if not sees_contract(visit.who, seance.contract_id):
        raise UnknownReferenceError(f"Séance inconnue : n° {seance_id}.")
    return seance


def seance_shown(db: Session, seance_id: int, visit: Visit) -> Seance:
    """The séance for its own page, which reads its agenda by columns. Raises UnknownReferenceError.

    In writing, what the lines of the agenda still wait for is told of each person and of the closing: it is read whole.
    """
    seance = sitting_seance(db, seance_id, visit)
    return get_seance(db, seance.id) if seance.mode == WRITTEN else seance


def scenario_seen(db: Session, seance_id: int, scenario_id: int, visit: Visit) -> Scenario:
    """One scenario of this séance, with its amounts. Raises UnknownReferenceError."""
    return get_scenarios(db, seance_seen(db, seance_id, visit), [_sane(scenario_id)])[0]


def sitting_seance(db: Session, seance_id: int, visit: Visit) -> Seance:
    """The séance with who was called, for the screens in session. Raises UnknownReferenceError."""
    seance = seance_in_session(db, _sane(seance_id))
    if not sees_contract(visit.who, seance.contract_id):
        raise UnknownReferenceError(f"Séance inconnue : n° {seance_id}.")
    return seance


def sitting_item(db: Session, seance_id: int, item_id: int, visit: Visit) -> tuple[Seance, SeanceItem]:
    """One item of a séance in session. Raises UnknownReferenceError."""
    seance = sitting_seance(db, seance_id, visit)
    found = item_in_session(db, seance, _sane(item_id))
    if found is None:
        raise UnknownReferenceError("Ce point n’est plus à l’ordre du jour.")
    return seance, found


def change_seen(db: Session, scenario: Scenario, task_id: int) -> Task:
    """A search asked on this scenario. Raises UnknownReferenceError."""
    return change_asked(db, scenario, _sane(task_id))


def seance_alone(db: Session, seance_id: int, visit: Visit) -> Seance:
    """The séance without its agenda nor who is called, for pages that read neither. Raises UnknownReferenceError."""
    seance = find_alone(db, _sane(seance_id))
    if not sees_contract(visit.who, seance.contract_id):
        raise UnknownReferenceError(f"Séance inconnue : n° {seance_id}.")
    return seance


def conference_seen(db: Session, seance_id: int, visit: Visit) -> Seance:
    """A financers' conference without its agenda, which its table reads by itself. Raises UnknownReferenceError."""
    seance = seance_alone(db, seance_id, visit)
    require_conference(seance)
    return seance


def cell_seen(db: Session, seance: Seance, dossier_id: int, credit_id: int) -> tuple[Dossier, GridColumn]:
    """One cell of its table: the dossier and the credit that meet there. Raises UnknownReferenceError."""
    return dossier_at_table(db, seance, _sane(dossier_id)), column_seen(db, seance, credit_id)


def column_seen(db: Session, seance: Seance, credit_id: int) -> GridColumn:
    """One column of its table. Raises UnknownReferenceError."""
    found = next((one for one in columns_of(db, seance.contract) if one.id == credit_id), None)
    if found is None:
        raise UnknownReferenceError("Ce crédit n’est pas de ce contrat.")
    return found


def item_of(seance: Seance, item_id: int) -> SeanceItem:
    """One item of the agenda. Raises UnknownReferenceError."""
    found = next((item for item in seance.items if item.id == item_id), None)
    if found is None:
        raise UnknownReferenceError("Ce point n’est plus à l’ordre du jour.")
    return found


def called_of(seance: Seance, number: int | None, field: str) -> Convocation:
    """Somebody called to this séance. Raises InvalidInputError."""
    found = next((called for called in seance.convocations if called.id == number), None)
    if found is None:
        raise InvalidInputError("Personne : à choisir parmi celles qui sont convoquées ou invitées.", field)
    return found


def document_of(db: Session, seance: Seance, document_id: int) -> Document:
    """A paper of this séance. Raises UnknownReferenceError."""
    found = db.get(Document, _sane(document_id))
    if found is None or found.subject != f"seance:{seance.id}":
        raise UnknownReferenceError("Cette pièce n’est pas de cette séance.")
    return found


def account_of(db: Session, person_id: int, visit: Visit, on: date) -> Person:
    """An account of the present contract. Raises UnknownReferenceError."""
    return get_account(db, visit.contract(db), _sane(person_id), on)


def seat_of(db: Session, organisation_id: int | None) -> Organisation:
    """The organisation chosen in a form. Raises InvalidInputError."""
    found = db.get(Organisation, organisation_id) if organisation_id else None
    if found is None or found.closed_on is not None:
        raise InvalidInputError("Organisation : à choisir dans la liste.", "organisation")
    return found


def organisation_of(db: Session, organisation_id: int, visit: Visit) -> Organisation:
    """An organisation known in the present contract. Raises UnknownReferenceError."""
    return get_organisation(db, visit.contract(db), _sane(organisation_id))


def letter_of(db: Session, message_id: int, visit: Visit) -> Message:
    """A letter of the present contract. Raises UnknownReferenceError."""
    return get_message(db, visit.contract_id, _sane(message_id))


def own_saved_view(db: Session, view_id: int, visit: Visit) -> SavedView:
    """One of the person's own views of the board. Raises UnknownReferenceError."""
    return own_view(db, visit.contract(db), visit.person_id, _sane(view_id))


def bulk_task_seen(db: Session, task_id: int, visit: Visit) -> Task:
    """A lot, for whoever asked it. Raises UnknownReferenceError."""
    return task_seen(db, visit.contract(db), visit.who, _sane(task_id))


def same_version(subject: Dossier | Seance | SavedView, typed: Typed) -> None:
    """Raises ConflictError when the page was read before somebody else's change."""
    if typed.version() not in (None, subject.version):
        raise ConflictError


def _sane(identifier: int) -> int:
    if not 0 < identifier <= LARGEST_ID:
        raise UnknownReferenceError("Ce numéro n’existe pas.")
    return identifier
