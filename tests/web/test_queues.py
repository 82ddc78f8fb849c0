# SPDX-License-Identifier: EUPL-1.2
"""What one has to give: opinions and answers, one's own, late first, the next one at hand, in constant statements."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import Engine

from tests.factories.people import mandate_row, person_row
from tests.factories.statements import counted
from tests.web.conftest import Site
from tests.web.test_opinion_pages import of, page_of
from tests.workflow.journey import at, later

one_engine = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def references(page: str) -> list[str]:
    return re.findall(r'<td class="ref"><a href="[^"]+">([^<]+)<', page)


def test_ones_own_opinions_late_first(site: Site) -> None:
    world = site.world
    late, ahead = at(world, "co_instruction"), at(world, "co_instruction", world.dossier(title="Jardin"))
    given = at(world, "co_instruction", world.dossier(title="Rendu"))
    given.give(of(given, "caf"), "favourable")
    of(late, "caf").due_on = late.now.date() - timedelta(days=4)
    client = site.client(world.financers["caf"])
    page = client.get("/avis").text
    assert references(page) == [late.dossier.reference, ahead.dossier.reference]
    assert "en retard de 4 jours" in page and "1 sur 3" in page
    assert references(client.get("/avis?etat=rendus").text) == [given.dossier.reference]
    assert references(client.get("/avis?retard=oui").text) == [late.dossier.reference]
    assert references(client.get("/avis?q=jardin").text) == [ahead.dossier.reference]
    assert len(references(client.get("/avis?qui=tous&etat=tous").text)) == 6
    assert references(client.get("/avis?theme=emploi&etat=x&qui=y&page=zz").text) == []
    assert client.get("/avis?q=%00&theme=%00%ff&page=999999999").status_code == 200
    lead = site.client(world.instructor).get("/avis").text  # the State is not consulted
    assert references(lead) == [] and "Vous êtes à jour" in lead
    assert "Vous ne parlez pour aucun organisme" in site.client(world.pilot).get("/avis").text


def test_after_an_opinion_the_next_one_is_one_click_away(site: Site) -> None:
    world = site.world
    first, second = at(world, "co_instruction"), at(world, "co_instruction", world.dossier(title="Jardin"))
    client = site.client(world.financers["caf"])
    page = site.post(client, page_of(of(first, "caf")), value="favourable").text
    assert "1 sur 2" in page
    assert f'href="{page_of(of(second, "caf"))}">Suivant : {second.dossier.reference}, Jardin' in page
    last = site.post(client, page_of(of(second, "caf")), value="favourable").text
    assert "2 sur 2" in last and "Aucun autre avis à rendre" in last


def test_what_is_awaited_no_more_is_not_to_give(site: Site) -> None:
    world = site.world
    noted, moved = at(world, "co_instruction"), at(world, "co_instruction", world.dossier(title="Jardin"))
    client, opinion = site.client(world.financers["caf"]), of(moved, "caf")
    asked = client.get(f"/dossiers/{moved.dossier.id}").text
    assert f'href="{page_of(opinion)}">Rendre l’avis' in asked
    of(noted, "caf").overdue_noted_by = "x@y.test"
    moved.dossier.stage = "financers_conference"
    world.db.commit()
    page = client.get("/avis").text
    assert references(page) == [] and "0 sur" not in page
    everything = client.get("/avis?etat=tous").text
    assert len(references(everything)) == 2
    assert "retard constaté" in everything and "n’est plus attendu" in everything
    assert "Rendre l’avis de" not in client.get(f"/dossiers/{moved.dossier.id}").text


def test_a_financer_owes_its_answers_and_goes_to_the_next(site: Site) -> None:
    world = site.world
    first, second = at(world, "co_instruction"), at(world, "co_instruction", world.dossier(title="Jardin"))
    at(world, "submitted", world.dossier(title="Trop tôt"))
    site.application.moment = later(first.now, 30)
    client = site.client(world.financers["caf"])
    page = client.get("/reponses").text
    assert references(page) == [first.dossier.reference, second.dossier.reference]
    assert "en retard de 9 jours" in page and "0 sur 2" in page
    line = first.line("caf:droit_commun")
    base = f"/dossiers/{first.dossier.id}/lignes/{line.id}"
    answered = site.post(client, f"{base}/reponse", answer="firm", amount="2 000", version=line.version)
    assert answered.url.path == base
    assert "1 sur 2" in answered.text and "Suivant : " + second.dossier.reference in answered.text
    assert references(client.get("/reponses").text) == [second.dossier.reference]
    assert references(client.get("/reponses?etat=donnees").text) == [first.dossier.reference]
    assert references(client.get("/reponses?nature=specifique").text) == []
    state = site.client(world.financers["etat"])
    assert len(references(state.get("/reponses?nature=specifique").text)) == 2


@one_engine
@pytest.mark.parametrize(
    ("answer", "form", "state"),
    [
        ("firm", {"amount": "2 000"}, "firm"),
        ("indicative", {"amount": "2 000", "expected_on": "2026-05-01"}, "indicative"),
        ("in_kind", {"description": "Une salle", "amount": "300"}, "in_kind"),
        ("declined", {"reason": "Crédits épuisés"}, "declined"),
        ("not_concerned", {}, "not_concerned"),
    ],
)
def test_the_five_answers_of_a_financer(site: Site, answer: str, form: dict[str, str], state: str) -> None:
    journey = at(site.world, "financers_conference")
    line = journey.line("caf:droit_commun")
    client = site.client(site.world.financers["caf"])
    base = f"/dossiers/{journey.dossier.id}/lignes/{line.id}"
    assert f'value="{answer}"' in client.get(base).text
    assert 'value="no_reply"' not in client.get(base).text  # the secretary's
    assert site.post(client, f"{base}/reponse", answer=answer, **form).status_code == 200
    assert site.line(journey.dossier, "caf:droit_commun").state == state
    assert f'value="{answer}" checked' in client.get(base).text


@one_engine
@pytest.mark.parametrize(
    ("form", "status", "field"),
    [
        ({"reason": "Gardé"}, 422, "answer"),
        ({"answer": "firm", "reason": "Gardé"}, 409, "amount"),
        ({"answer": "firm", "amount": "Gardé"}, 422, "amount"),
        ({"answer": "declined", "description": "Gardé"}, 409, "reason"),
        ({"answer": "peut-être", "reason": "Gardé"}, 422, "answer"),
    ],
)
def test_an_incomplete_answer_is_told_beside_its_field(
    site: Site, form: dict[str, str], status: int, field: str
) -> None:
    journey = at(site.world, "financers_conference")
    line = journey.line("caf:droit_commun")
    path = f"/dossiers/{journey.dossier.id}/lignes/{line.id}/reponse"
    page = site.post(site.client(site.world.financers["caf"]), path, **form)
    assert page.status_code == status and "Gardé" in page.text
    assert f'id="form{path.replace("/", "-")}-{field}-fault"' in page.text


@one_engine
def test_silence_is_noted_by_the_secretary_once_the_date_has_passed(site: Site) -> None:
    journey = at(site.world, "financers_conference")
    line = journey.line("caf:droit_commun")
    site.application.moment = later(journey.now, 60)
    path = f"/dossiers/{journey.dossier.id}/lignes/{line.id}"
    own, secretary = site.client(site.world.financers["caf"]), site.client(site.world.secretary)
    assert site.post(own, f"{path}/reponse", answer="no_reply").status_code == 403
    assert 'value="no_reply"' in secretary.get(path).text
    assert site.post(secretary, f"{path}/reponse", answer="no_reply").status_code == 200


@one_engine
@pytest.mark.parametrize("address", ["/avis?qui=tous&etat=tous", "/reponses?qui=tous&etat=toutes"])
def test_the_number_of_statements_does_not_grow(site: Site, engine: Engine, address: str) -> None:
    at(site.world, "co_instruction")
    client = site.client(site.world.financers["caf"])
    client.get(address)
    with counted(engine) as few:
        assert client.get(address).status_code == 200
    for title in ("Deux", "Trois", "Quatre"):
        at(site.world, "co_instruction", site.world.dossier(title=title))
    site.world.db.commit()
    with counted(engine) as many:
        assert client.get(address).status_code == 200
    assert len(many) == len(few) <= 14


@one_engine
def test_whoever_is_concerned_is_asked_nothing_and_told_who_may_answer(site: Site) -> None:
    world = site.world
    journey = at(world, "co_instruction")
    caf, opinion, line = world.financers["caf"], of(journey, "caf"), journey.line("caf:droit_commun")
    world.db.add(mandate_row(caf, "interest", world.porteur, world.contract))
    colleague = person_row("julie@caf.test", "Julie Carpentier")
    world.db.add(mandate_row(colleague, "financer", opinion.organisation, world.contract))
    client = site.client(caf)
    own = f"/dossiers/{journey.dossier.id}/lignes/{line.id}"
    dossier = client.get(f"/dossiers/{journey.dossier.id}").text
    assert "Rendre l’avis de" not in dossier and "Répondre pour" not in dossier
    for path in ("/avis", "/reponses"):
        assert references(client.get(path).text) == []
    for path in (page_of(opinion), own):
        page = client.get(path).text
        assert "Julie Carpentier peut le faire à votre place" in page
        assert 'name="answer"' not in page and 'name="value"' not in page and 'name="amount"' not in page
    refused = site.post(client, f"{own}/reponse", answer="not_concerned", version=line.version)
    assert refused.status_code == 409 and "Faire sortir ces personnes" not in refused.text
    assert "Laisser agir une autre personne de votre organisme" in refused.text
    assert references(site.client(colleague).get("/reponses").text) == [journey.dossier.reference]


@one_engine
def test_what_a_partner_owes_is_counted_once(site: Site) -> None:
    """My day, the two lists and the search say the same of the answers due."""
    world = site.world
    owed = at(world, "financers_conference")
    at(world, "dispatched", world.dossier(title="Pas encore demandée"))
    at(world, "commitment", world.dossier(title="Au comité"))
    concerned = at(world, "financers_conference", world.dossier(title="Concernée"))
    concerned.dossier.porteur_id = world.organisations["epci"].id
    caf = world.financers["caf"]
    world.db.add(mandate_row(caf, "interest", world.organisations["epci"], world.contract))
    client = site.client(caf)
    assert '<span class="count">1</span> Réponse de droit commun' in client.get("/journee").text
    assert references(client.get("/reponses").text) == [owed.dossier.reference]
    board = client.get("/dossiers?vue=tableau&q=sans-reponse:moi").text
    assert references(board) == [owed.dossier.reference]
