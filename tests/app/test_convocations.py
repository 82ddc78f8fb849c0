# SPDX-License-Identifier: EUPL-1.2
"""The scheduler convokes by itself: when the lead time has come, with an agenda, and not otherwise."""

from datetime import datetime, timedelta
from email import message_from_bytes, policy

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from app.convocations import convoke_due, remind_due
from app.undelivered import tell_undelivered
from notifications.outbox import retry
from notifications.planner import plan
from tests.app.hosts import TestHost
from tests.factories.world import World
from tests.notifications.scenes import MAIL, committee, convoked_committee, secretary
from workflow.errors import InvalidInputError, RefusedError
from workflow.machine import fire
from workflow.models import Journal, Message, Person, Seance
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


def test_convocation_refused_by_the_server_is_told_to_the_secretary_once_an_address(
    world: World, write: sessionmaker[Session], now: datetime
) -> None:
    seance = convoked_committee(world)
    plan(world.db, now, MAIL)
    row = world.db.scalars(select(Message).order_by(Message.id)).first()
    assert row is not None
    key = row.key
    host = TestHost(write, now)

    def refuse() -> int:
        """The server refuses; the job runs twice."""
        with host.write() as db:
            held = db.scalars(select(Message).where(Message.key == key)).one()
            held.state = "failed"
            held.reason = f"Refusé définitivement par le serveur pour {held.recipient} : 550 5.1.1 unknown"
        told = tell_undelivered(host) + tell_undelivered(host)
        with host.write() as db:
            plan(db, host.now(), MAIL)
        return told

    world.db.commit()
    assert tell_undelivered(host) == 0
    assert (refuse(), refuse()) == (1, 0)  # the same address again is not told again
    with host.write() as db:
        db.get_one(Person, row.person_id).email = "nouvelle@etat.test"
        retry(db, key, now)
    assert refuse() == 1

    with host.write() as db:
        alerts = db.scalars(select(Message).where(Message.kind == "seance_alert").order_by(Message.id)).all()
        texts = [
            message_from_bytes(alert.body, policy=policy.default).get_body(("plain",)).get_content()
            for alert in alerts
        ]
    assert [alert.recipient for alert in alerts] == ["secretariat@epci.test"] * 2
    assert "financeur@etat.test n’a pas reçu « Convocation" in texts[0]
    assert (
        "adresse refusée par le serveur du destinataire" in texts[0] and "corriger sur sa fiche" in texts[0]
    )
    assert "nouvelle@etat.test n’a pas reçu" in texts[1]
    host.moment = seance.starts_at
    assert refuse() == 0


def test_seance_is_neither_planned_nor_moved_to_the_past_nor_onto_another(
    world: World, now: datetime
) -> None:
    who, past = secretary(world), now - timedelta(minutes=1)
    with pytest.raises(InvalidInputError, match="Cette date est passée"):
        plan_seance(world.db, world.contract, "comite", past, now, who)
    seance, other = convoked_committee(world), committee(world, at=now + timedelta(days=40))
    for at in (past, other.starts_at):
        with pytest.raises(RefusedError) as refused:
            fire(world.db, seance, "move", who, None, now, starts_at=at)
        assert [found.rule for found in refused.value.findings] == ["guard.date"]
    assert (seance.sequence, seance.starts_at) == (0, now + timedelta(days=21))
