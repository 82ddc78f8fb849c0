# SPDX-License-Identifier: EUPL-1.2
"""Lists of accounts, sessions and failures, on both engines."""

from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from tests.factories import NOW, TODAY
from tests.factories.people import give_mandate, make_person
from tests.factories.world import World
from web.sessions import IDLE, note_seen, open_session, sessions_of
from workflow.accounts import end_sessions
from workflow.models import Identity
from workflow.queries_accounts import AccountFilters, administration_journal, list_accounts, open_sessions
from workflow.sign_in_failures import WINDOW, forget_failures, forgive, free_again_at, note_failure


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        (AccountFilters(search="paule PILOTE"), ["Paule Pilote"]),
        (AccountFilters(search="citoyen.test"), ["Coline Citoyenne"]),
        (AccountFilters(search="%"), []),
        (AccountFilters(role="secretary"), ["Sacha Secrétaire"]),
        (AccountFilters(role="roi"), []),
        (AccountFilters(active=False), []),
    ],
)
def test_accounts_are_searched(world: World, filters: AccountFilters, found: list[str]) -> None:
    people, total = list_accounts(world.db, world.contract, filters, TODAY)
    assert ([person.name for person in people], total) == (found, len(found))


def test_accounts_are_those_of_the_contract_and_of_nobody_else(world: World) -> None:
    fresh = make_person(world.db, "neuve@etat.test", "Zoé Neuve")
    gone = make_person(world.db, "partie@etat.test", "Yves Parti")
    give_mandate(
        world.db, gone, "pilot", world.organisations["etat"], world.contract, to_on=TODAY - timedelta(days=1)
    )
    names = {person.name for person in list_accounts(world.db, world.contract, AccountFilters(), TODAY)[0]}
    assert {fresh.name, gone.name} < names and world.stranger.name not in names
    held, _ = list_accounts(world.db, world.contract, AccountFilters(role="pilot"), TODAY)
    assert [person.name for person in held] == ["Paule Pilote"]
    beyond, everybody = list_accounts(world.db, world.contract, AccountFilters(), TODAY, offset=5000, limit=2)
    assert 1 <= len(beyond) <= 2 and beyond[-1].id in {
        p.id
        for p in list_accounts(
            world.db, world.contract, AccountFilters(), TODAY, offset=(everybody - 1) // 2 * 2, limit=2
        )[0]
    }
    first, total = list_accounts(world.db, world.contract, AccountFilters(), TODAY, offset=1, limit=2)
    assert (len(first), total) == (2, len(names))
    assert administration_journal(world.db, world.contract) == []


def test_open_sessions_are_counted_and_ended(world: World) -> None:
    person = world.instructor
    kept = [open_session(world.db, person, NOW, device="Firefox", means="link") for _ in range(2)]
    note_seen(world.db, kept[0], NOW + timedelta(hours=1))
    world.db.expire_all()
    later = NOW + timedelta(hours=2)
    assert open_sessions(world.db, [person, world.pilot], later) == {person.id: (2, NOW + timedelta(hours=1))}
    assert len(sessions_of(world.db, person.id, NOW + IDLE)) == 1
    (first, _) = sessions_of(world.db, person.id, later)
    assert (first.device, first.means, first.seen_at) == ("Firefox", "link", NOW + timedelta(hours=1))
    end_sessions(world.db, person, but=first.token_hash)
    assert [row.id for row in sessions_of(world.db, person.id, later)] == [first.id]


def test_failures_are_counted_within_a_window(world: World) -> None:
    for minute in range(3):
        note_failure(world.db, ("#192.0.2.1", "@a@b.test"), NOW + timedelta(minutes=minute))
    now = NOW + timedelta(minutes=3)
    world.db.flush()
    assert free_again_at(world.db, "@a@b.test", 4, now) is None
    assert free_again_at(world.db, "@a@b.test", 3, now) == NOW + WINDOW
    assert free_again_at(world.db, "@a@b.test", 2, now) == NOW + timedelta(minutes=1) + WINDOW
    assert free_again_at(world.db, "@a@b.test", 3, NOW + WINDOW) is None
    forgive(world.db, "@a@b.test")
    assert free_again_at(world.db, "@a@b.test", 1, now) is None
    assert free_again_at(world.db, "#192.0.2.1", 3, now) is not None
    forget_failures(world.db, now + WINDOW)
    assert free_again_at(world.db, "#192.0.2.1", 1, now) is None


def test_an_identity_is_one_person_only(world: World) -> None:
    world.db.add(Identity(issuer="https://id.test", subject="1", person_id=world.pilot.id, created_at=NOW))
    world.db.flush()
    world.db.add(
        Identity(issuer="https://id.test", subject="1", person_id=world.colleague.id, created_at=NOW)
    )
    with pytest.raises(IntegrityError):
        world.db.flush()
    world.db.rollback()
