# SPDX-License-Identifier: EUPL-1.2
"""The table of access against the routes, one by one: unsigned, stranger, porteur, person without mandate."""

import re
from collections.abc import Iterator

import pytest
from fastapi.routing import APIRoute

from tests.factories import NOW, YEAR
from tests.factories.people import give_mandate, make_person, make_porteur
from tests.web.conftest import Site
from tests.workflow.journey import at
from web.access import ACCESS, Who
from web.rights_page import opens
from web.routes import ROUTERS
from workflow.calendar_feeds import issue_feed
from workflow.permissions import actor_for, person_by_email
from workflow.scenarios import create_scenario
from workflow.stages import Role

one_engine = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def routes() -> Iterator[tuple[str, str]]:
    for router in ROUTERS:
        for route in router.routes:
            assert isinstance(route, APIRoute)
            for method in sorted(route.methods - {"HEAD"}):
                yield method, route.path


ALL = sorted(routes())


def test_the_table_names_every_route_and_no_other() -> None:
    assert set(ALL) == set(ACCESS)


def filled(path: str, values: dict[str, object]) -> str:
    return re.sub(r"\{(\w+)\}", lambda found: str(values[found.group(1)]), path)


def values_of(site: Site) -> dict[str, object]:
    """A real value of everything that addresses name."""
    journey = at(site.world, "commitment")
    seance = journey.committee()
    secretary = actor_for(site.world.db, site.world.secretary, NOW.date())
    scenario = create_scenario(site.world.db, seance, "Prudent", secretary, NOW, amounts={})
    feed, token = issue_feed(site.world.db, site.world.contract, secretary, NOW, body="comite")
    return {
        "feed_id": feed.id,
        "token": token,
        "dossier_id": journey.dossier.id,
        "opinion_id": journey.dossier.opinions[0].id,
        "line_id": journey.dossier.lines[0].id,
        "seance_id": seance.id,
        "scenario_id": scenario.id,
        "item_id": seance.items[0].id,
        "trigger": "withdraw",
        "step": "action",
        "form": "json",
        "message_id": "x",
        "rank": 1,
        "document_id": 1,
        "piece_id": 1,
        "exchange_id": 1,
        "rule": "qpv.majority",
        "code": "o1",
        "import_id": 1,
        "credit_id": site.world.credits["etat:specifique"].id,
        "year": YEAR,
        "signed": "x",
        "provider": "aucun",
        "session_id": 1,
        "person_id": site.world.pilot.id,
        "mandate_id": site.world.pilot.mandates[0].id,
        "organisation_id": site.world.porteur.id,
        "view_id": 1,
        "task_id": 1,
    }


GUARDED = [(m, p) for m, p in ALL if ACCESS[m, p] not in (Who.ANYONE, Who.DEMO)]


def addresses(site: Site, routes: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Each of these routes, at a real address of the toy contract."""
    values = values_of(site)
    site.world.db.commit()
    return [(method, filled(path, values)) for method, path in routes]


@one_engine
def test_unsigned_people_are_sent_to_the_door(site: Site) -> None:
    visitor = site.anonymous(follow=False)
    for method, target in addresses(site, GUARDED):
        answer = visitor.request(method, target)
        if method == "GET":
            assert answer.status_code == 303, target
            assert answer.headers["location"].startswith("/connexion?suite="), target
        else:
            assert answer.status_code == 401, target


SUBJECTS = [(m, p) for m, p in GUARDED if "{" in p and ACCESS[m, p] is not Who.SIGNED_IN]


@one_engine
def test_a_stranger_finds_nothing(site: Site) -> None:
    targets = addresses(site, SUBJECTS)
    client = site.client(site.world.stranger)
    for method, target in targets:
        answer = (
            client.get(target)
            if method == "GET"
            else site.post(client, target, value="favourable", answer="firm")
        )
        assert answer.status_code in (403, 404), (method, target)
        assert "Ateliers du soir" not in answer.text, (method, target)


REFUSED = "Vos mandats ne donnent pas accès à cette page."
PEOPLE = {
    Role.ADMINISTRATOR: "admin@epci.test",
    Role.PILOT: "pilote@epci.test",
    Role.SECRETARY: "secretariat@epci.test",
    Role.INSTRUCTOR: "instruction@etat.test",
    Role.FINANCER: "financeur@caf.test",
    Role.MEMBER: "membre@etat.test",
    Role.CITIZEN_COUNCIL: "conseil@citoyen.test",
    Role.PORTEUR: "contact@ateliers.test",
}


@one_engine
@pytest.mark.parametrize("role", PEOPLE)
def test_each_role_opens_what_the_table_says_and_nothing_else(site: Site, role: Role) -> None:
    """The refusal of the table is told from those of the workflow, which come after it."""
    world = site.world
    member = make_person(world.db, PEOPLE[Role.MEMBER])
    give_mandate(world.db, member, Role.MEMBER, world.organisations["etat"], world.contract, body="comite")
    values = values_of(site)
    targets = [(method, path, filled(path, values)) for method, path in ALL]
    person = person_by_email(world.db, PEOPLE[role])
    found = {}
    for method, path, target in targets:
        client = site.client(person)
        answer = client.get(target) if method == "GET" else site.post(client, target)
        assert answer.status_code < 500
        found[method, path] = "—" if REFUSED in answer.text else "oui"

    expected = {(m, p): opens(ACCESS[m, p], role) for m, p, _ in targets}
    assert found == {route: "—" if cell == "—" else "oui" for route, cell in expected.items()}


def test_who_keeps_the_accounts() -> None:
    administration = {path for (_, path), who in ACCESS.items() if who is Who.ADMINISTRATOR}
    assert {path for _, path in ACCESS if path.startswith("/administration/comptes")} < administration
    assert all(path.startswith("/administration/") for path in administration)
    assert [role for role in Role if opens(Who.ADMINISTRATOR, role) == "oui"] == [Role.ADMINISTRATOR]
    assert opens(Who.CONTRACT, Role.PORTEUR) == "—" and opens(Who.PORTEUR, Role.PORTEUR) == "siens"
    assert {opens(who, None) for who in Who} == {"oui", "—", "démo"}


INSIDE = [(m, p) for m, p in GUARDED if ACCESS[m, p] is Who.CONTRACT]


@one_engine
def test_a_porteur_opens_no_page_of_the_instruction(site: Site) -> None:
    targets = addresses(site, INSIDE)
    client = site.client(site.world.bearer)
    for method, target in targets:
        answer = client.get(target) if method == "GET" else site.post(client, target)
        assert answer.status_code == 403, (method, target)


@one_engine
def test_nobody_without_mandate_sees_a_dossier(site: Site) -> None:
    dossier = site.world.dossier()
    client = site.client(make_person(site.world.db, "personne@ailleurs.test"))
    assert client.get("/dossiers").status_code == 403
    assert client.get(f"/dossiers/{dossier.id}").status_code == 403


def test_a_porteur_sees_its_own_dossiers_only(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    mine = at(site.world, "financers_conference").dossier
    other = site.world.dossier(
        porteur=make_porteur(site.world.db, "Autre porteur", siret=None), title="Autre action"
    )
    client = site.client(site.world.bearer)
    board = client.get("/dossiers").text
    assert mine.title in board
    assert "Autre action" not in board
    page = client.get(f"/dossiers/{mine.id}")
    assert page.status_code == 200
    assert "Synthèse d’instruction" not in page.text
    assert "Action utile." not in page.text  # an opinion
    assert "Proposé" not in page.text
    assert client.get(f"/dossiers/{other.id}").status_code == 404
    assert f"dossier {other.id} asked by person {site.world.bearer.id}" in caplog.text


@one_engine
def test_colleagues_of_the_contract_see_the_whole_of_it(site: Site) -> None:
    dossier = at(site.world, "co_instruction").dossier
    people = [site.world.colleague, site.world.citizen, site.world.administrator, site.world.financers["caf"]]
    for person in people:
        page = site.client(person).get(f"/dossiers/{dossier.id}")
        assert page.status_code == 200
        assert "Synthèse d’instruction" in page.text


@one_engine
def test_the_mailbox_exists_in_a_demonstration_only(site: Site, world: object) -> None:
    site.world.db.commit()
    assert site.anonymous().get("/boite").status_code == 200
    site.application.config.deployment.__dict__["environment"] = "production"
    assert site.anonymous().get("/boite").status_code == 404
