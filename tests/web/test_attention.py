# SPDX-License-Identifier: EUPL-1.2
"""What changed since one last looked, what is unread in lists, and who is on the dossier now."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine, select

from tests.factories import NOW
from tests.factories.statements import counted
from tests.web.conftest import Site
from tests.workflow.journey import Journey, at
from workflow.attention import note_presence, note_visit, present_on, seen_before, unread_by
from workflow.exchanges import write_message
from workflow.models import Dossier, DossierVisit, Person, Presence
from workflow.permissions import Actor, actor_for

one_engine = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
HOUR = timedelta(hours=1)


def actor(site: Site, person: Person) -> Actor:
    return actor_for(site.world.db, person, NOW.date())


def news(text: str) -> str:
    """The block of the page that tells what changed; empty without one."""
    return text.split('id="nouveau"')[1].split("</section>", maxsplit=1)[0] if 'id="nouveau"' in text else ""


def unread(site: Site, person: Person, *dossiers: Dossier) -> set[int]:
    with site.application.read() as db:
        who = actor_for(db, person, NOW.date())
        unseen = unread_by(who, site.world.contract.id)
        query = select(Dossier.id).where(Dossier.id.in_([one.id for one in dossiers]), unseen)
        return set(db.scalars(query))


def test_a_later_visit_tells_what_others_did_and_marks_it(site: Site) -> None:
    journey = at(site.world, "co_instruction")
    address = f"/dossiers/{journey.dossier.id}"
    client = site.client(site.world.instructor)
    site.application.moment = journey.now
    first = client.get(address).text
    assert news(first) == "" and "dernière visite" not in first
    site.application.moment = journey.now + HOUR
    site.post(client, f"{address}/conseil-citoyen", text="Favorable")  # one's own act is no news
    caf = site.client(site.world.financers["caf"])
    opinion = next(o for o in journey.dossier.opinions if o.organisation.code == "caf")
    site.world.db.commit()
    site.post(caf, f"{address}/avis/{opinion.id}", value="favourable", text="Oui")
    site.post(caf, f"{address}/echanges", audience="internal", text="Vu avec la ville")
    site.application.moment = journey.now + 2 * HOUR
    for _ in range(2):  # read again, the same page says the same
        page = client.get(address).text
        assert "Rendre l’avis" in news(page)
        assert "Vu avec la ville" in news(page) and "Financeur" in news(page)
        assert "conseil citoyen" not in news(page)
        assert page.split('id="historique"')[1].count("nouveau") == 1
    site.application.moment = journey.now + 4 * HOUR
    assert "Rien de nouveau depuis votre dernière visite" in client.get(address).text


def test_a_porteur_is_told_only_of_what_it_may_read(site: Site) -> None:
    journey = at(site.world, "co_instruction")
    address, bearer = f"/dossiers/{journey.dossier.id}", site.client(site.world.bearer)
    site.application.moment = journey.now
    bearer.get(address)
    assert unread(site, site.world.bearer, journey.dossier) == set()
    site.application.moment = journey.now + HOUR
    instructor = site.client(site.world.instructor)
    site.post(instructor, f"{address}/echanges", audience="internal", text="Entre nous")
    site.post(instructor, f"{address}/conseil-citoyen", text="Favorable")
    assert unread(site, site.world.bearer, journey.dossier) == set()
    assert "Rien de nouveau" in bearer.get(address).text
    site.post(instructor, f"{address}/echanges", audience="porteur", text="Pour vous")
    assert unread(site, site.world.bearer, journey.dossier) == {journey.dossier.id}
    page = bearer.get(address).text
    assert "Pour vous" in news(page) and "Entre nous" not in page


def test_the_board_keeps_what_one_has_not_read(site: Site) -> None:
    first, second, third = (at(site.world, "submitted", site.world.dossier()).dossier for _ in range(3))
    world, now = site.world, NOW + HOUR
    me, other = actor(site, world.instructor), actor(site, world.pilot)
    for dossier in (first, second):
        note_visit(world.db, dossier.id, me, now, seq=99, exchange=0)
    write_message(world.db, first, "internal", "Une note", other, now)
    write_message(world.db, second, "internal", "De moi", me, now)
    world.db.commit()
    client = site.client(world.instructor)
    for address in ("/dossiers?annee=toutes&q=nonlu", "/dossiers?annee=toutes&nonlu=oui"):
        page = client.get(address).text
        assert [dossier for dossier in (first, second, third) if dossier.reference in page] == [first, third]
    page = client.get("/dossiers?annee=toutes&q=nonlu -soir").text
    assert "Aucun dossier" in page and "Vouliez-vous dire" not in page
    assert '">nonlu</a> ?' in client.get("/dossiers?q=nonlus").text.replace("\u00a0", " ")


def test_a_page_loaded_late_takes_nothing_back(site: Site) -> None:
    dossier, me = at(site.world, "submitted").dossier, actor(site, site.world.instructor)
    db = site.world.db
    note_visit(db, dossier.id, me, NOW, seq=5, exchange=2)
    note_visit(db, dossier.id, me, NOW + timedelta(minutes=1), seq=4, exchange=1)
    assert seen_before(db, dossier.id, me, NOW + timedelta(minutes=2)).at is None
    later = seen_before(db, dossier.id, me, NOW + HOUR)
    assert (later.seq, later.exchange) == (5, 2)


def test_presence_is_seen_by_agents_for_a_minute(site: Site) -> None:
    dossier = at(site.world, "submitted").dossier
    address = f"/dossiers/{dossier.id}"
    pilot, instructor = site.client(site.world.pilot), site.client(site.world.instructor)
    pilot.get(address)
    said = "Paule Pilote est sur ce dossier depuis 10\u00a0h\u00a000."
    assert said in instructor.get(address).text
    assert "Paule Pilote est sur" not in pilot.get(address).text
    assert "est sur ce dossier" not in site.client(site.world.bearer).get(address).text
    site.application.moment = NOW + timedelta(seconds=50)
    site.post(pilot, f"{address}/presence", doing="synthese")
    site.application.moment = NOW + timedelta(seconds=100)
    page = instructor.get(address).text
    assert "Paule Pilote est sur ce dossier depuis 10\u00a0h\u00a000 et écrit dans la synthèse." in page
    site.application.moment = NOW + timedelta(seconds=115)
    assert "Paule Pilote est sur" not in instructor.get(address).text


def test_the_sign_of_presence_says_what_was_saved_meanwhile(site: Site) -> None:
    dossier = at(site.world, "submitted").dossier
    address = f"/dossiers/{dossier.id}"
    instructor = site.client(site.world.instructor)
    page = instructor.get(address).text
    seq = page.split('name="seq" value="')[1].split('"')[0]
    assert site.post(instructor, f"{address}/presence", seq=seq, known="").status_code == 204
    site.post(site.client(site.world.pilot), f"{address}/actions/declare_admissible")
    answer = site.post(instructor, f"{address}/presence", seq=seq, known="", doing="<b>")
    assert answer.status_code == 200
    assert "Paule Pilote a enregistré : « Déclarer recevable »" in answer.text
    assert "<html" not in answer.text
    with site.application.read() as db:
        assert {row.doing for row in db.scalars(select(Presence))} == {""}


def test_a_porteur_leaves_no_presence_and_sends_none(site: Site) -> None:
    dossier = at(site.world, "submitted").dossier
    bearer = site.client(site.world.bearer)
    bearer.get(f"/dossiers/{dossier.id}")
    assert site.post(bearer, f"/dossiers/{dossier.id}/presence").status_code == 403
    with site.application.read() as db:
        assert db.scalars(select(Presence)).all() == []
        assert len(db.scalars(select(DossierVisit)).all()) == 1


def test_coming_back_after_a_minute_is_arriving(site: Site) -> None:
    dossier = at(site.world, "submitted").dossier
    db, me, other = site.world.db, actor(site, site.world.pilot), actor(site, site.world.instructor)
    for seconds in (0, 40, 80):
        note_presence(db, dossier.id, me, NOW + timedelta(seconds=seconds), "synthese")
    assert [p.since for p in present_on(db, dossier.id, other, NOW + timedelta(seconds=90))] == [NOW]
    back = NOW + timedelta(seconds=200)
    note_presence(db, dossier.id, me, back)
    assert [(p.since, p.doing) for p in present_on(db, dossier.id, other, back)] == [(back, "")]


@one_engine
def test_a_busy_database_shows_the_page_and_loses_only_the_visit(site: Site) -> None:
    address = f"/dossiers/{at(site.world, 'submitted').dossier.id}"
    client = site.client(site.world.instructor)
    site.world.db.connection()  # somebody writes, for long
    assert client.get(address).status_code == 200
    site.world.db.rollback()
    with site.application.read() as db:
        assert db.scalars(select(DossierVisit)).all() == []
    client.get(address)
    with site.application.read() as db:
        assert len(db.scalars(select(DossierVisit)).all()) == 1


@one_engine
def test_the_page_asks_the_same_statements_whatever_it_shows(site: Site, engine: Engine) -> None:
    journey = at(site.world, "co_instruction")
    client, address = site.client(site.world.instructor), f"/dossiers/{journey.dossier.id}"
    client.get(address)
    with counted(engine) as few:
        assert client.get(address).status_code == 200
    _fill(site, journey)
    with counted(engine) as many:
        assert client.get(address).status_code == 200
    assert len(many) <= len(few) <= 60


def _fill(site: Site, journey: Journey) -> None:
    """More opinions given, messages and presence."""
    me = actor(site, site.world.pilot)
    for number in range(6):
        write_message(site.world.db, journey.dossier, "internal", f"Note {number}", me, NOW)
    journey.give_opinions()
    note_presence(site.world.db, journey.dossier.id, me, NOW)
    site.world.db.commit()
