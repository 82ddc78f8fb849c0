# SPDX-License-Identifier: EUPL-1.2
"""The solver asked from the pages: the task followed, the scenario explained, the least change for one dossier."""

from decimal import Decimal

import pytest
from sqlalchemy import select

from app.tasks import drain_tasks
from tests.web.conftest import Site
from tests.web.test_scenarios import home, last, of, plain, proposed, text_of
from tests.workflow.conference_room import STATE, Room
from workflow.models import Envelope, Scenario, Task


@pytest.fixture
def room(site: Site) -> Room:
    """Two dossiers for which the State answered 4,000 € each, of an envelope that holds 7,000 €."""
    room = Room(site.world, dossiers=2)
    envelope = room.db.scalars(
        select(Envelope).where(Envelope.credit_id == site.world.credits[STATE].id)
    ).one()
    envelope.amount = Decimal("7000.00")
    return room


def test_a_scenario_is_asked_followed_and_explained(site: Site, room: Room) -> None:
    client = site.client(site.world.secretary)

    asked = site.post(client, f"{home(room)}/proposition", name="Calculé")
    assert asked.url.path == home(room)
    assert "en attente" in asked.text and 'hx-trigger="every 2s"' in asked.text
    drain_tasks(site.application, "worker")

    page = client.get(home(room)).text
    assert "Ouvrir le scénario" in page and "every 2s" not in page
    computed = last(site)
    assert (computed.name, computed.created_by) == ("Calculé", site.world.secretary.email)
    shown = text_of(client.get(of(room, computed)).text)
    assert "meilleure répartition possible, démontrée" in shown
    assert "7 000 € de crédits spécifiques répartis" in shown
    assert "Enveloppes qui arrêtent État (crédits spécifiques) : 7 000 € répartis" in shown
    assert (
        "Pourquoi 2 dossiers ne sont pas servis en entier" in shown
    )  # as the amounts of the page say: 5 000 € are asked
    assert "s’arrête à 4 000 €, d’après la réponse du financeur" in shown
    assert shown.count("servi en partie") == 4 and "servi en entier" not in shown
    assert "l’enveloppe État (crédits spécifiques) est épuisée" in shown
    assert "Objectif de CPO" in shown and "Ce que coûtent les objectifs" not in shown
    for state, said in (("running", "n’est pas encore calculé."), ("done", "n’est pas calculé.")):
        with site.application.write() as db:
            found = db.get_one(Scenario, computed.id)
            found.solution = {**(found.solution or {}), "targets": None}
            db.get_one(Task, found.solution["task"]).state = state
        assert f"Ce que coûtent les objectifs {said}" in text_of(client.get(of(room, computed)).text)
    assert proposed(site, room.line(STATE)) == Decimal("4000.00")  # it proposes nothing by itself


def test_what_is_locked_elsewhere_is_kept(site: Site, room: Room) -> None:
    line = room.line(STATE, 1)
    parent = room.create("À la main", {line.id: Decimal("3000.00")}, locked=[line.id])
    client = site.client(site.world.secretary)

    site.post(client, f"{home(room)}/proposition", name="Calculé", parent=str(parent.id))
    drain_tasks(site.application, "worker")

    with site.application.read() as db:
        found = db.get_one(Scenario, last(site).id)
        kept = {one.line_id: (one.amount, one.locked) for one in found.amounts}
    assert kept[line.id] == (Decimal("3000.00"), True)
    assert kept[room.line(STATE).id] == (Decimal("4000.00"), False)


def test_an_impossible_set_of_locks_is_told(site: Site, room: Room) -> None:
    amounts = {room.line(STATE, rank).id: Decimal("4000.00") for rank in (0, 1)}
    parent = room.create("Trop", amounts, locked=list(amounts))
    client = site.client(site.world.secretary)

    site.post(client, f"{home(room)}/proposition", name="Calculé", parent=str(parent.id))
    drain_tasks(site.application, "worker")

    page = text_of(client.get(home(room)).text)
    assert "Calculé" in page and "refusé" in page and "ne tiennent pas ensemble" in page
    assert last(site).name == "Trop"


@pytest.mark.parametrize(("name", "why"), [("", "à renseigner"), ("Prudent", "a déjà un scénario")])
def test_a_refused_question_asks_nothing(site: Site, room: Room, name: str, why: str) -> None:
    room.create()
    client = site.client(site.world.secretary)

    refused = site.post(client, f"{home(room)}/proposition", name=name)

    assert refused.status_code == 422 and why in plain(refused.text)
    with site.application.read() as db:
        assert db.scalars(select(Task.id).where(Task.kind == "arbitrate")).all() == []


def test_readers_ask_nothing(site: Site, room: Room) -> None:
    scenario = room.create()
    client = site.client(site.world.financers["etat"])

    assert "Que faudrait-il" not in client.get(of(room, scenario)).text
    assert site.post(client, f"{home(room)}/proposition", name="Mien").status_code == 403
    dossier = room.dossiers[0].id
    assert site.post(client, f"{of(room, scenario)}/changements", dossier=dossier).status_code == 403


def test_the_least_change_for_one_dossier_is_searched_and_told(site: Site, room: Room) -> None:
    first, second = room.line(STATE, 0), room.line(STATE, 1)
    scenario = room.create(amounts={first.id: Decimal("4000.00"), second.id: Decimal("2000.00")})
    client = site.client(site.world.secretary)
    assert f"Que faudrait-il pour le servir ? ({room.dossiers[1].reference})" in text_of(
        client.get(of(room, scenario)).text.replace("\u00a0", " ")
    )

    asked = site.post(client, f"{of(room, scenario)}/changements", dossier=room.dossiers[1].id)
    assert "Actualiser" in asked.text and 'hx-trigger="every 2s"' in asked.text
    drain_tasks(site.application, "worker")

    found = text_of(client.get(asked.url.path).text)
    assert f"Pour porter {room.dossiers[1].reference} de 2 000 € à 4 000 €" in found
    assert "1 000 € de plus sur État" in found
    other = room.create("Autre")
    wrong = asked.url.path.replace(f"/{scenario.id}/", f"/{other.id}/")
    assert client.get(wrong).status_code == 404


def test_a_dossier_that_is_not_there_is_told(site: Site, room: Room) -> None:
    scenario = room.create()
    client = site.client(site.world.secretary)

    refused = site.post(client, f"{of(room, scenario)}/changements", dossier="abc")
    asked = [site.post(client, f"{of(room, scenario)}/changements", dossier=text) for text in ("", "999999")]
    drain_tasks(site.application, "worker")

    assert refused.status_code == 422 and "« abc » n’est pas lisible" in plain(refused.text)
    for one in asked:
        assert "n’est pas de ceux que cette séance peut servir" in client.get(one.url.path).text
