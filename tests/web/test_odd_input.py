# SPDX-License-Identifier: EUPL-1.2
"""What one engine takes and the other refuses, and addresses refused before their route: a page, never a fault."""

import pytest
from sqlalchemy import create_engine

from app.bootstrap import Application
from tests.web.conftest import Site
from tests.workflow.journey import at
from web.forms import LONGEST, Typed
from web.sessions import form_token
from workflow.errors import InvalidInputError

one_engine = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def test_a_sign_that_postgresql_refuses_is_left_out_of_the_search_of_porteurs(site: Site) -> None:
    found = site.client(site.world.secretary).get("/demandes/nouvelle", params={"q": "Ateliers\x00"})
    assert found.status_code == 200
    assert "Les Ateliers du Pont" in found.text


@one_engine
def test_an_old_form_at_an_address_that_is_no_number_is_refused_and_not_shown_again(site: Site) -> None:
    for path in ("/dossiers/é/actions/submit", "/dossiers/²/pieces", "/seances/x/presences"):
        assert site.client(site.world.secretary).post(path, data={"jeton": "old"}).status_code == 403


@one_engine
@pytest.mark.parametrize("token", ["é", "\x00", "x" * 30_000, "😀"])
def test_a_token_that_is_none_is_refused(site: Site, token: str) -> None:
    dossier = at(site.world, "draft").dossier
    client = site.client(site.world.secretary)
    sent = client.post(f"/dossiers/{dossier.id}/echanges", data={"jeton": token, "text": "Bonjour"})
    assert sent.status_code in (403, 422) and "Bonjour" in sent.text


@one_engine
@pytest.mark.parametrize(
    "charset", ["unicode_escape", "undefined", "punycode", "utf-16", "raw_unicode_escape"]
)
def test_a_form_of_another_alphabet_is_refused(site: Site, charset: str) -> None:
    dossier = at(site.world, "draft").dossier
    client = site.client(site.world.secretary)
    fields = {"jeton": form_token(client.cookies["session"]), "text": r"a \ud800"}
    parts = "".join(
        f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{text}\r\n'
        for name, text in fields.items()
    )
    kind = f"multipart/form-data; boundary=b; charset={charset}"
    sent = client.post(
        f"/dossiers/{dossier.id}/echanges",
        content=f"{parts}--b--\r\n".encode(),
        headers={"content-type": kind},
    )
    assert sent.status_code == 400 and "Demande illisible" in sent.text


@pytest.mark.parametrize("values", [("a", "\x00"), ("x" * (LONGEST + 1),), ("x" * 9_000,) * 3])
def test_ticked_values_are_read_as_carefully_as_a_text(values: tuple[str, ...]) -> None:
    with pytest.raises(InvalidInputError, match="trop long"):
        Typed({"keep": values}).texts("keep")


def test_ticked_values_are_trimmed_and_empty_ones_left_out() -> None:
    assert Typed({"keep": (" a ", "", "b")}).texts("keep") == ["a", "b"]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_server_without_a_connection_left_says_that_it_is_busy(site: Site) -> None:
    client = site.client(site.world.secretary)
    engine = create_engine(site.application.engine.url, pool_size=1, max_overflow=0, pool_timeout=0)
    site.web.state.application = Application(site.application.config, engine)
    with engine.connect():
        busy = client.get("/dossiers")
    assert busy.status_code == 503 and "Service momentanément occupé" in busy.text
    engine.dispose()
