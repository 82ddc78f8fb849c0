# SPDX-License-Identifier: EUPL-1.2
"""`kill -9` of a worker at every step of a convocation, three at work: all delivered, none lost, twice only if accepted."""

import pytest
from sqlalchemy.orm import Session, sessionmaker

from tests.app.crashing import STEPS, Fuse, Orders, prepare, survive
from tests.factories import NOW
from tests.factories.world import World
from tests.notifications.servers import Server, running

MEMBERS = 50
BEFORE_SENDING = STEPS[: STEPS.index("before the text")]


@pytest.mark.parametrize("step", STEPS)
def test_worker_killed(world: World, write: sessionmaker[Session], database_url: str, step: str) -> None:
    prepare(world, MEMBERS)

    with running(Server()) as server:
        outcome = survive(Orders(database_url, server.port, "", NOW), write, server, Fuse(step))

    assert outcome.died == 1
    assert outcome.states == {"sent": MEMBERS}
    assert len(outcome.received) == MEMBERS
    assert outcome.twice <= outcome.held
    assert set(outcome.received.values()) <= {1, 2}
    if step in BEFORE_SENDING[:8]:
        assert outcome.held == set()
    if step in ("after the server accepted", "before note", "during note"):
        assert outcome.twice
