# SPDX-License-Identifier: EUPL-1.2
"""A message refused at a wrong address leaves at the corrected one: same Message-ID, same text, new header."""

from datetime import datetime
from email import message_from_bytes, policy

import pytest

from notifications.failures import cause_of
from notifications.outbox import retry
from notifications.planner import plan
from tests.factories.world import World
from tests.notifications.scenes import MAIL, convoked_committee
from workflow.events import emit
from workflow.models import Message


def test_convocation_is_tried_again_at_the_address_known_now(world: World, now: datetime) -> None:
    convoked_committee(world)
    plan(world.db, now, MAIL)
    row = world.db.query(Message).order_by(Message.id).first()
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
    assert [after[name] for name in after if name != "To"] == [
        before[name] for name in before if name != "To"
    ]
    assert row.body.partition(b"\r\n\r\n")[2] == before.as_bytes(policy=policy.SMTP).partition(b"\r\n\r\n")[2]


def test_letter_follows_the_porteur_s_address_and_an_unreadable_one_changes_nothing(
    world: World, now: datetime
) -> None:
    dossier = world.dossier(stage="submitted")
    emit(world.db, world.contract.id, "dossier.submit", f"dossier:{dossier.id}", {}, now)
    world.db.flush()
    plan(world.db, now, MAIL)
    (row,) = world.db.query(Message)
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
    assert cause_of(Message(reason=reason)).label.startswith(label)
