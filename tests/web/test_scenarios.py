# SPDX-License-Identifier: EUPL-1.2
"""The pages of scenarios: created, typed, locked, compared, adopted and put back, by whoever may and without a script."""

import re
from decimal import Decimal
from io import BytesIO

import pytest
from openpyxl import load_workbook
from sqlalchemy import Engine, select

from tests.factories.statements import counted
from tests.web.conftest import Site
from tests.workflow.conference_room import CAF, STATE, Room
from workflow.models import FundingLine, Scenario
from workflow.scenario_comparison import get_scenarios
from workflow.seances import set_agenda

one_engine = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def room(site: Site) -> Room:
    return Room(site.world, dossiers=2)


def plain(text: str) -> str:
    return re.sub(r"[\u00a0\u202f]", " ", text)


def text_of(page: str) -> str:
    return re.sub(r"\s+", " ", plain(re.sub(r"<[^>]+>", " ", page)))


def home(room: Room) -> str:
    return f"/seances/{room.seance.id}/scenarios"


def of(room: Room, scenario: Scenario) -> str:
    return f"{home(room)}/{scenario.id}"


def amounts(site: Site, room: Room, scenario_id: int) -> dict[int, tuple[Decimal, bool]]:
    with site.application.read() as db:
        found = db.get_one(Scenario, scenario_id)
        return {one.line_id: (one.amount, one.locked) for one in found.amounts}


def proposed(site: Site, line: FundingLine) -> Decimal | None:
    with site.application.read() as db:
        return db.get_one(FundingLine, line.id).proposed


def last(site: Site) -> Scenario:
    with site.application.read() as db:
        return db.scalars(select(Scenario).order_by(Scenario.id.desc())).first()  # type: ignore[return-value]


def test_one_is_created_from_the_proposals_from_another_or_empty(site: Site, room: Room) -> None:
    client = site.client(site.world.secretary)
    assert "Aucun scénario" in client.get(home(room)).text

    made = site.post(
        client, home(room), name="Comme proposé", start="propositions", note="Le point de départ"
    )
    assert made.url.path == of(room, last(site))
    assert "Rien n’est proposé tant qu’il n’est pas adopté" in made.text
    first = last(site)
    assert len(amounts(site, room, first.id)) == 4

    site.post(client, home(room), name="Variante", start=str(first.id))
    assert last(site).parent_id == first.id
    site.post(client, home(room), name="Page blanche", start="vide")
    assert amounts(site, room, last(site).id) == {}

    page = text_of(client.get(home(room)).text)
    assert "Comme proposé Le point de départ simulation" in page and "14 000 €" in page
    assert "dérivé" not in text_of(client.get(of(room, first)).text)
    assert "dérivé de « Comme proposé »" in text_of(client.get(f"{home(room)}/{first.id + 1}").text)


@pytest.mark.parametrize(
    ("form", "why"),
    [
        ({"name": "", "start": "vide"}, "Nom du scénario : à renseigner"),
        ({"name": "Prudent", "start": "vide"}, "a déjà un scénario « Prudent »"),
        ({"name": "x" * 121, "start": "vide"}, "120 caractères au plus"),
        ({"name": "Autre", "start": "de rien"}, "Partir de : « de rien » n’est pas lisible"),
    ],
)
def test_a_refused_creation_keeps_what_was_typed(
    site: Site, room: Room, form: dict[str, str], why: str
) -> None:
    room.create()
    client = site.client(site.world.secretary)

    refused = site.post(client, home(room), note="Mon idée", **form)

    assert refused.status_code == 422
    assert why in plain(refused.text) and "Mon idée" in refused.text
    assert last(site).name == "Prudent"


def test_a_scenario_of_another_seance_is_not_there(site: Site, room: Room) -> None:
    scenario = room.create()
    other = Room(site.world, in_days=30)
    client = site.client(site.world.secretary)

    assert client.get(f"/seances/{other.seance.id}/scenarios/{scenario.id}").status_code == 404
    assert client.get(f"{home(other)}/comparaison?s={scenario.id}").status_code == 404
    assert site.post(client, home(other), name="Autre", start=str(scenario.id)).status_code == 404


def test_amounts_and_locks_are_typed_page_by_page(site: Site, room: Room) -> None:
    state, caf, away = room.line(STATE, 0), room.line(CAF, 0), room.line(STATE, 1)
    scenario = room.create(amounts={state.id: Decimal("100.00"), away.id: Decimal("50.00")}, locked=[away.id])
    client = site.client(site.world.secretary)
    form = {f"amount-{state.id}": "1 250,50", f"amount-{caf.id}": "300", "locked": str(caf.id)}

    saved = site.post(
        client, f"{of(room, scenario)}/montants", version=scenario.version, q="", page="1", **form
    )

    assert "3 changements enregistrés" in plain(saved.text)
    assert amounts(site, room, scenario.id) == {
        state.id: (Decimal("1250.50"), False),
        caf.id: (Decimal("300.00"), True),
        away.id: (Decimal("50.00"), True),  # not on this page: untouched
    }
    page = client.get(of(room, scenario)).text
    assert 'value="1250,50"' in page and 'value="300"' in page
    emptied = site.post(
        client, f"{of(room, scenario)}/montants", version=scenario.version + 2, **{f"amount-{state.id}": ""}
    )
    assert emptied.status_code == 200
    assert state.id not in amounts(site, room, scenario.id)


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("-5", "montant positif attendu"),
        ("mille", "montant attendu sous la forme"),
        ("5000,01", "dépassent ce qui est demandé"),
        ("1,005", "deux décimales"),
        ("9" * 15, "montant positif attendu"),
    ],
)
def test_a_refused_amount_is_told_at_its_field_and_nothing_is_written(
    site: Site, room: Room, typed: str, why: str
) -> None:
    state, caf = room.line(STATE), room.line(CAF)
    scenario = room.create(amounts={state.id: Decimal("100.00")})
    client = site.client(site.world.secretary)
    form = {f"amount-{state.id}": typed, f"amount-{caf.id}": "300", "q": "", "page": "1"}

    refused = site.post(client, f"{of(room, scenario)}/montants", version=scenario.version, **form)

    assert refused.status_code == 422
    assert 'aria-invalid="true"' in refused.text and why in plain(refused.text)
    assert f'value="{typed}"' in refused.text and 'value="300"' in refused.text
    assert amounts(site, room, scenario.id) == {state.id: (Decimal("100.00"), False)}


def test_two_secretaries_never_write_over_each_other(site: Site, room: Room) -> None:
    state = room.line(STATE)
    scenario = room.create(amounts={state.id: Decimal("100.00")})
    seen = scenario.version
    first, second = site.client(site.world.secretary), site.client(site.world.pilot)
    address = f"{of(room, scenario)}/montants"
    site.post(first, address, version=seen, **{f"amount-{state.id}": "200"})

    stale = site.post(
        second,
        address,
        version=seen,
        **{f"amount-{state.id}": "300", f"avant:amount-{state.id}": "100", "q": "", "page": "1"},
    )

    assert stale.status_code == 409
    assert "200" in stale.text and "300" in stale.text
    assert amounts(site, room, scenario.id)[state.id][0] == Decimal("200.00")


def test_readers_read_and_write_nothing(site: Site, room: Room) -> None:
    scenario = room.create()
    world = site.world
    for person in (world.financers["etat"], world.financers["caf"], world.instructor, world.citizen):
        client = site.client(person)
        page = client.get(of(room, scenario))
        assert page.status_code == 200
        assert '<input type="text"' not in page.text and "Adopter ce scénario" not in page.text
        assert "Créer le scénario" not in client.get(home(room)).text
        acts = ("montants", "nom", "derivation", "suppression", "adoption", "adoption/annulation")
        for act in acts:
            line = room.line(STATE)
            form = {f"amount-{line.id}": "1", "name": "Autre"}
            assert site.post(client, f"{of(room, scenario)}/{act}", **form).status_code == 403
    assert site.client(world.bearer).get(of(room, scenario)).status_code == 403
    assert site.client(world.stranger).get(of(room, scenario)).status_code == 404


def test_adopting_then_cancelling_from_the_pages(site: Site, room: Room) -> None:
    line = room.line(STATE)
    scenario = room.create(amounts={line.id: Decimal("1500.00")})
    client = site.client(site.world.secretary)
    page = client.get(of(room, scenario)).text
    assert "1 ligne change." in plain(page) and "Adopter ce scénario" in page

    adopted = site.post(client, f"{of(room, scenario)}/adoption", version=scenario.version)
    assert "1 proposition changée" in plain(adopted.text) and "Annuler l’adoption" in adopted.text
    assert proposed(site, line) == Decimal("1500.00")
    assert "Enregistrer les montants" not in adopted.text  # an adopted one no longer changes

    again = site.post(client, f"{of(room, scenario)}/adoption", version=scenario.version + 1)
    assert again.status_code == 409 and "déjà adopté" in again.text

    back = site.post(client, f"{of(room, scenario)}/adoption/annulation", version=scenario.version + 1)
    assert "1 proposition remise comme avant" in plain(back.text)
    assert proposed(site, line) == Decimal("4000.00")


def test_what_cannot_be_proposed_is_listed_then_left_out_on_demand(site: Site, room: Room) -> None:
    gone, kept = room.line(STATE, 0), room.line(STATE, 1)
    scenario = room.create(amounts={gone.id: Decimal("100.00"), kept.id: Decimal("200.00")})
    room.journeys[0].fire("send_to_commitment", site.world.secretary)
    client = site.client(site.world.secretary)
    assert "n’est pas à la conférence" in client.get(of(room, scenario)).text

    refused = site.post(client, f"{of(room, scenario)}/adoption", version=scenario.version)
    assert refused.status_code == 422 and "Rien n’a été adopté" in refused.text
    assert proposed(site, kept) == Decimal("4000.00")

    site.post(client, f"{of(room, scenario)}/adoption", version=scenario.version, leave_out="on")
    assert (proposed(site, gone), proposed(site, kept)) == (Decimal("4000.00"), Decimal("200.00"))


def test_the_pilot_writes_a_scenario_and_leaves_its_adoption_to_the_secretary(site: Site, room: Room) -> None:
    scenario = room.create()
    client = site.client(site.world.pilot)

    page = client.get(of(room, scenario)).text
    assert "Enregistrer les montants" in page and "Adopter ce scénario" not in page
    refused = site.post(client, f"{of(room, scenario)}/adoption", version=scenario.version)
    assert refused.status_code == 403
    assert proposed(site, room.line(STATE)) == Decimal("4000.00")


def test_the_other_acts(site: Site, room: Room) -> None:
    scenario = room.create()
    client = site.client(site.world.secretary)

    site.post(client, f"{of(room, scenario)}/nom", name="Renommé", note="Pourquoi", version=scenario.version)
    page = client.get(of(room, scenario)).text
    assert "<h1>Renommé</h1>" in page and "Pourquoi" in page
    made = site.post(client, f"{of(room, scenario)}/derivation", name="Enfant")
    assert "Scénario dérivé de « Renommé »" in plain(made.text)
    gone = site.post(client, f"{of(room, scenario)}/suppression", version=scenario.version + 1)
    assert gone.url.path == home(room) and "Scénario « Renommé » supprimé" in plain(gone.text)
    assert client.get(of(room, scenario)).status_code == 404
    history = text_of(client.get(f"/seances/{room.seance.id}").text)
    assert "Supprimer un scénario" in history and "scénario : Renommé" in history


def test_the_comparison_says_who_gains_who_loses_and_what_the_targets_become(site: Site, room: Room) -> None:
    up, down = room.line(STATE, 0), room.line(STATE, 1)
    first = room.create("Un", {up.id: Decimal("4500.00"), down.id: Decimal("1000.00")})
    second = room.create("Deux", {down.id: Decimal(0)})
    client = site.client(site.world.financers["etat"])
    address = f"{home(room)}/comparaison?s={first.id}&s={second.id}"

    page = text_of(client.get(address).text)
    assert "Un 1 500 € 1 −3 000 €" in page and "Deux 0 0 € 1 −4 000 €" in page
    assert "Lignes (2 sur 4)" in page
    assert (
        "Servis en entier 0 0 0" in page and "Servis en partie 2 2 1" in page and "Non servis 0 0 1" in page
    )
    assert "reste 92 000 € sur l’enveloppe notifiée de 100 000 €" in page
    assert "reste 96 000 €" in page  # without the second one's State line
    assert "0 sur 2 ; objectif de plus de 50 % non atteint" in page
    assert "Le Haut 4,67 €" in page  # 14,000 € for 3,000 residents

    assert "Lignes (1 sur 4)" in text_of(client.get(f"{address}&ecart=hausse").text)
    assert "Lignes (4 sur 4)" in text_of(client.get(f"{address}&ecart=tous").text)
    assert "Lignes (2 sur 4)" in text_of(client.get(f"{address}&ecart=tous&credit={CAF}").text)
    assert "Lignes (2 sur 4)" in text_of(
        client.get(f"{address}&ecart=tous&q={up.dossier.reference.lower()}").text
    )
    assert "Aucune ligne" in text_of(client.get(f"{address}&q=zzz").text)
    against = text_of(client.get(f"{address}&base={first.id}").text)
    assert "Un référence" in against and "Propositions actuelles 1 3 000 € 1 −500 €" in against


def test_the_comparison_is_sorted_by_each_column(site: Site, room: Room) -> None:
    up, down = room.line(STATE, 0), room.line(STATE, 1)
    scenario = room.create("Un", {up.id: Decimal("4500.00"), down.id: Decimal("1000.00")})
    client = site.client(site.world.secretary)
    references = [up.dossier.reference, down.dossier.reference]

    def order(sort: str) -> list[str]:
        page = client.get(f"{home(room)}/comparaison?s={scenario.id}&tri={sort}").text
        return re.findall(r'<span class="ref">(\w+)</span>', page)

    assert order("-e1") == references and order("e1") == references[::-1]
    assert order("m1") == references[::-1] and order("-dossier") == references[::-1]
    assert order("ligne") == order("") == order("e9") == order("x") == references


@pytest.mark.parametrize("query", ["s=abc", "s=0&base=x", "s=999999999999", "tri=%00&q=%00", ""])
def test_an_odd_question_is_answered(site: Site, room: Room, query: str) -> None:
    room.create()
    client = site.client(site.world.secretary)

    assert client.get(f"{home(room)}/comparaison?{query}").status_code == 200


def test_more_than_four_are_refused(site: Site, room: Room) -> None:
    made = [room.create(f"N° {rank}").id for rank in range(5)]
    client = site.client(site.world.secretary)
    query = "&".join(f"s={id_}" for id_ in made)

    refused = client.get(f"{home(room)}/comparaison?{query}")
    assert refused.status_code == 422 and "4 scénarios au plus" in plain(refused.text)
    page = client.get(f"{home(room)}/comparaison").text  # the last four
    heads = re.findall(r'<th scope="row"><a href="[^"]*">([^<]*)</a></th>', plain(page))
    assert heads == ["Propositions actuelles", "N° 1", "N° 2", "N° 3", "N° 4"]


def test_the_files_hold_the_lines_of_the_page(site: Site, room: Room) -> None:
    up, down = room.line(STATE, 0), room.line(STATE, 1)
    scenario = room.create("=Un", {up.id: Decimal("4500.00"), down.id: Decimal("1000.00")})
    client = site.client(site.world.financers["etat"])

    book = load_workbook(BytesIO(client.get(f"{home(room)}/comparaison.xlsx?s={scenario.id}").content))
    assert book.sheetnames == ["Chiffres", "Lignes"]
    rows = list(book["Lignes"].values)
    assert rows[1][4:] == ("Demandé", "Propositions actuelles", "=Un", "Écart\u00a0: =Un")
    assert [row[5:] for row in rows[2:4]] == [(4000, 4500, 500), (4000, 1000, -3000)]
    figures = {row[1]: row[2:] for row in book["Chiffres"].values}
    assert figures["Servis en partie"] == ("2", "2")
    text = client.get(f"{home(room)}/comparaison.csv?s={scenario.id}&ecart=baisse").content.decode(
        "utf-8-sig"
    )
    assert len(text.strip().splitlines()) == 2 and "-3000,00" in text
    assert client.get(f"{home(room)}/comparaison.ods?s={scenario.id}").content[:2] == b"PK"
    assert client.get(f"{home(room)}/comparaison.pdf?s={scenario.id}").status_code == 404


@one_engine
def test_the_number_of_queries_does_not_depend_on_what_is_compared(
    site: Site, room: Room, engine: Engine
) -> None:
    few = room.create("Un")
    client = site.client(site.world.secretary)
    addresses = [home(room), of(room, few), f"{home(room)}/comparaison?ecart=tous"]

    def queries() -> list[int]:
        found = []
        for address in addresses:
            with counted(engine) as statements:
                assert client.get(address).status_code == 200
            found.append(len(statements))
        return found

    before = queries()
    more = Room(site.world, dossiers=6, in_days=30)
    set_agenda(room.db, room.seance, [*room.dossiers, *more.dossiers], room.secretary, room.now)
    line = more.line(STATE, 3)
    for name in ("Deux", "Trois", "Quatre"):
        room.create(name, {line.id: Decimal("1.00")})
    site.world.db.commit()
    assert queries() == before


def test_the_amounts_of_many_dossiers_come_in_pages_and_are_found(
    site: Site, room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("web.presenters.scenario.PAGE", 1)
    scenario = room.create()
    references = [dossier.reference for dossier in room.dossiers]
    client = site.client(site.world.secretary)

    def shown(query: str) -> list[str]:
        page = client.get(f"{of(room, scenario)}?{query}").text
        return [one for one in references if f">{one}</a>" in page]

    assert shown("") == shown("page=zzz") == [references[0]]
    assert shown("page=2") == shown("page=99") == [references[1]]
    assert shown(f"q={references[1]}") == [references[1]]
    line = room.line(STATE, 1)
    saved = site.post(
        client,
        f"{of(room, scenario)}/montants",
        page="2",
        version=scenario.version,
        **{f"amount-{line.id}": "7"},
    )
    assert str(saved.url).endswith(f"{of(room, scenario)}?page=2#montants")


def test_the_seance_leads_to_its_scenarios(site: Site, room: Room) -> None:
    page = site.client(site.world.financers["caf"]).get(f"/seances/{room.seance.id}").text
    assert f'href="{home(room)}"' in page


def test_over_it_shows_and_changes_no_more(site: Site, room: Room) -> None:
    scenario = room.create()
    room.seance.status = "closed"
    client = site.client(site.world.secretary)

    page = client.get(of(room, scenario)).text
    assert "Enregistrer les montants" not in page and "Adopter ce scénario" not in page
    refused = site.post(client, f"{of(room, scenario)}/nom", name="Autre", version=scenario.version)
    assert refused.status_code == 409
    with site.application.read() as db:
        assert get_scenarios(db, room.seance, [scenario.id])[0].name == "Prudent"
