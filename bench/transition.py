# SPDX-License-Identifier: EUPL-1.2
"""One saved transition, `complete` (incomplete → submitted), against the same statements written by hand in Core.

`complete` is a plain transition: no rule is evaluated, one column is cleared. Both sides read and write the same rows,
which the bench checks on the statements the databases received and on the journal's chains.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from functools import partial
from itertools import count

from sqlalchemy import Engine, event, update
from sqlalchemy.orm import Session

from bench import by_hand
from bench.clock import alternated
from bench.databases import postgresql_engine, sqlite_engine
from bench.table import Row, plain, ratio, timed
from tests.factories import NOW
from tests.factories.world import make_world
from workflow.db import session_factory
from workflow.examination import load_for_examination
from workflow.journal import preload_heads, verify_chain
from workflow.machine import fire
from workflow.models import Dossier
from workflow.permissions import Actor, actor_for

BATCH, ONE_BY_ONE, BATCHES = 100, 200, 15
AT_MOST_ONE, AT_MOST_BATCH = 4.0, 3.0
PIECES = {"pieces": ["statuts"], "due": "2026-03-31"}


def measure(loop: float) -> Iterator[Row]:
    """Both databases; SQLite as in the product, then without waiting for the disk, which is harder on the ratio."""
    engines = (
        ("SQLite", sqlite_engine()),
        ("SQLite, disk not waited for", sqlite_engine("OFF")),
        ("PostgreSQL", postgresql_engine()),
    )
    for name, opened in engines:
        with opened as engine:
            yield from _Scene(engine, name).rows(loop)


class _Scene:
    """A hundred incomplete dossiers of the toy contract, put back after each turn."""

    def __init__(self, engine: Engine, name: str) -> None:
        self.engine, self.name = engine, name
        self.write = session_factory(engine)
        with self.write() as db:
            world = make_world(db)
            self.ids = [
                world.dossier(stage="incomplete", completion=PIECES, reference=f"B{number:03}").id
                for number in range(BATCH)
            ]
            self.actor = actor_for(db, world.secretary, date(2026, 3, 10))
            db.commit()

    def rows(self, loop: float) -> Iterator[Row]:
        """The four rows of one database."""
        yield from self._same()
        mapped, core = self._one_by_one()
        yield timed(f"{self.name}: one saved transition, fire() and commit", mapped, loop=loop)
        yield timed(f"{self.name}: the same by hand in Core", core, loop=loop)
        yield ratio(f"{self.name}: ratio, one by one", mapped / core, AT_MOST_ONE)
        mapped, core, many = self._batches()
        yield timed(f"{self.name}: {BATCH} transitions loaded together, each", mapped / BATCH, loop=loop)
        yield ratio(
            f"{self.name}: ratio to Core row by row, batches of {BATCH}", mapped / core, AT_MOST_BATCH
        )
        yield ratio(f"{self.name}: ratio to Core with executemany, batches of {BATCH}", mapped / many)
        yield self._unbroken()

    def _one_by_one(self) -> list[float]:
        which = count()

        def turned(way: Callable[[int], None]) -> Callable[[int], None]:
            return lambda _turn: way(self.ids[next(which) % BATCH])

        ways = [partial(_fire_one, self.write, self.actor), partial(by_hand.one, self.engine)]
        return alternated(ONE_BY_ONE, [turned(way) for way in ways], before=self._put_back)

    def _batches(self) -> list[float]:
        ways = (
            lambda _turn: _fire_batch(self.write, self.actor, self.ids),
            lambda _turn: by_hand.batch(self.engine, self.ids, many=False),
            lambda _turn: by_hand.batch(self.engine, self.ids, many=True),
        )
        return alternated(BATCHES, ways, before=self._put_back)

    def _same(self) -> Iterator[Row]:
        """The statements both sides send, on the same tables; in a batch the mapper may join several rows in one."""
        ways = {
            "one by one": (
                lambda: _fire_one(self.write, self.actor, self.ids[0]),
                lambda: by_hand.one(self.engine, self.ids[0]),
            ),
            f"batches of {BATCH}": (
                lambda: _fire_batch(self.write, self.actor, self.ids),
                lambda: by_hand.batch(self.engine, self.ids, many=False),
            ),
        }
        for how, (mapped, core) in ways.items():
            of_fire, of_core = self._heard(mapped), self._heard(core)
            said = f"{len(of_fire)} and {len(of_core)}"
            yield plain(
                f"{self.name}: statements of fire() and by hand, {how}",
                said,
                is_met=set(of_fire) == set(of_core),
            )

    def _heard(self, act: Callable[[], None]) -> list[str]:
        self._put_back()
        with _heard(self.engine) as heard:
            act()
        return heard

    def _put_back(self) -> None:
        back = update(Dossier).values(stage="incomplete", completion=PIECES)
        with self.engine.begin() as connection:
            connection.execute(back.where(Dossier.stage != "incomplete"))

    def _unbroken(self) -> Row:
        """The rows written by hand are those of the product: every chain holds."""
        with self.write() as db:
            faults = [fault for id_ in self.ids for fault in verify_chain(db, f"dossier:{id_}")]
        return plain(f"{self.name}: journal chains written by both", "unbroken", is_met=not faults)


def _fire_one(write: Callable[[], Session], actor: Actor, id_: int) -> None:
    with write() as db:
        dossier = db.get_one(Dossier, id_)
        fire(db, dossier, "complete", actor, None, NOW)
        db.commit()


def _fire_batch(write: Callable[[], Session], actor: Actor, ids: list[int]) -> None:
    with write() as db:
        dossiers = load_for_examination(db, ids)
        preload_heads(db, [f"dossier:{id_}" for id_ in ids])
        for dossier in dossiers:
            fire(db, dossier, "complete", actor, None, NOW)
        db.commit()


@contextmanager
def _heard(engine: Engine) -> Iterator[list[str]]:
    """The statements the database receives, as verb and table."""
    heard: list[str] = []

    def hear(_c: object, _cursor: object, statement: str, *_more: object) -> None:
        words = statement.replace("\n", " ").split()
        after = {"SELECT": "FROM", "INSERT": "INTO", "UPDATE": "UPDATE"}.get(words[0])
        if after is not None:
            heard.append(f"{words[0]} {words[words.index(after) + 1]}")

    event.listen(engine, "before_cursor_execute", hear)
    try:
        yield heard
    finally:
        event.remove(engine, "before_cursor_execute", hear)
