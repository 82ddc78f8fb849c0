# SPDX-License-Identifier: EUPL-1.2
"""Closing from the application: the summary frozen as it was read, its digest in the journal, the papers made by a task."""

import hashlib
import io
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import openpyxl
import pytest
from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session

from app.closings import FROZEN, fire_seance, frozen_faults, frozen_summary, make_papers
from reports.papers.prepare import minuted_totals
from reports.summary.digest import digest_of
from reports.summary.prepare import prepare
from tests.factories.statements import counted
from tests.factories.world import World
from tests.reports.pdf_text import text_of
from tests.workflow.journey import Journey, at
from workflow.db import session_factory
from workflow.errors import (
    ConflictError,
    NotAllowedHereError,
    NotPermittedError,
    RefusedError,
    conflicts_told,
)
from workflow.machine import fire
from workflow.models import Document, Journal, Message, Seance, Task
from workflow.permissions import actor_for, person_by_email
from workflow.session import decide, retain, take_up_proposals
from workflow.stages import SeanceStatus


class Host:
    """The tests' own session as an application."""

    def __init__(self, db: Session, now: datetime) -> None:
        self.db, self.moment = db, now

    @contextmanager
    def write(self) -> Iterator[Session]:
        yield self.db
        self.db.flush()

    def now(self) -> datetime:
        return self.moment


def decided(world: World) -> tuple[Journey, Seance]:
    journey = at(world, "commitment")
    seance = journey.committee()
    take_up_proposals(journey.db, seance, journey.secretary, journey.now)
    journey.db.flush()
    return journey, seance


def close(journey: Journey, seance: Seance) -> None:
    fire_seance(journey.db, seance, "close", journey.secretary, None, journey.now)
    journey.db.flush()


def papers(db: Session, seance: Seance) -> dict[tuple[str, str], bytes]:
    rows = db.scalars(select(Document).where(Document.subject == f"seance:{seance.id}"))
    return {(row.kind, row.name.rpartition(".")[2]): row.content for row in rows}


def test_the_summary_is_frozen_as_it_was_read(world: World) -> None:
    journey, seance = decided(world)
    read = prepare(world.db, seance, journey.now)

    close(journey, seance)
    later = journey.now + timedelta(days=90)

    frozen = frozen_summary(world.db, seance)
    assert frozen is not None
    assert digest_of(frozen) == read.header.digest == seance.summary_digest
    assert frozen.dossiers == read.dossiers and frozen.envelopes == read.envelopes
    assert frozen.dossiers[0].stage == "commitment"
    assert digest_of(prepare(world.db, seance, later)) != seance.summary_digest
    kept = world.db.get_one(Document, seance.summary_document_id)
    assert hashlib.sha256(kept.content).hexdigest() == kept.sha256 == seance.summary_digest
    line = world.db.scalars(select(Journal).where(Journal.trigger == "close")).one()
    assert line.details["summary_digest"] == seance.summary_digest
    assert frozen_faults(world.db) == []


def test_a_touched_summary_is_told_by_the_audit(world: World) -> None:
    journey, seance = decided(world)
    close(journey, seance)
    kept = world.db.get_one(Document, seance.summary_document_id)

    kept.content = kept.content.replace(b"commitment", b"committed!")
    world.db.flush()
    assert frozen_faults(world.db) == [
        f"séance {seance.id}\u00a0: la synthèse figée ne correspond plus à son empreinte"
    ]
    seance.summary_digest = hashlib.sha256(kept.content).hexdigest()  # the forger goes on
    world.db.flush()
    assert frozen_faults(world.db) == [
        f"séance {seance.id}\u00a0: l’empreinte de sa synthèse n’est pas celle du journal"
    ]
    seance.summary_digest = None  # or hides that anything was frozen
    world.db.flush()
    assert frozen_faults(world.db) == [
        f"séance {seance.id}\u00a0: la synthèse figée ne correspond plus à son empreinte",
        f"séance {seance.id}\u00a0: l’empreinte de sa synthèse n’est pas celle du journal",
    ]


def test_a_refused_closing_freezes_nothing(world: World) -> None:
    journey = at(world, "commitment")
    seance = journey.committee()

    with pytest.raises(RefusedError):
        close(journey, seance)

    assert (seance.status, seance.summary_digest) == (SeanceStatus.OPEN, None)
    assert papers(world.db, seance) == {}
    assert world.db.scalars(select(Task)).all() == []


def test_who_may_not_close_costs_no_summary(world: World) -> None:
    journey, seance = decided(world)
    world.db.commit()
    outsider = journey.actor(world.instructor)

    with counted(world.db.get_bind()) as statements, pytest.raises(NotPermittedError):
        fire_seance(world.db, seance, "close", outsider, None, journey.now, note="détail")

    assert len(statements) < 10 and not any("funding_line" in one for one in statements)


def test_the_papers_are_read_back(world: World) -> None:
    journey, seance = decided(world)
    decide(
        world.db,
        seance.items[0],
        "retained",
        None,
        journey.secretary,
        journey.now,
        conditions="Budget signé attendu",
    )
    close(journey, seance)
    host = Host(world.db, journey.now)
    made = make_papers(host, {"seance": seance.id}, lambda _: None)
    again = make_papers(host, {"seance": seance.id}, lambda _: None)

    found = papers(world.db, seance)
    assert frozen_faults(world.db) == []
    assert made == again and len(made["documents"]) == 5
    assert set(found) == {
        ("minutes", "pdf"),
        ("decisions", "pdf"),
        ("decisions", "xlsx"),
        (FROZEN, "json"),
        (FROZEN, "pdf"),
        (FROZEN, "xlsx"),
    }
    listed = text_of(found["decisions", "pdf"])
    assert "Liste des décisions" in listed and "Budget signé attendu" in listed
    assert b"/StructTreeRoot" in found["decisions", "pdf"] and b"pdfuaid" in found["decisions", "pdf"]
    assert not any(person.name in listed for person in world.financers.values())
    book = openpyxl.load_workbook(io.BytesIO(found["decisions", "xlsx"]))
    rows = list(book["Décisions"].iter_rows(values_only=True))
    assert journey.dossier.reference in rows[2] and "retenu" in rows[2]
    lines = {row[2]: row[5] for row in book["Montants"].iter_rows(min_row=3, values_only=True) if row[2]}
    assert sorted(v for v in lines.values() if isinstance(v, int | float)) == [3000, 4000]
    frozen = text_of(found[FROZEN, "pdf"])
    assert journey.dossier.reference in frozen and "7 000 €" in re.sub(r"\s", " ", frozen)
    sheet = world.db.get_one(Document, made["documents"][-1])
    sheet.content = sheet.content + b" "
    world.db.flush()
    assert frozen_faults(world.db) == [
        f"document {sheet.id} («\u00a0{sheet.name}\u00a0»)\u00a0: il ne correspond plus à son empreinte"
    ]
    summary = world.db.get_one(Document, seance.summary_document_id)
    summary.content = summary.content + b" "
    world.db.execute(update(Seance).where(Seance.id == seance.id).values(status=SeanceStatus.PLANNED))
    assert f"séance {seance.id}\u00a0: la synthèse figée ne correspond plus à son empreinte" in frozen_faults(
        world.db
    )  # whatever its status is made to say


def test_a_rectification_is_in_both_minutes(world: World) -> None:
    journey, first = decided(world)
    close(journey, first)
    second = journey.committee(in_days=40)
    state, common = journey.line("etat:specifique"), journey.line("caf:droit_commun")
    retain(
        world.db,
        second.items[0],
        state,
        state.proposed and state.proposed - 500,
        journey.secretary,
        journey.now,
    )
    retain(world.db, second.items[0], common, common.proposed, journey.secretary, journey.now)
    decide(world.db, second.items[0], "retained", "Devis revu", journey.secretary, journey.now)
    close(journey, second)
    host = Host(world.db, journey.now)
    for seance in (first, second):
        make_papers(host, {"seance": seance.id}, lambda _: None)

    before, after = (text_of(papers(world.db, s)["minutes", "pdf"]) for s in (first, second))
    listed = text_of(papers(world.db, second)["decisions", "pdf"])
    assert "Rectifications" in before and "Devis revu" in before
    assert "Rectifie la décision du" in after and "Rectifie la décision du" in listed
    assert first.minutes is not None and second.minutes is not None
    plain, corrected = (minuted_totals(seance.minutes["decisions"]) for seance in (first, second))
    assert (plain.rectified, plain.before, plain.is_rectifying) == (0, 0, False)
    assert (corrected.first, corrected.before, corrected.net) == (
        0,
        plain.first,
        -500,
    )  # not counted again
    assert corrected.rectified == plain.first - 500 and corrected.is_rectifying


def test_nothing_reaches_the_porteur_before_its_letter_is_released(world: World) -> None:
    journey, seance = decided(world)
    close(journey, seance)

    to_porteur = select(Message).where(Message.recipient == world.bearer.email)
    assert world.db.scalars(to_porteur).all() == []


def test_a_seance_closed_twice_at_once_is_applied_once(world: World, engine: Engine) -> None:
    journey, seance = decided(world)
    world.db.commit()
    number, now, secretary = seance.id, journey.now, world.secretary.email
    meeting, outcomes = threading.Barrier(2), []

    def act() -> None:
        try:
            meeting.wait()  # before any transaction: on SQLite the first to begin holds all writers
            with conflicts_told(), session_factory(engine)() as db:
                actor = actor_for(db, person_by_email(db, secretary), now.date())
                found = db.get_one(Seance, number)
                fire_seance(db, found, "close", actor, None, now)
                db.commit()
            outcomes.append("closed")
        except (ConflictError, NotAllowedHereError) as error:
            outcomes.append(type(error).__name__)

    threads = [threading.Thread(target=act) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    world.db.expire_all()
    assert outcomes.count("closed") == 1 and len(outcomes) == 2
    closings = select(Journal).where(Journal.chain == f"seance:{number}", Journal.trigger == "close")
    commits = select(Journal).where(Journal.trigger == "commit")
    assert len(world.db.scalars(closings).all()) == len(world.db.scalars(commits).all()) == 1
    assert len(world.db.scalars(select(Task)).all()) == 1
    with pytest.raises(NotAllowedHereError):
        fire(world.db, world.db.get_one(Seance, number), "close", journey.secretary, None, now)
