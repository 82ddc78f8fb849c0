# SPDX-License-Identifier: EUPL-1.2
"""`make soak`: a convocation of 500 members by three workers, one killed -9 at some step, 20 times on each database.

Through a real SMTP server that also refuses some for a while. Exit code 1 when a message is lost, or received twice though
the server had not accepted it from the dead worker.
"""

import argparse
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random

from app.database import upgrade
from bench.databases import folder, postgresql_url
from bench.table import Row, plain, show
from tests.app.crashing import STEPS, Fuse, Orders, Outcome, prepare, survive
from tests.factories import NOW
from tests.factories.world import make_world
from tests.notifications.servers import Server, running
from workflow.db import Base, make_engine, session_factory

REFUSALS = 10
# How often a step may be reached before the one that kills: anywhere among the members, or the claims.
ANYWHERE = frozenset({"during first message", "before the text", "after the server accepted"})
NOTES = frozenset({"before note", "during note", "after note"})
CLAIMS = frozenset({"during claim", "after claim"})


@dataclass
class Tally:
    """What the trials of one database gave."""

    trials: int = 0
    killed: int = 0
    lost: int = 0
    received: int = 0
    held: int = 0
    twice: int = 0
    unexplained: int = 0
    steps: Counter[str] = field(default_factory=Counter)

    def add(self, step: str, members: int, outcome: Outcome) -> None:
        """One more trial."""
        self.trials += 1
        self.killed += outcome.died
        self.lost += members - min(len(outcome.received), outcome.states.get("sent", 0))
        self.received += len(outcome.received)
        self.held += len(outcome.held)
        self.twice += len(outcome.twice)
        self.unexplained += len(outcome.twice - outcome.held) + sum(n > 2 for n in outcome.received.values())
        self.steps[step] += len(outcome.twice)


def main() -> int:
    """Both databases, or one."""
    parser = argparse.ArgumentParser(prog="python -m bench.soak", description=__doc__)
    parser.add_argument("--messages", type=int, default=500)
    parser.add_argument("--times", type=int, default=20)
    parser.add_argument("--database", choices=("sqlite", "postgresql"))
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    return int(any(row.is_met is False for row in show(_soaked(chosen))))


def _soaked(chosen: argparse.Namespace) -> Iterator[Row]:
    if chosen.database != "postgresql":
        with folder() as place:
            yield from _soak("SQLite", f"sqlite:///{place}/soak.db", chosen)
    if chosen.database != "sqlite":
        with postgresql_url() as url:
            yield from _soak("PostgreSQL", url, chosen)


def _soak(name: str, url: str, chosen: argparse.Namespace) -> Iterator[Row]:
    tally, rng, start = Tally(), Random(chosen.seed), time.monotonic()
    for turn in range(chosen.times):
        step = STEPS[turn % len(STEPS)]
        tally.add(
            step, chosen.messages, _trial(url, step, _skip(step, chosen.messages, rng), chosen.messages)
        )
    members = chosen.times * chosen.messages
    yield plain(
        f"{name}: workers killed, one per convocation of {chosen.messages}",
        tally.killed,
        target=str(chosen.times),
        is_met=tally.killed == chosen.times,
    )
    yield plain(
        f"{name}: different messages received, all marked sent",
        tally.received,
        target=str(members),
        is_met=tally.lost == 0 and tally.received == members,
    )
    yield plain(f"{name}: held by a worker when it was killed, all sent later", tally.held)
    yield plain(f"{name}: received twice, same Message-ID, accepted but not noted", tally.twice)
    yield plain(
        f"{name}: received twice otherwise", tally.unexplained, target="0", is_met=tally.unexplained == 0
    )
    for step, count in tally.steps.items():
        if count:
            yield plain(f"{name}:   of those, killed {step}", count)
    yield plain(f"{name}: seconds in all", f"{time.monotonic() - start:.0f}")


def _skip(step: str, members: int, rng: Random) -> int:
    """How often the step is passed before the one that kills. Notes are written together: rarely more than half."""
    if step in ANYWHERE:
        return rng.randrange(members * 4 // 5)
    if step in NOTES:
        return rng.randrange(members // 5)
    return rng.randrange(max(members // 50, 1)) if step in CLAIMS else 0


def _trial(url: str, step: str, skip: int, members: int) -> Outcome:
    engine = make_engine(url)
    upgrade(engine)
    write = session_factory(engine)
    with write() as db:
        prepare(make_world(db), members)
    answers = ["250 OK", "250 OK", "451 4.3.0 later"] * REFUSALS
    try:
        with running(Server(answers=answers)) as server:
            orders = Orders(url, server.port, "", NOW, synchronous="FULL")
            return survive(orders, write, server, Fuse(step, skip))
    finally:
        with engine.begin() as connection:
            for table in reversed(Base.metadata.sorted_tables):
                connection.execute(table.delete())
        engine.dispose()


if __name__ == "__main__":
    sys.exit(main())
