# SPDX-License-Identifier: EUPL-1.2
"""The clock: APScheduler in memory wakes short jobs; a claim row for each slot makes any number of workers safe.

Jobs are idempotent and keep no state: losing a worker in the middle loses nothing. Nothing is set between 2 and 3 a.m.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.job import Job as ApsJob
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger

from app.slots import Slot, claim_slot, finish_slot, retake_slot
from app.tasks import Host

PARIS = ZoneInfo("Europe/Paris")
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Job:
    """A job: its times (fields of a cron line, Paris time), what it does, how far back a missed time is made up."""

    name: str
    times: Mapping[str, Any]
    run: Callable[[], object]
    daily: bool = False
    catch_up: timedelta | None = None

    @property
    def trigger(self) -> CronTrigger:
        """Its times."""
        return CronTrigger(timezone=PARIS, **self.times)

    def slot(self, at: datetime) -> str:
        """The name of one of its times: the Paris day of a daily job (clock changes), else the UTC moment."""
        if self.daily:
            return at.astimezone(PARIS).date().isoformat()
        return at.astimezone(UTC).isoformat(timespec="seconds")

    def last_due(self, now: datetime) -> datetime | None:
        """Its latest time at or before `now`, within `catch_up`."""
        found: datetime | None = None
        if self.catch_up is not None:
            trigger = self.trigger
            at = trigger.get_next_fire_time(None, now - self.catch_up)
            while at is not None and at <= now:
                found, at = at, trigger.get_next_fire_time(at, at)
        return found


class Runner:
    """Runs a job for one of its times, if this worker is the one that claims it."""

    def __init__(self, host: Host, owner: str) -> None:
        self.host = host
        self.owner = owner

    def run_at(self, job: Job, at: datetime) -> bool:
        """Claims and runs; False when another worker has it."""
        with self.host.write() as db:
            slot = claim_slot(db, job.name, job.slot(at), self.owner, self.host.now())
        return slot is not None and self._run(job, slot)

    def retake(self, job: Job) -> bool:
        """Runs again a time whose worker died in it."""
        with self.host.write() as db:
            slot = retake_slot(db, job.name, self.owner, self.host.now())
        return slot is not None and self._run(job, slot)

    def catch_up(self, jobs: Sequence[Job]) -> None:
        """At start: the latest time of each job, missed while no worker was running."""
        for job in jobs:
            at = job.last_due(self.host.now())
            if at is not None:
                self.run_at(job, at)

    def _run(self, job: Job, slot: Slot) -> bool:
        try:
            job.run()
        except Exception:  # one failing job must not stop the clock: its next time tries again
            log.exception("job %s failed", job.name)
            self._finish(slot, "failed")
            return True
        self._finish(slot, "done")
        return True

    def _finish(self, slot: Slot, state: str) -> None:
        with self.host.write() as db:
            finish_slot(db, slot, self.host.now(), state)


class ClaimingExecutor(ThreadPoolExecutor):
    """A pool of threads where a job runs only for the worker that claims its slot; missed times are merged into the last."""

    def __init__(self, runner: Runner, jobs: Mapping[str, Job], max_workers: int) -> None:
        super().__init__(max_workers)
        self._runner = runner
        self._jobs = jobs

    def _do_submit_job(self, job: ApsJob, run_times: list[datetime]) -> None:
        future = self._pool.submit(self._runner.run_at, self._jobs[job.id], run_times[-1])
        future.add_done_callback(lambda done: self._ended(job.id, done.exception()))

    def _ended(self, job_id: str, error: BaseException | None) -> None:
        if error is None:
            self._run_job_success(job_id, [])
        else:
            self._run_job_error(job_id, error, error.__traceback__)


def build_scheduler(runner: Runner, jobs: Sequence[Job]) -> BackgroundScheduler:
    """The scheduler of one worker, not started."""
    by_name = {job.name: job for job in jobs}
    scheduler = BackgroundScheduler(
        timezone=PARIS,
        executors={"default": ClaimingExecutor(runner, by_name, max_workers=len(jobs) + 1)},
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": 3600},
    )
    for job in jobs:
        scheduler.add_job(job.run, job.trigger, id=job.name, name=job.name)
    return scheduler
