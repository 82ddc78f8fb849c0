# SPDX-License-Identifier: EUPL-1.2
"""Séances whose convocation is due: convoked by the scheduler once their body's lead time has come."""

import logging
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.tasks import Host
from workflow.contracts import territory_of
from workflow.errors import WorkflowError
from workflow.machine import fire
from workflow.models import Contract, Seance
from workflow.permissions import SCHEDULER
from workflow.stages import SeanceStatus

REASON = "délai de convocation atteint"
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
    """Convokes each due séance in its own transaction; a refusal is logged and stops nobody else."""
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
    except WorkflowError as error:
        log.warning("seance %s not convoked: %s", number, error.message)
        return 0
    return 1
