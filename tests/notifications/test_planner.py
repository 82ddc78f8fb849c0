# SPDX-License-Identifier: EUPL-1.2
"""Events become message rows once, with unique keys; what cannot be told keeps its reason."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from hashlib import sha256

import pytest
from icalendar import Calendar
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from notifications import planner
from notifications.outbox import retry
from notifications.papers import whole_body
from notifications.planner import plan, plan_all
from tests.factories.people import give_mandate, make_person
from tests.factories.world import World
from tests.notifications.scenes import MAIL, committee, convoked_committee, secretary
from workflow.events import emit
from workflow.machine import fire
from workflow.models import Document, Event, Message, Opinion, SeanceItem
from workflow.stages import Role


def rows(db: Session) -> Sequence[Message]:
    return db.scalars(select(Message).order_by(Message.id)).all()


def tell(world: World, kind: str, about: str, now: datetime, **payload: object) -> Event:
    event = emit(world.db, world.contract.id, kind, about, dict(payload), now)
    world.db.flush()
    return event


def test_convocation_writes_one_message_per_member(world: World, now: datetime) -> None:
    seance = convoked_committee(world)

    written = plan(world.db, now, MAIL)

    members = sorted(world.financers.values(), key=lambda person: person.id)
    assert written == len(members) == 6
    assert [row.key for row in rows(world.db)] == [
        f"seance_convocation:{seance.id}:0:{m.id}" for m in members
    ]
    assert [row.recipient for row in rows(world.db)] == [member.email for member in members]
    assert {row.state for row in rows(world.db)} == {"pending"}


def test_message_holds_agenda_link_invitation_and_organiser(world: World, now: datetime) -> None:
    seance = convoked_committee(world)
    plan(world.db, now, MAIL)

    row = rows(world.db)[0]
    message = message_from_bytes(row.body, policy=policy.default)
    text = message.get_body(("plain",)).get_content()
    parts = [part.get_content_type() for part in message.walk()]
    invitation = next(part for part in message.walk() if part.get_content_type() == "text/calendar")
    (event,) = Calendar.from_ical(invitation.get_payload(decode=True)).walk("VEVENT")

    assert parts == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "text/html",
        "text/calendar",
        "text/calendar",
    ]
    assert invitation.get_param("method") == "REQUEST"
    assert [part.get_filename() for part in message.iter_attachments()] == ["invitation.ics"]
    assert "1. D001 – Ateliers du soir" in text
    assert "Total demandé : 8 000 €" in text
    assert f"https://ville.test/seances/{seance.id}" in text
    assert message["Message-ID"] == row.message_id
    assert message["Reply-To"] == "Sacha Secrétaire <secretariat@epci.test>"
    assert (event["UID"], event["SEQUENCE"]) == (seance.uid, 0)
    assert event["ORGANIZER"] == "mailto:secretariat@epci.test"
    assert event["ATTENDEE"] == f"mailto:{row.recipient}"
    assert max(len(line) for line in row.body.split(b"\r\n")) <= 78


def test_planning_again_or_convoking_twice_writes_nothing_more(world: World, now: datetime) -> None:
    seance = convoked_committee(world)
    plan(world.db, now, MAIL)
    tell(world, "seance.convoke", f"seance:{seance.id}", now)

    assert plan(world.db, now, MAIL) == 0
    assert plan(world.db, now, MAIL) == 0
    assert len(rows(world.db)) == 6


@pytest.mark.parametrize("share", [1, 4, 6])
def test_large_convocation_is_planned_over_several_transactions(
    world: World, write: sessionmaker[Session], now: datetime, monkeypatch: pytest.MonkeyPatch, share: int
) -> None:
    monkeypatch.setattr(planner, "PER_TRANSACTION", share)
    convoked_committee(world)
    world.db.commit()
    sizes = []

    @contextmanager
    def measured() -> Iterator[Session]:
        with write.begin() as db:
            before = db.scalar(select(func.count(Message.id)))
            yield db
            db.flush()
            sizes.append((db.scalar(select(func.count(Message.id))) or 0) - (before or 0))

    written = plan_all(measured, lambda: now, MAIL)

    assert (written, sum(sizes)) == (6, 6)
    assert max(sizes) <= share
    assert plan_all(write.begin, lambda: now, MAIL) == 0


def test_seance_moved_before_the_convocation_left_sends_one_convocation(world: World, now: datetime) -> None:
    seance = convoked_committee(world)
    plan(world.db, now, MAIL)
    later = seance.starts_at + timedelta(days=2)
    fire(world.db, seance, "move", secretary(world), None, now, starts_at=later)

    plan(world.db, now, MAIL)

    old, new = rows(world.db)[:6], rows(world.db)[6:]
    assert {(row.state, row.reason) for row in old} == {
        ("skipped", "remplacé par un message plus récent sur la même séance")
    }
    assert [row.key.split(":")[2] for row in new] == ["1"] * 6
    assert {row.title for row in new} == {"Convocation : Comité d’engagement, jeudi 2 avril 2026 à 11 h"}


def test_cancelled_seance_sends_a_cancellation_with_the_reason(world: World, now: datetime) -> None:
    seance = convoked_committee(world)
    plan(world.db, now, MAIL)
    fire(world.db, seance, "cancel", secretary(world), "Salle indisponible", now)

    plan(world.db, now, MAIL)

    last = message_from_bytes(rows(world.db)[-1].body, policy=policy.default)
    calendar = next(part for part in last.walk() if part.get_content_type() == "text/calendar")
    assert len(rows(world.db)) == 12
    assert rows(world.db)[-1].kind == "seance_cancellation"
    assert "Motif : Salle indisponible" in last.get_body(("plain",)).get_content()
    assert calendar.get_param("method") == "CANCEL"
    assert b"STATUS:CANCELLED" in calendar.get_payload(decode=True)


def test_seance_already_held_convokes_nobody(world: World, now: datetime) -> None:
    seance = convoked_committee(world)

    assert plan(world.db, seance.starts_at + timedelta(minutes=1), MAIL) == 0


def test_member_without_a_readable_address_is_skipped_with_the_reason(world: World, now: datetime) -> None:
    silent = make_person(world.db, "pas d’adresse", "Sans Adresse")
    give_mandate(world.db, silent, Role.MEMBER, world.organisations["caf"], world.contract, body="comite")
    convoked_committee(world)

    plan(world.db, now, MAIL)

    skipped = [row for row in rows(world.db) if row.state == "skipped"]
    assert [(row.person_id, row.reason) for row in skipped] == [
        (silent.id, "adresse illisible pour Sans Adresse")
    ]
    (alert,) = [row for row in rows(world.db) if row.kind == "seance_alert"]
    text = message_from_bytes(alert.body, policy=policy.default).get_body(("plain",)).get_content()
    assert alert.recipient == "secretariat@epci.test"
    assert "Sans Adresse (Caisse d’allocations familiales) : aucune adresse utilisable" in text


def test_porteur_without_address_is_skipped_and_one_with_is_told(world: World, now: datetime) -> None:
    dossier = world.dossier(stage="submitted")
    tell(world, "dossier.submit", f"dossier:{dossier.id}", now)
    plan(world.db, now, MAIL)
    world.porteur.email = None
    tell(world, "dossier.submit", f"dossier:{dossier.id}", now)

    plan(world.db, now, MAIL)

    assert [(row.state, row.recipient, row.reason) for row in rows(world.db)] == [
        ("pending", "contact@ateliers.test", None),
        ("skipped", "", "aucune adresse connue pour Les Ateliers du Pont"),
    ]


@pytest.mark.parametrize(("form", "told"), [("association", True), ("commune", False), (None, False)])
def test_implicit_refusal_is_told_to_private_porteurs_only(
    world: World, now: datetime, form: str | None, told: bool
) -> None:
    world.porteur.legal_form = form
    dossier = world.dossier(stage="submitted")
    tell(world, "dossier.submit", f"dossier:{dossier.id}", now)
    plan(world.db, now, MAIL)

    text = (
        message_from_bytes(rows(world.db)[0].body, policy=policy.default).get_body(("plain",)).get_content()
    )
    assert ("dimanche 15 mars 2026" in text) is told


def test_opinions_and_droit_commun_go_to_those_who_speak_for_each_organisation(
    world: World, now: datetime
) -> None:
    dossier = world.dossier(stage="co_instruction")
    caf, council = world.organisations["caf"], world.organisations["conseil-citoyen"]
    for organisation in (caf, council):
        dossier.opinions.append(
            Opinion(organisation=organisation, requested_at=now, due_on=now.date() + timedelta(days=2))
        )
    dossier.opinions_due_on = now.date() + timedelta(days=2)  # urgent: at once
    tell(world, "dossier.open_co_instruction", f"dossier:{dossier.id}", now)

    plan(world.db, now, MAIL)

    assert [(row.kind, row.recipient) for row in rows(world.db)] == [
        ("opinion_requested", "financeur@caf.test"),
        ("opinion_requested", "conseil@citoyen.test"),
        ("droit_commun_solicited", "financeur@caf.test"),
    ]


def test_line_opened_later_is_solicited_once(world: World, now: datetime) -> None:
    dossier = world.dossier(stage="co_instruction", opinions_due_on=now.date())
    event = {"subject": "line:caf:droit_commun"}
    for _ in range(2):
        tell(world, "line.ask", f"dossier:{dossier.id}", now, **event)

    assert plan(world.db, now, MAIL) == 1


def test_decision_letter_waits_as_a_draft_and_says_what_was_retained(world: World, now: datetime) -> None:
    dossier = world.dossier(stage="committed")
    seance = committee(world)
    seance.items.append(
        SeanceItem(dossier=dossier, rank=9, decision="rejected", reason="Doublon", applied_at=now)
    )
    world.db.flush()
    tell(world, "dossier.reject", f"dossier:{dossier.id}", now)

    plan(world.db, now + timedelta(days=90), MAIL)

    (row,) = rows(world.db)
    text = message_from_bytes(row.body, policy=policy.default).get_body(("plain",)).get_content()
    assert (row.kind, row.state) == ("dossier_rejected", "draft")
    assert "Motif : Doublon" in text


def test_old_event_is_not_announced(world: World, now: datetime) -> None:
    dossier = world.dossier(stage="submitted")
    tell(world, "dossier.submit", f"dossier:{dossier.id}", now)

    plan(world.db, now + timedelta(days=31), MAIL)

    assert [(row.state, row.reason) for row in rows(world.db)] == [
        ("skipped", "événement vieux de 31 jours : trop tard pour l’annoncer")
    ]


def test_event_that_cannot_be_told_fails_alone_and_is_read_again_on_demand(
    world: World, now: datetime
) -> None:
    dossier = world.dossier(stage="committed")
    broken = tell(world, "dossier.commit", f"dossier:{dossier.id}", now)
    tell(world, "dossier.submit", f"dossier:{dossier.id}", now)

    plan(world.db, now, MAIL)

    failed, told = rows(world.db)
    assert (failed.key, failed.state) == (f"event:{broken.id}", "failed")
    assert failed.reason == "Aucune séance n’a statué sur le dossier D001."
    assert told.kind == "request_acknowledged"
    retry(world.db, failed.key, now)
    world.db.flush()
    world.db.refresh(broken)
    assert broken.planned_at is None


def test_documents_named_by_the_event_are_attached(world: World, now: datetime) -> None:
    seance = convoked_committee(world)
    event = world.db.scalars(select(Event).where(Event.kind == "seance.convoke")).one()
    document = Document(
        kind="summary",
        subject=f"seance:{seance.id}",
        name="synthèse.pdf",
        media_type="application/pdf",
        sha256=sha256(b"%PDF-1.7").hexdigest(),
        content=b"%PDF-1.7",
        created_at=now,
    )
    world.db.add(document)
    world.db.flush()
    event.payload = {**event.payload, "documents": [document.id]}

    plan(world.db, now, MAIL)

    message = message_from_bytes(whole_body(world.db, rows(world.db)[0]), policy=policy.default)
    assert [(p.get_filename(), p.get_payload(decode=True)) for p in message.iter_attachments()][1:] == [
        ("synthèse.pdf", b"%PDF-1.7")
    ]


def test_events_that_tell_nobody_are_marked_and_cost_nothing(world: World, now: datetime) -> None:
    event = tell(world, "dossier.dispatch", "dossier:999", now)

    assert plan(world.db, now, MAIL) == 0
    world.db.refresh(event)
    assert event.planned_at == now


def test_new_account_is_told_once_without_any_password(world: World, now: datetime) -> None:
    for _ in range(2):
        tell(world, "account.created", f"person:{world.instructor.id}", now, role="instructor")

    assert plan(world.db, now, MAIL) == 1
    (row,) = rows(world.db)
    text = message_from_bytes(row.body, policy=policy.default).get_body(("plain",)).get_content()
    assert (row.key, row.recipient) == (f"account_created:{world.instructor.id}", "instruction@etat.test")
    assert "instructeur" in text
