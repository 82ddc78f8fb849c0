# SPDX-License-Identifier: EUPL-1.2
"""Colours by choice, the accessibility statement, the navigation of each person, and what surrounds an answer."""

import re

import pytest

from app.deployment import Deployment
from tests.web.conftest import Site
from web.wording import ADVICE, TITLES

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def rubrics(text: str) -> list[str]:
    found = re.search(r'<nav class="rubrics".*?</nav>', text, re.DOTALL)
    return re.findall(r">([^<]+)</a>", found.group(0)) if found else []


def test_the_navigation_is_what_each_person_may_open(site: Site) -> None:
    inside = rubrics(site.client(site.world.pilot).get("/dossiers").text)
    assert {"Dossiers", "Séances", "Calendrier", "Programme", "Messages", "Règles"} <= set(inside)
    porteur = rubrics(site.client(site.world.bearer).get("/dossiers").text)
    assert "Mes dossiers" in porteur
    assert not {"Dossiers", "Séances", "Programme", "Messages"} & set(porteur)
    assert rubrics(site.anonymous().get("/connexion").text) == []


def test_colours_are_a_cookie_and_lead_back_to_this_site_only(site: Site) -> None:
    client = site.client(site.world.pilot, follow=False)
    chosen = site.post(client, "/affichage", theme="dark", suite="/seances?x=1")
    assert (chosen.status_code, chosen.headers["location"]) == (303, "/seances?x=1")
    assert '<html lang="fr" data-theme="dark">' in client.get("/seances").text
    site.post(client, "/affichage", theme="<script>", suite="/")
    assert "data-theme=" not in client.get("/seances").text.split("<head>")[0]
    for elsewhere in ("https://mechant.test/", "//mechant.test", "/\\mechant.test"):
        assert site.post(client, "/affichage", theme="light", suite=elsewhere).headers["location"] == "/"
    client.cookies.set("theme", '"><script>')
    assert "<script>" not in client.get("/seances").text.split("<head>")[0]


def test_the_statement_is_read_by_anyone(site: Site) -> None:
    page = site.anonymous().get("/accessibilite").text
    assert "RGAA" in page and "faute d’audit" in page and "Défenseur des droits" in page
    assert "Adressez-vous au pilote" in page and site.world.territory.label in page
    deployment = Deployment.model_validate({"environment": "demo", "accessibility_contact": "acces@toy.test"})
    site.application.config = site.application.config.model_copy(update={"deployment": deployment})
    assert 'href="mailto:acces@toy.test"' in site.anonymous().get("/accessibilite").text
    assert 'href="/accessibilite"' in site.client(site.world.pilot).get("/dossiers").text


@pytest.mark.parametrize("path", ["/connexion", "/accessibilite", "/healthz", "/static/app.css"])
def test_head_is_get_without_its_body(site: Site, path: str) -> None:
    client = site.anonymous()
    full, head = client.get(path), client.head(path)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-type"] == full.headers["content-type"]
    assert client.head("/dossiers", follow_redirects=False).status_code == 303
    assert client.head("/nulle-part").status_code == 404


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])
def test_other_methods_are_refused_by_name(site: Site, method: str) -> None:
    answer = site.client(site.world.pilot).request(method, "/dossiers")
    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET"
    assert TITLES[405] in answer.text and ADVICE[405] in answer.text


def test_refusals_made_at_the_door_are_pages_too(site: Site) -> None:
    client = site.client(site.world.pilot)
    heavy = site.post(client, "/deconnexion", filler="x" * 2_100_000)
    foreign = client.post("/deconnexion", headers={"Sec-Fetch-Site": "cross-site"})
    for answer, status in ((heavy, 413), (foreign, 403)):
        assert answer.status_code == status
        assert TITLES[status] in answer.text and ADVICE[status] in answer.text
        assert '<html lang="fr">' in answer.text and 'href="/"' in answer.text
        assert "content-security-policy" in answer.headers


def test_an_error_leads_back_to_where_one_was(site: Site) -> None:
    client = site.client(site.world.pilot)
    own = client.get("/nulle-part", headers={"Referer": "http://testserver/seances"}).text
    assert '<a href="/seances">Revenir à la page précédente</a>' in own
    other = client.get("/nulle-part", headers={"Referer": "https://mechant.test/seances"}).text
    assert "Revenir à la page précédente" not in other
    assert ADVICE[404] in other
