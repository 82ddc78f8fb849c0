# SPDX-License-Identifier: EUPL-1.2
"""The board: filters of the address, sums, sorting, and a number of statements that does not grow."""

from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from reports.board import OFFERED
from tests.factories import TODAY
from tests.factories.statements import counted
from tests.web.conftest import Site
from tests.workflow.journey import at, later
from web.presenters.board_address import NAMES
from workflow.queries_board import BoardFilters, page_of_board, stage_totals

EVERY_COLUMN = ",".join(OFFERED)


@pytest.mark.parametrize(
    "address",
    [
        "/dossiers",
        "/dossiers?vue=tableau&tri=-demande",
        "/dossiers?retard=oui&q=soir",
        f"/dossiers?vue=tableau&colonnes={EVERY_COLUMN}&q=avis:caf",
    ],
)
def test_the_number_of_statements_does_not_grow(site: Site, engine: Engine, address: str) -> None:
    at(site.world, "co_instruction")
    client = site.client(site.world.instructor)
    client.get(address)
    with counted(engine) as one:
        assert client.get(address).status_code == 200
    at(site.world, "financers_conference", site.world.dossier())
    at(site.world, "co_instruction", site.world.dossier())
    site.world.db.commit()
    with counted(engine) as three:
        assert client.get(address).status_code == 200
    assert len(three) == len(one) <= 15


def test_rows_carry_sums_and_who_has_not_answered(site: Site) -> None:
    journey = at(site.world, "co_instruction")
    journey.give(journey.dossier.opinions[0], "favourable")
    site.world.dossier(title="Autre", requests={})
    late = BoardFilters(later(journey.now, 60).date())
    db, contract = site.world.db, site.world.contract
    rows = {row.reference: row for row in page_of_board(db, contract, late)}
    row = rows[journey.dossier.reference]
    assert (row.amount("requested"), row.amount("proposed")) == (Decimal("8000.00"), None)
    assert (row.amount("requested", "caf"), row.amount("requested", "region")) == (Decimal("3000.00"), None)
    assert (len(row.opinions), row.opinions_in, row.opinions_late) == (2, 1, 1)
    assert row.missing == [journey.dossier.opinions[1].organisation.name]
    asked = {line.financer for line in journey.dossier.lines if line.state == "asked"}
    assert set(row.unanswered) <= asked and row.unanswered
    other = rows[next(reference for reference in rows if reference != row.reference)]
    assert (other.amount("requested"), other.lines) == (None, [])
    totals = stage_totals(db, contract, late)
    assert (totals["co_instruction"].dossiers, totals["co_instruction"].requested) == (1, Decimal("8000.00"))


UNKNOWN = ("demande", "demande.caf", "theme", "echeance", "cout", "beneficiaires", "instructeur", "cpo")


def test_every_column_sorts_both_ways_and_leaves_the_unknown_last(site: Site) -> None:
    world = site.world
    at(world, "co_instruction")
    world.dossier(title="Vide", requests={}, qpv=None, beneficiaries_total=None, total_cost=None, cpo=None)
    for sort in (*OFFERED, "demande.caf", "zzz"):
        for way in (False, True):
            rows = page_of_board(world.db, world.contract, BoardFilters(TODAY), sort=sort, descending=way)
            assert len(rows) == 2
            assert sort not in UNKNOWN or rows[1].title == "Vide", sort


def test_sorting_by_an_amount(site: Site) -> None:
    world = site.world
    for amount in (300, 100, 200):
        world.dossier(title=f"A{amount}", requests={"etat:specifique": Decimal(amount)})
    filters = BoardFilters(TODAY)
    rows = page_of_board(world.db, world.contract, filters, sort="demande", descending=True)
    assert [row.title for row in rows] == ["A300", "A200", "A100"]


one_engine = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@one_engine
def test_both_views_and_unreadable_words(site: Site) -> None:
    dossier = at(site.world, "admissible").dossier
    client = site.client(site.world.instructor)
    grouped = client.get("/dossiers").text
    assert dossier.reference in grouped and "Recevable" in grouped
    table = client.get("/dossiers?vue=tableau&tri=-demande&page=99&instructeur=x&annee=zzz&etape=rien").text
    assert dossier.reference in table and 'aria-sort="descending"' in table
    assert "« rien » n’est pas connu ici" in table.replace("\u00a0", " ")
    assert "Aucun dossier." in client.get("/dossiers?q=introuvable").text


@pytest.mark.parametrize(("who", "imports"), [("pilot", True), ("instructor", False)])
def test_an_empty_board_says_where_requests_come_from(site: Site, who: str, imports: bool) -> None:
    page = site.client(getattr(site.world, who)).get("/dossiers").text
    assert "quand les porteurs les déposent" in page and "coinstruction import" not in page
    assert ('href="/administration/import"' in page.partition("<main")[2]) is imports


@one_engine
def test_the_search_wins_over_the_year_and_a_phase_over_the_search(site: Site) -> None:
    world = site.world
    world.dossier(title="Cette année", stage="submitted")
    world.dossier(title="L’an passé", year=world.year - 1, stage="submitted")
    client = site.client(world.instructor)
    assert "L’an passé" not in client.get("/dossiers").text
    assert "L’an passé" in client.get(f"/dossiers?q=annee:{world.year - 1}").text
    page = client.get("/dossiers?q=etape:depot+soir").text
    assert "etape=submitted%2C" not in page  # no phase link keeps both its stages and those of the search
    assert f"q=soir&amp;annee={world.year}&amp;etape=admissible%2Cdispatched" in page.replace(
        "&amp;", "&amp;"
    )


@one_engine
def test_the_columns_chosen_are_shown_and_others_are_not(site: Site) -> None:
    dossier = at(site.world, "co_instruction").dossier
    client = site.client(site.world.instructor)
    page = client.get(
        "/dossiers?vue=tableau&colonnes=reference&colonnes=manque&colonnes=demande-par-financeur&colonnes=zz"
    )
    financers = {line.financer for line in dossier.lines}
    assert page.text.count('<th scope="col"') == 1 + 2 + len(
        financers
    )  # the boxes, two columns, one a financer
    assert "Demandé CAF" in page.text or "Demandé Caisse" in page.text
    assert "Action</a>" not in page.text


@one_engine
def test_a_porteur_has_neither_board_nor_export(site: Site) -> None:
    journey = at(site.world, "committed")
    client = site.client(site.world.bearer)
    page = client.get(
        "/dossiers?vue=tableau&colonnes=reference,propose,retenu&tri=-propose&q=etape:retenu"
    ).text
    assert journey.dossier.title in page
    assert "<table" not in page and "Proposé" not in page and "Enregistrer la vue" not in page
    assert client.get("/dossiers/export.csv?colonnes=reference,etape,retenu").status_code == 403


@one_engine
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.dictionaries(
        st.sampled_from(NAMES),
        st.text(max_size=20) | st.sampled_from(["-demande", "2026", "oui", EVERY_COLUMN]),
    )
)
def test_any_address_shows_the_board(site: Site, words: dict[str, str]) -> None:
    client = site.client(site.world.instructor)
    assert client.get("/dossiers", params=words).status_code == 200
    assert client.get("/dossiers/export.csv", params=words).status_code == 200


def test_one_request_filed_for_next_year_moves_nobody(site: Site) -> None:
    """In November the first requests of next year come in: every page stays on the current exercise, and says so."""
    world = site.world
    now, ahead = at(world, "submitted").dossier, at(world, "submitted", world.dossier(title="Jardin")).dossier
    ahead.year = world.year + 1
    assert site.application.today().year == world.year
    client = site.client(world.instructor)
    for address in ("/dossiers", "/dossiers?vue=tableau&etape=submitted", "/dossiers?q=jardin%20ou%20soir"):
        page = client.get(address).text
        assert f"Exercice <strong>{world.year}</strong>" in page and "toutes les années</a>" in page
    page = client.get("/dossiers?vue=tableau").text
    assert now.reference in page and ahead.title not in page
    assert "Jardin" in client.get("/dossiers?q=jardin&annee=toutes").text
    assert f"Exercice <strong>{world.year + 1}" in client.get(f"/dossiers?q=annee:{world.year + 1}").text
    assert f"<h1>Programme {world.year}</h1>" in client.get("/programme").text
    assert f"<h1>Enveloppes {world.year}</h1>" in client.get("/enveloppes").text
    now.year = world.year + 2  # nothing this year: the nearest, the same one everywhere
    client = site.client(world.instructor)
    assert f"Exercice <strong>{world.year + 1}" in client.get("/dossiers").text
    assert f"<h1>Programme {world.year + 1}</h1>" in client.get("/programme").text
    assert f"<h1>Enveloppes {world.year + 1}</h1>" in client.get("/enveloppes").text
