# SPDX-License-Identifier: EUPL-1.2
"""A message refused at a wrong address leaves at the corrected one: same text and entry, new recipient, new Message-ID."""

from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest

from notifications.failures import cause_of
from notifications.outbox import retry
from notifications.planner import plan
from tests.factories.world import World
from tests.notifications.itip import calendar_of, faults, read_back
from tests.notifications.scenes import MAIL, convoked_committee
from workflow.events import emit
from workflow.models import Message as Row


def test_convocation_is_tried_again_at_the_address_known_now(world: World, now: datetime) -> None:
    convoked_committee(world)
    plan(world.db, now, MAIL)
    row = world.db.query(Row).order_by(Row.id).first()
    assert row is not None
    before = message_from_bytes(row.body, policy=policy.default)
    row.state = "failed"
    world.financers["etat"].email = "nouvelle.adresse@prefecture.test"

    retry(world.db, row.key, now)

    after = message_from_bytes(row.body, policy=policy.default)
    assert (row.state, row.recipient, row.domain) == (
        "pending",
        "nouvelle.adresse@prefecture.test",
        "prefecture.test",
    )
    assert after["To"].addresses[0].display_name == before["To"].addresses[0].display_name
    assert after["To"].addresses[0].addr_spec == "nouvelle.adresse@prefecture.test"
    assert after.keys() == before.keys()
    changed = ("To", "Message-ID")
    assert [after[name] for name in after if name not in changed] == [
        before[name] for name in before if name not in changed
    ]
    assert after["Message-ID"] == row.message_id != before["Message-ID"]
    assert text_of(after) == text_of(before)


def text_of(mail: EmailMessage) -> list[object]:
    """Everything but the calendar."""
    parts = [part for part in mail.walk() if not part.is_multipart()]
    return [part.get_content() for part in parts if part.get_content_type() != "text/calendar"]


@pytest.mark.parametrize("address", ["zoe@prefecture.test", f"{'z' * 60}@{'long.' * 8}prefecture.test"])
def test_calendar_entry_invites_the_corrected_address_to_the_same_seance(
    world: World, now: datetime, address: str
) -> None:
    seance = convoked_committee(world)
    plan(world.db, now, MAIL)
    row = world.db.query(Row).order_by(Row.id).first()
    assert row is not None
    before = calendar_of(message_from_bytes(row.body, policy=policy.default))
    row.state = "failed"
    world.financers["etat"].email = address
    retry(world.db, row.key, now)

    entry = calendar_of(message_from_bytes(row.body, policy=policy.default))
    old, new = read_back(before), read_back(entry)
    assert list(faults(entry)) == []
    assert (new.attendee, old.attendee) == (f"mailto:{address}", "mailto:financeur@etat.test")
    assert (new.uid, new.sequence, new.organiser) == (seance.uid, 0, old.organiser)
    kept = [
        [line for line in each.replace(b"\r\n ", b"").split(b"\r\n") if not line.startswith(b"ATTENDEE")]
        for each in (before, entry)
    ]
    assert kept[0] == kept[1]
    assert b"financeur@etat.test" not in row.body and max(map(len, row.body.split(b"\r\n"))) <= 998


def test_message_identifier_is_stable_for_one_address(world: World, now: datetime) -> None:
    convoked_committee(world)
    plan(world.db, now, MAIL)
    row = world.db.query(Row).order_by(Row.id).first()
    assert row is not None
    seen = []
    for address in ("un@prefecture.test", "un@prefecture.test", "deux@prefecture.test", "un@prefecture.test"):
        row.state, world.financers["etat"].email = "failed", address
        retry(world.db, row.key, now)
        assert message_from_bytes(row.body, policy=policy.default)["Message-ID"] == row.message_id
        seen.append(row.message_id)

    assert seen[0] == seen[1] == seen[3] != seen[2]
    assert {each.rpartition("@")[2] for each in seen} == {"epci.test>"}


def test_letter_follows_the_porteur_s_address_and_an_unreadable_one_changes_nothing(
    world: World, now: datetime
) -> None:
    dossier = world.dossier(stage="submitted")
    emit(world.db, world.contract.id, "dossier.submit", f"dossier:{dossier.id}", {}, now)
    world.db.flush()
    plan(world.db, now, MAIL)
    (row,) = world.db.query(Row)
    for address, kept in (("pas une adresse", "contact@ateliers.test"), ("bureau@ateliers.test",) * 2):
        row.state, world.porteur.email = "failed", address
        retry(world.db, row.key, now)
        assert row.recipient == kept
        assert message_from_bytes(row.body, policy=policy.default)["To"].addresses[0].addr_spec == kept


@pytest.mark.parametrize(
    ("reason", "label"),
    [
        ("Refusé définitivement par le serveur pour a@b.c : 550 5.1.1 no such user", "adresse refusée"),
        ("Refusé définitivement par le serveur pour a@b.c : 550 No such user", "adresse refusée"),
        ("Refusé définitivement par le serveur pour a@b.c : 552 5.2.2 mailbox full", "boîte pleine"),
        ("Refusé définitivement par le serveur pour a@b.c : 552 5.3.4 too big", "boîte pleine"),
        ("Refusé définitivement par le serveur pour a@b.c : 550 5.7.1 policy", "envoi refusé par principe"),
        ("Refusé définitivement par le serveur pour a@b.c : 554 spam", "envoi refusé par principe"),
        ("Refusé pour l’instant par le serveur pour a@b.c : 451 4.7.1 later", "abandonnés"),
        ("Le serveur de messagerie n’a pas répondu à temps.", "abandonnés"),
        ("adresse illisible pour Sam", "destinataire sans adresse"),
        ("Aucune séance n’a statué sur le dossier D001.", "message impossible à écrire"),
        (None, "message impossible à écrire"),
    ],
)
def test_each_reason_has_its_cause(reason: str | None, label: str) -> None:
    assert cause_of(Row(reason=reason)).label.startswith(label)
