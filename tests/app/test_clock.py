# SPDX-License-Identifier: EUPL-1.2
"""A year of the worker's own jobs: both clock changes, a leap day, a worker that is stopped. Nothing twice, nothing lost."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session, sessionmaker

from app.bootstrap import Application
from app.config import Config
from app.deployment import Deployment
from app.health import JOB_LABELS
from app.scheduler import PARIS, Job, Runner
from app.worker import worker_jobs
from tests.app.hosts import TestHost
from tests.factories.contract import toy_territory
from workflow.models import ScheduleRun

YEAR = 2028  # a leap year; the clocks change on 26 March and on 29 October
FIRST, LAST = datetime(YEAR, 1, 1, tzinfo=PARIS), datetime(YEAR + 1, 1, 1, tzinfo=PARIS)
DAYS = 366


@pytest.fixture
def jobs(engine: Engine) -> list[Job]:
    """The jobs of every worker, as they are in service."""
    config = Config(deployment=Deployment(environment="production"), contracts=(toy_territory(),))
    return worker_jobs(Application(config, engine), "w", lambda: False)


one_engine = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def times(job: Job, start: datetime, end: datetime) -> Iterator[datetime]:
    """Every time of the job from `start` (included) to `end` (excluded)."""
    trigger = job.trigger
    at = trigger.get_next_fire_time(None, start)
    while at is not None and at < end:
        yield at
        at = trigger.get_next_fire_time(
            None, at.astimezone(UTC) + timedelta(seconds=1)
        )  # wall time would fold


@one_engine
def test_daily_jobs_run_once_per_local_day_and_never_between_two_and_three(jobs: list[Job]) -> None:
    daily = [job for job in jobs if job.daily]
    every_day = [str(date(YEAR, 1, 1) + timedelta(days=rank)) for rank in range(DAYS)]

    for job in daily:
        fired = list(times(job, FIRST, LAST))
        assert [job.slot(at) for at in fired] == every_day, job.name
        assert {at.astimezone(PARIS).hour for at in fired}.isdisjoint({2}), job.name
    assert daily
    assert "2028-02-29" in every_day


@one_engine
def test_frequent_jobs_keep_their_pace_through_both_clock_changes(jobs: list[Job]) -> None:
    for job in (each for each in jobs if not each.daily):
        for changed_on in (date(YEAR, 3, 26), date(YEAR, 10, 29), date(YEAR, 2, 29)):
            start = datetime.combine(changed_on, datetime.min.time(), UTC)
            fired = [at.astimezone(UTC) for at in times(job, start, start + timedelta(hours=4))]
            gaps = {later - earlier for earlier, later in pairwise(fired)}
            slots = Counter(job.slot(at) for at in fired)
            assert len(gaps) == 1 and gaps.pop() <= timedelta(minutes=10), (job.name, changed_on)
            assert set(slots.values()) == {1}


def test_stopped_worker_makes_up_its_latest_time_and_no_other(
    write: sessionmaker[Session], jobs: list[Job]
) -> None:
    """Stopped across each clock change and the leap day, started again at noon: that day is made up, once."""
    host, ran = TestHost(write, FIRST.astimezone(UTC)), Counter[str]()
    made = next(job for job in jobs if job.daily)
    job = Job(
        made.name,
        made.times,
        lambda: ran.update([made.slot(host.moment)]),
        daily=True,
        catch_up=made.catch_up,
    )
    stops = [(date(YEAR, 2, 27), 3), (date(YEAR, 3, 24), 3), (date(YEAR, 10, 27), 3)]
    stopped = {day + timedelta(days=rank) for day, length in stops for rank in range(length)}
    restarts = {day + timedelta(days=length) for day, length in stops}

    for rank in range(DAYS):
        on = date(YEAR, 1, 1) + timedelta(days=rank)
        if on in stopped:
            continue
        if on in restarts:
            host.moment = datetime(on.year, on.month, on.day, 12, tzinfo=PARIS).astimezone(UTC)
            for owner in ("one", "two"):
                Runner(host, owner).catch_up([job])
            continue
        at = next(times(job, datetime(on.year, on.month, on.day, tzinfo=PARIS), LAST))
        host.moment = at.astimezone(UTC)
        for owner in ("one", "two"):
            Runner(host, owner).run_at(job, at)

    expected = {str(date(YEAR, 1, 1) + timedelta(days=rank)) for rank in range(DAYS)} - {
        str(d) for d in stopped
    }
    with write() as db:
        slots = db.scalars(select(ScheduleRun.slot).where(ScheduleRun.job == job.name)).all()
    assert Counter(slots) == Counter(expected)
    assert ran == Counter(expected)


@one_engine
def test_every_job_has_a_french_name_on_the_page_of_the_background_work(jobs: list[Job]) -> None:
    assert {job.name for job in jobs} <= set(JOB_LABELS)
