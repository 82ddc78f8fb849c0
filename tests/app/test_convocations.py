# SPDX-License-Identifier: EUPL-1.2
"""The scheduler convokes by itself: when the lead time has come, with an agenda, and not otherwise."""

from datetime import datetime, timedelta
from email import message_from_bytes, policy

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from app.convocations import convoke_due, remind_due
from notifications.planner import plan
from tests.app.hosts import TestHost
from tests.factories.world import World
from tests.notifications.scenes import MAIL, committee, convoked_committee, secretary
from workflow.models import Journal, Message, Seance
from workflow.seances import plan_seance


def status(host: TestHost, number: int) -> str:
    with host.write() as db:
        return db.get_one(Seance, number).status


def test_seance_is_convoked_when_its_lead_time_has_come(
    world: World, write: sessionmaker[Session], now: datetime
) -> None:
    seance = committee(world, at=now + timedelta(days=15, hours=1))
    world.db.commit()
    host = TestHost(write, now)

    assert (convoke_due(host), status(host, seance.id)) == (0, "planned")
    host.moment += timedelta(hours=2)
    assert (convoke_due(host), status(host, seance.id)) == (1, "convoked")
    assert convoke_due(host) == 0

    with host.write() as db:
        line = db.query(Journal).filter_by(chain=f"seance:{seance.id}", trigger="convoke").one()
        assert (line.actor, line.automatic) == ("planificateur", True)


def test_seance_without_agenda_or_already_held_is_left_alone(
    world: World, write: sessionmaker[Session], now: datetime
) -> None:
    actor = secretary(world)
    empty = plan_seance(world.db, world.contract, "comite", now + timedelta(days=3), now, actor)
    held = committee(world, at=now + timedelta(days=1))
    world.db.commit()
    host = TestHost(write, now + timedelta(days=2))

    assert convoke_due(host) == 0
    assert (status(host, empty.id), status(host, held.id)) == ("planned", "planned")


def test_refused_seance_does_not_stop_the_others(
    world: World, write: sessionmaker[Session], now: datetime
) -> None:
    for person in world.financers.values():
        for mandate in person.mandates:
            if mandate.body == "pilotage":
                mandate.to_on = now.date() - timedelta(days=1)
    actor, at = secretary(world), now + timedelta(days=2)
    nobody = plan_seance(world.db, world.contract, "pilotage", at, now, actor, agenda_note="Bilan")
    ready = committee(world, at=now + timedelta(days=3))
    world.db.commit()
    host = TestHost(write, now)

    assert convoke_due(host) == 1
    assert (status(host, nobody.id), status(host, ready.id)) == ("planned", "convoked")


def test_refusal_is_told_to_the_secretary_once_however_often_it_is_tried(
    world: World, write: sessionmaker[Session], now: datetime
) -> None:
    for person in world.financers.values():
        for mandate in person.mandates:
            if mandate.body == "pilotage":
                mandate.to_on = now.date() - timedelta(days=1)
    actor, at = secretary(world), now + timedelta(days=2)
    plan_seance(world.db, world.contract, "pilotage", at, now, actor, agenda_note="Bilan")
    world.db.commit()
    host = TestHost(write, now)

    for _ in range(3):
        assert convoke_due(host) == 0
        with host.write() as db:
            plan(db, host.now(), MAIL)
        host.moment += timedelta(minutes=10)

    with host.write() as db:
        told = db.scalars(select(Message)).all()
        assert [(row.kind, row.recipient) for row in told] == [("seance_alert", world.secretary.email)]
        text = message_from_bytes(told[0].body, policy=policy.default).get_body(("plain",)).get_content()
    assert "n’a aucun membre à convoquer" in text


def test_silent_members_are_reminded_three_days_before_once(
    world: World, write: sessionmaker[Session], now: datetime
) -> None:
    seance = convoked_committee(world)
    world.db.commit()
    host = TestHost(write, seance.starts_at - timedelta(days=3, minutes=1))

    assert remind_due(host) == 0
    host.moment += timedelta(minutes=1)
    assert remind_due(host) == 1
    host.moment += timedelta(days=1)
    assert remind_due(host) == 0
    with host.write() as db:
        plan(db, host.now(), MAIL)
        rows = db.scalars(select(Message).where(Message.kind == "seance_reminder")).all()
    assert len(rows) == 6
