# SPDX-License-Identifier: EUPL-1.2
"""The answer page without an account: reading records nothing, the buttons do; the secretary's page shows it."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, select, update

from tests.factories.contract import toy_settings
from tests.factories.world import World
from tests.notifications.scenes import convoked_committee, secretary
from tests.web.conftest import Site
from workflow.answer_links import make_token, signing_key
from workflow.answers import as_called, record_answer
from workflow.machine import fire
from workflow.models import Convocation, Document, Journal, Mandate, Seance, Secret
from workflow.territory import Territory

one_engine = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def link(world: World, called: Convocation) -> str:
    key = signing_key(world.db)
    assert key is not None
    return f"/reponse/{make_token(key, called)}"


def kept(site: Site, called: Convocation) -> Convocation:
    with site.application.read() as db:
        found = db.get_one(Convocation, called.id)
        _ = found.proxy
        return found


def test_answering_without_an_account(site: Site) -> None:
    seance = convoked_committee(site.world)
    first, second = seance.convocations[:2]
    path = link(site.world, first)
    site.world.db.commit()
    visitor = site.anonymous()

    page = visitor.get(path)
    assert page.status_code == 200 and "Rien n’est enregistré tant qu’aucun bouton" in page.text
    assert page.headers["cache-control"] == "no-store" and 'content="noindex"' in page.text
    assert visitor.head(path).status_code in (200, 405)
    assert visitor.get(f"{path}?reponse=present").status_code == 200
    assert kept(site, first).answer is None  # a scanner that opens the link answers nothing

    page = visitor.post(path, data={"reponse": "present"})
    assert page.status_code == 200 and "Réponse enregistrée. Merci." in page.text
    assert kept(site, first).answer == "present"
    page = visitor.post(path, data={"reponse": "represented", "mandataire": str(second.id)})
    assert f"représenté par {second.person.name}" in page.text
    assert kept(site, first).proxy_id == second.person_id
    refused = visitor.post(path, data={"reponse": "represented"})
    assert refused.status_code == 422 and "Réponse non enregistrée" in refused.text
    with site.application.read() as db:
        lines = db.scalars(select(Journal).where(Journal.trigger == "answer")).all()
    assert [line.actor for line in lines] == [first.person.email] * 2


@one_engine
def test_a_link_is_one_persons_and_opens_nothing_else(site: Site) -> None:
    seance = convoked_committee(site.world)
    path = link(site.world, seance.convocations[0])
    site.world.db.commit()
    visitor = site.anonymous(follow=False)

    assert visitor.get(path[:-2]).status_code == 404
    assert visitor.post(path[:-2], data={"reponse": "present"}).status_code == 404
    assert visitor.get(f"/seances/{seance.id}").status_code == 303  # to the door
    assert "D001" not in visitor.get(path).text
    foreign = visitor.post(path, data={"reponse": "present"}, headers={"sec-fetch-site": "cross-site"})
    assert foreign.status_code == 403


@one_engine
def test_after_a_move_the_page_asks_again_for_the_new_date(site: Site) -> None:
    seance = convoked_committee(site.world)
    first, now = seance.convocations[0], site.application.now()
    record_answer(site.world.db, first, "present", as_called(first), now)
    moved = seance.starts_at + timedelta(days=1)
    fire(site.world.db, seance, "move", secretary(site.world), None, now, starts_at=moved)
    path = link(site.world, first)
    site.world.db.commit()
    visitor, keeper = site.anonymous(), site.client(site.world.secretary)

    page = visitor.get(path).text.partition("<main")[2]
    assert "était donnée pour l’ancienne date" in page and 'aria-pressed="true"' not in page
    shown = keeper.get(f"/seances/{seance.id}").text
    assert "donnée pour l’ancienne date" in shown and "0 réponse" in shown

    assert "Réponse enregistrée. Merci." in visitor.post(path, data={"reponse": "present"}).text
    assert "donnée pour l’ancienne date" not in keeper.get(f"/seances/{seance.id}").text


@one_engine
def test_a_bearer_of_too_many_proxies_is_refused_on_both_pages(site: Site) -> None:
    limited = toy_settings()
    next(body for body in limited["bodies"] if body["code"] == "comite")["proxies_max"] = 1
    site.world.contract.settings = Territory.model_validate(limited).model_dump(mode="json")
    site.world.contract.settings_digest = "one-proxy"  # what is read of the settings is kept by digest
    seance = convoked_committee(site.world)
    bearer, first, second = seance.convocations[:3]
    record_answer(site.world.db, first, "represented", as_called(first), site.application.now(), proxy=bearer)
    path = link(site.world, second)
    site.world.db.commit()
    keeper = site.client(site.world.secretary)

    assert f'value="{bearer.id}"' not in site.anonymous().get(path).text  # no longer offered
    typed = {"reponse": "represented", "mandataire": str(bearer.id)}
    refused = site.anonymous().post(path, data=typed)
    assert refused.status_code == 422 and "1 par personne au plus" in refused.text
    noted = {"called": str(second.id), "answer": "represented", "proxy": str(bearer.id)}
    refused = site.post(keeper, f"/seances/{seance.id}/reponses", **noted)
    assert refused.status_code == 422 and "1 par personne au plus" in refused.text
    assert kept(site, second).answer is None


@one_engine
def test_a_link_dies_with_the_seance(site: Site) -> None:
    seance = convoked_committee(site.world)
    path = link(site.world, seance.convocations[0])
    fire(site.world.db, seance, "cancel", secretary(site.world), "Salle indisponible", site.application.now())
    site.world.db.commit()
    visitor = site.anonymous()

    assert "Cette séance est annulée" in visitor.get(path).text
    assert visitor.post(path, data={"reponse": "present"}).status_code == 409
    site.application.moment = seance.starts_at
    late = visitor.get(path)
    assert late.status_code == 409 and "n’est plus valable" in late.text


@one_engine
@pytest.mark.parametrize("ended", ["account", "mandate"])
def test_a_link_dies_with_the_account_and_with_the_seat(site: Site, ended: str) -> None:
    seance = convoked_committee(site.world)
    first, second = seance.convocations[:2]
    path, other = link(site.world, first), link(site.world, second)
    if ended == "account":
        first.person.is_active = False
    else:
        yesterday = (site.application.now() - timedelta(days=1)).date()
        mandates = update(Mandate).where(Mandate.person_id == first.person_id)
        site.world.db.execute(mandates.values(to_on=yesterday))
    site.world.db.commit()
    visitor = site.anonymous()
    for answer in (visitor.get(path), visitor.post(path, data={"reponse": "present"})):
        assert answer.status_code == 409 and "n’est plus valable" in answer.text
    assert kept(site, first).answer is None
    assert visitor.get(other).status_code == 200


def test_a_missing_key_is_said_to_the_secretary(site: Site) -> None:
    seance = convoked_committee(site.world)
    site.world.db.execute(delete(Secret))
    page = site.client(site.world.secretary).get(f"/seances/{seance.id}").text
    assert "relancez « coinstruction init »" in page
    assert (
        "relancez « coinstruction init »"
        not in site.client(site.world.financers["caf"]).get(f"/seances/{seance.id}").text
    )


def test_the_secretary_sees_answers_notes_one_and_invites(site: Site) -> None:
    seance = convoked_committee(site.world)
    first = seance.convocations[0]
    first.person.is_active = False
    client = site.client(site.world.secretary)
    base = f"/seances/{seance.id}"

    page = client.get(base).text
    assert "6 convoqués, 0 invité" in page and "dans les délais" in page
    assert "Sans adresse utilisable" in page and first.person.name in page
    noted = site.post(client, f"{base}/reponses", called=seance.convocations[1].id, answer="excused")
    assert "notée" in noted.text and "excusé" in noted.text
    council = site.world.organisations["conseil-citoyen"]
    invited = site.post(client, f"{base}/invitations", organisation=council.id)
    assert "1 personne invitée" in invited.text and "Invités, sans voix" in invited.text
    again = site.post(client, f"{base}/invitations", organisation=council.id)
    assert again.status_code == 422 and "Déjà convoqué ou invité" in again.text
    member = site.client(site.world.financers["caf"])
    assert site.post(member, f"{base}/invitations", organisation=council.id).status_code == 403
    for form in ("reponses", "invitations"):
        assert site.post(client, f"{base}/{form}").status_code == 422


@one_engine
def test_a_late_convocation_is_shown(site: Site) -> None:
    seance = convoked_committee(site.world)
    site.world.db.get_one(Seance, seance.id).told_at = seance.starts_at
    page = site.client(site.world.secretary).get(f"/seances/{seance.id}").text
    assert "convocation tardive" in page and "15 jours plus tard" in page


@one_engine
def test_a_paper_is_read_as_it_was_sent(site: Site) -> None:
    seance = convoked_committee(site.world)
    paper = Document(
        kind="agenda",
        subject=f"seance:{seance.id}",
        name="ordre-du-jour.pdf",
        media_type="application/pdf",
        sha256="0" * 64,
        content=b"%PDF-1.7",
        created_at=site.application.now(),
    )
    site.world.db.add(paper)
    site.world.db.flush()
    client = site.client(site.world.financers["caf"])

    assert "Ordre du jour (PDF)" in client.get(f"/seances/{seance.id}").text
    assert client.get(f"/seances/{seance.id}/pieces/{paper.id}").content == b"%PDF-1.7"
    assert client.get(f"/seances/{seance.id}/pieces/{paper.id + 1}").status_code == 404
