# SPDX-License-Identifier: EUPL-1.2
"""The thread: both sides write, an internal note never reaches the porteur anywhere, one's own words are corrected a while."""

import json
from datetime import timedelta
from email import message_from_bytes
from email.policy import default

import pytest
from httpx2 import Response
from sqlalchemy import select
from starlette.testclient import TestClient

from app.dossier_json import dossier_detail
from notifications.due.digest import write_digests
from notifications.planner import plan_all
from tests.factories.files import PDF
from tests.factories.people import give_mandate
from tests.notifications.scenes import MAIL
from tests.web.conftest import Site
from tests.workflow.journey import at
from web.sessions import form_token
from workflow.models import Dossier, Exchange, Message, Notice
from workflow.queries import get_dossier
from workflow.stages import Role

one_engine = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
SECRET = "Le trésorier nous inquiète, à vérifier."


def write(
    client: TestClient, dossier: Dossier, audience: str, text: str, file: tuple[str, bytes] | None = None
) -> Response:
    data = {"jeton": form_token(client.cookies["session"]), "audience": audience, "text": text}
    files = {"file": (*file, "x/y")} if file else None
    return client.post(f"/dossiers/{dossier.id}/echanges", data=data, files=files)


def thread(site: Site) -> list[Exchange]:
    with site.application.read() as db:
        return list(db.scalars(select(Exchange).order_by(Exchange.id)))


def mails(site: Site) -> list[Message]:
    """Every message that leaves once the worker has planned and written the digests."""
    plan_all(site.application.write, site.application.now, MAIL)
    write_digests(site.application.write, site.world.contract.id, site.application.now, MAIL)
    with site.application.read() as db:
        found = list(db.scalars(select(Message).order_by(Message.id)))
        assert all(message.body or message.state == "skipped" for message in found)
        return found


def words(message: Message) -> str:
    parsed = message_from_bytes(message.body, policy=default)
    return "".join(str(part.get_content()) for part in parsed.walk() if part.get_content_maintype() == "text")


def test_a_message_to_the_porteur_is_read_by_both_and_sent_at_once(site: Site) -> None:
    dossier = at(site.world, "co_instruction").dossier
    page = write(site.client(site.world.instructor), dossier, "porteur", "Combien d’enfants du quartier ?")
    assert page.status_code == 200 and page.url.path == f"/dossiers/{dossier.id}/echanges"
    assert "Message envoyé." in page.text
    bearer = site.client(site.world.bearer)
    assert "Combien d’enfants du quartier ?" in bearer.get(f"/dossiers/{dossier.id}").text
    assert "Répondre à l’instruction" in bearer.get(f"/dossiers/{dossier.id}").text
    told = [message for message in mails(site) if message.kind == "porteur_message"]
    assert [message.recipient for message in told] == ["contact@ateliers.test"]
    assert "Combien d’enfants du quartier ?" in words(told[0])
    assert f"https://ville.test/dossiers/{dossier.id}/echanges" in words(told[0])


def test_the_porteur_answers_and_who_leads_learns_it_in_the_digest(site: Site) -> None:
    dossier = at(site.world, "co_instruction").dossier
    write(site.client(site.world.bearer), dossier, "porteur", "Une trentaine.")
    inside = site.client(site.world.instructor).get(f"/dossiers/{dossier.id}").text
    assert "Une trentaine." in inside and "Répondre au porteur" in inside
    mails(site)
    with site.application.read() as db:
        news = db.scalars(select(Notice).where(Notice.kind == "news_from_porteur")).all()
        assert [(one.person_id, one.state) for one in news] == [(site.world.instructor.id, "told")]


def test_before_dispatch_the_organisers_learn_what_the_porteur_writes(site: Site) -> None:
    dossier = at(site.world, "submitted").dossier
    write(site.client(site.world.bearer), dossier, "porteur", "Bonjour")
    mails(site)
    with site.application.read() as db:
        news = db.scalars(select(Notice.person_id).where(Notice.kind == "news_from_porteur")).all()
    assert set(news) == {site.world.secretary.id, site.world.pilot.id}


def test_an_internal_note_never_reaches_the_porteur(site: Site) -> None:
    dossier = at(site.world, "co_instruction").dossier
    noted = write(
        site.client(site.world.financers["caf"]), dossier, "internal", SECRET, ("avis-interne.pdf", PDF)
    )
    assert SECRET in noted.text
    assert SECRET in site.client(site.world.instructor).get(f"/dossiers/{dossier.id}").text
    note = thread(site)[0]
    bearer = site.client(site.world.bearer)
    for path in ("", "/echanges", "/pieces", "/completer", "/actions/withdraw"):
        page = bearer.get(f"/dossiers/{dossier.id}{path}")
        assert SECRET not in page.text and "avis-interne" not in page.text
        assert "note interne" not in page.text and "Note interne" not in page.text
    assert bearer.get(f"/dossiers/{dossier.id}/echanges/{note.id}/piece").status_code == 404
    answer = site.post(bearer, f"/dossiers/{dossier.id}/echanges/{note.id}", text="Effacé")
    assert answer.status_code == 404
    for message in mails(site):
        assert SECRET not in words(message)
        assert message.person_id is not None or message.kind not in ("porteur_message", "digest")
        assert message.recipient != "contact@ateliers.test" or message.kind != "porteur_message"
    with site.application.read() as db:
        found = get_dossier(db, dossier.id)
        assert SECRET not in json.dumps(dossier_detail(db, found, site.application.now()), default=str)


def test_the_porteur_cannot_write_an_internal_note_even_with_another_mandate(site: Site) -> None:
    dossier = at(site.world, "co_instruction").dossier
    world = site.world
    assert write(site.client(world.bearer), dossier, "internal", "Coucou").status_code == 403
    give_mandate(
        world.db, world.bearer, Role.MEMBER, world.organisations["epci"], world.contract, body="comite"
    )
    write(site.client(world.instructor), dossier, "internal", SECRET)
    both = site.client(world.bearer)
    assert SECRET not in both.get(f"/dossiers/{dossier.id}").text
    assert SECRET not in both.get(f"/dossiers/{dossier.id}/echanges").text
    assert write(both, dossier, "internal", "Coucou").status_code == 403
    assert [message.text for message in thread(site)] == [SECRET]


def test_a_document_joined_is_read_by_the_other_side(site: Site) -> None:
    dossier = at(site.world, "co_instruction").dossier
    write(site.client(site.world.bearer), dossier, "porteur", "Le voici", ("devis.pdf", PDF))
    page = site.client(site.world.colleague).get(f"/dossiers/{dossier.id}/echanges")
    assert "devis.pdf" in page.text
    sent = site.client(site.world.colleague).get(
        f"/dossiers/{dossier.id}/echanges/{thread(site)[0].id}/piece"
    )
    assert sent.content == PDF and "attachment" in sent.headers["content-disposition"]
    refused = write(site.client(site.world.bearer), dossier, "porteur", "Ceci", ("devis.pdf", b"MZ\x00\x01"))
    assert refused.status_code == 415 and ">Ceci</textarea>" in refused.text


def test_the_same_words_sent_twice_are_one_message(site: Site) -> None:
    dossier = at(site.world, "co_instruction").dossier
    client = site.client(site.world.instructor)
    for _ in range(2):
        page = write(client, dossier, "porteur", "Bonjour")
    assert "ne l’a pas été deux fois" in page.text
    assert len(thread(site)) == 1


def test_one_s_own_message_is_corrected_a_quarter_of_an_hour(site: Site) -> None:
    dossier = at(site.world, "co_instruction").dossier
    client = site.client(site.world.instructor)
    write(client, dossier, "porteur", "Combien d’enfant ?")
    path = f"/dossiers/{dossier.id}/echanges/{thread(site)[0].id}"
    assert site.post(site.client(site.world.pilot), path, text="Autre").status_code == 403
    empty = site.post(client, path, text="")
    assert empty.status_code == 422 and "Message : à écrire." in empty.text
    page = site.post(client, path, text="Combien d’enfants ?")
    assert "· corrigé le" in page.text
    site.application.moment = site.application.moment + timedelta(minutes=16)
    late = site.post(client, path, text="Trop tard")
    assert late.status_code == 409 and "se corrige pendant 15 minutes" in late.text
    assert [message.text for message in thread(site)] == ["Combien d’enfants ?"]


@one_engine
def test_what_cannot_be_written_is_kept_and_told(site: Site) -> None:
    dossier = at(site.world, "co_instruction").dossier
    client = site.client(site.world.instructor)
    assert write(client, dossier, "porteur", "  ").status_code == 422
    long = write(client, dossier, "porteur", "x" * 5_001)
    assert long.status_code == 422 and "5000 signes au plus" in long.text and "x" * 5_001 in long.text
    assert write(client, dossier, "tous", "Bonjour").status_code == 422
    citizen = write(site.client(site.world.citizen), dossier, "porteur", "Bonjour")
    assert citizen.status_code == 403
