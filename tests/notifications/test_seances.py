# SPDX-License-Identifier: EUPL-1.2
"""The life of a convocation in messages: members and guests, moves, changed agenda, reminder, cancellation, alert."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from notifications.calendar import PARIS_TIMEZONE
from notifications.planner import plan
from notifications.wording import PARIS
from tests.factories.contract import toy_settings
from tests.factories.world import World, make_world
from tests.notifications.itip import calendar_of, faults, read_back
from tests.notifications.scenes import MAIL, committee, convoked_committee, secretary
from workflow.answer_links import read_token
from workflow.answers import as_called, record_answer
from workflow.invitations import invite
from workflow.machine import fire
from workflow.models import Event, Message, Seance, Secret
from workflow.permissions import SCHEDULER, actor_for
from workflow.round_table import answer
from workflow.seances import plan_seance, set_agenda
from workflow.territory import Territory

one_engine = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def rows(db: Session, kind: str | None = None, state: str | None = None) -> Sequence[Message]:
    query = select(Message).order_by(Message.id)
    query = query.where(Message.kind == kind) if kind else query
    return db.scalars(query.where(Message.state == state) if state else query).all()


def mail(row: Message) -> EmailMessage:
    found = message_from_bytes(row.body, policy=policy.default)
    assert isinstance(found, EmailMessage)
    return found


def text(row: Message) -> str:
    return str(mail(row).get_body(("plain",)).get_content()).replace("\r\n", "\n")


def delivered(db: Session, now: datetime) -> None:
    """The server took everything that waited."""
    db.execute(update(Message).where(Message.state == "pending").values(state="sent", sent_at=now))
    db.expire_all()


def move(world: World, seance: Seance, now: datetime, **details: object) -> None:
    fire(world.db, seance, "move", secretary(world), None, now, **details)


def test_guests_are_invited_in_other_words_and_hear_only_their_item(world: World, now: datetime) -> None:
    seance = committee(world)
    who, item = secretary(world), seance.items[0]
    invite(world.db, seance, world.organisations["conseil-citoyen"], who, now)
    invite(world.db, seance, world.porteur, who, now, dossier=item.dossier)
    set_agenda(world.db, seance, [item.dossier, world.dossier(stage="commitment")], who, now)
    fire(world.db, seance, "convoke", who, None, now)

    plan(world.db, now, MAIL)

    guests = rows(world.db, "seance_invitation")
    assert len(rows(world.db, "seance_convocation")) == 6
    assert [row.recipient for row in guests] == ["conseil@citoyen.test", "contact@ateliers.test"]
    council, porteur = (text(row) for row in guests)
    assert "ne donne pas voix délibérative" in council and "2. D002" in council
    assert "vous vous retirerez avant qu’il soit délibéré" in porteur
    assert "1. D001" in porteur and "D002" not in porteur
    assert "où vous siégez" in text(rows(world.db, "seance_convocation")[0])


def test_guests_named_by_the_contract_are_invited_at_each_seance(db: Session, now: datetime) -> None:
    settings = toy_settings()
    body = next(body for body in settings["bodies"] if body["code"] == "comite")
    body["guests"] = ["conseil-citoyen"]
    world = make_world(db, Territory.model_validate(settings))
    convoked_committee(world)

    plan(db, now, MAIL)

    assert [row.recipient for row in rows(db, "seance_invitation")] == ["conseil@citoyen.test"]


def test_a_guest_added_after_the_convocation_is_written_to_alone(world: World, now: datetime) -> None:
    seance = convoked_committee(world)
    plan(world.db, now, MAIL)
    council = world.organisations["conseil-citoyen"]
    invite(
        world.db, seance, council, secretary(world), now, address="Habitante@quartier.test", name="Hada B."
    )

    assert plan(world.db, now, MAIL) == 1
    assert rows(world.db)[-1].recipient == "habitante@quartier.test"
    assert {row.state for row in rows(world.db)} == {"pending"}


def test_move_after_delivery_says_what_changed_and_raises_the_sequence(world: World, now: datetime) -> None:
    seance = convoked_committee(world)
    plan(world.db, now, MAIL)
    delivered(world.db, now)
    move(world, seance, now, starts_at=seance.starts_at + timedelta(days=1), place="Mairie de Rieux")

    plan(world.db, now, MAIL)

    new = rows(world.db, "seance_update")
    assert len(new) == 6
    assert "- Date : mercredi 1er avril 2026 à 11 h (au lieu de : mardi 31 mars 2026 à 11 h)" in text(new[0])
    assert "- Lieu : Mairie de Rieux (au lieu de :" in text(new[0])
    assert "Durée :" not in text(new[0])
    entry = read_back(calendar_of(mail(new[0])))
    assert (entry.method, entry.uid, entry.sequence, entry.place) == (
        "REQUEST",
        seance.uid,
        1,
        "Mairie de Rieux",
    )


def test_moved_twice_in_a_minute_sends_one_update_from_what_was_known(world: World, now: datetime) -> None:
    seance = convoked_committee(world)
    plan(world.db, now, MAIL)
    delivered(world.db, now)
    at = seance.starts_at
    move(world, seance, now, starts_at=at + timedelta(days=1))
    plan(world.db, now, MAIL)
    due = {row.next_attempt_at for row in rows(world.db, "seance_update")}
    move(world, seance, now + timedelta(seconds=40), starts_at=at + timedelta(days=2))
    plan(world.db, now + timedelta(seconds=40), MAIL)

    assert due == {now + timedelta(minutes=1)}  # not yet gone when the second move comes
    states = [row.state for row in rows(world.db, "seance_update")]
    assert states == ["skipped"] * 6 + ["pending"] * 6
    last = rows(world.db, "seance_update")[-1]
    assert "jeudi 2 avril 2026 à 11 h (au lieu de : mardi 31 mars 2026 à 11 h)" in text(last)
    assert read_back(calendar_of(mail(last))).sequence == 2


def test_moved_and_moved_back_before_anything_left_sends_nothing(world: World, now: datetime) -> None:
    seance = convoked_committee(world)
    plan(world.db, now, MAIL)
    delivered(world.db, now)
    at = seance.starts_at
    move(world, seance, now, starts_at=at + timedelta(days=1))
    plan(world.db, now, MAIL)
    move(world, seance, now, starts_at=at)
    plan(world.db, now, MAIL)

    assert {row.state for row in rows(world.db, "seance_update")} == {"skipped"}


def test_agenda_changed_twice_in_a_day_is_told_once_in_the_evening(world: World, now: datetime) -> None:
    seance = convoked_committee(world)
    plan(world.db, now, MAIL)
    delivered(world.db, now)
    first, second, third = seance.items[0].dossier, world.dossier(stage="commitment"), world.dossier()
    third.stage = "commitment"
    who = secretary(world)
    set_agenda(world.db, seance, [first, second], who, now)
    set_agenda(world.db, seance, [third, second], who, now + timedelta(hours=1))
    evening = datetime(2026, 3, 10, 17, 0, tzinfo=PARIS)
    world.db.expire_all()  # the planner reads in a transaction of its own

    assert plan(world.db, evening - timedelta(seconds=1), MAIL) == 0
    assert plan(world.db, evening, MAIL) == 6
    assert plan(world.db, evening + timedelta(hours=1), MAIL) == 0

    told = rows(world.db, "seance_agenda")
    said = text(told[0]).split("ORDRE DU JOUR")[0]
    assert "AJOUTÉ\n\n- D003" in said and "- D002" in said and "RETIRÉ\n\n- D001" in said
    assert read_back(calendar_of(mail(told[0]))).sequence == 0


def test_agenda_changed_on_the_eve_is_told_before_the_seance(world: World, now: datetime) -> None:
    seance = convoked_committee(world)
    eve = datetime(2026, 3, 30, 18, 0, tzinfo=PARIS)
    set_agenda(world.db, seance, [world.dossier(stage="commitment")], secretary(world), eve)

    held = world.db.scalars(select(Event.held_until).where(Event.kind == "seance.set_agenda")).one()
    assert held == datetime(2026, 3, 31, 6, 0, tzinfo=PARIS)


def test_agenda_put_back_as_it_was_tells_nobody(world: World, now: datetime) -> None:
    seance = convoked_committee(world)
    plan(world.db, now, MAIL)
    kept = seance.items[0].dossier
    set_agenda(world.db, seance, [kept, world.dossier(stage="commitment")], secretary(world), now)
    set_agenda(world.db, seance, [kept], secretary(world), now)

    assert plan(world.db, now + timedelta(days=1), MAIL) == 0


def test_reminder_goes_to_the_silent_alone(world: World, now: datetime) -> None:
    seance = convoked_committee(world)
    plan(world.db, now, MAIL)
    first = seance.convocations[0]
    record_answer(world.db, first, "present", as_called(first), now)
    later = now + timedelta(days=18)
    fire(world.db, seance, "remind", secretary(world), None, later)

    assert plan(world.db, later, MAIL) == 5
    reminded = rows(world.db, "seance_reminder")
    assert first.person.email not in {row.recipient for row in reminded}
    assert "text/calendar" not in {part.get_content_type() for part in mail(reminded[0]).walk()}


def test_each_message_carries_the_personal_answer_link(world: World, now: datetime) -> None:
    convoked_committee(world)
    plan(world.db, now, MAIL)

    links = {
        line
        for row in rows(world.db)
        for line in text(row).splitlines()
        if line.startswith("https://ville.test/reponse/")
    }
    assert len(links) == 6
    entry = calendar_of(mail(rows(world.db)[0]))
    assert b"reponse" not in entry  # shared calendars are read by others


@one_engine
def test_without_a_signing_key_the_convocation_leaves_and_the_secretary_is_told_once(
    world: World, now: datetime
) -> None:
    world.db.execute(delete(Secret))
    seance = convoked_committee(world)
    plan(world.db, now, MAIL)
    world.db.add(
        Event(contract_id=seance.contract_id, kind="seance.convoke", subject=f"seance:{seance.id}", at=now)
    )
    plan(world.db, now, MAIL)

    (alert,) = rows(world.db, "seance_alert")
    assert "relancez « coinstruction init »" in text(alert)
    assert "Merci d’indiquer si vous serez présent" in text(rows(world.db, "seance_convocation")[0])


def test_every_calendar_of_a_life_obeys_the_rfcs_and_is_read_by_another_library(
    world: World, now: datetime
) -> None:
    seance = convoked_committee(world)
    plan(world.db, now, MAIL)
    delivered(world.db, now)
    move(world, seance, now, duration_minutes=90)
    plan(world.db, now, MAIL)
    delivered(world.db, now)
    fire(world.db, seance, "cancel", secretary(world), "Salle indisponible", now)
    plan(world.db, now, MAIL)

    person = seance.convocations[0].person
    mine = [row for row in rows(world.db) if row.person_id == person.id]
    contents = [calendar_of(mail(row)) for row in mine]
    entries = [read_back(content) for content in contents]
    assert [found for content in contents for found in faults(content)] == []
    assert [entry.method for entry in entries] == ["REQUEST", "REQUEST", "CANCEL"]
    assert [entry.sequence for entry in entries] == [0, 1, 2]
    assert {entry.uid for entry in entries} == {seance.uid}
    assert {entry.organiser for entry in entries} == {"mailto:secretariat@epci.test"}
    assert {entry.attendee for entry in entries} == {f"mailto:{person.email}"}
    assert [entry.ends - entry.starts for entry in entries][1:] == [timedelta(minutes=90)] * 2


@pytest.mark.parametrize(
    "day", [date(2026, 3, 28), date(2026, 3, 30), date(2026, 10, 24), date(2026, 10, 26)]
)
@one_engine
def test_half_past_nine_is_half_past_nine_on_both_sides_of_each_clock_change(
    world: World, now: datetime, day: date
) -> None:
    local = datetime(day.year, day.month, day.day, 9, 30, tzinfo=PARIS)
    seance = committee(world, at=local.astimezone(UTC))
    fire(world.db, seance, "convoke", secretary(world), None, now)
    plan(world.db, now, MAIL)

    row = rows(world.db, "seance_convocation")[0]
    entry = read_back(calendar_of(mail(row)))
    assert (entry.starts.hour, entry.starts.minute) == (9, 30)
    assert entry.starts.utcoffset() == local.utcoffset()
    assert "de 9 h 30 à" in text(row)


def test_the_checker_finds_what_is_wrong(world: World, now: datetime) -> None:
    convoked_committee(world)
    plan(world.db, now, MAIL)
    good = calendar_of(mail(rows(world.db)[0]))

    assert list(faults(good)) == []
    assert list(faults(good.replace(b"\r\n", b"\n")))
    assert list(faults(good.replace(b"METHOD:REQUEST\r\n", b"")))
    assert list(faults(good.replace(b"METHOD:REQUEST", b"METHOD:CANCEL")))
    assert list(faults(good.replace(b"\r\n ", b"")))
    assert list(faults(good.replace(PARIS_TIMEZONE.encode(), b"")))
    assert list(faults(good.replace(b"Z\r\n", b"\r\n")))
    assert list(faults(good.replace(b"DTSTART;TZID=Europe/Paris", b"DTSTART")))


def in_writing(world: World, now: datetime) -> Seance:
    """A conference held in writing on one dossier, asked of the State and of the CAF, convoked and delivered."""
    who, ends = secretary(world), now + timedelta(days=12)
    seance = plan_seance(world.db, world.contract, "conference", ends, now, who, mode="written")
    set_agenda(world.db, seance, [world.dossier(stage="financers_conference")], who, now)
    fire(world.db, seance, "convoke", who, None, now)
    plan(world.db, now, MAIL)
    return seance


def test_a_conference_in_writing_consults_and_asks_nobody_to_come(world: World, now: datetime) -> None:
    in_writing(world, now)

    called = rows(world.db, "seance_convocation")
    assert len(called) == 6
    for row in called:
        assert "chaque financeur répond sur chacune de ses lignes" in text(row)
        assert "Réponses attendues     : jusqu’au" in text(row)
        assert [word for word in ("Présent", "Lieu", "représenté", "/reponse/") if word in text(row)] == []
    assert mail(called[0])["Subject"].startswith("Consultation par écrit")


def test_reminder_in_writing_names_the_lines_that_wait_to_those_who_owe_them(
    world: World, now: datetime
) -> None:
    seance = in_writing(world, now)
    ends = seance.starts_at
    dossier = seance.items[0].dossier
    fire(world.db, seance, "remind", secretary(world), None, ends - timedelta(days=4))
    plan(world.db, ends - timedelta(days=4), MAIL)

    first = rows(world.db, "seance_reminder")
    assert [row.recipient for row in first] == ["financeur@etat.test", "financeur@caf.test"]
    assert "- D001 – Ateliers du soir : État – Programme 147" in text(first[0])
    assert "CAF" not in text(first[0]) and "/reponse/" not in text(first[0])
    caf = dossier.line("caf:droit_commun")
    assert caf is not None
    answering = actor_for(world.db, world.financers["caf"], now.date())
    answer(world.db, caf, "firm", answering, ends - timedelta(days=3), amount=Decimal(3000))
    fire(world.db, seance, "remind", secretary(world), None, ends - timedelta(days=2))
    plan(world.db, ends - timedelta(days=2), MAIL)

    later = rows(world.db, "seance_reminder")[len(first) :]
    assert [row.recipient for row in later] == ["financeur@etat.test"]


def test_calendar_of_a_conference_in_writing_is_a_deadline_that_occupies_nobody(
    world: World, now: datetime
) -> None:
    seance = in_writing(world, now)
    delivered(world.db, now)
    move(world, seance, now, starts_at=seance.starts_at + timedelta(days=1))
    plan(world.db, now, MAIL)
    delivered(world.db, now)
    fire(world.db, seance, "cancel", secretary(world), "Sans objet", now)
    plan(world.db, now, MAIL)

    mine = [row for row in rows(world.db) if row.person_id == seance.convocations[0].person_id]
    contents = [calendar_of(mail(row)) for row in mine]
    assert [found for content in contents for found in faults(content)] == []
    for content in contents:
        unfolded = content.replace(b"\r\n ", b"").decode()
        assert "TRANSP:TRANSPARENT" in unfolded and "ROLE=NON-PARTICIPANT" in unfolded
        assert "RSVP=TRUE" not in unfolded and "LOCATION" not in unfolded
        assert "SUMMARY:Clôture de la consultation écrite : Conférence des financeurs" in unfolded
    entries = [read_back(content) for content in contents]
    assert [(entry.method, entry.sequence) for entry in entries] == [
        ("REQUEST", 0),
        ("REQUEST", 1),
        ("CANCEL", 2),
    ]
    assert [entry.starts for entry in entries][1:] == [seance.starts_at] * 2
    assert {entry.uid for entry in entries} == {seance.uid}


def test_a_new_date_asks_again_whoever_had_answered_and_its_link_answers_for_it(
    world: World, now: datetime
) -> None:
    seance = convoked_committee(world)
    plan(world.db, now, MAIL)
    delivered(world.db, now)
    first, second = seance.convocations[:2]
    record_answer(world.db, first, "present", as_called(first), now)
    move(world, seance, now, starts_at=seance.starts_at + timedelta(days=1))
    plan(world.db, now, MAIL)

    update_ = next(row for row in rows(world.db, "seance_update") if row.person_id == first.person_id)
    assert "Vous aviez répondu : présent, pour l’ancienne date. Cette réponse ne vaut plus" in text(update_)
    token = next(line for line in text(update_).splitlines() if "/reponse/" in line).rpartition("/")[2]
    called = read_token(world.db, token, now)
    record_answer(world.db, called, "excused", as_called(called), now)
    record_answer(world.db, second, "present", as_called(second), now)
    assert (first.current_answer, first.answered_for) == ("excused", seance.starts_at)
    delivered(world.db, now)

    move(world, seance, now, place="Mairie de Rieux")
    plan(world.db, now, MAIL)
    last = [row for row in rows(world.db, "seance_update") if row.state == "pending"]
    assert "Vous aviez répondu : excusé. Cette réponse reste enregistrée" in text(last[0])

    move(world, seance, now, starts_at=seance.starts_at + timedelta(days=7))
    later = seance.starts_at - timedelta(days=3)
    record_answer(world.db, second, "present", as_called(second), now)
    fire(world.db, seance, "remind", SCHEDULER, None, later)
    plan(world.db, later, MAIL)
    reminded = rows(world.db, "seance_reminder")
    assert second.person_id not in {row.person_id for row in reminded} and len(reminded) == 5
    mine = next(row for row in reminded if row.person_id == first.person_id)
    assert "(excusé) valait pour l’ancienne date" in text(mine)
