# SPDX-License-Identifier: EUPL-1.2
"""Hostile names, titles, reasons and addresses add no header, no recipient, no markup and no template code."""

from dataclasses import replace
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from notifications.drain import drain
from notifications.planner import plan
from notifications.render import Attachment, Envelope, Texts, compose
from tests.factories import NOW
from tests.factories.world import World
from tests.notifications.scenes import MAIL, committee, convoked_committee, pending_message
from tests.notifications.servers import Server, running
from workflow.machine import fire
from workflow.models import Event, Message
from workflow.permissions import SCHEDULER

NAMES = (
    "Eve\r\nBcc: mal@pirate.test",
    "Eve\nSubject: autre\n\nautre texte",
    'Eve" <mal@pirate.test>, "X',
    "Zoé, Bureau (des) <associations> ; @tous",
    "\u202eelbisivni\u2028Bcc: mal@pirate.test\x01\x85",
    "Ѐлена Ñandú 李 🎉",
    "{{ 7 * 7 }}{% include 'layout.html' %}",
    "x" * 190,
)
HOSTILE = "{{ 7 * 7 }}\r\nBcc: mal@pirate.test\r\n\r\n<script>alert(1)</script>"


def convoked(world: World, now: datetime) -> Message:
    """The message written to the State's member."""
    plan(world.db, now, MAIL)
    person = world.financers["etat"]
    return world.db.scalars(select(Message).where(Message.person_id == person.id)).one()


def parsed(message: Message) -> EmailMessage:
    return message_from_bytes(message.body, policy=policy.default)


@pytest.mark.parametrize("name", NAMES)
def test_name_of_a_recipient_stays_a_name(world: World, now: datetime, name: str) -> None:
    plain = parsed(convoked_then(world, now, "Prénom Nom"))
    world.financers["etat"].name = name
    world.db.query(Message).delete()
    mail = parsed(convoked_again(world, now))

    assert mail.keys() == plain.keys()
    (address,) = mail["To"].addresses
    assert address.addr_spec == "financeur@etat.test"
    assert "mal@pirate.test" not in [
        each.addr_spec for name in ("To", "From", "Reply-To") for each in mail[name].addresses
    ]
    assert not mail.defects and not mail["To"].defects
    assert mail["Subject"] == plain["Subject"]


def convoked_then(world: World, now: datetime, name: str) -> Message:
    world.financers["etat"].name = name
    convoked_committee(world)
    return convoked(world, now)


def convoked_again(world: World, now: datetime) -> Message:
    for event in world.db.query(Event):
        event.planned_at = None
    world.db.flush()
    return convoked(world, now)


def test_title_and_porteur_are_text_in_every_part(world: World, now: datetime) -> None:
    world.porteur.name = HOSTILE
    seance = committee(world, world.dossier(stage="commitment", title=HOSTILE))
    fire(world.db, seance, "convoke", SCHEDULER, None, now)
    world.db.flush()

    mail = parsed(convoked(world, now))
    text, html = (mail.get_body((kind,)) for kind in ("plain", "html"))
    assert text is not None and html is not None

    assert "Bcc" not in mail
    assert "{{ 7 * 7 }}" in text.get_content() and "{{ 7 * 7 }}" in html.get_content()
    assert "<script>" not in html.get_content() and "&lt;script&gt;" in html.get_content()
    invitation = next(part for part in mail.walk() if part.get_content_type() == "text/calendar")
    assert b"\r\nBcc:" not in invitation.get_payload(decode=True)


@pytest.mark.parametrize(
    "address",
    [
        "a@etat.test\r\nBcc: mal@pirate.test",
        "a@etat.test, mal@pirate.test",
        "a@etat.test> RCPT TO:<mal@pirate.test",
        "Nom <a@etat.test>",
        "a b@etat.test",
        '"a"@etat.test',
        "élu@etat.test",
        "a@-etat.test",
    ],
)
def test_address_that_is_not_one_is_never_written_to(world: World, now: datetime, address: str) -> None:
    world.financers["etat"].email = address
    convoked_committee(world)

    message = convoked(world, now)

    assert (message.state, message.body) == ("skipped", b"")
    assert (message.reason or "").startswith("adresse illisible pour ")


def test_name_of_an_attachment_adds_no_header() -> None:
    settings = replace(MAIL, sender_name="Ville\r\nBcc: mal@pirate.test")
    envelope = Envelope("k", "Sam", "sam@etat.test", NOW, ("A\r\nBcc: x", "a@epci.test"))
    piece = Attachment("acte\r\nBcc: mal@pirate.test.pdf", "application/pdf", b"%PDF")

    mail = message_from_bytes(
        compose(settings, envelope, Texts("Objet", "Texte", "<p>Texte</p>"), attachments=[piece]).as_bytes(),
        policy=policy.default,
    )

    (attached,) = mail.iter_attachments()
    assert "Bcc" not in mail and "Bcc" not in attached
    assert attached.get_filename() == "acte Bcc: mal@pirate.test.pdf"


def test_redirected_original_recipient_adds_no_header(
    world: World, write: sessionmaker[Session], now: datetime
) -> None:
    pending_message(world, "a").recipient = "a@etat.test\r\nBcc: mal@pirate.test"
    world.db.commit()

    with running(Server()) as server:
        settings = replace(MAIL, port=server.port, redirect_all_to="essais@epci.test")
        drain(write.begin, lambda: now, settings, "test")

    (mail,) = server.messages
    assert server.recipients == ["essais@epci.test"]
    assert mail["X-Original-Recipient"] == "a@etat.test Bcc: mal@pirate.test" and "Bcc" not in mail
