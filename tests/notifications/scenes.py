# SPDX-License-Identifier: EUPL-1.2
"""Short scenes of the toy world that give events to plan: a séance to convoke, a dossier in co-instruction."""

from datetime import datetime, timedelta

from notifications.settings import MailSettings
from tests.factories import NOW
from tests.factories.world import World
from workflow.machine import fire
from workflow.models import Dossier, Message, Seance
from workflow.permissions import SCHEDULER, Actor, actor_for
from workflow.seances import plan_seance, set_agenda

MAIL = MailSettings(
    host="127.0.0.1",
    port=25,
    sender="no-reply@epci.test",
    base_address="https://ville.test",
    timeout_seconds=5,
)


def secretary(world: World) -> Actor:
    """The secretary of every body."""
    return actor_for(world.db, world.secretary, NOW.date())


def committee(world: World, *dossiers: Dossier, at: datetime = NOW + timedelta(days=21)) -> Seance:
    """A committee planned three weeks ahead, with these dossiers (else one) on its agenda."""
    seance = plan_seance(world.db, world.contract, "comite", at, NOW, secretary(world))
    set_agenda(world.db, seance, dossiers or [world.dossier(stage="commitment")], secretary(world), NOW)
    return seance


def convoked_committee(world: World) -> Seance:
    """The same, convoked."""
    seance = committee(world)
    fire(world.db, seance, "convoke", SCHEDULER, None, NOW)
    world.db.flush()
    return seance


def pending_message(world: World, key: str, recipient: str = "membre@etat.test") -> Message:
    """A message ready to leave, written by hand."""
    message = Message(
        key=key,
        contract_id=world.contract.id,
        kind="seance_convocation",
        recipient=recipient,
        title="Convocation",
        body=f"To: {recipient}\r\nSubject: {key}\r\nMessage-ID: <{key}@epci.test>\r\n\r\nBonjour\r\n".encode(),
        message_id=f"<{key}@epci.test>",
        state="pending",
        attempts=0,
        created_at=NOW,
        next_attempt_at=NOW,
    )
    world.db.add(message)
    world.db.flush()
    return message
