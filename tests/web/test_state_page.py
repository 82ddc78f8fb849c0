# SPDX-License-Identifier: EUPL-1.2
"""The state of the scheduler on screen, and messages that failed: who can act, and trying them again."""

from datetime import timedelta

import pytest

from tests.web.conftest import Site
from tests.web.test_letters import letter, state_of
from workflow.models import ScheduleRun

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def ran(site: Site, job: str, state: str, minutes_ago: int) -> None:
    at = site.application.now() - timedelta(minutes=minutes_ago)
    row = ScheduleRun(job=job, slot=str(at), state=state, owner="machine:12:ab", lease_until=at, done_at=at)
    site.world.db.add(row)
    site.world.db.commit()


def test_state_shows_jobs_workers_and_what_waits(site: Site) -> None:
    ran(site, "outbox", "done", 3)
    ran(site, "convocations", "failed", 5)
    letter(site, state="pending")

    text = site.client(site.world.administrator).get("/etat").text

    assert "en marche" in text and "machine:12:ab" in text
    assert "écriture et envoi des messages" in text and "échec, à lire dans le journal technique" in text
    assert "Le plus ancien à envoyer attend depuis" in text and "Messages retenus" in text


def test_state_says_that_no_worker_runs(site: Site) -> None:
    ran(site, "outbox", "done", 300)

    text = site.client(site.world.secretary).get("/etat").text

    assert "à l’arrêt" in text and "Rien n’est perdu" in text


def test_state_is_for_those_who_run_the_contract(site: Site) -> None:
    assert site.client(site.world.colleague).get("/etat").status_code == 403


def test_failed_message_is_told_with_who_can_act_and_tried_again(site: Site) -> None:
    row = letter(site, state="failed")
    row.reason = "Refusé définitivement par le serveur pour porteur@toy.test : 550 5.1.1 no such user"
    client = site.client(site.world.secretary)
    shown = client.get("/messages").text
    assert "Adresse refusée par le serveur du destinataire (1)" in shown
    assert "Qui peut agir : le secrétariat. Vérifier l’adresse" in shown
    assert "À traiter" not in site.client(site.world.colleague).get("/messages").text
    refused = site.post(site.client(site.world.colleague), f"/messages/{row.id}/relance")
    assert (refused.status_code, state_of(site, row)) == (403, "failed")

    said = site.post(client, f"/messages/{row.id}/relance")

    assert "Message relancé" in said.text
    assert state_of(site, row) == "pending"
