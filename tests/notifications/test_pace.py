# SPDX-License-Identifier: EUPL-1.2
"""No more messages per minute to one domain than the setting says, by all workers together, without sleeping."""

import threading
from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy.orm import Session, sessionmaker

from notifications import outbox
from notifications.drain import drain
from tests.factories.world import World
from tests.notifications.scenes import MAIL, pending_message
from tests.notifications.servers import Server, running

PACED = replace(MAIL, per_domain_per_minute=3, batch=2)


def claimed(db: Session, now: datetime) -> list[str]:
    return [message.recipient for message in outbox.claim(db, now, "one", PACED)]


def test_domain_at_its_limit_waits_and_the_others_do_not(world: World, now: datetime) -> None:
    for rank in range(5):
        pending_message(world, f"a{rank}", f"p{rank}@Etat.test")
    pending_message(world, "b", "p@caf.test")

    taken = [claimed(world.db, now) for _ in range(4)]

    assert taken == [["p0@Etat.test", "p1@Etat.test"], ["p2@Etat.test"], ["p@caf.test"], []]
    assert claimed(world.db, now + timedelta(seconds=59)) == []
    assert claimed(world.db, now + timedelta(seconds=60)) == ["p3@Etat.test", "p4@Etat.test"]


def test_refused_attempts_count_and_messages_put_back_do_not(world: World, now: datetime) -> None:
    for rank in range(4):
        pending_message(world, f"a{rank}", f"p{rank}@etat.test")
    first, second = outbox.claim(world.db, now, "one", PACED)

    outbox.put_back(world.db, first, "one")
    outbox.mark_sent(world.db, second, "one", now)

    assert claimed(world.db, now) == ["p0@etat.test", "p2@etat.test"]
    assert claimed(world.db, now) == []


def test_redirected_messages_go_to_one_domain(world: World, now: datetime) -> None:
    for rank in range(5):
        pending_message(world, f"a{rank}", f"p@domaine{rank}.test")
    settings = replace(PACED, redirect_all_to="essais@epci.test")

    taken = [len(outbox.claim(world.db, now, "one", settings)) for _ in range(3)]

    assert taken == [2, 1, 0]


def test_two_workers_at_once_share_one_limit(
    world: World, write: sessionmaker[Session], now: datetime
) -> None:
    for rank in range(30):
        pending_message(world, f"k{rank:02}", f"p{rank}@{'etat' if rank % 2 else 'caf'}.test")
    world.db.commit()
    ready = threading.Barrier(2)

    with running(Server()) as server:
        settings = replace(MAIL, port=server.port, per_domain_per_minute=7, batch=3)

        def work(owner: str) -> None:
            ready.wait()
            drain(write.begin, lambda: now, settings, owner)

        threads = [threading.Thread(target=work, args=(name,)) for name in ("one", "two")]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert Counter(recipient.rpartition("@")[2] for recipient in server.recipients) == {
        "etat.test": 7,
        "caf.test": 7,
    }
