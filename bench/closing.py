# SPDX-License-Identifier: EUPL-1.2
"""Closing a committee of 300 decisions: its summary frozen, each decision applied and journalled, in one transaction."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from statistics import median
from time import process_time

from sqlalchemy import Engine, select

from app.closings import fire_seance
from bench.clock import seconds_of
from bench.databases import postgresql_engine, sqlite_engine
from bench.table import Row, plain, timed
from tests.factories import NOW
from tests.factories.people import make_porteur, mandate_row
from tests.factories.world import World, make_world
from workflow.db import session_factory
from workflow.journal import verify_all
from workflow.machine import fire
from workflow.models import Dossier, Envelope, Seance
from workflow.permissions import Actor, actor_for
from workflow.queries import get_seance
from workflow.seances import plan_seance, set_agenda
from workflow.session import note_presences, take_up_proposals
from workflow.stages import LineState, Role, Stage

DECISIONS, ROUNDS = 300, 3
AT_MOST = 1.0
WORDS = ("Atelier", "Jardin", "Théâtre", "Sport", "Emploi", "Lecture", "Cuisine")
DETAILS = {"etat:specifique": Decimal(4000), "caf:droit_commun": Decimal(3000)}


def measure(loop: float) -> Iterator[Row]:
    """Both databases; one séance a round, each with 300 dossiers of its own."""
    engines = (("SQLite", sqlite_engine()), ("PostgreSQL", postgresql_engine()))
    for name, opened in engines:
        with opened as engine:
            yield from _closed(name, engine, loop)


def _closed(name: str, engine: Engine, loop: float) -> Iterator[Row]:
    write = session_factory(engine)
    with write() as db:
        world = make_world(db)
        _seat(world)
        numbers = [_decided(world, rank) for rank in range(ROUNDS + 1)]
        actor = actor_for(db, world.secretary, NOW.date())
        db.commit()

    def close(number: int) -> None:
        with write() as db:
            seance = get_seance(db, number)
            fire_seance(db, seance, "close", actor, None, seance.starts_at + timedelta(hours=2))
            db.commit()

    close(numbers[0])  # warms up
    spent, busy = [], []
    for number in numbers[1:]:
        start = process_time()
        spent.append(seconds_of(lambda n=number: close(n)))  # type: ignore[misc]
        busy.append(process_time() - start)
    what = f"{name}: closing of {DECISIONS} decisions"
    yield timed(f"{what}, median of {ROUNDS}", median(spent), AT_MOST, loop=loop)
    yield timed(f"{what}, processor time alone", median(busy), loop=loop)
    with write() as db:
        committed = len(db.scalars(select(Dossier.id).where(Dossier.stage == Stage.COMMITTED)).all())
        faults = verify_all(db)
    done = DECISIONS * len(numbers)
    yield plain(f"{name}: dossiers retained once each", committed, is_met=committed == done, target=str(done))
    yield plain(f"{name}: journal chains and seals", "unbroken", is_met=not faults)


def _seat(world: World) -> None:
    for code, person in world.financers.items():
        organisation = world.organisations[code]
        world.db.add(mandate_row(person, Role.MEMBER, organisation, world.contract, "comite"))
    for envelope in world.db.scalars(select(Envelope)):
        envelope.amount = Decimal(100_000_000)
    world.db.flush()


def _decided(world: World, rank: int) -> int:
    """An open committee whose 300 dossiers are retained as proposed."""
    db, starts_at = world.db, NOW + timedelta(days=30 + rank)
    actor: Actor = actor_for(db, world.secretary, NOW.date())
    dossiers = [_proposed(world, rank * DECISIONS + number) for number in range(DECISIONS)]
    db.flush()
    seance: Seance = plan_seance(db, world.contract, "comite", starts_at, NOW, actor)
    set_agenda(db, seance, dossiers, actor, NOW)
    fire(db, seance, "convoke", actor, None, NOW)
    fire(db, seance, "open", actor, None, starts_at)
    note_presences(db, seance, {c.id: "present" for c in seance.convocations}, actor, starts_at)
    taken = take_up_proposals(db, seance, actor, starts_at).taken
    assert taken == DECISIONS, f"{taken} decided"
    return seance.id


def _proposed(world: World, number: int) -> Dossier:
    """An action of its own; each porteur carries three, as in a real programme."""
    if number % 3 == 0:
        world.porteur = make_porteur(world.db, f"Association {number}", siret=None, email=None)
    title = f"{WORDS[number % 7]} {WORDS[number // 7 % 7]} {number}"
    dossier = world.dossier(reference=f"C{number:05}", stage="commitment", title=title)
    for line in dossier.lines:
        line.state, line.proposed = LineState.INDICATIVE.value, DETAILS.get(line.key, Decimal(1000))
    return dossier
