# SPDX-License-Identifier: EUPL-1.2
"""A password is chosen by a link sent to one's address: once, for an hour, never twice, and nobody else reads it."""

import re
from datetime import timedelta
from email import message_from_bytes, policy

import pytest
from sqlalchemy import select

from app.passwords import is_right_password
from app.personal_links import PER_HOUR, forget_links
from tests.web.conftest import Site
from workflow.models import LoginSession, Message, Person, PersonalLink

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
CHOSEN = "un mot de passe bien long"


def ask(site: Site, email: str) -> str:
    site.world.db.commit()
    return site.anonymous().post("/mot-de-passe", data={"email": email}).text


def messages(site: Site) -> list[Message]:
    with site.application.read() as db:
        rows = db.scalars(select(Message).where(Message.kind == "password_link").order_by(Message.id)).all()
        return [row for row in rows if row.body is not None]


def path_in(message: Message) -> str:
    text = message_from_bytes(message.body, policy=policy.default).get_body(("plain",)).get_content()
    found = re.search(r"/mot-de-passe/\S+", text)
    assert found is not None
    return found.group(0)


def choose(site: Site, path: str, password: str = CHOSEN, again: str | None = None) -> tuple[int, str]:
    answer = site.anonymous().post(
        path, data={"password": password, "again": password if again is None else again}
    )
    return answer.status_code, answer.text


def test_a_link_chooses_the_password_once_and_closes_the_sessions(site: Site) -> None:
    person = site.world.instructor
    site.client(person)
    assert "Si cette adresse a un compte" in ask(site, "Instruction@etat.test")
    (message,) = messages(site)
    path = path_in(message)
    with site.application.read() as db:
        (link,) = db.scalars(select(PersonalLink)).all()
        assert link.token_hash not in path
        assert path.rpartition("/")[2] not in link.token_hash
    for _ in range(2):  # a scanner that opens the link uses nothing up
        assert "Choisir mon mot de passe" in site.anonymous().get(path).text

    assert choose(site, path, "court")[0] == 422
    assert choose(site, path, CHOSEN, "autre chose, longue")[0] == 422
    assert "Votre mot de passe est choisi" in choose(site, path)[1]

    with site.application.read() as db:
        assert is_right_password(db.get_one(Person, person.id).password_hash, CHOSEN)
        assert db.scalars(select(LoginSession)).all() == []
    assert choose(site, path)[0] == 410
    assert site.anonymous().get(path).status_code == 410


def test_a_link_expires_and_its_message_is_emptied(site: Site) -> None:
    ask(site, "instruction@etat.test")
    path = path_in(messages(site)[0])
    site.application.moment += timedelta(minutes=61)

    assert site.anonymous().get(path).status_code == 410
    assert choose(site, path)[0] == 410
    with site.application.write() as db:
        forget_links(db, site.application.now())
    (row,) = messages(site)
    assert (row.state, row.reason, row.body) == ("skipped", "lien expiré avant l’envoi", b"")


def test_links_are_rationed_and_an_unknown_address_gets_the_same_answer(site: Site) -> None:
    known = [ask(site, "instruction@etat.test") for _ in range(PER_HOUR + 2)][-1]
    unknown = ask(site, "personne@ailleurs.test")

    assert len(messages(site)) == PER_HOUR
    assert known == unknown
    for _ in range(10):
        last = ask(site, "instruction@etat.test")
    assert "Trop d’essais" in last


def test_an_older_link_no_longer_serves_once_one_was_used(site: Site) -> None:
    for _ in range(2):
        ask(site, "instruction@etat.test")
    first, second = (path_in(message) for message in messages(site))

    assert choose(site, second)[0] == 200
    assert choose(site, first)[0] == 410


def test_nobody_reads_a_link_on_the_page_of_messages(site: Site) -> None:
    ask(site, "instruction@etat.test")
    (message,) = messages(site)

    page = site.client(site.world.secretary).get(f"/messages/{message.id}").text

    assert "réservé à son destinataire" in page
    assert path_in(message) not in page
