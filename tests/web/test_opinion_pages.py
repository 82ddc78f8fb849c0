# SPDX-License-Identifier: EUPL-1.2
"""An opinion's own page and the opinions side by side: facts, grid, lateness, changes, refusals, conflicts."""

from html import unescape

import pytest
from sqlalchemy import Engine

from tests.factories.dossier import make_dossier
from tests.factories.statements import counted
from tests.web.conftest import Site
from tests.workflow.journey import Journey, at, later
from workflow.co_instruction import give_opinion
from workflow.machine import fire
from workflow.models import Opinion

one_engine = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def of(journey: Journey, code: str) -> Opinion:
    return next(o for o in journey.dossier.opinions if o.organisation.code == code)


def page_of(opinion: Opinion) -> str:
    return f"/dossiers/{opinion.dossier_id}/avis/{opinion.id}"


@one_engine
def test_the_page_tells_what_its_author_must_know(site: Site) -> None:
    world = site.world
    before = make_dossier(world.db, world.contract, world.porteur, year=2025, reference="AVANT")
    journey = at(world, "co_instruction")
    before.action = journey.dossier.action
    page = unescape(site.client(world.financers["departement"]).get(page_of(of(journey, "departement"))).text)
    assert "Aide aux devoirs deux soirs par semaine." in page  # the summary
    assert "Le Haut (QN05901M)" in page and "40, dont 30 en QPV" in page
    assert "5\u202f000\u00a0€" in page and "votre crédit" in page
    assert "AVANT, exercice 2025" in page
    assert "Condition de votre crédit « Enfance et famille »" in page
    assert "Réponse à un besoin" in page and "Place des familles" not in page  # asked of the CAF alone


def test_an_opinion_with_its_grid_then_changed(site: Site) -> None:
    journey = at(site.world, "co_instruction")
    opinion = of(journey, "caf")
    client = site.client(site.world.financers["caf"])
    form = {"value": "favourable", "critere-besoin": "3", "critere-familles": "", "questions": "Quel lieu ?"}
    page = site.post(client, page_of(opinion), version=opinion.version, text="Très bien", **form)
    assert page.status_code == 200 and page.url.path == page_of(opinion)
    assert "Avis enregistré." in page.text
    found = next(o for o in site.dossier(journey.dossier).opinions if o.id == opinion.id)
    assert (found.criteria, found.questions) == ({"besoin": 3}, "Quel lieu ?")

    changed = site.post(client, page_of(opinion), value="no_opinion", text="Plutôt rien").text
    assert "modifié le" in changed
    assert "Versions précédentes" in changed and "Très bien" in changed


@one_engine
@pytest.mark.parametrize(
    ("form", "status", "field"),
    [
        ({"text": "Gardé"}, 422, "value"),
        ({"value": "oui", "text": "Gardé"}, 409, ""),
        ({"value": "unfavourable", "questions": "Gardé"}, 409, "text"),
        ({"value": "favourable", "text": "Gardé", "critere-besoin": "9"}, 409, "critere-besoin"),
        ({"value": "favourable", "text": "Gardé", "critere-inconnu": "1"}, 409, ""),
        ({"value": "favourable", "text": "Gardé" + "x" * 20_001}, 422, "text"),
    ],
)
def test_a_fault_is_told_beside_its_field(site: Site, form: dict[str, str], status: int, field: str) -> None:
    journey = at(site.world, "co_instruction")
    opinion = of(journey, "caf")
    page = site.post(site.client(site.world.financers["caf"]), page_of(opinion), **form)
    assert page.status_code == status
    assert "Gardé" in page.text and "<title>Erreur – " in page.text
    if field:
        name = f"form{page_of(opinion)}-{field}".replace("/", "-")
        assert f'id="{name}-fault"' in page.text and f'href="#{name}"' in page.text
    assert of(journey, "caf").state == "requested"


def test_refusals_by_who_and_when(site: Site) -> None:
    world = site.world
    journey = at(world, "co_instruction")
    opinion = of(journey, "caf")
    own, other = site.client(world.financers["caf"]), site.client(world.financers["departement"])
    form = {"value": "favourable"}
    seen = other.get(page_of(opinion))
    assert seen.status_code == 200 and "Cet avis revient à Caisse d’allocations familiales" in seen.text
    assert site.post(other, page_of(opinion), **form).status_code == 403
    assert site.client(world.bearer).get(page_of(opinion)).status_code == 403
    assert site.client(world.stranger).get(page_of(opinion)).status_code == 404
    assert own.get(f"/dossiers/{journey.dossier.id}/avis/999999").status_code == 404
    elsewhere = at(world, "co_instruction", world.dossier())
    assert (
        site.client(world.pilot).get(f"/dossiers/{elsewhere.dossier.id}/avis/{opinion.id}").status_code == 404
    )

    stale = site.post(own, page_of(opinion), version=opinion.version + 5, text="Ma saisie", **form)
    assert stale.status_code == 409
    assert "Modifié entre-temps par quelqu’un d’autre" in stale.text and "Ma saisie" in stale.text

    reason = "demandé deux fois"
    fire(world.db, opinion, "cancel", journey.actor(world.pilot), reason, journey.now)
    world.db.commit()
    gone = site.post(own, page_of(opinion), text="Trop tard", **form)
    assert gone.status_code == 409 and "annulé" in gone.text and "Trop tard" in gone.text
    assert "Aller à la saisie" not in gone.text


@one_engine
def test_once_the_stage_has_passed_nobody_gives_an_opinion(site: Site) -> None:
    journey = at(site.world, "commitment")
    opinion, client = of(journey, "caf"), site.client(site.world.financers["caf"])
    page = client.get(page_of(opinion))
    assert page.status_code == 200 and 'name="value"' not in page.text
    assert "Vous ne pouvez pas rendre cet avis en l’état" in page.text
    refused = site.post(client, page_of(opinion), value="unfavourable", text="Finalement non")
    assert refused.status_code == 409 and "Finalement non" in refused.text


@one_engine
def test_an_opinion_of_an_earlier_round_stays_as_it_was(site: Site) -> None:
    journey = at(site.world, "financers_conference")
    first = of(journey, "caf")
    journey.fire("return_to_co_instruction", site.world.instructor, "Combien de familles ?")
    client = site.client(site.world.financers["caf"])
    assert 'name="value"' not in client.get(page_of(first)).text
    assert site.post(client, page_of(first), value="no_opinion").status_code == 409
    page = client.get(f"/dossiers/{journey.dossier.id}/avis").text
    assert "Avis du tour 2" in page and "Tour 1 (2 avis rendus)" in page and "Combien de familles ?" in page


@one_engine
def test_side_by_side_says_who_is_late_and_who_was(site: Site) -> None:
    world = site.world
    journey = at(world, "co_instruction")
    journey.now = later(journey.now, 30)
    actor = journey.actor(world.financers["caf"])
    give_opinion(
        world.db, of(journey, "caf"), "favourable", "Bien", actor, journey.now, criteria={"besoin": 2}
    )
    site.application.moment = journey.now
    page = unescape(site.client(world.instructor).get(f"/dossiers/{journey.dossier.id}/avis").text)
    assert "rendu en retard le" in page and "(9 jours)" in page
    assert "en retard de 9 jours, attendu pour le" in page
    assert "<strong>2,0</strong> sur 3" in page and "une seule réponse" in page
    assert "Constater le retard" in page
    assert "non consulté" in page
    assert "Reste à financer" in page


@one_engine
def test_the_synthesis_is_written_beside_the_opinions(site: Site) -> None:
    journey = at(site.world, "co_instruction")
    line = journey.line("etat:specifique")
    base = f"/dossiers/{journey.dossier.id}"
    client = site.client(site.world.instructor)
    bad = site.post(client, f"{base}/synthese", opinion="favourable", **{f"suggested-{line.id}": "beaucoup"})
    assert bad.status_code == 422 and 'value="beaucoup"' in bad.text and "1 montant illisible" in bad.text
    page = site.post(client, f"{base}/synthese", opinion="favourable", **{f"suggested-{line.id}": "9 000"})
    assert page.url.path == f"{base}/avis"
    assert "Dépassement du coût" in page.text  # 10,000 € less 2,000 € of its own
    assert 'name="opinion"' not in site.client(site.world.colleague).get(f"{base}/avis").text


@one_engine
@pytest.mark.parametrize("which", ["table", "one"])
def test_the_number_of_statements_does_not_grow(site: Site, engine: Engine, which: str) -> None:
    journey = at(site.world, "co_instruction")
    address = f"/dossiers/{journey.dossier.id}/avis" if which == "table" else page_of(of(journey, "caf"))
    client = site.client(site.world.financers["caf"])
    client.get(address)
    with counted(engine) as one_round:
        client.get(address)
    journey.send_to_conference()
    journey.fire("return_to_co_instruction", site.world.instructor, "Encore ?")
    site.world.db.commit()
    address = (
        f"/dossiers/{journey.dossier.id}/avis" if which == "table" else page_of(journey.dossier.opinions[-1])
    )
    with counted(engine) as two_rounds:
        assert client.get(address).status_code == 200
    assert len(two_rounds) <= len(one_round) <= 30
