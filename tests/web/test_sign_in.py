# SPDX-License-Identifier: EUPL-1.2
"""Signing in and out: same words for every failure, sessions that can be revoked, slowed-down guessing."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select
from starlette.requests import Request

from app.passwords import hash_password
from tests.factories.world import World
from tests.web.conftest import Site
from web.sessions import digest, form_token
from web.throttle import PER_ACCOUNT, Throttle, TooManyAttemptsError, origin_of
from workflow.models import LoginSession

GOOD = "correct-horse-battery"
one_engine = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def with_password(site: Site) -> Site:
    site.world.instructor.password_hash = hash_password(GOOD)
    site.world.db.commit()
    return site


def test_home_unsigned_ends_on_the_french_sign_in_page(site: Site) -> None:
    page = site.anonymous().get("/")
    assert page.status_code == 200
    assert '<html lang="fr">' in page.text
    assert "Se connecter" in page.text


def test_right_password_opens_the_day(with_password: Site) -> None:
    client = with_password.anonymous()
    page = client.post("/connexion", data={"email": "Instruction@etat.test ", "password": GOOD})
    assert page.status_code == 200
    assert page.url.path == "/journee"
    assert "Inès Instructrice" in page.text
    with with_password.application.read() as db:
        stored = db.scalars(select(LoginSession.token_hash)).one()
    assert stored == digest(client.cookies["session"])


@one_engine
def test_cookie_is_out_of_reach(with_password: Site) -> None:
    answer = with_password.anonymous(follow=False).post(
        "/connexion", data={"email": "instruction@etat.test", "password": GOOD}
    )
    cookie = answer.headers["set-cookie"]
    assert answer.status_code == 303
    assert "HttpOnly" in cookie and "SameSite=lax" in cookie


@one_engine
def test_cookie_is_bound_to_the_host_over_https(world: World, engine: Engine, tmp_path: Path) -> None:
    site = Site(world, engine, tmp_path, base_address="https://coinstruction.exemple.fr")
    site.world.instructor.password_hash = hash_password(GOOD)
    site.world.db.commit()
    form = {"email": "instruction@etat.test", "password": GOOD}
    answer = site.anonymous(follow=False).post("/connexion", data=form)
    assert answer.headers["set-cookie"].startswith("__Host-session=")
    assert "Secure" in answer.headers["set-cookie"] and "strict-transport-security" in answer.headers


@one_engine
def test_every_failure_says_the_same(with_password: Site) -> None:
    client = with_password.anonymous()
    wrong = client.post("/connexion", data={"email": "instruction@etat.test", "password": "non"})
    unknown = client.post("/connexion", data={"email": "personne@etat.test", "password": "non"})
    without = client.post("/connexion", data={"email": "pilote@epci.test", "password": "non"})
    assert [page.status_code for page in (wrong, unknown, without)] == [422, 422, 422]
    said = "Adresse électronique ou mot de passe incorrect."
    assert all(said in page.text for page in (wrong, unknown, without))
    assert "instruction@etat.test" in wrong.text  # what was typed is kept


@one_engine
def test_guessing_is_slowed_down(with_password: Site) -> None:
    client = with_password.anonymous()
    throttle = with_password.web.state.throttle
    for _ in range(PER_ACCOUNT):
        throttle.failed("testclient", "instruction@etat.test")
    page = client.post("/connexion", data={"email": "instruction@etat.test", "password": GOOD})
    assert page.status_code == 429
    assert "Trop d’essais" in page.text and "instruction@etat.test" in page.text
    assert 0 < int(page.headers["retry-after"]) <= 900


@one_engine
def test_failures_outlive_a_restart_and_the_quarter_of_an_hour_frees(with_password: Site) -> None:
    for _ in range(PER_ACCOUNT):
        with_password.web.state.throttle.failed("192.0.2.1", "instruction@etat.test")
    restarted = Throttle(with_password.application)
    with pytest.raises(TooManyAttemptsError):
        restarted.check("192.0.2.2", "instruction@etat.test")
    restarted.check("192.0.2.1", "pilote@epci.test")  # eight failures do not close an address
    with_password.application.moment += timedelta(minutes=15)
    restarted.check("192.0.2.2", "instruction@etat.test")


@one_engine
def test_success_forgets_the_failures_of_the_account(with_password: Site) -> None:
    client = with_password.anonymous()
    for _ in range(PER_ACCOUNT - 1):
        with_password.web.state.throttle.failed("testclient", "instruction@etat.test")
    form = {"email": "instruction@etat.test", "password": GOOD}
    assert client.post("/connexion", data=form).url.path == "/journee"
    assert (
        client.post("/deconnexion", data={"jeton": form_token(client.cookies["session"])}).status_code == 200
    )
    assert client.post("/connexion", data=form | {"password": "non"}).status_code == 422


@pytest.mark.parametrize(
    ("client", "address"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:aaaa::1", "2001:db8:1:2::"),
        ("::ffff:192.0.2.7", "::ffff:192.0.2.7"),
        ("testclient", "testclient"),
    ],
)
def test_a_line_is_counted_whole(client: str, address: str) -> None:
    request = Request({"type": "http", "client": (client, 1), "headers": []})
    assert origin_of(request) == address


def test_signing_out_ends_the_session(site: Site) -> None:
    client = site.client(site.world.instructor)
    token = client.cookies["session"]
    site.post(client, "/deconnexion")
    with site.application.read() as db:
        assert db.scalar(select(func.count(LoginSession.id))) == 0
    client.cookies.set("session", token)
    assert client.get("/dossiers").url.path == "/connexion"


@one_engine
@pytest.mark.parametrize(
    "wanted", ["https://mechant.test/", "//mechant.test", "/\\mechant.test", "javascript:1"]
)
def test_sign_in_never_leads_elsewhere(with_password: Site, wanted: str) -> None:
    form = {"email": "instruction@etat.test", "password": GOOD, "suite": wanted}
    answer = with_password.anonymous(follow=False).post("/connexion", data=form)
    assert answer.headers["location"] == "/"


@one_engine
def test_sign_in_leads_back_to_the_page_wanted(site: Site) -> None:
    site.world.db.commit()
    page = site.anonymous().get("/dossiers?annee=2026&retard=oui")
    assert page.url.path == "/connexion"
    assert 'name="suite" value="/dossiers?annee=2026&amp;retard=oui"' in page.text
