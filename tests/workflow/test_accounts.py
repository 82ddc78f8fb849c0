# SPDX-License-Identifier: EUPL-1.2
"""Accounts and mandates: what administrators do, what is refused, and the line each act leaves."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.factories import NOW, TODAY
from tests.factories.people import give_mandate, make_person
from tests.factories.world import World
from web.sessions import find_session, open_session
from workflow.accounts import (
    COMMAND_LINE,
    MandateRequest,
    close_mandate,
    deactivate,
    open_account,
    reactivate,
)
from workflow.accounts import (
    give_mandate as give,
)
from workflow.errors import (
    InvalidInputError,
    NotAllowedHereError,
    NotPermittedError,
    UnknownReferenceError,
)
from workflow.journal import verify_all
from workflow.models import Event, Journal, Mandate, Person
from workflow.permissions import INTEREST, Actor, actor_for
from workflow.stages import Role


@pytest.fixture
def boss(world: World) -> Actor:
    return actor_for(world.db, world.administrator, TODAY)


def asked(
    world: World, role: str = "instructor", organisation: str = "etat", **changes: object
) -> MandateRequest:
    return MandateRequest(role, world.organisations[organisation], TODAY, **changes)  # type: ignore[arg-type]


def lines(world: World) -> list[Journal]:
    chain = f"administration:{world.contract.id}"
    return list(world.db.scalars(select(Journal).where(Journal.chain == chain).order_by(Journal.seq)))


def test_an_account_is_opened_told_and_journalled(world: World, boss: Actor) -> None:
    person, is_new, is_added = open_account(
        world.db, world.contract, " Neuve@Etat.test", "  Zoé   Neuve ", asked(world), boss, NOW
    )
    assert (person.email, person.name, person.password_hash) == ("neuve@etat.test", "Zoé Neuve", None)
    assert is_new and is_added
    assert actor_for(world.db, person, TODAY).has(Role.INSTRUCTOR, world.contract.id)
    assert [line.trigger for line in lines(world)] == ["account.create", "mandate.give"]
    assert lines(world)[1].details["organisation"] == "État"
    told = world.db.scalars(select(Event).where(Event.kind == "account.created")).one()
    assert told.subject == f"person:{person.id}"
    assert verify_all(world.db) == []


def test_a_known_address_gains_the_mandate_once_and_is_told_nothing(world: World, boss: Actor) -> None:
    for expected in ((False, True), (False, False)):
        _, *found = open_account(
            world.db, world.contract, world.pilot.email, None, asked(world, organisation="epci"), boss, NOW
        )
        assert tuple(found) == expected
    assert world.db.scalars(select(Event).where(Event.kind == "account.created")).all() == []


@pytest.mark.parametrize("person", ["pilot", "secretary", "instructor", "citizen", "bearer", "stranger"])
def test_nobody_else_keeps_the_accounts(world: World, person: str) -> None:
    actor = actor_for(world.db, getattr(world, person), TODAY)
    mandate = world.colleague.mandates[0]
    for act in (
        lambda: open_account(world.db, world.contract, "a@b.test", None, asked(world), actor, NOW),
        lambda: give(world.db, world.contract, world.pilot, asked(world), actor, NOW),
        lambda: close_mandate(world.db, world.contract, mandate, actor, NOW, TODAY),
        lambda: deactivate(world.db, world.contract, world.colleague, actor, NOW, TODAY),
        lambda: reactivate(world.db, world.contract, world.colleague, actor, NOW, TODAY),
    ):
        with pytest.raises(NotPermittedError):
            act()
    assert lines(world) == []


BAD = {
    "unknown role": ({"role": "roi"}, InvalidInputError, "Rôle inconnu"),
    "system": ({"role": "system"}, InvalidInputError, "Rôle inconnu"),
    "lead": ({"role": "lead_instructor"}, InvalidInputError, "Rôle inconnu"),
    "body": ({"role": "member", "body": "nulle-part"}, UnknownReferenceError, "Instance inconnue"),
    "pilot of a body": (
        {"role": "pilot", "body": "comite"},
        InvalidInputError,
        "seulement pour un secrétaire",
    ),
    "member of nothing": ({"role": "member"}, InvalidInputError, "un membre siège"),
    "council": ({"role": "citizen_council"}, InvalidInputError, "conseils citoyens"),
    "dates": ({"to_on": TODAY - timedelta(days=1)}, InvalidInputError, "précède"),
}


@pytest.mark.parametrize("fault", BAD)
def test_a_mandate_that_means_nothing_is_refused(world: World, boss: Actor, fault: str) -> None:
    changes, error, text = BAD[fault]
    with pytest.raises(error, match=text):
        give(world.db, world.contract, world.pilot, asked(world, **changes), boss, NOW)  # type: ignore[arg-type]


def test_a_porteur_organisation_gives_no_right_on_the_contract(world: World, boss: Actor) -> None:
    request = MandateRequest("instructor", world.porteur, TODAY)
    with pytest.raises(InvalidInputError, match="porteurs et des intérêts"):
        give(world.db, world.contract, world.pilot, request, boss, NOW)
    assert give(
        world.db, world.contract, world.pilot, MandateRequest("porteur", world.porteur, TODAY), boss, NOW
    )
    interest = MandateRequest(INTEREST, world.porteur, TODAY, title="trésorière")
    assert give(world.db, world.contract, world.colleague, interest, boss, NOW)
    assert actor_for(world.db, world.colleague, TODAY).is_concerned_by(world.porteur.id)


@pytest.mark.parametrize("email", ["", "sans-arobase", "a@b@c.test", f"{'x' * 250}@b.test", "a@b.test\x00"])
def test_an_address_that_is_none_is_refused(world: World, boss: Actor, email: str) -> None:
    with pytest.raises(InvalidInputError, match="Adresse"):
        open_account(world.db, world.contract, email, None, asked(world), boss, NOW)


def test_a_closed_mandate_gives_nothing_from_today(world: World, boss: Actor) -> None:
    mandate = world.instructor.mandates[0]
    close_mandate(world.db, world.contract, mandate, boss, NOW, TODAY)
    assert not actor_for(world.db, world.instructor, TODAY).has(Role.INSTRUCTOR, world.contract.id)
    assert actor_for(world.db, world.instructor, TODAY - timedelta(days=1)).seats
    with pytest.raises(NotAllowedHereError, match="déjà clos"):
        close_mandate(world.db, world.contract, mandate, boss, NOW, TODAY)
    assert give(world.db, world.contract, world.instructor, asked(world), boss, NOW)  # and may be given again


def test_one_does_not_close_ones_own_administration(world: World, boss: Actor) -> None:
    with pytest.raises(NotAllowedHereError, match="votre propre mandat"):
        close_mandate(world.db, world.contract, world.administrator.mandates[0], boss, NOW, TODAY)
    with pytest.raises(NotAllowedHereError, match="votre propre compte"):
        deactivate(world.db, world.contract, world.administrator, boss, NOW, TODAY)


def test_the_last_administrator_stays(world: World, boss: Actor) -> None:
    only = world.administrator.mandates[0]
    with pytest.raises(NotAllowedHereError, match="dernier administrateur"):
        close_mandate(world.db, world.contract, only, COMMAND_LINE, NOW, TODAY)
    with pytest.raises(NotAllowedHereError, match="dernier administrateur"):
        deactivate(world.db, world.contract, world.administrator, COMMAND_LINE, NOW, TODAY)
    other = make_person(world.db, "autre@epci.test")
    give_mandate(world.db, other, Role.ADMINISTRATOR, world.organisations["epci"], world.contract)
    other.is_active = False
    with pytest.raises(NotAllowedHereError, match="dernier administrateur"):  # a closed account keeps nothing
        deactivate(world.db, world.contract, world.administrator, COMMAND_LINE, NOW, TODAY)
    other.is_active = True
    deactivate(world.db, world.contract, world.administrator, COMMAND_LINE, NOW, TODAY)
    assert not world.administrator.is_active


def test_deactivating_ends_the_sessions_and_is_undone(world: World, boss: Actor) -> None:
    token = open_session(world.db, world.instructor, NOW)
    deactivate(world.db, world.contract, world.instructor, boss, NOW, TODAY)
    assert find_session(world.db, token, NOW) is None
    with pytest.raises(NotAllowedHereError, match="déjà désactivé"):
        deactivate(world.db, world.contract, world.instructor, boss, NOW, TODAY)
    reactivate(world.db, world.contract, world.instructor, boss, NOW, TODAY)
    assert world.instructor.is_active
    assert find_session(world.db, token, NOW) is None
    with pytest.raises(NotAllowedHereError, match="déjà actif"):
        reactivate(world.db, world.contract, world.instructor, boss, NOW, TODAY)
    assert [line.trigger for line in lines(world)] == ["account.deactivate", "account.reactivate"]


def test_whoever_works_in_another_contract_is_not_shut_out(world: World, boss: Actor) -> None:
    with pytest.raises(NotAllowedHereError, match="autre contrat"):
        deactivate(world.db, world.contract, world.stranger, boss, NOW, TODAY)
    everywhere = make_person(world.db, "partout@epci.test")
    give_mandate(world.db, everywhere, Role.PILOT, world.organisations["epci"], None)
    with pytest.raises(NotAllowedHereError, match="autre contrat"):
        deactivate(world.db, world.contract, everywhere, boss, NOW, TODAY)
    with pytest.raises(NotAllowedHereError, match="tous les contrats"):
        close_mandate(world.db, world.contract, everywhere.mandates[0], boss, NOW, TODAY)
    assert world.db.scalar(select(Person.is_active).where(Person.id == world.stranger.id))
    assert world.db.scalar(select(Mandate.to_on).where(Mandate.person_id == everywhere.id)) is None
