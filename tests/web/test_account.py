# SPDX-License-Identifier: EUPL-1.2
"""One's own account: sessions shown and ended, the password changed by whoever knows it, idle and absolute expiry."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app.passwords import hash_password, is_right_password
from tests.web.conftest import Site
from web.sessions import IDLE, LASTS, SEEN_EVERY
from workflow.models import LoginSession, Person, SignInFailure

one_engine = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
GOOD, NEW = "correct-horse-battery", "une phrase assez longue"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"


def sessions(site: Site) -> int:
    with site.application.read() as db:
        return db.scalar(select(func.count(LoginSession.id))) or 0


@one_engine
def test_the_account_shows_mandates_and_sessions(site: Site) -> None:
    site.world.instructor.password_hash = hash_password(GOOD)
    site.world.db.commit()
    browser = site.anonymous()
    browser.headers["user-agent"] = FIREFOX
    browser.post("/connexion", data={"email": "instruction@etat.test", "password": GOOD})
    other = site.client(site.world.instructor)
    page = browser.get("/compte").text
    assert "instructeur" in page and "État" in page
    assert "Firefox, Windows" in page and page.count("celle-ci") == 1
    assert other.get("/compte").status_code == 200


def test_one_session_or_all_the_others_are_ended(site: Site) -> None:
    mine, lost, third = (site.client(site.world.instructor) for _ in range(3))
    stranger = site.client(site.world.pilot)
    with site.application.read() as db:
        numbers = db.scalars(select(LoginSession.id).order_by(LoginSession.id)).all()
    assert site.post(mine, f"/compte/sessions/{numbers[1]}/fin").status_code == 200
    assert lost.get("/compte").url.path == "/connexion"
    assert site.post(stranger, f"/compte/sessions/{numbers[2]}/fin").status_code == 404
    assert third.get("/compte").status_code == 200

    site.post(mine, "/compte/sessions/autres")
    assert third.get("/compte").url.path == "/connexion"
    assert mine.get("/compte").url.path == "/compte" and stranger.get("/compte").url.path == "/compte"


@one_engine
def test_changing_the_password_asks_for_it_and_ends_the_others(site: Site) -> None:
    site.world.instructor.password_hash = hash_password(GOOD)
    mine, other = site.client(site.world.instructor), site.client(site.world.instructor)
    form = {"current": GOOD, "password": NEW, "again": NEW}
    for change, said in (
        ({"current": "non"}, "Mot de passe actuel"),
        ({"password": "court", "again": "court"}, "trop court"),
        ({"again": "autre chose, longue"}, "diffèrent"),
    ):
        refused = site.post(mine, "/compte/mot-de-passe", **form | change)
        assert refused.status_code == 422 and said in refused.text and 'aria-invalid="true"' in refused.text
    assert sessions(site) == 2

    assert "Mot de passe changé" in site.post(mine, "/compte/mot-de-passe", **form).text
    assert other.get("/compte").url.path == "/connexion"
    with site.application.read() as db:
        assert is_right_password(db.get_one(Person, site.world.instructor.id).password_hash, NEW)


def test_guessing_the_present_password_is_slowed_down(site: Site) -> None:
    client = site.client(site.world.instructor)
    throttle = site.web.state.throttle
    for _ in range(8):
        throttle.failed("testclient", "instruction@etat.test")
    form = {"current": "non", "password": NEW, "again": NEW}
    assert site.post(client, "/compte/mot-de-passe", **form).status_code == 429


def test_failures_are_kept_in_the_database_without_any_address(site: Site) -> None:
    site.world.db.commit()
    site.anonymous().post("/connexion", data={"email": "instruction@etat.test", "password": "non"})
    with site.application.read() as db:
        names = db.scalars(select(SignInFailure.name)).all()
    assert len(names) == 2 and not any("etat" in name for name in names)


def test_an_idle_session_ends_and_a_used_one_lasts_until_its_term(site: Site) -> None:
    idle, used = site.client(site.world.instructor), site.client(site.world.pilot)
    begun = site.application.moment
    while site.application.moment < begun + LASTS - IDLE / 2:
        site.application.moment += IDLE / 2
        assert used.get("/compte").url.path == "/compte"
    assert idle.get("/compte").url.path == "/connexion"
    site.application.moment = begun + LASTS
    assert used.get("/compte").url.path == "/connexion"


@one_engine
def test_being_seen_is_written_once_in_a_while(site: Site) -> None:
    client = site.client(site.world.instructor)
    begun = site.application.moment
    site.application.moment += SEEN_EVERY - timedelta(seconds=1)
    client.get("/compte")
    with site.application.read() as db:
        assert db.scalars(select(LoginSession.seen_at)).one() == begun
    site.application.moment += timedelta(seconds=1)
    client.get("/compte")
    with site.application.read() as db:
        assert db.scalars(select(LoginSession.seen_at)).one() == begun + SEEN_EVERY


def test_a_tampered_cookie_leads_to_the_door(site: Site) -> None:
    client = site.client(site.world.instructor)
    token = client.cookies["session"]
    for wrong in (token[:-1], token + "x", "é\x01", "' OR 1=1", "x" * 4000):
        sent = [(b"cookie", f"session={wrong}".encode("latin-1"))]
        answer = site.anonymous(follow=False).get("/dossiers", headers=sent)
        assert (answer.status_code, answer.headers["location"]) == (303, "/connexion?suite=/dossiers")
