# SPDX-License-Identifier: EUPL-1.2
"""How the background work is: last run of each job, workers seen, messages that wait or failed. From the database alone."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.slots import KEEP
from workflow.models import Message, ScheduleRun

ASLEEP = timedelta(minutes=10)
JOB_LABELS = {
    "convocations": "convocations arrivées à échéance",
    "due": "rappels, échéances et résumés du matin",
    "outbox": "écriture et envoi des messages",
    "tasks": "travaux longs",
    "housekeeping": "entretien",
    "retake": "reprise de ce qu’un planificateur arrêté avait commencé",
}


@dataclass(frozen=True, slots=True)
class JobRun:
    """The last time of one job that ended."""

    job: str
    done_at: datetime
    has_failed: bool
    worker: str

    @property
    def label(self) -> str:
        """What it does, in French."""
        return JOB_LABELS.get(self.job, self.job)


@dataclass(frozen=True, slots=True)
class Health:
    """What `doctor` and the page of the background work show."""

    jobs: tuple[JobRun, ...]
    workers: tuple[tuple[str, datetime], ...]  # and when each last ended something
    running: int
    counts: dict[str, int]  # messages by state
    oldest_due: datetime | None  # of the messages that should have left
    read_at: datetime

    @property
    def last_seen(self) -> datetime | None:
        """When a worker last ended something."""
        return max((seen for _, seen in self.workers), default=None)

    @property
    def is_awake(self) -> bool:
        """True when a worker was seen lately."""
        return self.last_seen is not None and self.last_seen >= self.read_at - ASLEEP


def read_health(db: Session, now: datetime) -> Health:
    """The present state; slots are kept two days, workers unseen since then are forgotten."""
    counted = select(Message.state, func.count()).group_by(Message.state)
    oldest = select(func.min(Message.next_attempt_at)).where(
        Message.state == "pending", Message.next_attempt_at <= now
    )
    running = select(func.count(ScheduleRun.id)).where(
        ScheduleRun.state == "running", ScheduleRun.lease_until >= now
    )
    return Health(
        jobs=tuple(_last_runs(db)),
        workers=tuple(_workers(db, now)),
        running=db.scalar(running) or 0,
        counts=dict(db.execute(counted).all()),
        oldest_due=db.scalar(oldest),
        read_at=now,
    )


def _last_runs(db: Session) -> list[JobRun]:
    latest = (
        select(func.max(ScheduleRun.id))
        .where(ScheduleRun.state.in_(("done", "failed")))
        .group_by(ScheduleRun.job)
    )
    rows = db.scalars(select(ScheduleRun).where(ScheduleRun.id.in_(latest)).order_by(ScheduleRun.job))
    return [JobRun(row.job, row.done_at, row.state == "failed", row.owner) for row in rows if row.done_at]


def _workers(db: Session, now: datetime) -> list[tuple[str, datetime]]:
    seen = (
        select(ScheduleRun.owner, func.max(ScheduleRun.done_at))
        .where(ScheduleRun.done_at >= now - KEEP)
        .group_by(ScheduleRun.owner)
        .order_by(func.max(ScheduleRun.done_at).desc())
    )
    return [(owner, at) for owner, at in db.execute(seen) if at is not None]
