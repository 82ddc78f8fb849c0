# SPDX-License-Identifier: EUPL-1.2
"""Documents kept once and joined when a message leaves: the bytes that arrive are those of a whole message."""

from dataclasses import replace
from datetime import datetime
from email import message_from_bytes, policy
from hashlib import sha256

import pytest
from sqlalchemy import delete, select
from sqlalchemy.orm import Session, sessionmaker

from notifications.drain import drain
from notifications.errors import PermanentError
from notifications.papers import Papers, stand_in, whole_body
from notifications.planner import plan
from notifications.render import Attachment, Envelope, Texts, compose
from tests.factories import NOW
from tests.factories.world import World
from tests.notifications.scenes import MAIL, convoked_committee, pending_message
from tests.notifications.servers import Server, running
from workflow.models import Document, Event, Message

ENVELOPE, TEXTS = Envelope("k", "Sam", "sam@etat.test", NOW), Texts("Objet", "Texte", "<p>Texte</p>")


def documents(db: Session, *contents: bytes) -> list[Document]:
    """Stored documents with these contents."""
    rows = [
        Document(
            kind="summary",
            subject="seance:1",
            name=f"p{rank}.pdf",
            media_type="application/pdf",
            sha256=sha256(content).hexdigest(),
            content=content,
            created_at=NOW,
        )
        for rank, content in enumerate(contents)
    ]
    db.add_all(rows)
    db.flush()
    return rows


@pytest.mark.parametrize("contents", [(b"x",), (b"%PDF" * 50_000,), (b"a" * 57, b"b" * 58, b"a" * 57)])
def test_joined_documents_give_the_bytes_of_the_whole_message(
    world: World, contents: tuple[bytes, ...]
) -> None:
    rows = documents(world.db, *contents)
    written = compose(
        MAIL,
        ENVELOPE,
        TEXTS,
        attachments=[Attachment(row.name, row.media_type, stand_in(row)) for row in rows],
    ).as_bytes()
    papers = Papers()
    papers.hold(world.db, [row.id for row in rows])

    joined = papers.joined(written, [row.id for row in rows])

    whole = [Attachment(row.name, row.media_type, row.content) for row in rows]
    assert joined == compose(MAIL, ENVELOPE, TEXTS, attachments=whole).as_bytes()
    parts = message_from_bytes(joined, policy=policy.default).iter_attachments()
    assert tuple(part.get_payload(decode=True) for part in parts) == contents


def test_papers_of_the_batch_before_are_still_at_hand_and_older_ones_are_not(world: World) -> None:
    one, two, three = documents(world.db, b"un", b"deux", b"trois")
    letters = {
        row.id: compose(
            MAIL, ENVELOPE, TEXTS, attachments=[Attachment(row.name, row.media_type, stand_in(row))]
        ).as_bytes()
        for row in (one, two, three)
    }
    papers = Papers()
    papers.hold(world.db, [one.id])
    papers.hold(world.db, [two.id])

    assert papers.joined(letters[one.id], [one.id])
    papers.hold(world.db, [three.id])

    with pytest.raises(PermanentError, match=f"document n° {one.id}"):
        papers.joined(letters[one.id], [one.id])


def test_thousand_recipients_keep_one_copy_and_each_receives_the_file(
    world: World, write: sessionmaker[Session], now: datetime
) -> None:
    content = b"%PDF-1.7\n" + bytes(range(256)) * 800
    convoked_committee(world)
    (row,) = documents(world.db, content)
    event = world.db.scalars(select(Event).where(Event.kind == "seance.convoke")).one()
    event.payload = {**event.payload, "documents": [row.id]}
    plan(world.db, now, MAIL)
    kept = world.db.scalars(select(Message).where(Message.documents.is_not(None), Message.state == "pending"))
    letters = {message.message_id: whole_body(world.db, message) for message in kept}
    assert all(len(body) < 60_000 for body in world.db.scalars(select(Message.body)))
    world.db.commit()

    with running(Server()) as server:
        drain(write.begin, lambda: now, replace(MAIL, port=server.port), "test")

    assert len(server.messages) == len(letters) > 1
    for mail in server.messages:
        whole = message_from_bytes(letters[mail["Message-ID"]], policy=policy.default)
        (theirs,) = (p for p in mail.iter_attachments() if p.get_content_type() == "application/pdf")
        (ours,) = (p for p in whole.iter_attachments() if p.get_content_type() == "application/pdf")
        assert theirs.get_payload(decode=True) == ours.get_payload(decode=True) == content


def test_message_whose_document_is_gone_fails_alone_and_says_which(
    world: World, write: sessionmaker[Session], now: datetime
) -> None:
    (row,) = documents(world.db, b"%PDF")
    broken = pending_message(world, "a")
    broken.documents = [row.id]
    pending_message(world, "b")
    world.db.execute(delete(Document).where(Document.id == row.id))
    world.db.commit()

    with running(Server()) as server:
        report = drain(write.begin, lambda: now, replace(MAIL, port=server.port), "test")

    assert (report.sent, report.refused) == (1, 1)
    world.db.refresh(broken)
    assert (broken.state, broken.reason) == (
        "failed",
        f"Pièce jointe introuvable\u00a0: document n° {row.id}.",
    )
