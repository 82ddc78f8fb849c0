# SPDX-License-Identifier: EUPL-1.2
"""Signing in by a link: a button on its page, once, for a quarter of an hour; nobody learns who has an account."""

import re
from datetime import timedelta
from email import message_from_bytes, policy

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

from app.personal_links import PER_HOUR, forget_links
from tests.web.conftest import Site
from workflow.models import LoginSession, Message, Person, PersonalLink

one_engine = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def ask(site: Site, email: str, **form: str) -> str:
    site.world.db.commit()
    return site.anonymous().post("/connexion/lien", data={"email": email, **form}).text


def read(db: Session, kind: str) -> list[Message]:
    """With their text, which is read apart."""
    query = select(Message).where(Message.kind == kind).options(undefer(Message.body))
    return list(db.scalars(query.order_by(Message.id)))


def messages(site: Site) -> list[Message]:
    with site.application.read() as db:
        return read(db, "sign_in_link")


def path_in(message: Message) -> str:
    text = message_from_bytes(message.body, policy=policy.default).get_body(("plain",)).get_content()
    found = re.search(r"/connexion/lien/\S+", text)
    assert found is not None
    return found.group(0)


def test_opening_the_link_signs_nobody_in_and_its_button_does_once(site: Site) -> None:
    assert "Si cette adresse a un compte" in ask(site, "Instruction@etat.test", suite="/seances")
    path = path_in(messages(site)[0])
    browser = site.anonymous()
    for _ in range(2):  # a mail scanner uses nothing up
        page = browser.get(path)
        assert "Me connecter" in page.text and "instruction@etat.test" in page.text
    assert "session" not in browser.cookies
    assert 'name="suite" value="/seances"' in page.text

    entered = browser.post(path.partition("?")[0], data={"suite": "/seances"})
    assert entered.url.path == "/seances" and "Inès Instructrice" in entered.text
    with site.application.read() as db:
        assert db.scalars(select(LoginSession.means)).all() == ["link"]
        (kept,) = db.scalars(select(PersonalLink.token_hash)).all()
    assert kept not in path
    assert site.anonymous().post(path.partition("?")[0]).status_code == 410
    assert site.anonymous().get(path).status_code == 410


def test_a_link_expires_and_its_message_is_emptied(site: Site) -> None:
    ask(site, "instruction@etat.test")
    path = path_in(messages(site)[0])
    site.application.moment += timedelta(minutes=15)

    assert site.anonymous().get(path).status_code == 410
    assert site.anonymous().post(path).status_code == 410
    site.application.moment += timedelta(seconds=1)
    with site.application.write() as db:
        forget_links(db, site.application.now())
    assert messages(site)[0].body == b""


@one_engine
def test_an_unknown_or_closed_account_gets_the_same_answer_and_no_message(site: Site) -> None:
    site.world.colleague.is_active = False
    known, unknown, closed = (
        ask(site, email) for email in ("instruction@etat.test", "qui@etat.test", "collegue@region.test")
    )
    assert known == unknown == closed
    assert len(messages(site)) == 1


def test_links_are_rationed(site: Site) -> None:
    for _ in range(PER_HOUR + 1):
        ask(site, "instruction@etat.test")
    assert len(messages(site)) == PER_HOUR
    for _ in range(8):
        answer = site.anonymous().post("/connexion/lien", data={"email": "instruction@etat.test"})
    assert answer.status_code == 429 and 0 < int(answer.headers["retry-after"]) <= 900
    assert "Trop d’essais" in answer.text and "instruction@etat.test" in answer.text


@one_engine
def test_a_link_to_choose_a_password_is_no_link_to_sign_in(site: Site) -> None:
    site.world.db.commit()
    site.anonymous().post("/mot-de-passe", data={"email": "instruction@etat.test"})
    with site.application.read() as db:
        (message,) = read(db, "password_link")
    text = message_from_bytes(message.body, policy=policy.default).get_body(("plain",)).get_content()
    token = re.search(r"/mot-de-passe/(\S+)", text).group(1)  # type: ignore[union-attr]
    assert site.anonymous().post(f"/connexion/lien/{token}").status_code == 410


@one_engine
def test_a_closed_account_no_longer_uses_its_link(site: Site) -> None:
    ask(site, "instruction@etat.test")
    path = path_in(messages(site)[0])
    with site.application.write() as db:
        db.get_one(Person, site.world.instructor.id).is_active = False
    assert site.anonymous().post(path).status_code == 410


@one_engine
def test_guessing_links_is_slowed_down(site: Site) -> None:
    site.world.db.commit()
    browser = site.anonymous()
    answers = [browser.post("/connexion/lien/faux").status_code for _ in range(42)]
    assert answers[:40] == [410] * 40 and answers[-1] == 429
