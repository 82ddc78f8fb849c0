# SPDX-License-Identifier: EUPL-1.2
"""Drafts behind their pages: kept without and with JavaScript, seen by one's organisation, safe from an ended session."""

import re
from datetime import timedelta

import pytest

from tests.factories.people import give_mandate, make_person
from tests.web.conftest import Site
from tests.web.test_opinion_pages import of, page_of
from tests.workflow.journey import at
from web.sessions import close_session
from workflow.stages import Role

one_engine = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def test_a_draft_is_taken_up_again_and_gone_once_given(site: Site) -> None:
    journey = at(site.world, "co_instruction")
    opinion, client = of(journey, "caf"), site.client(site.world.financers["caf"])
    path = page_of(opinion)
    typed = {"text": "Public à pré", "critere-besoin": "2", "value": "favourable"}
    saved = site.post(client, f"{path}/brouillon", version=opinion.version, **typed)
    assert saved.status_code == 200 and "Brouillon enregistré." in saved.text

    page = client.get(path).text
    assert "Public à pré</textarea>" in page and "est repris dans le formulaire" in page
    assert 'name="critere-besoin" value="2" checked' in page
    assert "brouillon du" in client.get("/avis").text
    assert of(journey, "caf").state == "requested"

    site.post(client, path, version=opinion.version, **typed)
    assert "est repris dans le formulaire" not in client.get(path).text


def test_a_saving_that_arrives_after_the_giving_brings_no_draft_back(site: Site) -> None:
    journey = at(site.world, "co_instruction")
    opinion, client = of(journey, "caf"), site.client(site.world.financers["caf"])
    path, typed = page_of(opinion), {"value": "favourable", "text": "Avis entier"}
    site.post(client, path, version=opinion.version, **typed)

    late = site.post(client, f"{path}/brouillon", version=opinion.version, text="Avis ent")

    assert late.status_code == 409 and "Vous l’avez rendu depuis" in late.text and "Avis ent<" in late.text
    page = client.get(path).text
    assert "Avis entier</textarea>" in page and "est repris dans le formulaire" not in page
    site.application.moment += timedelta(minutes=1)
    again = site.post(client, f"{path}/brouillon", version=opinion.version + 1, text="Avis changé")
    assert again.status_code == 200 and "Avis changé</textarea>" in client.get(path).text


def test_a_synthesis_written_is_not_undone_by_its_last_saving(site: Site) -> None:
    dossier = at(site.world, "co_instruction").dossier
    client, path = site.client(site.world.instructor), f"/dossiers/{dossier.id}/synthese"
    version = site.dossier(dossier).version
    assert (
        site.post(client, path, version=version, opinion="favourable", strengths="Entière").status_code == 200
    )
    assert site.post(client, f"{path}/brouillon", version=version, strengths="Ent").status_code == 409
    assert "est repris" not in client.get(f"/dossiers/{dossier.id}/avis").text
    now = site.dossier(dossier).version
    assert site.post(client, f"{path}/brouillon", version=now, strengths="Revue").status_code == 200


@one_engine
def test_as_one_types_only_the_state_of_the_draft_comes_back(site: Site) -> None:
    journey = at(site.world, "co_instruction")
    line = journey.line("etat:specifique")
    client = site.client(site.world.instructor)
    client.headers["HX-Request"] = "true"
    path = f"/dossiers/{journey.dossier.id}/synthese/brouillon"
    answer = site.post(client, path, strengths="Anc", **{f"suggested-{line.id}": "3 000"})
    assert answer.status_code == 200
    assert answer.text.lstrip().startswith("Brouillon enregistré le")
    assert (
        'hx-swap-oob="true"' in answer.text and "5\u202f000\u00a0€" in answer.text
    )  # what is left of 8,000 €
    assert site.dossier(journey.dossier).synthesis is None


def test_a_colleague_is_told_and_takes_it_up_without_touching_it(site: Site) -> None:
    world = site.world
    journey = at(world, "co_instruction")
    second = make_person(world.db, "suppleance@caf.test", "Suppléante CAF")
    give_mandate(world.db, second, Role.FINANCER, world.organisations["caf"], world.contract)
    path = page_of(of(journey, "caf"))
    first, other = site.client(world.financers["caf"]), site.client(second)
    site.post(first, f"{path}/brouillon", text="Le premier")
    page = other.get(path).text
    assert "Financeur Caisse d’allocations familiales a un brouillon" in page
    assert "Le premier</textarea>" not in page
    link = page.split('href="' + path)[1].split('"')[0].replace("&amp;", "&")
    assert "Le premier</textarea>" in other.get((path + link).split("#")[0]).text
    site.post(other, f"{path}/brouillon", text="Le second")
    assert "Le premier</textarea>" in first.get(path).text
    for stranger in (world.financers["departement"], world.instructor):
        assert "Le premier" not in site.client(stranger).get(path).text


def test_a_draft_is_dropped_by_its_author_alone(site: Site) -> None:
    journey = at(site.world, "co_instruction")
    path = page_of(of(journey, "caf"))
    client = site.client(site.world.financers["caf"])
    site.post(client, f"{path}/brouillon", text="À jeter")
    site.post(site.client(site.world.financers["departement"]), f"{path}/brouillon/effacement")
    assert "À jeter" in client.get(path).text
    gone = site.post(client, f"{path}/brouillon/effacement", text="À jeter")
    assert "Brouillon effacé." in gone.text and "À jeter" not in gone.text


@one_engine
def test_drafts_are_refused_to_others_and_too_late(site: Site) -> None:
    journey = at(site.world, "co_instruction")
    path = page_of(of(journey, "caf"))
    other = site.client(site.world.financers["departement"])
    assert site.post(other, f"{path}/brouillon", text="Intrus").status_code == 403
    assert (
        site.post(other, f"/dossiers/{journey.dossier.id}/synthese/brouillon", strengths="x").status_code
        == 403
    )
    client = site.client(site.world.financers["caf"])
    long = site.post(client, f"{path}/brouillon", text="x" * 20_001)
    assert long.status_code == 422
    journey.send_to_conference()
    journey.send_to_commitment()
    site.world.db.commit()
    late = site.post(client, f"{path}/brouillon", text="Trop tard")
    assert late.status_code == 409 and "Trop tard" in late.text


def test_an_ended_session_loses_nothing_of_what_was_typed(site: Site) -> None:
    journey = at(site.world, "co_instruction")
    opinion = of(journey, "caf")
    path, person = page_of(opinion), site.world.financers["caf"]
    client = site.client(person)
    with site.application.write() as db:
        close_session(db, client.cookies["session"])
    typed = {"value": "favourable", "text": "Une heure de travail", "version": opinion.version}
    refused = site.post(client, path, **typed)
    assert refused.status_code == 401
    assert "Reprendre ma saisie" in refused.text and 'value="Une heure de travail"' in refused.text
    assert not re.search(r'name="jeton" value="[^"]', refused.text)

    again = site.client(person)  # signed in again; what the refused page sends has no token
    shown = again.post(path, data=typed)
    assert shown.status_code == 403
    assert "Une heure de travail</textarea>" in shown.text and "Relisez, puis renvoyez" in shown.text
    assert of(journey, "caf").state == "requested"  # shown, not obeyed
    site.post(again, path, **typed)
    found = next(o for o in site.dossier(journey.dossier).opinions if o.id == opinion.id)
    assert found.text == "Une heure de travail"
