# SPDX-License-Identifier: EUPL-1.2
"""Secret calendar addresses: who may have one, what it lets read, when it stops."""

from datetime import datetime, timedelta

import pytest

from tests.factories.world import World
from workflow.calendar_feeds import entries_of_feed, feeds_of, find_feed, issue_feed, revoke_feed
from workflow.errors import InvalidInputError, NotPermittedError, UnknownReferenceError
from workflow.journal import verify_all
from workflow.models import Person
from workflow.permissions import SCHEDULER, Actor, actor_for
from workflow.queries import journal_of
from workflow.seances import plan_seance


def actor(world: World, person: Person, now: datetime) -> Actor:
    return actor_for(world.db, person, now.date())


def plan_two(world: World, now: datetime) -> None:
    secretary = actor(world, world.secretary, now)
    for days, body in ((20, "comite"), (21, "groupe-education")):
        plan_seance(world.db, world.contract, body, now + timedelta(days=days), now, secretary)


def bodies_read(world: World, token: str, now: datetime) -> list[str]:
    feed = find_feed(world.db, token)
    assert feed is not None
    return [entry.seance.body for entry in entries_of_feed(world.db, feed, now) or ()]


def test_each_person_reads_what_concerns_them(world: World, now: datetime) -> None:
    plan_two(world, now)
    people = {
        "secretary": world.secretary,
        "pilot": world.pilot,
        "member": world.financers["region"],
        "instructor without a seat": world.instructor,
    }

    read = {}
    for name, person in people.items():
        _, token = issue_feed(world.db, world.contract, actor(world, person, now), now)
        read[name] = bodies_read(world, token, now)

    both = ["comite", "groupe-education"]
    assert read == {
        "secretary": both,
        "pilot": both,
        "member": ["comite"],
        "instructor without a seat": both,
    }


def test_strangers_porteurs_and_the_system_get_no_address(world: World, now: datetime) -> None:
    for refused in (actor(world, world.bearer, now), actor(world, world.stranger, now), SCHEDULER):
        with pytest.raises(NotPermittedError):
            issue_feed(world.db, world.contract, refused, now)
    with pytest.raises(NotPermittedError):
        issue_feed(world.db, world.contract, actor(world, world.instructor, now), now, body="comite")
    with pytest.raises(InvalidInputError, match="Instance inconnue"):
        issue_feed(world.db, world.contract, actor(world, world.secretary, now), now, body="nulle")


def test_only_its_owner_revokes_an_address_and_the_journal_keeps_both(world: World, now: datetime) -> None:
    secretary, member = actor(world, world.secretary, now), actor(world, world.financers["caf"], now)
    feed, token = issue_feed(world.db, world.contract, secretary, now, body="comite")

    with pytest.raises(UnknownReferenceError):
        revoke_feed(world.db, world.contract, feed.id, member, now)
    seen = feeds_of(world.db, world.contract, actor(world, world.pilot, now))
    revoke_feed(world.db, world.contract, feed.id, secretary, now)
    with pytest.raises(UnknownReferenceError):
        revoke_feed(world.db, world.contract, feed.id, secretary, now)

    assert (seen, feeds_of(world.db, world.contract, member)) == ([feed], [])
    assert find_feed(world.db, token) is None
    lines = journal_of(world.db, f"calendar_feed:{feed.id}")
    assert [line.trigger for line in lines] == ["issue_feed", "revoke_feed"]
    assert not any(token in str(line.details) for line in lines)
    assert verify_all(world.db) == []


def test_an_address_dies_with_its_person_and_its_contract(world: World, now: datetime) -> None:
    _, own = issue_feed(world.db, world.contract, actor(world, world.secretary, now), now)
    _, shared = issue_feed(world.db, world.contract, actor(world, world.pilot, now), now, body="comite")

    world.secretary.is_active = False
    world.db.flush()
    assert (find_feed(world.db, own), find_feed(world.db, shared) is None) == (None, False)

    world.contract.closed_on = now.date()
    world.db.flush()
    assert find_feed(world.db, shared) is None
