# SPDX-License-Identifier: EUPL-1.2
"""`make soak`: two drainers empty one outbox through a real SMTP server, one is killed while it works, nothing is lost.

On SQLite and on PostgreSQL. Exit code 1 when a message is lost, or sent twice more often than the kill explains.
"""

import argparse
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from app.database import upgrade
from bench.databases import ROOT, folder, postgresql_url
from bench.table import Row, plain, show
from notifications.drain import drain
from notifications.settings import MailSettings
from tests.factories.world import make_world
from tests.notifications.scenes import pending_message
from tests.notifications.servers import Server, running
from workflow.db import make_engine, session_factory
from workflow.models import Message

REFUSALS, PATIENCE = 20, 120.0


def main() -> int:
    """Both databases, or the drainer of one (`drain`, used by the soak itself)."""
    parser = argparse.ArgumentParser(prog="python -m bench.soak", description=__doc__)
    parser.add_argument("--messages", type=int, default=600)
    parser.add_argument("--drain", nargs=3, metavar=("URL", "PORT", "NAME"), help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.drain:
        url, port, name = chosen.drain
        return _drain_until_empty(url, int(port), name)
    return int(any(row.is_met is False for row in show(_soaked(chosen.messages))))


def _soaked(number: int) -> Iterator[Row]:
    with folder() as place:
        yield from _soak("SQLite", f"sqlite:///{place}/soak.db", number)
    with postgresql_url() as url:
        yield from _soak("PostgreSQL", url, number)


def _soak(name: str, url: str, number: int) -> Iterator[Row]:
    engine = make_engine(url)
    upgrade(engine)
    write = session_factory(engine)
    _fill(write, number)
    answers = ["250 OK", "250 OK", "451 4.3.0 later"] * REFUSALS
    with running(Server(answers=answers)) as server:
        start = time.monotonic()
        with (
            _drainer(url, server.port, "killed") as doomed,
            _drainer(url, server.port, "survivor") as survivor,
        ):
            while len(server.received) < number // 3 and time.monotonic() - start < PATIENCE:
                time.sleep(0.01)
            os.kill(doomed.pid, signal.SIGKILL)
            held = _held_by(write, "killed")
            survivor.wait(timeout=PATIENCE)
        seconds = time.monotonic() - start
    engine.dispose()
    yield from _verdicts(name, write, server, number, held)
    yield plain(f"{name}: seconds, from the first drainer to the last message", f"{seconds:.1f}")


def _verdicts(
    name: str, write: sessionmaker[Session], server: Server, number: int, held: int
) -> Iterator[Row]:
    with write() as db:
        counted = select(Message.state, func.count()).group_by(Message.state)
        states = dict(db.execute(counted).all())
    received = Counter(str(message["Message-ID"]) for message in server.messages)
    twice = sum(count - 1 for count in received.values())
    connections = _settings(0).connections
    yield plain(
        f"{name}: messages marked sent", states, target=f"sent: {number}", is_met=states == {"sent": number}
    )
    yield plain(
        f"{name}: different messages received",
        len(received),
        target=str(number),
        is_met=len(received) == number,
    )
    yield plain(f"{name}: claimed by the drainer when it was killed, all retaken", held)
    yield plain(
        f"{name}: received twice, under the same Message-ID",
        twice,
        target=f"<= {connections}",
        is_met=twice <= connections,
    )


def _fill(write: sessionmaker[Session], number: int) -> None:
    with write() as db:
        world = make_world(db)
        for rank in range(number):
            pending_message(world, f"soak-{rank}", f"membre{rank}@etat.test")
        db.commit()


def _held_by(write: sessionmaker[Session], owner: str) -> int:
    with write() as db:
        held = select(func.count(Message.id)).where(Message.state == "sending", Message.claimed_by == owner)
        return db.scalar(held) or 0


@contextmanager
def _drainer(url: str, port: int, name: str) -> Iterator[subprocess.Popen[bytes]]:
    """A process of its own that drains; ended at the end whatever happens."""
    command = [sys.executable, "-m", "bench.soak", "--drain", url, str(port), name]
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL) as process:
        try:
            yield process
        finally:
            process.kill()


def _settings(port: int) -> MailSettings:
    """Impatient, so that the soak is short: a dead drainer's claims lapse after five seconds."""
    return MailSettings(
        host="127.0.0.1",
        port=port,
        sender="no-reply@epci.test",
        base_address="https://ville.test",
        timeout_seconds=10,
        claim_for=timedelta(seconds=5),
        first_delay=timedelta(seconds=0.3),
    )


def _drain_until_empty(url: str, port: int, name: str) -> int:
    """Drains again and again until no message waits or is being sent by anybody."""
    write = session_factory(make_engine(url))
    while True:
        drain(write.begin, lambda: datetime.now(UTC), _settings(port), name)
        with write() as db:
            left = select(func.count(Message.id)).where(Message.state.in_(("pending", "sending")))
            if not db.scalar(left):
                return 0
        time.sleep(0.2)


if __name__ == "__main__":
    sys.exit(main())
