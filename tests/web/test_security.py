# SPDX-License-Identifier: EUPL-1.2
"""Headers, forged forms, foreign sites, enormous bodies, and errors that say nothing to strangers."""

import pytest

from tests.web.conftest import Site
from tests.workflow.journey import at

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def test_every_answer_carries_the_safety_headers(site: Site) -> None:
    client = site.client(site.world.instructor)
    for path in ("/dossiers", "/connexion", "/nimporte", "/static/app.css", "/healthz"):
        headers = client.get(path).headers
        policy = headers["content-security-policy"]
        assert "frame-ancestors 'none'" in policy and "unsafe-inline" not in policy
        assert headers["x-content-type-options"] == "nosniff"


def test_no_page_has_inline_script_or_style(site: Site) -> None:
    dossier = at(site.world, "commitment").dossier
    client = site.client(site.world.secretary)
    for path in ("/dossiers", f"/dossiers/{dossier.id}", "/seances", "/programme", "/regles"):
        text = client.get(path).text
        assert " style=" not in text and "<style" not in text and " onclick" not in text
        assert "http://" not in text.replace("http://www.w3.org/", "")


def test_a_form_without_its_token_is_refused(site: Site) -> None:
    dossier = at(site.world, "submitted").dossier
    client = site.client(site.world.instructor)
    path = f"/dossiers/{dossier.id}/actions/declare_admissible"
    assert client.post(path, data={}).status_code == 403
    assert client.post(path, data={"jeton": "faux"}).status_code == 403
    assert site.dossier(dossier).stage == "submitted"


@pytest.mark.parametrize(
    "headers", [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://mechant.test"}, {"Origin": "null"}]
)
def test_a_form_from_another_site_is_refused(site: Site, headers: dict[str, str]) -> None:
    client = site.client(site.world.instructor)
    client.headers.update(headers)
    assert site.post(client, "/deconnexion").status_code == 403


def test_an_enormous_form_is_refused(site: Site) -> None:
    client = site.client(site.world.instructor)
    assert site.post(client, "/deconnexion", filler="x" * 2_100_000).status_code == 413
    dossier = at(site.world, "co_instruction").dossier
    client = site.client(site.world.citizen)
    long = site.post(client, f"/dossiers/{dossier.id}/conseil-citoyen", text="x" * 30_000)
    assert long.status_code == 422


def test_an_unexpected_error_shows_no_trace(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    client = site.client(site.world.instructor)
    monkeypatch.setattr("web.routes.board.board_view", lambda *_: 1 / 0)
    page = client.get("/dossiers")
    assert page.status_code == 500
    assert "Incident technique" in page.text
    assert "ZeroDivisionError" not in page.text and "Traceback" not in page.text
    assert "content-security-policy" in page.headers


@pytest.mark.parametrize(
    "path",
    [
        "/nimporte",
        "/dossiers/abc",
        "/dossiers/0",
        "/dossiers/99999999999999999999",
        "/seances/7",
        "/static/rien.css",
        "/boite/..%2f..%2fetc",
        "/seances/1/synthese.exe",
    ],
)
def test_an_unknown_address_is_a_french_page(site: Site, path: str) -> None:
    page = site.client(site.world.pilot).get(path)
    assert page.status_code == 404
    assert '<html lang="fr">' in page.text
