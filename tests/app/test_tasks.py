# SPDX-License-Identifier: EUPL-1.2
"""Long work as rows: done once, retaken when its worker died, failed after three tries."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session, sessionmaker

from app import tasks
from app.tasks import HANDLERS, claim, drain_tasks, enqueue, register
from tests.app.hosts import TestHost
from workflow.models import Task


@pytest.fixture
def host(write: sessionmaker[Session], now: datetime) -> Iterator[TestHost]:
    """A host whose handlers are forgotten afterwards."""
    known = dict(HANDLERS)
    yield TestHost(write, now)
    HANDLERS.clear()
    HANDLERS.update(known)


def put(host: TestHost, kind: str, **payload: Any) -> int:
    with host.write() as db:
        return enqueue(db, kind, payload, host.now()).id


def read(host: TestHost, number: int) -> Task:
    with host.write() as db:
        return db.get_one(Task, number)


def test_task_is_done_once_and_keeps_its_result(host: TestHost) -> None:
    seen: list[dict[str, Any]] = []

    def handler(_application: object, payload: dict[str, Any], progress: tasks.Progress) -> dict[str, Any]:
        seen.append(payload)
        progress(50)
        assert read(host, number).progress == 50
        return {"pages": 3}

    register("summary", handler)
    number = put(host, "summary", seance=3)

    assert (drain_tasks(host, "one"), drain_tasks(host, "one")) == (1, 0)
    task = read(host, number)
    assert (task.state, task.progress, task.result, task.done_at) == ("done", 100, {"pages": 3}, host.now())
    assert seen == [{"seance": 3}]


def test_task_nobody_knows_waits(host: TestHost) -> None:
    number = put(host, "unknown")

    assert drain_tasks(host, "one") == 0
    assert read(host, number).state == "pending"


def test_task_of_a_dead_worker_is_retaken_after_its_lease(host: TestHost) -> None:
    register("summary", lambda *_: {})
    number = put(host, "summary")
    with host.write() as db:
        assert claim(db, host.now(), "dead") is not None

    assert drain_tasks(host, "alive") == 0
    host.moment += tasks.LEASE + timedelta(seconds=1)
    assert drain_tasks(host, "alive") == 1
    assert (read(host, number).state, read(host, number).attempts) == ("done", 2)


def test_task_that_kills_its_worker_each_time_is_given_up(host: TestHost) -> None:
    register("summary", lambda *_: {})
    number, other = put(host, "summary"), put(host, "summary")
    for _ in range(tasks.MAX_ATTEMPTS):
        with host.write() as db:
            held = claim(db, host.now(), "dead")
            assert held is not None and held.id == number
        host.moment += tasks.LEASE + timedelta(seconds=1)

    assert drain_tasks(host, "alive") == 1
    assert (read(host, number).state, read(host, number).error) == ("failed", tasks.DIED)
    assert read(host, other).state == "done"


def test_failing_task_is_tried_three_times_then_kept_with_its_error(
    host: TestHost, caplog: pytest.LogCaptureFixture
) -> None:
    def handler(*_: object) -> None:
        raise ValueError("SELECT secret FROM dossier")

    register("summary", handler)
    number = put(host, "summary")

    assert drain_tasks(host, "one") == 3
    task = read(host, number)
    assert (task.state, task.attempts, task.error) == ("failed", 3, tasks.FAULT.format(number))
    assert (
        "SELECT secret" in caplog.text and f"task {number}" in caplog.text
    )  # the log alone says what it was
