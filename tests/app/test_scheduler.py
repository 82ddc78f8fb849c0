# SPDX-License-Identifier: EUPL-1.2
"""The clock: each slot runs once whatever the number of workers; lapsed and missed ones are made up once."""

import threading
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from app.health import read_health
from app.scheduler import Job, Runner, build_scheduler
from app.slots import LEASE, claim_slot, finish_slot, forget_old_slots
from tests.app.hosts import TestHost
from workflow.models import ScheduleRun


def runs(host: TestHost) -> list[tuple[str, str, int]]:
    with host.write() as db:
        rows = db.scalars(select(ScheduleRun).order_by(ScheduleRun.id)).all()
        return [(row.slot, row.state, row.attempt) for row in rows]


def test_slot_is_run_by_one_worker_only(write: sessionmaker[Session], now: datetime) -> None:
    host, done = TestHost(write, now), []
    job = Job("tick", {"minute": "*"}, lambda: done.append(1))

    ran = [Runner(host, owner).run_at(job, now) for owner in ("one", "two", "three")]

    assert (ran, done) == ([True, False, False], [1])
    assert runs(host) == [("2026-03-10T09:00:00+00:00", "done", 1)]


def test_many_workers_at_once_run_each_slot_once(write: sessionmaker[Session], now: datetime) -> None:
    host, done = TestHost(write, now), Counter[datetime]()
    slots = [now + timedelta(minutes=minute) for minute in range(8)]
    ready = threading.Barrier(4)

    def work(owner: str) -> None:
        ready.wait()
        for at in slots:
            Runner(host, owner).run_at(Job("tick", {"minute": "*"}, lambda at=at: done.update([at])), at)

    threads = [threading.Thread(target=work, args=(f"w{rank}",)) for rank in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert done == Counter(slots)


def test_slot_of_a_dead_worker_is_retaken_once_its_lease_has_lapsed(
    write: sessionmaker[Session], now: datetime
) -> None:
    host, done = TestHost(write, now), []
    job = Job("tick", {"minute": "*"}, lambda: done.append(1))
    with host.write() as db:
        for minute in (0, 1):
            dead = claim_slot(db, "tick", job.slot(now + timedelta(minutes=minute)), "dead", now)
    runner = Runner(host, "alive")

    assert not runner.retake(job)
    host.moment += LEASE + timedelta(seconds=1)
    assert (runner.retake(job), runner.retake(job)) == (True, False)

    assert done == [1]
    assert [(state, attempt) for _, state, attempt in runs(host)] == [("merged", 1), ("done", 2)]
    with host.write() as db:
        assert dead is not None
        assert not finish_slot(db, dead, now)


def test_failing_job_is_noted_and_stops_nothing(write: sessionmaker[Session], now: datetime) -> None:
    host = TestHost(write, now)

    assert Runner(host, "one").run_at(Job("bad", {"minute": "*"}, lambda: 1 / 0), now)
    assert runs(host)[0][1] == "failed"
    with host.write() as db:
        assert [(run.job, run.has_failed) for run in read_health(db, now).jobs] == [("bad", True)]


def test_missed_daily_job_is_made_up_once_at_start(write: sessionmaker[Session], now: datetime) -> None:
    host, done = TestHost(write, now), []
    job = Job(
        "daily", {"hour": 4, "minute": 20}, lambda: done.append(1), daily=True, catch_up=timedelta(days=2)
    )

    for owner in ("one", "two"):
        Runner(host, owner).catch_up([job])

    assert done == [1]
    assert runs(host) == [("2026-03-10", "done", 1)]


@pytest.mark.parametrize("times", [{"hour": 4, "minute": 20}, {"hour": 7, "minute": 30}])
def test_daily_slot_is_unique_on_the_days_of_the_clock_changes(times: dict[str, int]) -> None:
    job = Job("daily", times, lambda: None, daily=True)
    for first, last in (("2026-03-27", "2026-03-31"), ("2026-10-23", "2026-10-27")):
        at, slots = datetime.fromisoformat(first).replace(tzinfo=UTC), []
        while at < datetime.fromisoformat(last).replace(tzinfo=UTC):
            fired = job.trigger.get_next_fire_time(None, at)
            assert fired is not None
            slots.append(job.slot(fired))
            at = fired + timedelta(seconds=1)
        assert len(slots) == len(set(slots)) == 5


def test_old_slots_are_forgotten(write: sessionmaker[Session], now: datetime) -> None:
    host = TestHost(write, now)
    runner = Runner(host, "one")
    runner.run_at(Job("tick", {"minute": "*"}, lambda: None), now)
    host.moment += timedelta(days=3)
    runner.run_at(Job("tick", {"minute": "*"}, lambda: None), host.now())

    with host.write() as db:
        forget_old_slots(db, host.now())
        assert [(run.job, run.done_at) for run in read_health(db, host.now()).jobs] == [("tick", host.now())]
    assert len(runs(host)) == 1


def test_two_schedulers_on_the_real_clock_never_run_a_slot_twice(write: sessionmaker[Session]) -> None:
    class RealHost(TestHost):
        def now(self) -> datetime:
            return datetime.now(UTC)

    host = RealHost(write, datetime.now(UTC))
    ran = threading.Semaphore(0)
    schedulers = [
        build_scheduler(Runner(host, owner), [Job("tick", {"second": "*"}, ran.release)])
        for owner in ("one", "two")
    ]
    for scheduler in schedulers:
        scheduler.start()
    try:
        for _ in range(2):
            assert ran.acquire(timeout=20)
    finally:
        for scheduler in schedulers:
            scheduler.shutdown(wait=True)

    slots = [slot for slot, _, _ in runs(host)]
    extra = 0
    while ran.acquire(blocking=False):
        extra += 1
    assert len(slots) == len(set(slots)) == 2 + extra
