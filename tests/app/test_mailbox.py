# SPDX-License-Identifier: EUPL-1.2
"""The demo's mailbox: what is sent to it by SMTP is read back; nothing else of the disk is."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy.orm import Session, sessionmaker

from app.errors import AppError
from app.mailbox import Mailbox, UnknownMailError, get_message, list_messages
from notifications.drain import drain
from notifications.planner import plan_all
from tests.factories.world import World
from tests.notifications.scenes import MAIL, convoked_committee


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_convocations_are_read_back_from_the_mailbox(
    world: World, write: sessionmaker[Session], now: datetime, tmp_path: Path
) -> None:
    convoked_committee(world)
    world.db.commit()

    with Mailbox(tmp_path / "mail") as mailbox:
        settings = replace(MAIL, port=mailbox.port)
        plan_all(write.begin, lambda: now, settings)
        drain(write.begin, lambda: now, settings, "test")

    listed = list_messages(tmp_path / "mail")
    mail = get_message(tmp_path / "mail", listed[0].id)
    assert len(listed) == 6
    assert mail.summary == listed[0]
    assert mail.summary.subject == "Convocation : Comité d’engagement, mardi 31 mars 2026 à 11 h"
    assert mail.text.startswith("Madame, Monsieur,")
    assert mail.html.startswith("<!DOCTYPE html>")
    assert [(a.name, a.media_type) for a in mail.attachments] == [("invitation.ics", "text/calendar")]
    assert ("X-Envelope-To", mail.summary.recipient.partition("<")[2].rstrip(">")) in mail.headers
    assert not list((tmp_path / "mail").glob(".*"))


@pytest.mark.parametrize("name", ["../secret", "20260310T090000000000-0000000", "", "*"])
def test_name_that_is_not_a_message_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "secret.eml").write_text("Subject: secret\n\n")
    (tmp_path / "mail").mkdir()

    with pytest.raises(UnknownMailError):
        get_message(tmp_path / "mail", name)


def test_empty_or_absent_folder_lists_nothing(tmp_path: Path) -> None:
    assert list_messages(tmp_path / "absent") == []


def test_port_in_use_is_told_in_french(tmp_path: Path) -> None:
    with Mailbox(tmp_path) as first, pytest.raises(AppError, match="déjà pris"):
        Mailbox(tmp_path, port=first.port)
