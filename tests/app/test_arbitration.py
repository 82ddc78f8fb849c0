# SPDX-License-Identifier: EUPL-1.2
"""The tasks of the solver: one scenario written, whatever happens to the worker; refusals told; the least change."""

from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session, sessionmaker

from app.arbitration import arbitrate, ask, ask_least_change
from app.tasks import drain_tasks
from tests.app.hosts import TestHost
from tests.factories.world import World
from tests.workflow.conference_room import CAF, STATE, Room
from workflow.errors import InvalidInputError, NotPermittedError
from workflow.models import Envelope, FundingLine, Scenario, Task
from workflow.scenario_adoption import adopt
from workflow.scenarios import delete, is_priced

one_engine = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def envelope(room: Room, amount: int) -> None:
    """What the State notifies."""
    credit, year = room.world.credits[STATE], room.dossiers[0].year
    found = room.db.query(Envelope).filter_by(credit_id=credit.id, year=year).one_or_none()
    if found is None:
        found = Envelope(credit=credit, year=year)
        room.db.add(found)
    found.status, found.amount = "notified", Decimal(amount)


def result_of(write: sessionmaker[Session], task_id: int) -> dict[str, Any]:
    with write() as db:
        task = db.get_one(Task, task_id)
        assert task.state == "done", task.error
        return dict(task.result or {})


def test_the_task_writes_one_explained_scenario(
    world: World, write: sessionmaker[Session], now: datetime
) -> None:
    room = Room(world, 2)
    envelope(room, 5500)
    task = ask(room.db, room.seance, "Solveur", room.secretary, room.now).id
    payload = dict(room.db.get_one(Task, task).payload)
    room.db.commit()
    host = TestHost(write, room.now)

    assert drain_tasks(host, "test") == 1
    result = result_of(write, task)
    again = arbitrate(host, payload, lambda percent: None)  # its worker died after writing

    assert again == result
    with write() as db:
        assert db.scalar(select(func.count()).select_from(Scenario)) == 1
        scenario = db.get_one(Scenario, result["scenario"])
        amounts = sorted(one.amount for one in scenario.amounts)
        said = scenario.solution
    assert said is not None
    assert sum(amounts) == Decimal(said["total"]) <= 5500
    assert (said["status"], said["task"], said["targets"]["conflicts"]) == ("optimal", task, [])
    assert {one["kind"] for dossier in said["dossiers"] for one in dossier["stops"]} == {"envelope"}


def test_the_scenario_is_there_before_its_prices_and_two_runs_write_one(
    world: World, write: sessionmaker[Session], now: datetime
) -> None:
    """A worker believed dead goes on: whoever comes second finds what the first wrote."""
    room = Room(world)
    line = room.line(STATE).id
    parent = room.create(amounts={line: Decimal(3000)}, locked=[line])  # a lock has its price
    task = ask(room.db, room.seance, "Solveur", room.secretary, room.now, parent).id
    payload = dict(room.db.get_one(Task, task).payload)
    room.db.commit()
    host, told, seen = TestHost(write, room.now), list[int](), list[tuple[int, bool]]()

    def other(percent: int) -> None:
        told.append(percent)
        if percent == 30:  # solved, not written yet
            arbitrate(host, payload, look)

    def look(_: int) -> None:
        with write() as db:
            mine = db.scalars(select(Scenario.id).where(Scenario.name == "Solveur"))
            seen.extend((id_, is_priced(db, id_)) for id_ in mine)

    result = arbitrate(host, payload, other)

    assert (told, seen) == ([5, 30, 90], [(result["scenario"], False)])
    with write() as db:
        mine = Scenario.id == result["scenario"]
        db.execute(update(Scenario).where(mine).values(solution={**said_of(db, result), "targets": None}))
        db.commit()
        version = db.scalar(select(Scenario.version).where(mine))
    assert arbitrate(host, payload, lambda _: None) == result  # died between the two: priced again
    with write() as db:
        assert is_priced(db, result["scenario"])
        assert db.scalar(select(Scenario.version).where(mine)) == version  # no page that was read is stale
        assert db.get_one(Task, task).result == result
        db.execute(update(Scenario).where(mine).values(solution={**said_of(db, result), "targets": None}))
        db.get_one(FundingLine, line).requested = Decimal(3200)  # another problem than the one written
        db.commit()
    assert arbitrate(host, payload, lambda _: None) == result
    with write() as db:
        assert not is_priced(db, result["scenario"])  # nor is it given another one's prices


def said_of(db: Session, result: dict[str, Any]) -> dict[str, Any]:
    return dict(db.get_one(Scenario, result["scenario"]).solution or {})


@one_engine
def test_locks_that_cannot_be_kept_are_refused_in_french_and_nothing_is_written(
    world: World, write: sessionmaker[Session], now: datetime
) -> None:
    room = Room(world)
    envelope(room, 1000)
    line = room.line(STATE).id
    parent = room.create(amounts={line: Decimal(3000)}, locked=[line])
    task = ask(room.db, room.seance, "Impossible", room.secretary, room.now, parent).id
    room.db.commit()

    drain_tasks(TestHost(write, room.now), "test")

    refused = result_of(write, task)["refused"]
    assert refused.startswith("Aucune répartition ne garde ce qui est verrouillé.")
    assert "enveloppe État" in refused and "3\u202f000" in refused
    with write() as db:
        assert db.scalars(select(Scenario.name)).all() == [parent.name]


@one_engine
def test_a_task_keeps_what_its_parent_locked_and_a_name_taken_meanwhile_is_told(
    world: World, write: sessionmaker[Session], now: datetime
) -> None:
    room = Room(world, 2)
    line = room.line(STATE).id
    parent = room.create(amounts={line: Decimal("2345.00")}, locked=[line])
    kept = ask(room.db, room.seance, "Gardé", room.secretary, room.now, parent).id
    late = ask(room.db, room.seance, "Gardé", room.secretary, room.now).id
    room.db.commit()

    drain_tasks(TestHost(write, room.now), "test")

    assert "déjà un scénario" in result_of(write, late)["refused"]
    with write() as db:
        scenario = db.get_one(Scenario, result_of(write, kept)["scenario"])
        rows = {one.line_id: (one.amount, one.locked) for one in scenario.amounts}
        assert (rows[line], scenario.parent_id) == ((Decimal(2345), True), parent.id)


@one_engine
def test_adopting_what_was_computed_leaves_alone_what_nobody_judged(
    world: World, write: sessionmaker[Session], now: datetime
) -> None:
    room = Room(world, 3)
    unknown, own, served = (room.line(STATE, rank) for rank in range(3))
    room.dossiers[0].total_cost = None
    room.dossiers[1].porteur = world.credits[STATE].organisation
    room.db.flush()
    task = ask(room.db, room.seance, "Calculé", room.secretary, room.now).id
    room.db.commit()

    drain_tasks(TestHost(write, room.now), "test")

    room.db.expire_all()
    scenario = room.db.get_one(Scenario, result_of(write, task)["scenario"])
    assert {one.line_id for one in scenario.amounts} == {served.id}
    adopt(room.db, scenario, room.secretary, room.now)
    assert (unknown.proposed, own.proposed) == (4000, 4000)


@one_engine
def test_a_parent_deleted_meanwhile_is_told_and_its_ordinary_law_follows_otherwise(
    world: World, write: sessionmaker[Session], now: datetime
) -> None:
    room = Room(world)
    caf = room.line(CAF).id
    gone = room.create("Parti", amounts={caf: Decimal(1000)})
    kept = room.create("Gardé", amounts={caf: Decimal(4500)}, locked=[caf])
    asked = [
        ask(room.db, room.seance, name, room.secretary, room.now, parent).id
        for name, parent in (("Un", gone), ("Deux", kept))
    ]
    delete(room.db, gone, room.secretary, room.now)
    room.db.commit()

    drain_tasks(TestHost(write, room.now), "test")

    assert "n’existe plus" in result_of(write, asked[0])["refused"]
    with write() as db:
        found = db.get_one(Scenario, result_of(write, asked[1])["scenario"])
        rows = {one.line_id: (one.amount, one.locked) for one in found.amounts}
        assert rows == {caf: (4500, True), room.line(STATE).id: (3500, False)}  # 8 000 € were left to fund


@one_engine
def test_asking_is_for_the_secretary_and_for_a_free_name(world: World) -> None:
    room = Room(world)
    room.create("Prudent")

    with pytest.raises(InvalidInputError):
        ask(room.db, room.seance, "prudent", room.secretary, room.now)
    with pytest.raises(NotPermittedError):
        ask(room.db, room.seance, "Autre", room.journeys[0].actor(world.bearer), room.now)


@one_engine
def test_the_least_change_is_a_task_too(world: World, write: sessionmaker[Session], now: datetime) -> None:
    room = Room(world, 2)
    envelope(room, 4000)
    first, second = room.line(STATE).id, room.line(STATE, 1).id
    scenario = room.create(amounts={first: Decimal(4000), second: Decimal(0)})
    dossier = room.dossiers[1]
    tasks = [
        ask_least_change(room.db, scenario, number, room.secretary, room.now).id
        for number in (dossier.id, 10**6)
    ]
    reference = dossier.reference
    room.db.commit()

    drain_tasks(TestHost(write, room.now), "test")
    found, unknown = (result_of(write, task) for task in tasks)

    assert found["reference"] == reference
    assert Decimal(found["taken"]) >= Decimal(found["wanted"]) > 0
    assert any("il faudrait" in sentence for sentence in found["sentences"])
    assert unknown["refused"].startswith("Ce dossier n’est pas de ceux")
