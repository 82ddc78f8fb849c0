# SPDX-License-Identifier: EUPL-1.2
"""Claims, results and back-off of the outbox, without any server."""

from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

import pytest
from sqlalchemy.orm import Session

from notifications import outbox
from notifications.errors import (
    PermanentError,
    TemporaryError,
    UnknownMessageError,
    UnreachableError,
    WrongStateError,
)
from tests.factories.world import World
from tests.notifications.scenes import MAIL, pending_message


def reread(db: Session, key: str) -> tuple[str, int, str | None]:
    db.expire_all()
    (row,) = [row for row in outbox.list_messages(db) if row.key == key]
    return row.state, row.attempts, row.reason


def test_claimed_message_is_not_claimed_again(world: World, now: datetime) -> None:
    pending_message(world, "a")

    first = outbox.claim(world.db, now, "one", MAIL)
    second = outbox.claim(world.db, now, "two", MAIL)

    assert ([each.key for each in first], second) == (["a"], [])
    assert reread(world.db, "a") == ("sending", 1, None)


def test_message_of_a_dead_worker_is_retaken_with_the_same_bytes(world: World, now: datetime) -> None:
    pending_message(world, "a")
    (before,) = outbox.claim(world.db, now, "dead", MAIL)
    later = now + MAIL.claim_for + timedelta(seconds=1)

    assert outbox.release_stuck(world.db, now + timedelta(minutes=9)) == 0
    assert outbox.release_stuck(world.db, later) == 1
    (after,) = outbox.claim(world.db, later, "alive", MAIL)

    assert (after.body, after.attempts) == (before.body, 2)
    assert not outbox.mark_sent(world.db, before, "dead", later)
    assert outbox.mark_sent(world.db, after, "alive", later)
    assert reread(world.db, "a") == ("sent", 2, None)


def test_back_off_doubles_up_to_its_ceiling_with_jitter() -> None:
    delays = [outbox.retry_delay(attempt, MAIL, Random(1)).total_seconds() for attempt in (1, 2, 3, 20)]
    steady = [round(delay / delays[0] * 60) for delay in delays]

    assert steady == [60, 120, 240, 3600]
    assert 48 <= delays[0] <= 72


@pytest.mark.parametrize(
    ("error", "age", "attempts", "state"),
    [
        (PermanentError("550 non"), timedelta(0), 0, "failed"),
        (TemporaryError("451 plus tard"), timedelta(days=3), 3, "pending"),
        (TemporaryError("451 plus tard"), timedelta(hours=1), 30, "pending"),
        (TemporaryError("451 plus tard"), timedelta(days=3), 30, "failed"),
        (UnreachableError("injoignable"), timedelta(days=9), 30, "pending"),
    ],
)
def test_refusal_ends_or_waits(
    world: World,
    now: datetime,
    error: PermanentError | TemporaryError | UnreachableError,
    age: timedelta,
    attempts: int,
    state: str,
) -> None:
    row = pending_message(world, "a")
    row.created_at, row.attempts = now - age, attempts
    world.db.flush()
    (message,) = outbox.claim(world.db, now, "one", MAIL)

    outbox.mark_refused(world.db, message, "one", now, error, MAIL, Random(1))

    assert reread(world.db, "a") == (state, attempts + 1, error.message)
    if state == "pending":
        assert outbox.claim(world.db, now, "one", MAIL) == []
        assert outbox.claim(world.db, now + timedelta(hours=2), "one", MAIL)


def test_draft_leaves_only_when_released(world: World, now: datetime) -> None:
    pending_message(world, "a").state = "draft"
    world.db.flush()

    assert outbox.claim(world.db, now, "one", MAIL) == []
    outbox.release(world.db, "a", now)
    world.db.flush()
    assert [each.key for each in outbox.claim(world.db, now, "one", MAIL)] == ["a"]
    with pytest.raises(WrongStateError, match="en cours d’envoi"):
        outbox.release(world.db, "a", now)
    with pytest.raises(UnknownMessageError):
        outbox.release(world.db, "b", now)


def test_batch_is_bounded(world: World, now: datetime) -> None:
    for rank in range(3):
        pending_message(world, f"k{rank}")

    assert [each.key for each in outbox.claim(world.db, now, "one", replace(MAIL, batch=2))] == ["k0", "k1"]
