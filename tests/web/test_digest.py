# SPDX-License-Identifier: EUPL-1.2
"""Reminders on screen: their last and next dates, the next digest, and the news that one click stops without an account."""

from datetime import timedelta
from email import message_from_bytes, policy

import pytest
from httpx2 import Response
from sqlalchemy import select
from sqlalchemy.orm import undefer

from app.mail import mail_settings
from notifications.due.planner import plan_due
from tests.web.conftest import Site
from tests.workflow.journey import at
from workflow.models import Message, Notice, Person

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
DAY = timedelta(days=1)


def plan(site: Site) -> int:
    """The run of half past seven."""
    site.world.db.commit()
    return plan_due(site.application.write, site.application.now, mail_settings(site.application.config))


def digest_of(site: Site, person: Person) -> Message:
    with site.application.read() as db:
        query = select(Message).where(Message.person_id == person.id, Message.kind == "digest")
        return db.scalars(query.options(undefer(Message.body))).one()


def read(answer: Response) -> str:
    """The page, its no-break spaces as ordinary ones."""
    return answer.text.replace("\N{NO-BREAK SPACE}", " ")


def awaited(site: Site) -> int:
    """A dossier in co-instruction since today; its opinions are awaited in 21 days."""
    return at(site.world, "co_instruction").dossier.id


def test_the_dossier_says_when_people_were_and_will_be_reminded(site: Site) -> None:
    dossier_id = awaited(site)
    client = site.client(site.world.colleague)
    page = read(client.get(f"/dossiers/{dossier_id}"))
    assert "Prochain rappel" in page
    assert "26 mars 2026" in page  # five days before the 31st
    site.application.moment += 16 * DAY
    plan(site)

    page = read(site.client(site.world.colleague).get(f"/dossiers/{dossier_id}"))

    assert "26 mars 2026" in page
    assert "1er avril 2026" in page
    assert "Financeur Caisse d’allocations familiales" in page
    assert "Prochain rappel" not in site.client(site.world.bearer).get(f"/dossiers/{dossier_id}").text


def test_the_next_run_is_read_before_it_happens_and_tells_the_same(site: Site) -> None:
    awaited(site)
    site.application.moment += 15 * DAY
    secretary = site.client(site.world.secretary)
    listed = secretary.get("/messages/prochains").text
    caf = site.world.financers["caf"]
    address = f"/messages/prochains/{caf.id}/1"
    assert address in listed
    shown = secretary.get(address).text
    assert site.client(site.world.colleague).get(address).status_code == 403
    assert secretary.get(f"/messages/prochains/{caf.id}/2").status_code == 404
    with site.application.read() as db:
        assert db.scalar(select(Notice.id).limit(1)) is None  # reading wrote nothing

    site.application.moment += DAY
    plan(site)

    sent = digest_of(site, caf)
    assert sent.title in shown
    assert sent.title == "2 éléments attendus de vous – résumé du jeudi 26 mars 2026"


def test_a_person_chooses_the_news_and_reads_the_next_digest(site: Site) -> None:
    awaited(site)
    site.application.moment += 15 * DAY
    client = site.client(site.world.financers["caf"])
    page = read(client.get("/resume"))
    assert "avis à rendre pour le mardi 31" in page

    answer = site.post(client, "/resume", topic="late")

    assert "Votre choix est enregistré." in answer.text
    with site.application.read() as db:
        assert db.get_one(Person, site.world.financers["caf"].id).muted == "decisions thread"


def test_news_stop_by_one_click_without_an_account_and_duties_go_on(site: Site) -> None:
    awaited(site)
    site.application.moment += 16 * DAY
    plan(site)
    caf = site.world.financers["caf"]
    mail = message_from_bytes(digest_of(site, caf).body, policy=policy.default)
    base = site.application.config.deployment.base_address
    path = mail["List-Unsubscribe"].strip("<>").removeprefix(base)
    reader = site.anonymous()

    assert "Ne plus les recevoir" in reader.get(path).text
    with site.application.read() as db:
        assert db.get_one(Person, caf.id).muted == ""  # a scanner that opens the link stops nothing
    assert reader.post(path, data={"List-Unsubscribe": "One-Click"}).status_code == 200

    with site.application.read() as db:
        assert db.get_one(Person, caf.id).muted == "decisions late thread"
    assert reader.get(path[:-1] + ("0" if path[-1] != "0" else "1")).status_code == 404
    site.application.moment += 6 * DAY
    assert plan(site) > 0
