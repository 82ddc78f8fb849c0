# SPDX-License-Identifier: EUPL-1.2
"""Organisations: which are known in a contract, what they filed, and how what identifies them is corrected."""

from decimal import Decimal

import pytest
from sqlalchemy import func, select

from tests.factories import NOW, TODAY
from tests.factories.people import SIRETS, make_porteur
from tests.factories.world import World
from workflow.errors import ConflictError, InvalidInputError, NotPermittedError, UnknownReferenceError
from workflow.models import Contract, Journal, Organisation, Person
from workflow.organisations import add_organisation, correct_organisation
from workflow.permissions import actor_for
from workflow.queries import find_dossier
from workflow.queries_organisations import (
    OrganisationFilters,
    answered_by,
    filed_by,
    get_organisation,
    list_organisations,
    people_of,
)


def correct(world: World, organisation: Organisation, version: int | None = None, **typed: str) -> list[str]:
    pilot = actor_for(world.db, world.pilot, TODAY)
    return correct_organisation(
        world.db, world.contract, organisation, typed, pilot, NOW, expected_version=version
    )


def add(world: World, who: Person | None = None, **typed: str) -> Organisation:
    actor = actor_for(world.db, who or world.pilot, TODAY)
    return add_organisation(world.db, world.contract, typed, actor, NOW)


def names(world: World, contract: Contract | None = None, **filters: str) -> list[str]:
    rows, total = list_organisations(world.db, contract or world.contract, OrganisationFilters(**filters))
    assert total == len(rows)
    return [row.name for row in rows]


def test_the_list_holds_those_of_the_contract_only(world: World) -> None:
    world.dossier()
    elsewhere = make_porteur(world.db, "Porteur d’ailleurs", siret=None)
    shown = names(world)
    assert "État" in shown and world.porteur.name in shown
    everything = OrganisationFilters()
    last, total = list_organisations(world.db, world.contract, everything, offset=5000, limit=2)
    assert [row.name for row in last] == shown[(total - 1) // 2 * 2 :]
    assert elsewhere.name not in shown
    with pytest.raises(UnknownReferenceError):
        get_organisation(world.db, world.contract, elsewhere.id)


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({"search": "atéliers PONT"}, ["Les Ateliers du Pont"]),
        ({"search": SIRETS[0][:9]}, ["Les Ateliers du Pont"]),
        ({"search": f"{SIRETS[0][:3]} {SIRETS[0][3:]}"}, ["Les Ateliers du Pont"]),
        ({"search": "100%"}, []),
        ({"kind": "conseil_citoyen"}, ["Conseil citoyen"]),
        ({"kind": "roi"}, []),
    ],
)
def test_the_list_is_searched(world: World, filters: dict[str, str], found: list[str]) -> None:
    world.dossier()
    assert names(world, **filters) == found


def test_what_it_filed_is_given_line_by_line(world: World) -> None:
    dossier = world.dossier()
    lines = filed_by(world.db, world.contract, world.porteur)
    assert {line.key for line in lines} == {line.key for line in dossier.lines}
    asked = sum((line.requested for line in lines if line.requested is not None), Decimal(0))
    assert asked == sum(line.requested for line in dossier.lines if line.requested is not None)
    assert filed_by(world.db, world.contract, world.organisations["caf"]) == []


def test_what_a_financer_answered_is_summed_by_credit_and_year(world: World) -> None:
    lines = [line for _ in range(2) for line in world.dossier().lines if line.financer == "etat"]
    rows = answered_by(world.db, world.contract, world.organisations["etat"])
    assert {row.key for row in rows} == {line.key for line in lines}
    assert sum(row.lines for row in rows) == len(lines)
    asked = sum((row.requested for row in rows if row.requested is not None), Decimal(0))
    assert asked == sum(line.requested for line in lines if line.requested is not None) > 0
    assert answered_by(world.db, world.contract, world.porteur) == []


def test_its_people_are_those_in_force(world: World) -> None:
    assert [row.person.name for row in people_of(world.db, world.contract, world.porteur, TODAY)] == [
        "Bérénice Porteuse"
    ]
    world.bearer.is_active = False
    world.db.flush()
    assert people_of(world.db, world.contract, world.porteur, TODAY) == []


def test_a_correction_is_journalled_and_searches_follow_the_name(world: World) -> None:
    dossier = world.dossier()
    changed = correct(
        world, world.porteur, name="Les Ateliers  de la Tour", siret="900 100 025 00015", email="x@y.test"
    )
    assert changed == ["name", "siret", "email"]
    assert (world.porteur.name, world.porteur.siret) == ("Les Ateliers de la Tour", SIRETS[1])
    assert "tour" in find_dossier(world.db, world.contract, dossier.reference).search_key
    line = world.db.scalars(select(Journal).where(Journal.trigger == "organisation.correct")).one()
    assert line.details["changes"]["siret"] == {"before": SIRETS[0], "after": SIRETS[1]}
    assert "x@y.test" not in str(line.details)
    assert correct(world, world.porteur, name="Les Ateliers de la Tour") == []


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"name": "  "}, "Nom"),
        ({"siret": "123"}, "quatorze chiffres"),
        ({"siret": "90010002500016"}, "clé est fausse"),
        ({"rna": "599000001"}, "RNA"),
        ({"legal_form": "secte"}, "Forme juridique"),
        ({"email": "sans-arobase"}, "Adresse"),
        ({"commune": "Somain"}, "code INSEE"),
    ],
)
def test_a_number_that_is_none_is_refused(world: World, typed: dict[str, str], said: str) -> None:
    with pytest.raises(InvalidInputError, match=said):
        correct(world, world.porteur, **typed)
    assert world.porteur.siret == SIRETS[0]


def test_the_siret_of_another_is_refused(world: World) -> None:
    other = make_porteur(world.db, "Autre porteur", siret=SIRETS[1])
    with pytest.raises(InvalidInputError, match="Les Ateliers du Pont"):
        correct(world, other, siret=SIRETS[0])


def test_what_the_configuration_says_is_corrected_there(world: World) -> None:
    etat = world.organisations["etat"]
    with pytest.raises(InvalidInputError, match="configuration"):
        correct(world, etat, name="République")
    assert correct(world, etat, siret=SIRETS[2]) == ["siret"]  # it said nothing of it


def test_an_old_page_is_a_conflict(world: World) -> None:
    version = world.porteur.version
    correct(world, world.porteur, version, name="Premier")
    with pytest.raises(ConflictError):
        correct(world, world.porteur, version, name="Second")


@pytest.mark.parametrize("person", ["instructor", "citizen", "bearer", "stranger"])
def test_others_correct_nothing(world: World, person: str) -> None:
    actor = actor_for(world.db, getattr(world, person), TODAY)
    with pytest.raises(NotPermittedError):
        correct_organisation(world.db, world.contract, world.porteur, {"name": "X"}, actor, NOW)


def test_one_is_added_and_known_in_its_contract(world: World) -> None:
    added = add(world, name="Les  Jardins d’Élise", siret="900 100 025 00015", legal_form="association")
    assert (added.name, added.siret, added.kind, added.code) == (
        "Les Jardins d’Élise",
        SIRETS[1],
        "porteur",
        None,
    )
    assert names(world, search="jardins elise") == ["Les Jardins d’Élise"]
    line = world.db.scalars(select(Journal).where(Journal.trigger == "organisation.add")).one()
    assert line.subject == f"organisation:{added.id}" and line.details == {"name": "Les Jardins d’Élise"}


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({}, "name"),
        ({"name": "Autre", "siret": SIRETS[0]}, "siret"),
        ({"name": "Autre", "siret": "90010002500016"}, "siret"),
        ({"name": "LES ATELIERS du Pont"}, "name"),
        ({"name": "Autre", "rna": "W599000001"}, "rna"),
        ({"name": "Autre", "commune": "Somain"}, "commune"),
    ],
)
def test_what_is_known_or_wrong_is_not_added(world: World, typed: dict[str, str], field: str) -> None:
    world.porteur.rna = "W599000001"
    world.db.flush()
    before = world.db.scalar(select(func.count(Organisation.id)))
    with pytest.raises(InvalidInputError) as refused:
        add(world, **typed)
    assert refused.value.field == field
    assert world.db.scalar(select(func.count(Organisation.id))) == before


def test_two_establishments_share_a_name(world: World) -> None:
    assert add(world, name=world.porteur.name, siret=SIRETS[1]).id != world.porteur.id


@pytest.mark.parametrize("person", ["instructor", "citizen", "bearer", "stranger"])
def test_others_add_nothing(world: World, person: str) -> None:
    with pytest.raises(NotPermittedError):
        add(world, getattr(world, person), name="X")
