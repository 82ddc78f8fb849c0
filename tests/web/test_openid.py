# SPDX-License-Identifier: EUPL-1.2
"""Signing in by OpenID Connect against real providers: a plain one, and one that signs userinfo as ProConnect does."""

import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from pydantic import SecretStr
from sqlalchemy import Engine, func, select
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.testclient import TestClient

from app.openid.sign_in import providers_of
from tests.factories import NOW
from tests.factories.people import SIRETS
from tests.factories.world import World
from tests.web.conftest import Site
from tests.web.openid_provider import CLIENT, SECRET, SignedProvider, running_provider
from workflow.models import Identity, LoginSession, Mandate, Person

one_engine = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
AGENT = {"sub": "agent-1", "email": "Instruction@etat.test", "siret": SIRETS[1], "given_name": "Inès"}


@pytest.fixture
def provider() -> Iterator[SignedProvider]:
    with running_provider(NOW, dict(AGENT)) as provider:
        yield provider


@pytest.fixture
def site(world: World, engine: Engine, tmp_path: Path, provider: SignedProvider) -> Site:
    return site_with(world, engine, tmp_path, issuer=provider.issuer)


def site_with(world: World, engine: Engine, folder: Path, **changes: Any) -> Site:
    settings = {
        "code": "proconnect",
        "label": "ProConnect",
        "client_id": CLIENT,
        "scopes": ["openid", "given_name", "usual_name", "email", "siret"],
        "acr_values": ["eidas1"],
        "trusts_email": True,
    }
    site = Site(world, engine, folder, openid=[settings | changes])
    site.application.config.read_from(folder, None, (), {"proconnect": SecretStr(SECRET)})
    site.web.state.openid = providers_of(site.application.config)
    world.db.commit()
    return site


def leave(browser: TestClient, wanted: str = "/seances") -> str:
    """Where the browser is sent."""
    answer = browser.get(f"/connexion/openid/proconnect?suite={wanted}", follow_redirects=False)
    assert answer.status_code == 303
    return answer.headers["location"]


def back_from(address: str) -> str:
    """What the provider answers to this browser, once the person is recognised."""
    answer = httpx2.get(address, follow_redirects=False)
    back = urlsplit(answer.headers["location"])
    return f"{back.path}?{back.query}"


def sign_in(site: Site, browser: TestClient | None = None) -> httpx2.Response:
    browser = browser or site.anonymous()
    return browser.get(back_from(leave(browser)))


def count(site: Site, table: type) -> int:
    with site.application.read() as db:
        return db.scalar(select(func.count()).select_from(table)) or 0


def test_two_first_sign_ins_at_once_are_one_identity(site: Site) -> None:
    browsers = [site.anonymous() for _ in range(4)]
    returns = [back_from(leave(browser)) for browser in browsers]
    with ThreadPoolExecutor(4) as at_once:
        answers = at_once.map(lambda browser, back: browser.get(back), browsers, returns)
        assert [answer.status_code for answer in answers] == [200] * 4
    assert count(site, Identity) == 1


@one_engine
def test_the_door_offers_the_provider(site: Site) -> None:
    assert "Se connecter avec ProConnect" in site.anonymous().get("/connexion").text


@one_engine
def test_the_request_carries_pkce_state_nonce_and_level(site: Site, provider: SignedProvider) -> None:
    browser = site.anonymous()
    address = leave(browser)
    asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    assert asked["response_type"] == "code" and asked["code_challenge_method"] == "S256"
    assert asked["acr_values"] == "eidas1" and asked["scope"].startswith("openid ")
    assert asked["redirect_uri"].endswith("/connexion/openid/proconnect/retour")
    assert len({asked["state"], asked["nonce"], asked["code_challenge"]}) == 3
    assert SECRET not in address
    assert urlsplit(address).query != urlsplit(leave(site.anonymous())).query


def test_an_existing_account_enters_and_is_known_by_its_subject_from_then_on(
    site: Site, provider: SignedProvider
) -> None:
    people, mandates = count(site, Person), count(site, Mandate)
    page = sign_in(site)
    assert page.url.path == "/seances" and "Inès Instructrice" in page.text

    provider.person["email"] = "nouvelle-adresse@etat.test"
    assert "Inès Instructrice" in sign_in(site).text
    assert count(site, Identity) == 1
    assert (count(site, Person), count(site, Mandate)) == (people, mandates)  # nobody created, no right given


@one_engine
def test_a_person_without_account_is_told_whom_to_ask(site: Site, provider: SignedProvider) -> None:
    provider.person["email"] = "inconnue@ailleurs.test"
    page = sign_in(site)
    assert page.status_code == 403
    assert "inconnue@ailleurs.test" in page.text and "l’administrateur du contrat" in page.text
    assert (count(site, LoginSession), count(site, Identity)) == (0, 0)


@one_engine
def test_a_closed_account_does_not_enter(site: Site) -> None:
    sign_in(site)
    with site.application.write() as db:
        db.get_one(Person, site.world.instructor.id).is_active = False
    assert sign_in(site).status_code == 403


def test_an_address_given_to_somebody_else_does_not_give_the_account(
    site: Site, provider: SignedProvider
) -> None:
    sign_in(site)
    provider.person["sub"] = "agent-2"
    assert sign_in(site).status_code == 403
    assert count(site, Identity) == 1


@one_engine
def test_an_address_not_vouched_for_gives_nothing(
    world: World, engine: Engine, tmp_path: Path, provider: SignedProvider
) -> None:
    site = site_with(world, engine, tmp_path, issuer=provider.issuer, trusts_email=False)
    assert sign_in(site).status_code == 403
    provider.person["email_verified"] = "true"  # a word is not the value
    assert sign_in(site).status_code == 403
    provider.person["email_verified"] = True
    assert "Inès Instructrice" in sign_in(site).text


def test_another_organisation_is_told(site: Site, provider: SignedProvider) -> None:
    with site.application.write() as db:
        mandate = db.get_one(Person, site.world.instructor.id).mandates[0]
        mandate.organisation.siret = SIRETS[1]
    assert "autre établissement" not in sign_in(site).text
    provider.person["siret"] = SIRETS[2]
    assert f"SIRET {SIRETS[2]}" in sign_in(site).text


FAULTS: dict[str, tuple[Callable[[SignedProvider], None], int]] = {
    "nonce": (lambda p: setattr(p, "nonce", "autre"), 403),
    "signature": (lambda p: setattr(p, "forges", "id_token"), 403),
    "signature of userinfo": (lambda p: setattr(p, "forges", "userinfo"), 403),
    "audience": (lambda p: setattr(p, "audience", "autre-client"), 403),
    "expired": (lambda p: setattr(p, "token_age", 3600), 403),
    "level": (lambda p: setattr(p, "acr", "eidas0"), 403),
    "no level": (lambda p: setattr(p, "acr", None), 403),
    "subject": (lambda p: setattr(p, "userinfo_subject", "agent-9"), 403),
    "userinfo down": (lambda p: p.answers.update(userinfo=PlainTextResponse("", 503)), 502),
    "userinfo nonsense": (lambda p: p.answers.update(userinfo=PlainTextResponse("<html>")), 502),
    "userinfo list": (lambda p: p.answers.update(userinfo=JSONResponse([])), 502),
}


@one_engine
@pytest.mark.parametrize("fault", FAULTS)
def test_an_answer_that_cannot_be_believed_lets_nobody_in(
    site: Site, provider: SignedProvider, fault: str
) -> None:
    bend, status = FAULTS[fault]
    bend(provider)
    page = sign_in(site)
    assert page.status_code == status
    assert "Connexion impossible" in page.text and "ProConnect" in page.text
    assert count(site, LoginSession) == 0


@one_engine
def test_an_answer_of_another_browser_or_used_twice_is_refused(site: Site) -> None:
    browser, thief = site.anonymous(), site.anonymous()
    back = back_from(leave(browser))
    leave(thief)
    assert thief.get(back).status_code == 400  # another state
    assert site.anonymous().get(back).status_code == 400  # nothing begun here
    assert browser.get(back).url.path == "/seances"
    assert browser.get(back).status_code == 400  # the attempt has served
    assert "Recommencez" in thief.get(back).text


@one_engine
def test_a_code_that_expired_or_served_is_refused(site: Site, provider: SignedProvider) -> None:
    browser = site.anonymous()
    back = back_from(leave(browser))
    provider.codes.clear()
    page = browser.get(back)
    assert page.status_code == 403 and "expiré ou a déjà servi" in page.text


@one_engine
@pytest.mark.parametrize("cookie", ["", "rien", "e30=", "x" * 5000, "\\x00"])
def test_a_tampered_attempt_is_refused(site: Site, cookie: str) -> None:
    browser = site.anonymous()
    back = back_from(leave(browser))
    browser.cookies.clear()
    browser.cookies.set("openid", cookie)
    assert browser.get(back).status_code == 400


@one_engine
def test_a_refusal_by_the_person_is_no_incident(site: Site) -> None:
    browser = site.anonymous()
    state = parse_qs(urlsplit(leave(browser)).query)["state"][0]
    page = browser.get(f"/connexion/openid/proconnect/retour?error=access_denied&state={state}")
    assert page.status_code == 400 and "n’a pas abouti" in page.text


@one_engine
def test_a_provider_that_is_down_is_said_and_the_other_ways_stay(
    world: World, engine: Engine, tmp_path: Path
) -> None:
    with running_provider(NOW, {}) as gone:
        pass
    site = site_with(world, engine, tmp_path, issuer=gone.issuer)
    page = site.anonymous().get("/connexion/openid/proconnect")
    assert page.status_code == 503 and page.headers["retry-after"]
    assert "ProConnect ne répond pas" in page.text and "mot de passe" in page.text


@one_engine
@pytest.mark.parametrize(
    "answer",
    [
        PlainTextResponse("", 500),
        PlainTextResponse("bonjour"),
        JSONResponse({"issuer": "https://autre.test"}),
        JSONResponse({}, 404),
    ],
)
def test_a_provider_that_talks_nonsense_is_said(
    site: Site, provider: SignedProvider, answer: PlainTextResponse
) -> None:
    provider.answers["discovery"] = answer
    page = site.anonymous().get("/connexion/openid/proconnect")
    assert page.status_code == 502 and "réponse inutilisable" in page.text


@one_engine
def test_new_keys_of_the_provider_are_read_again(site: Site, provider: SignedProvider) -> None:
    sign_in(site)
    provider.key = type(provider.key).generate_key("P-256", {"kid": "un", "use": "sig"})
    assert "Inès Instructrice" in sign_in(site).text


@one_engine
def test_signing_out_ends_the_session_there_too(site: Site, provider: SignedProvider) -> None:
    browser = site.anonymous()
    sign_in(site, browser)
    page = site.post(browser, "/deconnexion")
    assert page.status_code == 200 and count(site, LoginSession) == 0
    address = page.text.split('http-equiv="refresh" content="0; url=')[1].split('"')[0].replace("&amp;", "&")
    asked = parse_qs(urlsplit(address).query)
    assert address.startswith(f"{provider.issuer}/logout?")
    assert asked["id_token_hint"][0].count(".") == 2 and asked["state"][0]
    assert asked["post_logout_redirect_uri"] == ["http://127.0.0.1:8000/connexion"]
    assert "Se déconnecter" not in page.text


@one_engine
def test_failures_to_come_back_are_slowed_down(site: Site) -> None:
    browser = site.anonymous()
    answers = [browser.get("/connexion/openid/proconnect/retour?state=x&code=y") for _ in range(41)]
    assert [answer.status_code for answer in answers] == [400] * 40 + [429]
    assert answers[-1].headers["retry-after"] and "Trop d’essais" in answers[-1].text


@one_engine
def test_an_unknown_provider_is_no_page(site: Site) -> None:
    assert site.anonymous().get("/connexion/openid/autre").status_code == 404


@one_engine
def test_a_plain_provider_with_json_userinfo(world: World, engine: Engine, tmp_path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the libraries it is made of
        import oidc_provider_mock as mock

        person = mock.User(sub="7", claims={"email": "instruction@etat.test", "email_verified": True})
        with mock.run_server_in_thread(user_claims=[person]) as server:
            issuer = f"http://localhost:{server.server_port}"
            site = site_with(
                world,
                engine,
                tmp_path,
                issuer=issuer,
                scopes=["openid", "email", "profile"],
                acr_values=[],
                trusts_email=False,
            )
            site.application.moment = datetime.now(UTC)  # its clock is the machine's
            browser = site.anonymous()
            answer = httpx2.post(leave(browser), data={"sub": "7"}, follow_redirects=False)
            back = urlsplit(answer.headers["location"])
            page = browser.get(f"{back.path}?{back.query}")
    assert page.url.path == "/seances" and "Inès Instructrice" in page.text
