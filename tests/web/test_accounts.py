# SPDX-License-Identifier: EUPL-1.2
"""The administration and the organisations' pages: what is typed is kept, refusals are said, statements do not grow."""

import pytest
from sqlalchemy import Engine, select

from app.worker import plan_waiting
from tests.factories import TODAY
from tests.factories.people import give_mandate, make_person, make_porteur
from tests.factories.statements import counted
from tests.web.conftest import Site
from tests.workflow.journey import at
from workflow.models import Mandate, Message, Person
from workflow.stages import Role

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
COMPTES = "/administration/comptes"


def form(site: Site, **changes: str) -> dict[str, str]:
    organisation = str(site.world.organisations["etat"].id)
    return {"role": "instructor", "organisation": organisation, "from_on": TODAY.isoformat()} | changes


def test_the_rubric_is_for_administrators(site: Site) -> None:
    assert 'href="/administration"' in site.client(site.world.administrator).get("/dossiers").text
    assert 'href="/administration"' not in site.client(site.world.instructor).get("/dossiers").text
    index = site.client(site.world.pilot).get("/administration").text
    assert "/administration/import" in index and "/administration/comptes" not in index
    assert 'href="/organisations"' not in site.client(site.world.bearer).get("/dossiers").text


def test_an_account_is_opened_and_its_person_told(site: Site) -> None:
    client = site.client(site.world.administrator)
    page = site.post(client, COMPTES, email="neuve@etat.test", name="Zoé Neuve", **form(site))
    assert page.status_code == 200 and "Compte ouvert" in page.text and "Zoé Neuve" in page.text
    plan_waiting(site.application)
    with site.application.read() as db:
        message = db.scalars(select(Message).where(Message.kind == "account_created")).one()
    assert message.recipient == "neuve@etat.test"
    again = site.post(client, COMPTES, email="neuve@etat.test", **form(site, role="pilot"))
    assert "avait déjà un compte" in again.text and "lui est ajouté" in again.text


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"email": ""}, "Adresse électronique"),
        ({"email": "pas une adresse"}, "Adresse électronique incorrecte"),
        ({"role": ""}, "Rôle"),
        ({"role": "roi"}, "Rôle inconnu"),
        ({"organisation": ""}, "Organisation"),
        ({"organisation": "99999"}, "Organisation"),
        ({"organisation": "x"}, "Organisation"),
        ({"body": "comite"}, "seulement pour un secrétaire"),
        ({"from_on": "hier"}, "n’est pas lisible"),
        ({"to_on": "2020-01-01"}, "précède"),
        ({"name": "x" * 300}, "Nom"),
    ],
)
def test_what_was_typed_is_kept_beside_its_fault(site: Site, changes: dict[str, str], said: str) -> None:
    client = site.client(site.world.administrator)
    typed = {"email": "neuve@etat.test", "name": "Zoé Neuve"} | form(site) | changes
    page = site.post(client, COMPTES, **typed)
    assert page.status_code == 422 and said in page.text
    assert 'aria-invalid="true"' in page.text
    assert typed["name"] in page.text and (not typed["email"] or typed["email"] in page.text)
    with site.application.read() as db:
        assert db.scalar(select(Person).where(Person.email == "neuve@etat.test")) is None


def test_mandates_are_given_and_closed(site: Site) -> None:
    client, person = site.client(site.world.administrator), site.world.instructor
    address = f"{COMPTES}/{person.id}"
    given = site.post(client, f"{address}/mandats", **form(site, role="member", body="comite"))
    assert "Mandat donné" in given.text and "membre d’instance" in given.text
    with site.application.read() as db:
        number = db.scalars(select(Mandate.id).where(Mandate.person_id == person.id)).all()[-1]
    assert "Mandat clos" in site.post(client, f"{address}/mandats/{number}/fin").text
    twice = site.post(client, f"{address}/mandats/{number}/fin")
    assert twice.status_code == 409 and "déjà clos" in twice.text and "Inès Instructrice" in twice.text
    other = site.world.pilot.mandates[0].id
    assert site.post(client, f"{address}/mandats/{other}/fin").status_code == 404


def test_an_account_is_closed_and_opened_again(site: Site) -> None:
    client, victim = site.client(site.world.administrator), site.client(site.world.instructor)
    address = f"{COMPTES}/{site.world.instructor.id}"
    assert "Connexions terminées" in site.post(client, f"{address}/sessions").text
    assert victim.get("/dossiers").url.path == "/connexion"
    assert "désactivé" in site.post(client, f"{address}/etat", active="").text
    assert "Inès Instructrice" in client.get(f"{COMPTES}?etat=desactives").text
    assert "Inès Instructrice" not in client.get(COMPTES).text.split("<aside")[0].split("Derniers faits")[0]
    assert "Compte réactivé" in site.post(client, f"{address}/etat", active="on").text


def test_an_administrator_keeps_their_own_rights(site: Site) -> None:
    client, me = site.client(site.world.administrator), site.world.administrator
    refused = site.post(client, f"{COMPTES}/{me.id}/etat", active="")
    assert refused.status_code == 409 and "votre propre compte" in refused.text
    own = site.post(client, f"{COMPTES}/{me.id}/mandats/{me.mandates[0].id}/fin")
    assert own.status_code == 409 and "votre propre mandat" in own.text


def test_people_of_another_contract_are_not_seen(site: Site) -> None:
    client = site.client(site.world.administrator)
    assert "Elsa Étrangère" not in client.get(f"{COMPTES}?etat=tous").text
    assert client.get(f"{COMPTES}/{site.world.stranger.id}").status_code == 404
    assert site.post(client, f"{COMPTES}/{site.world.stranger.id}/sessions").status_code == 404


@pytest.mark.parametrize("path", ["0", "99999", "99999999999999", "abc", "-1", "1/mandats"])
def test_an_account_that_does_not_exist_is_a_page(site: Site, path: str) -> None:
    assert site.client(site.world.administrator).get(f"{COMPTES}/{path}").status_code in (404, 405)


@pytest.mark.parametrize(
    "query",
    [
        "q=%00",
        "q=%25",
        "role=roi",
        "role=%00",
        "type=%00",
        "etat=x",
        "page=0",
        "page=99999",
        "page=-1",
        "page=²",
    ],
)
def test_a_search_that_means_nothing_is_a_page(site: Site, query: str) -> None:
    client = site.client(site.world.administrator)
    assert client.get(f"{COMPTES}?{query}").status_code == 200
    assert client.get(f"/organisations?{query}").status_code == 200


def test_the_list_is_searched(site: Site) -> None:
    client = site.client(site.world.administrator)
    found = client.get(f"{COMPTES}?q=paule").text
    assert "Paule Pilote" in found and "Sacha Secrétaire" not in found
    found = client.get(f"{COMPTES}?role=secretary").text
    assert "Sacha Secrétaire" in found and "Paule Pilote" not in found


def test_an_organisation_shows_which_financers_which_amounts_which_years(site: Site) -> None:
    dossier = at(site.world, "commitment").dossier
    page = site.client(site.world.colleague).get(f"/organisations/{site.world.porteur.id}").text
    assert dossier.title in page and str(dossier.year) in page
    assert "Tous financeurs" in page and "Caisse d’allocations familiales" in page
    assert "Bérénice Porteuse" in page
    assert "Corriger" not in page  # an instructor reads


def test_a_correction_refused_keeps_what_was_typed(site: Site) -> None:
    client, address = site.client(site.world.pilot), f"/organisations/{site.world.porteur.id}"
    at(site.world, "submitted")
    client = site.client(site.world.pilot)
    bad = site.post(client, address, name="Nouveau nom", siret="123", version="1")
    assert bad.status_code == 422 and 'value="Nouveau nom"' in bad.text and "quatorze chiffres" in bad.text
    assert "Organisation corrigée" in site.post(client, address, name="Nouveau nom", version="1").text
    old = site.post(client, address, name="Autre nom", version="1")
    assert old.status_code == 409 and 'value="Autre nom"' in old.text


def test_an_organisation_is_added_once(site: Site) -> None:
    client = site.client(site.world.pilot)
    assert "/organisations/nouvelle" in client.get("/organisations").text
    assert client.get("/organisations/nouvelle").status_code == 200
    bad = site.post(client, "/organisations", name="Les Jardins", siret="12")
    assert bad.status_code == 422 and 'value="Les Jardins"' in bad.text and "quatorze chiffres" in bad.text
    added = site.post(client, "/organisations", name="Les Jardins", legal_form="association")
    assert "Organisation ajoutée" in added.text and "<h1>Les Jardins</h1>" in added.text
    again = site.post(client, "/organisations", name="les jardins")
    assert again.status_code == 422 and "déjà enregistrée" in again.text
    assert "Les Jardins" in client.get("/organisations?q=jardins").text


def test_an_instructor_adds_none(site: Site) -> None:
    client = site.client(site.world.colleague)
    assert "/organisations/nouvelle" not in client.get("/organisations").text
    assert client.get("/organisations/nouvelle").status_code == 403
    assert site.post(client, "/organisations", name="X").status_code == 403


@pytest.mark.parametrize("address", [COMPTES, "/organisations", "/organisations/{porteur}"])
def test_statements_do_not_grow(site: Site, engine: Engine, address: str) -> None:
    world = site.world
    address = address.format(porteur=world.porteur.id)
    client = site.client(world.administrator)
    world.dossier()
    counts = []
    for round_ in range(2):
        for rank in range(1 + 6 * round_):
            person = make_person(world.db, f"p{round_}{rank}@etat.test")
            give_mandate(world.db, person, Role.PORTEUR, world.porteur, world.contract)
            give_mandate(world.db, person, Role.INSTRUCTOR, world.organisations["etat"], world.contract)
            world.dossier(porteur=make_porteur(world.db, f"Porteur {round_} {rank}", siret=None))
            world.dossier(title=f"Action {round_} {rank}")
        world.db.commit()
        with counted(engine) as statements:
            assert client.get(address).status_code == 200
        counts.append(len(statements))
    assert counts[0] == counts[1] <= 20
