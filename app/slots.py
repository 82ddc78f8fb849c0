# SPDX-License-Identifier: EUPL-1.2
"""The claim of a scheduled slot: whatever the number of workers, a job runs once for each of its times."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from workflow.claims import insert_once
from workflow.models import ScheduleRun

LEASE = timedelta(minutes=10)
KEEP = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Slot:
    """One time of one job, held by one worker."""

    id: int
    job: str
    owner: str


def claim_slot(db: Session, job: str, slot: str, owner: str, now: datetime) -> Slot | None:
    """The slot, if nobody has taken it yet."""
    values = {
        "job": job,
        "slot": slot,
        "state": "running",
        "owner": owner,
        "lease_until": now + LEASE,
        "attempt": 1,
    }
    identifier = insert_once(db, ScheduleRun, values)
    return None if identifier is None else Slot(identifier, job, owner)


def retake_slot(db: Session, job: str, owner: str, now: datetime) -> Slot | None:
    """The job's latest slot whose worker died in it, if any; its earlier lapsed slots are given up, merged into it."""
    lapsed = (ScheduleRun.job == job, ScheduleRun.state == "running", ScheduleRun.lease_until < now)
    rows = (
        select(ScheduleRun.id)
        .where(*lapsed)
        .order_by(ScheduleRun.slot.desc())
        .with_for_update(skip_locked=True)
    )
    found = db.scalars(rows).all()
    if not found:
        return None
    latest, *older = found
    db.execute(update(ScheduleRun).where(ScheduleRun.id.in_(older)).values(state="merged", done_at=now))
    taken = (
        update(ScheduleRun)
        .where(ScheduleRun.id == latest, *lapsed)
        .values(owner=owner, lease_until=now + LEASE, attempt=ScheduleRun.attempt + 1)
        .returning(ScheduleRun.id)
        .execution_options(synchronize_session=False)
    )
    identifier = db.execute(taken).scalar()
    return None if identifier is None else Slot(identifier, job, owner)


def finish_slot(db: Session, slot: Slot, now: datetime, state: str = "done") -> bool:
    """Marks the slot done (or failed). False when another worker has taken it over meanwhile."""
    held = update(ScheduleRun).where(ScheduleRun.id == slot.id, ScheduleRun.owner == slot.owner)
    done = held.values(state=state, done_at=now).returning(ScheduleRun.id)
    return db.execute(done.execution_options(synchronize_session=False)).first() is not None


def forget_old_slots(db: Session, now: datetime) -> None:
    """Removes the slots finished long ago."""
    old = delete(ScheduleRun).where(ScheduleRun.done_at < now - KEEP)
    db.execute(old.execution_options(synchronize_session=False))
