# SPDX-License-Identifier: EUPL-1.2
"""My day: each role finds what it owes, the late first, each line leads to the place, and the statements do not grow."""

import re
from datetime import timedelta

import pytest
from httpx2 import Response
from sqlalchemy import Engine

from notifications.catalogue import KINDS
from tests.factories import NOW
from tests.factories.statements import counted
from tests.web.conftest import Site
from tests.workflow.journey import Journey, at, later
from web.presenters.day import LED, WHOLE
from workflow.machine import fire
from workflow.models import Message, Person
from workflow.queries_day import messages_in
from workflow.seances import plan_seance, set_agenda

one_engine = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def day(site: Site, person: Person, days: int = 0) -> Response:
    site.application.moment = NOW + timedelta(days=days)
    page = site.client(person).get("/journee")
    assert page.status_code == 200
    return page


def section(page: Response, anchor: str) -> str:
    found = re.search(rf'<section aria-labelledby="{anchor}">(.*?)</section>', page.text, re.DOTALL)
    return re.sub(r"[\u00a0\u202f]", " ", found.group(1)) if found else ""


@one_engine
def test_home_leads_each_where_they_work(site: Site) -> None:
    site.world.dossier()
    assert site.client(site.world.instructor).get("/").url.path == "/journee"
    assert site.client(site.world.bearer).get("/").url.path == "/dossiers"
    assert site.client(site.world.bearer).get("/journee").status_code == 403


def test_opinions_owed_are_late_after_their_date_and_gone_once_given(site: Site) -> None:
    journey = at(site.world, "co_instruction")
    opinion = journey.dossier.opinions[0]
    partner = site.world.financers[opinion.organisation.code or ""]
    asked = section(day(site, partner), "avis-a-rendre")
    assert (
        journey.dossier.reference in asked
        and f'href="/dossiers/{journey.dossier.id}/avis/{opinion.id}"' in asked
    )
    assert "en retard" not in asked
    days = (opinion.due_on - NOW.date()).days + 4
    late = day(site, partner, days)
    assert "en retard de 4 jours" in section(late, "avis-a-rendre")
    assert (
        late.text.index('id="avis-a-rendre"') < late.text.index('id="reponses"')
        if "reponses" in late.text
        else True
    )
    journey.give(opinion, "favourable")
    assert section(day(site, partner, days), "avis-a-rendre") == ""


def test_nobody_is_asked_about_a_dossier_they_are_concerned_by(site: Site) -> None:
    journey = at(site.world, "co_instruction")
    opinion = journey.dossier.opinions[0]
    partner = site.world.financers[opinion.organisation.code or ""]
    journey.dossier.porteur_id = opinion.organisation_id
    assert section(day(site, partner), "avis-a-rendre") == ""


def test_the_lead_reads_who_is_still_missing(site: Site) -> None:
    journey = at(site.world, "co_instruction")
    first, second = journey.dossier.opinions
    both = section(day(site, site.world.instructor), "chef-de-file")
    assert "Il manque 2 avis" in both
    journey.give(first, "favourable")
    late = (second.due_on - NOW.date()).days + 1
    one = section(day(site, site.world.instructor, late), "chef-de-file")
    assert f"Il ne manque qu’un avis : {second.organisation.name}" in one and "en retard de 1 jour" in one
    journey.give(second, "favourable")
    assert "synthèse à écrire" in section(day(site, site.world.instructor), "chef-de-file")
    journey.write_synthesis()
    assert "à envoyer en conférence" in section(day(site, site.world.instructor), "chef-de-file")


def test_a_holder_answers_and_the_secretary_then_sends_to_the_committee(site: Site) -> None:
    journey = at(site.world, "financers_conference")
    caf = site.world.financers["caf"]
    line = journey.line("caf:droit_commun")
    asked = section(day(site, caf), "reponses")
    assert f'href="/dossiers/{journey.dossier.id}/lignes/{line.id}#reponse"' in asked
    assert section(day(site, site.world.secretary), "conference") == ""
    journey.answer_all()
    assert section(day(site, caf), "reponses") == ""
    assert journey.dossier.reference in section(day(site, site.world.secretary), "conference")


def test_completed_requests_come_first(site: Site) -> None:
    plain = at(site.world, "submitted")
    journey = at(site.world, "incomplete", site.world.dossier(title="Complétée depuis"))
    waiting = section(day(site, site.world.pilot), "complements")
    assert journey.dossier.reference in waiting
    journey.fire("complete", site.world.bearer)
    received = section(day(site, site.world.pilot), "recevabilite")
    assert received.index("Compléments reçus") < received.index(plain.dossier.reference)
    assert "(2)" in received
    assert section(day(site, site.world.pilot), "complements") == ""


def test_acts_are_recorded_by_their_financer(site: Site) -> None:
    journey = at(site.world, "committed")
    kept = [line for line in journey.dossier.lines if line.state == "retained"]
    own = section(day(site, site.world.financers[kept[0].financer]), "actes")
    assert f"/lignes/{kept[0].id}" in own and f"({len(kept)})" not in own.replace("(1)", "")
    assert f"({len(kept)})" in section(day(site, site.world.pilot), "actes")
    journey.grant_all()
    assert section(day(site, site.world.pilot), "actes") == ""
    assert journey.dossier.reference in section(day(site, site.world.pilot), "conventions")


def test_the_secretary_convokes_in_time_and_reads_letters(site: Site) -> None:
    world = site.world
    journey = at(world, "commitment")
    starts = later(journey.now, 30)
    plan_seance(world.db, world.contract, "comite", starts, journey.now, journey.secretary)
    world.db.add(_message(site, "draft", "Décision sur votre dossier"))
    about = _message(site, "draft", "Votre action est retenue")
    about.kind, about.subject_ref = "dossier_committed", f"dossier:{journey.dossier.id}"
    world.db.add(about)
    world.db.add(_message(site, "failed", "Convocation"))
    page = day(site, world.secretary)
    assert "À convoquer avant le" in section(page, "seances")
    letters = section(page, "courriers")
    assert "Décision sur votre dossier" in letters
    assert journey.dossier.title in letters and KINDS["dossier_committed"].label in letters
    assert "Convocation" in section(page, "echecs")
    assert "Convocation" in section(day(site, world.administrator), "echecs")
    assert section(day(site, world.administrator), "courriers") == ""
    assert "en retard" in section(day(site, world.secretary, 28), "seances")


@one_engine
def test_messages_name_their_dossiers_without_reading_all_of_them(site: Site, engine: Engine) -> None:
    row = _message(site, "failed", "Convocation")
    row.subject_ref = f"dossier:{site.world.dossier(title='Chantiers').id}"
    site.world.db.add_all([row, _message(site, "failed", "Sans objet")])
    site.world.db.flush()
    with counted(site.world.db.connection()) as asked:
        pile = messages_in(site.world.db, site.world.contract, "failed")
    assert [one.action for one in pile.shown] == ["Chantiers", ""] and pile.total == 2 and len(asked) == 2
    plans = [
        site.world.db.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {one}", (1,) * one.count("?"))
        for one in asked
    ]
    steps = [step[3] for plan in plans for step in plan]
    assert steps and not [step for step in steps if step.startswith("SCAN") and "(" not in step]


def _message(site: Site, state: str, title: str) -> Message:
    return Message(
        key=f"{state}:{title}",
        contract_id=site.world.contract.id,
        kind="letter",
        recipient="x@y.test",
        title=title,
        body=b"",
        message_id=f"<{state}@test>",
        state=state,
        created_at=NOW,
        next_attempt_at=NOW,
    )


def test_whoever_is_called_reads_the_answer_and_can_change_it(site: Site) -> None:
    journey = at(site.world, "commitment")
    journey._seat_members()
    world = site.world
    seance = plan_seance(world.db, world.contract, "comite", later(NOW, 20), NOW, journey.secretary)
    set_agenda(world.db, seance, [journey.dossier], journey.secretary, NOW)
    fire(world.db, seance, "convoke", journey.secretary, None, NOW)
    page = day(site, world.financers["caf"])
    called = page.text.split('id="mes-seances"')[1]
    assert "sans réponse de votre part" in called
    link = re.search(r'href="(/reponse/[^"]+)"', called)
    assert link is not None
    assert site.anonymous().get(link.group(1)).status_code == 200


@one_engine
def test_nothing_to_do_says_what_comes_next(site: Site) -> None:
    page = day(site, site.world.citizen)
    assert "Rien ne vous attend aujourd’hui" in page.text
    assert "/calendrier" in page.text


def test_a_stranger_sees_nothing_of_this_contract(site: Site) -> None:
    journey = at(site.world, "submitted")
    assert journey.dossier.reference not in day(site, site.world.stranger).text


@pytest.mark.parametrize("who", ["pilot", "instructor", "secretary"])
def test_the_number_of_statements_does_not_grow(site: Site, engine: Engine, who: str) -> None:
    def everywhere(hour: int) -> None:
        for stage in ("submitted", "incomplete", "co_instruction", "financers_conference", "committed"):
            journey = Journey(site.world, site.world.dossier(title=f"Action {stage}"))
            journey.now = NOW + timedelta(hours=hour)
            journey.to(stage)

    everywhere(0)
    client = site.client(getattr(site.world, who))
    client.get("/journee")
    with counted(engine) as one:
        assert client.get("/journee").status_code == 200
    everywhere(1)
    site.world.db.commit()
    with counted(engine) as two:
        assert client.get("/journee").status_code == 200
    assert len(two) == len(one) <= 22


@one_engine
@pytest.mark.parametrize("kind", sorted(kind for kind, address in WHOLE.items() if "/dossiers" in address))
def test_the_rest_of_a_long_list_is_a_search_that_the_board_understands(site: Site, kind: str) -> None:
    dossier = site.world.dossier(stage=WHOLE[kind].partition("etape=")[2].partition("&")[0])
    board = site.client(site.world.pilot).get(WHOLE[kind])
    assert board.status_code == 200 and "pas comprise" not in board.text
    assert dossier.reference in board.text


@one_engine
def test_the_rest_of_what_one_leads_is_a_search_too(site: Site) -> None:
    lead = site.world.instructor
    mine = site.world.dossier(stage="dispatched", lead_instructor=lead)
    other = site.world.dossier(stage="dispatched", title="Mené par personne")
    board = site.client(lead).get(LED.format(lead.id))
    assert "pas comprise" not in board.text
    assert mine.reference in board.text and other.reference not in board.text
