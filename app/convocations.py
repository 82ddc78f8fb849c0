# SPDX-License-Identifier: EUPL-1.2
"""Séances whose convocation or reminder is due: done by the scheduler; what it cannot do is told once to the secretary."""

import logging
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.seance_documents import ask_documents
from app.tasks import Host
from rules.render import render
from workflow.contracts import territory_of
from workflow.errors import RefusedError, WorkflowError
from workflow.events import emit
from workflow.guards.book import GUARDS
from workflow.invitations import reminder_due
from workflow.machine import fire
from workflow.models import Contract, Event, Seance
from workflow.permissions import SCHEDULER
from workflow.stages import SeanceStatus

REASON = "délai de convocation atteint"
REMINDED = "trois jours avant la séance"
REFUSED = "seance.convocation_refused"
log = logging.getLogger(__name__)


def due_convocations(db: Session, now: datetime) -> list[int]:
    """Planned séances ahead, with an agenda, whose body's lead time has come."""
    planned = (
        select(Seance)
        .join(Contract, Contract.id == Seance.contract_id)
        .where(Seance.status == SeanceStatus.PLANNED, Seance.starts_at > now, Contract.closed_on.is_(None))
        .order_by(Seance.starts_at)
    )
    return [seance.id for seance in db.scalars(planned) if _is_due(seance, now)]


def _is_due(seance: Seance, now: datetime) -> bool:
    body = territory_of(seance.contract).body_by_code.get(seance.body)
    has_agenda = bool(seance.items) or bool((seance.agenda_note or "").strip())
    return body is not None and has_agenda and seance.starts_at - timedelta(days=body.lead_days) <= now


def convoke_due(host: Host) -> int:
    """Convokes each due séance in its own transaction; a refusal is told once and stops nobody else."""
    with host.write() as db:
        due = due_convocations(db, host.now())
    return sum(_convoke(host, number) for number in due)


def _convoke(host: Host, number: int) -> int:
    try:
        with host.write() as db:
            seance = db.get(Seance, number)
            if seance is None or seance.status != SeanceStatus.PLANNED:
                return 0
            fire(db, seance, "convoke", SCHEDULER, REASON, host.now())
            ask_documents(db, seance, "convoke", host.now())
    except WorkflowError as error:
        _tell_once(host, number, error)
        return 0
    return 1


def _tell_once(host: Host, number: int, error: WorkflowError) -> None:
    """One event for a séance, whatever the number of attempts."""
    said = [error.message]
    if isinstance(error, RefusedError):
        said = [str(render(found, GUARDS)["message"]) for found in error.findings]
    with host.write() as db:
        about = f"seance:{number}"
        known = select(Event.id).where(Event.kind == REFUSED, Event.subject == about).limit(1)
        if db.scalar(known) is not None:
            return
        seance = db.get_one(Seance, number)
        emit(db, seance.contract_id, REFUSED, about, {"seance": number, "refused": said}, host.now())
    log.warning("seance %s not convoked: %s", number, " ".join(said))


def due_reminders(db: Session, now: datetime) -> list[int]:
    """Convoked séances three days ahead or less, where somebody silent has not been reminded since."""
    convoked = select(Seance).where(Seance.status == SeanceStatus.CONVOKED, Seance.starts_at > now)
    return [seance.id for seance in db.scalars(convoked.order_by(Seance.id)) if reminder_due(seance, now)]


def remind_due(host: Host) -> int:
    """Reminds the silent of each due séance, each in its own transaction; the number of séances."""
    with host.write() as db:
        due = due_reminders(db, host.now())
    return sum(_remind(host, number) for number in due)


def _remind(host: Host, number: int) -> int:
    try:
        with host.write() as db:
            seance = db.get(Seance, number)
            if seance is None or not reminder_due(seance, host.now()):
                return 0
            fire(db, seance, "remind", SCHEDULER, REMINDED, host.now())
    except WorkflowError as error:  # a séance that moved on in the meantime
        log.warning("seance %s: no reminder: %s", number, error.message)
        return 0
    return 1
