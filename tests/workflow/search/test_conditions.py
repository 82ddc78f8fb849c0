# SPDX-License-Identifier: EUPL-1.2
"""The search on both databases: each word keeps the dossiers it names, its denial keeps the others."""

from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from tests.factories import NOW, TODAY
from tests.factories.contract import QPV_BAS, QPV_HAUT
from tests.factories.people import make_porteur
from tests.factories.world import World
from tests.workflow.journey import at, later
from workflow.attention import note_visit
from workflow.exchanges import write_message
from workflow.models import Dossier
from workflow.permissions import actor_for
from workflow.queries_board import BoardFilters, page_of_board, stage_totals
from workflow.search.keys import KEYS
from workflow.search.reading import read_search
from workflow.search.vocabulary import Vocabulary

SOIR, VELO, BOITE = "Ateliers du soir", "Mobilité à vélo", "Boîte à livres 100%"


@pytest.fixture
def place(world: World) -> World:
    """One dossier late in co-instruction, one of last year elsewhere, one nearly empty."""
    journey = at(world, "co_instruction")
    journey.give(journey.dossier.opinions[0], "favourable")
    amounts = {"region:specifique": Decimal(10)}
    world.dossier(title=VELO, qpv=[QPV_BAS], objectives=["2.1.1"], year=2025, requests=amounts, cpo=True)
    other = make_porteur(world.db, "Les Jardins d’Élise", siret=None)
    world.dossier(title=BOITE, qpv=[], objectives=[], requests={}, porteur=other, cpo=None, total_cost=None)
    world.db.flush()
    return world


def found(world: World, text: str, days: int = 60) -> set[str]:
    vocabulary = Vocabulary(
        world.territory, [(world.instructor.id, world.instructor.name)], world.instructor.id
    )
    search = read_search(text, vocabulary)
    assert search.faults == ()
    reader = actor_for(world.db, world.instructor, TODAY)
    filters = BoardFilters(later(NOW, days).date(), search.terms, reader)
    rows = page_of_board(world.db, world.contract, filters)
    totals = stage_totals(world.db, world.contract, filters)
    if "etape" not in text:
        assert sum(total.dossiers for total in totals.values()) == len(rows)
    return {row.title for row in rows}


ALL = {SOIR, VELO, BOITE}


KEPT: list[tuple[str, set[str]]] = [
    ("", ALL),
    ("SOIR ateliers", {SOIR}),
    ('"du soir"', {SOIR}),
    ('"soir du"', set()),
    ("100%", {BOITE}),
    ("100_", set()),
    ("etape:co-instruction", {SOIR}),
    ("etape:depot", {VELO, BOITE}),
    ("-etape:depot", {SOIR}),
    ("etape:depot etape:co-instruction", set()),
    (f"qpv:{QPV_BAS}", {VELO}),
    (f"qpv:{QPV_BAS},{QPV_HAUT}", {VELO, SOIR}),
    ("qpv:aucun", {BOITE}),
    (f"-qpv:{QPV_BAS}", {SOIR, BOITE}),
    ("financeur:region", {VELO}),
    ("financeur:region:specifique", {VELO}),
    ("porteur:élise", {BOITE}),
    ('-porteur:"jardins d\'elise"', {SOIR, VELO}),
    ("theme:education", {SOIR}),
    ("theme:aucun", {VELO, BOITE}),
    ("-theme:education", {VELO, BOITE}),
    ("objectif:2", {VELO}),
    ("objectif:2.1", {VELO}),
    ("annee:2025", {VELO}),
    ("annee>2025", {SOIR, BOITE}),
    ("instructeur:moi", {SOIR}),
    ("instructeur:aucun", {VELO, BOITE}),
    ("avis:attendu", {SOIR}),
    ("avis:rendu", {SOIR}),
    ("avis:favorable", {SOIR}),
    ("avis:defavorable", set()),
    ("avis:caf", {SOIR}),
    ("-avis:caf", {VELO, BOITE}),
    ("montant>10", {SOIR}),
    ("montant>=10", {SOIR, VELO}),
    ("-montant>10", {VELO, BOITE}),
    ("propose>0", set()),
    ("cout>0", {SOIR, VELO}),
    ("cpo", {VELO}),
    ("cpo:non", {SOIR, BOITE}),
    ("retard", {SOIR}),
    ("-retard", {VELO, BOITE}),
    ("soir -retard", set()),
]


def test_each_word_keeps_what_it_names(place: World) -> None:
    assert {text: found(place, text) for text, _ in KEPT} == dict(KEPT)


def test_who_has_not_answered(place: World) -> None:
    journey_opinions = {"caf", "departement"}
    owing = {code for code in journey_opinions if found(place, f"sans-reponse:{code}")}
    assert owing  # one of the two has given its opinion, or owes its droit commun
    assert found(place, "sans-reponse:region") == set()


def test_what_one_has_not_read(place: World) -> None:
    me = actor_for(place.db, place.instructor, TODAY)
    for dossier in place.db.scalars(select(Dossier).where(Dossier.title != VELO)):
        note_visit(place.db, dossier.id, me, NOW, seq=999, exchange=0)
    boite = place.db.scalars(select(Dossier).where(Dossier.title == BOITE)).one()
    write_message(place.db, boite, "internal", "À relire", actor_for(place.db, place.pilot, TODAY), NOW)
    place.db.flush()

    assert found(place, "nonlu") == {VELO, BOITE}  # never opened; something new
    assert found(place, "-nonlu") == {SOIR}


def test_nobody_is_late_before_the_date(place: World) -> None:
    assert found(place, "retard", days=0) == set()


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from([k.example for k in KEYS]) | st.text(max_size=8), max_size=6))
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_any_search_can_be_asked(world: World, words: list[str]) -> None:
    search = read_search(" ".join(words), Vocabulary(world.territory))
    filters = BoardFilters(TODAY, search.terms)

    assert page_of_board(world.db, world.contract, filters) == []
    assert stage_totals(world.db, world.contract, filters) == {}
