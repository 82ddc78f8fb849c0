# SPDX-License-Identifier: EUPL-1.2
"""Saved views: kept under a name, found again as they were, shared or not, one of them opened first; nobody else's changed."""

import pytest

from tests.web.conftest import Site
from workflow.models import Person, SavedView

QUERY = "vue=tableau&q=soir+-retard&annee=2026&colonnes=reference%2Cmanque&tri=-demande"


def save(site: Site, person: Person, name: str = "Mes retards", **more: object) -> SavedView:
    client = site.client(person)
    answer = site.post(client, "/dossiers/vues", name=name, query=f"{QUERY}&page=3&zz=1", **more)
    assert answer.status_code == 200
    return views(site)[-1]


def views(site: Site) -> list[SavedView]:
    with site.application.read() as db:
        return db.query(SavedView).order_by(SavedView.id).all()


def test_a_view_is_found_again_as_it_was(site: Site) -> None:
    view = save(site, site.world.instructor)
    assert view.query == QUERY  # without the page, nor a word that is none of ours
    page = site.client(site.world.instructor).get(f"/dossiers?{view.query}").text
    assert 'aria-current="true">Mes retards</a>' in page
    assert "Mes retards" not in site.client(site.world.colleague).get("/dossiers").text


def test_a_shared_view_is_seen_by_the_contract_and_by_nobody_else(site: Site) -> None:
    save(site, site.world.instructor, shared="on")
    assert "Mes retards" in site.client(site.world.colleague).get("/dossiers").text
    assert "Mes retards" in site.client(site.world.colleague).get("/dossiers/vues").text
    assert "Mes retards" not in site.client(site.world.stranger).get("/dossiers").text
    assert "Mes retards" not in site.client(site.world.bearer).get("/dossiers").text


def test_a_view_is_renamed_opened_first_and_deleted(site: Site) -> None:
    view = save(site, site.world.instructor)
    other = save(site, site.world.instructor, "Autre")
    client = site.client(site.world.instructor, follow=False)
    for each in (view, other):
        site.post(
            client, f"/dossiers/vues/{each.id}", version=each.version, name=f"{each.name} !", default="on"
        )
    first, second = views(site)
    assert (first.name, first.is_default, second.is_default) == ("Mes retards !", False, True)
    opened = client.get("/dossiers")
    assert (opened.status_code, opened.headers["location"]) == (303, f"/dossiers?{QUERY}")
    assert client.get("/dossiers?annee=2026").status_code == 200
    site.post(client, f"/dossiers/vues/{second.id}/suppression", version=second.version)
    assert [each.name for each in views(site)] == ["Mes retards !"]
    assert client.get("/dossiers").status_code == 200


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("name", "said"),
    [("", "à renseigner"), ("x" * 81, "au plus 80 signes"), ("MES  retards", "déjà une nommée")],
)
def test_a_refused_name_is_kept_with_its_view(site: Site, name: str, said: str) -> None:
    save(site, site.world.instructor)
    client = site.client(site.world.instructor)
    answer = site.post(client, "/dossiers/vues", name=name, query=QUERY, shared="on")
    assert answer.status_code == 422
    assert said in answer.text
    assert f'name="query" value="{QUERY.replace("&", "&amp;")}"' in answer.text
    assert 'name="shared" value="on" checked' in answer.text
    assert len(views(site)) == 1


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_nobody_changes_the_view_of_another(site: Site) -> None:
    view = save(site, site.world.instructor, shared="on")
    for person in (site.world.colleague, site.world.stranger):
        client = site.client(person)
        assert site.post(client, f"/dossiers/vues/{view.id}", name="Pris").status_code == 404
        assert site.post(client, f"/dossiers/vues/{view.id}/suppression").status_code == 404
    stale = site.post(
        site.client(site.world.instructor), f"/dossiers/vues/{view.id}", name="Neuf", version=99
    )
    assert stale.status_code == 409
    assert [each.name for each in views(site)] == ["Mes retards"]
