# SPDX-License-Identifier: EUPL-1.2
"""The papers of a séance: made once, stored once, joined to its messages; late ones never hold a message for ever."""

from datetime import datetime, timedelta
from email import message_from_bytes, policy
from io import BytesIO

import pikepdf
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from app.seance_documents import HOLD, ask_documents
from app.tasks import drain_tasks
from notifications.planner import plan
from tests.app.hosts import TestHost
from tests.factories.world import World
from tests.notifications.scenes import MAIL, convoked_committee, secretary
from workflow.machine import fire
from workflow.models import Document, Message, Seance
from workflow.stages import SeanceStatus

one_engine = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def attached(row: Message) -> list[str]:
    message = message_from_bytes(row.body, policy=policy.default)
    return [str(part.get_filename()) for part in message.iter_attachments()][1:]


def test_convocation_waits_for_its_papers_then_carries_them(
    world: World, write: sessionmaker[Session], now: datetime
) -> None:
    seance = convoked_committee(world)
    ask_documents(world.db, seance, "convoke", now)
    world.db.commit()
    host = TestHost(write, now)

    with host.write() as db:
        assert plan(db, now, MAIL) == 0
    assert drain_tasks(host, "test") == 1
    with host.write() as db:
        assert plan(db, now, MAIL) == 6
        names = [attached(row) for row in db.scalars(select(Message))]
        kinds = [row.kind for row in db.scalars(select(Document).order_by(Document.id))]
        pages = [pikepdf.open(BytesIO(row.content)) for row in db.scalars(select(Document))]

    assert names == [[f"ordre-du-jour-{seance.id}.pdf", f"synthese-d-arbitrage-{seance.id}.pdf"]] * 6
    assert kinds == ["agenda", "summary"]
    assert [len(pdf.pages) > 0 for pdf in pages] == [True, True]


@one_engine
def test_convocation_leaves_without_papers_made_too_late(
    world: World, write: sessionmaker[Session], now: datetime
) -> None:
    seance = convoked_committee(world)
    ask_documents(world.db, seance, "convoke", now)
    world.db.commit()

    with write() as db:
        assert plan(db, now + HOLD - timedelta(seconds=1), MAIL) == 0
        assert plan(db, now + HOLD, MAIL) == 6
        assert attached(db.scalars(select(Message)).first()) == []


@one_engine
def test_minutes_leave_once_released_with_the_paper_joined(
    world: World, write: sessionmaker[Session], now: datetime
) -> None:
    seance = convoked_committee(world)
    plan(world.db, now, MAIL)
    seance.status, seance.closed_at = SeanceStatus.CLOSED.value, now
    seance.minutes = {
        "decisions": [],
        "present": [
            {"name": "Zoé", "organisation": "CAF", "presence": "represented", "kind": "convoked", "by": "Ali"}
        ],
        "convocation": {"told_on": "2026-03-10", "due_on": "2026-03-08", "days_late": 2},
    }
    fire(world.db, seance, "release_minutes", secretary(world), None, now)
    ask_documents(world.db, seance, "release_minutes", now)
    world.db.commit()
    host = TestHost(write, now)

    drain_tasks(host, "test")
    drain_tasks(host, "again")
    with host.write() as db:
        assert plan(db, now, MAIL) == 6
        row = db.scalars(select(Message).where(Message.kind == "seance_minutes")).first()
        message = message_from_bytes(row.body, policy=policy.default)
        assert len(db.scalars(select(Document)).all()) == 1
        assert db.get_one(Seance, seance.id).minutes_released_at == now

    assert [part.get_filename() for part in message.iter_attachments()] == [
        f"releve-de-decisions-{seance.id}.pdf"
    ]
