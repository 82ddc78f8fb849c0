# SPDX-License-Identifier: EUPL-1.2
"""Guards of a séance's own life: convocation, change of date."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from rules.findings import Finding
from workflow.firing import Firing, refusal
from workflow.invitations import silent, to_remind
from workflow.models import Seance
from workflow.queries import seated_persons

DOSSIER_BODIES = frozenset({"dispatch", "thematic", "conference", "committee"})


def members_seated(firing: Firing) -> Iterable[Finding]:
    """The body has someone to convoke."""
    if not seated_persons(firing.db, firing.contract.id, firing.subject.body, firing.today):
        yield refusal("guard.members", body=firing.subject.label)


def agenda_filled(firing: Firing) -> Iterable[Finding]:
    """A body that examines dossiers has dossiers or a note on its agenda."""
    body = firing.territory.body_by_code.get(firing.subject.body)
    examines = body is not None and body.kind in DOSSIER_BODIES
    if examines and not firing.subject.items and not (firing.subject.agenda_note or "").strip():
        yield refusal("guard.agenda")


def date_ahead(firing: Firing) -> Iterable[Finding]:
    """The séance is ahead."""
    if firing.subject.starts_at <= firing.now:
        yield refusal("guard.date", "past", at=firing.subject.starts_at)


def new_date_ahead(firing: Firing) -> Iterable[Finding]:
    """The new date, when given, is ahead."""
    at = firing.details.get("starts_at")
    if at is not None and at <= firing.now:
        yield refusal("guard.date", "moved_past", at=at)
    if at is not None and is_taken(firing.db, firing.subject, at):
        yield refusal("guard.date", "taken", at=at)


def somebody_to_remind(firing: Firing) -> Iterable[Finding]:
    """The séance is ahead, and somebody called has neither answered nor been written to today."""
    seance: Seance = firing.subject
    if seance.starts_at <= firing.now:
        yield refusal("guard.reminder", "past", at=seance.starts_at)
    elif not silent(seance):
        yield refusal("guard.reminder", "answered")
    elif not to_remind(seance, firing.now):
        yield refusal("guard.reminder", "today")


def minutes_to_release(firing: Firing) -> Iterable[Finding]:
    """The minutes leave once."""
    at = firing.subject.minutes_released_at
    if at is not None:
        yield refusal("guard.minutes", at=at)


def is_taken(db: Session, seance: Seance, at: datetime) -> bool:
    """True when another séance of the same body is already at this moment."""
    same = select(Seance.id).where(Seance.contract_id == seance.contract_id, Seance.body == seance.body)
    return db.scalar(same.where(Seance.starts_at == at, Seance.id != seance.id).limit(1)) is not None
