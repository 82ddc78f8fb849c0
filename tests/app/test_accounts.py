# SPDX-License-Identifier: EUPL-1.2
"""Accounts: a password shown once, mandates added without doubles, clear refusals."""

import pytest

from app.accounts import create_account
from app.passwords import is_right_password
from tests.factories import NOW, TODAY
from tests.factories.world import World
from workflow.errors import InvalidInputError, UnknownReferenceError
from workflow.permissions import actor_for, person_by_email
from workflow.stages import Role

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def test_new_account_can_sign_in_and_act(world: World) -> None:
    made = create_account(
        world.db, world.contract, email=" Neuve@EPCI.test ", role="pilot", on=TODAY, now=NOW
    )

    person = person_by_email(world.db, "neuve@epci.test")
    assert (made.is_new, made.is_new_mandate) == (True, True)
    assert made.password is not None
    assert is_right_password(person.password_hash, made.password)
    assert actor_for(world.db, person, TODAY).has(Role.PILOT, world.contract.id)


def test_known_person_gains_the_mandate_and_keeps_the_password(world: World) -> None:
    first = create_account(world.db, world.contract, email="a@b.test", role="pilot", on=TODAY, now=NOW)
    stored = first.person.password_hash

    again = create_account(
        world.db,
        world.contract,
        email="a@b.test",
        role="member",
        body="comite",
        organisation="caf",
        on=TODAY,
        now=NOW,
    )

    assert (again.is_new, again.is_new_mandate, again.password) == (False, True, None)
    assert again.person.password_hash == stored


def test_same_mandate_twice_is_one(world: World) -> None:
    create_account(world.db, world.contract, email="a@b.test", role="pilot", on=TODAY, now=NOW)

    again = create_account(world.db, world.contract, email="a@b.test", role="pilot", on=TODAY, now=NOW)

    assert again.is_new_mandate is False


@pytest.mark.parametrize(
    ("change", "error", "text"),
    [
        ({"email": "pas une adresse"}, InvalidInputError, "Adresse"),
        ({"role": "roi"}, InvalidInputError, "Rôle inconnu"),
        ({"role": "system"}, InvalidInputError, "Rôle inconnu"),
        ({"body": "nulle-part"}, UnknownReferenceError, "Instance inconnue"),
        ({"organisation": "nulle-part"}, UnknownReferenceError, "Organisation inconnue"),
        ({"password": "court"}, InvalidInputError, "trop court"),
    ],
)
def test_bad_account_is_refused(
    world: World, change: dict[str, str], error: type[Exception], text: str
) -> None:
    values = {"email": "a@b.test", "role": "pilot"} | change

    with pytest.raises(error, match=text):
        create_account(world.db, world.contract, on=TODAY, now=NOW, **values)  # type: ignore[arg-type]


def test_porteur_is_found_by_siret(world: World) -> None:
    made = create_account(
        world.db,
        world.contract,
        email="a@b.test",
        role="porteur",
        organisation=str(world.porteur.siret),
        on=TODAY,
        now=NOW,
    )

    assert made.person.mandates[0].organisation is world.porteur
