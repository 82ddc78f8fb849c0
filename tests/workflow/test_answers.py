# SPDX-License-Identifier: EUPL-1.2
"""Answers, proxies, the signed link, the quorum forecast, late convocations, guests who do not count."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import delete
from sqlalchemy.orm import Session

from tests.factories.contract import toy_settings
from tests.factories.people import make_porteur
from tests.factories.world import World, make_world
from tests.notifications.scenes import committee, convoked_committee, secretary
from workflow.answer_links import make_token, read_token, signing_key
from workflow.answers import as_called, forecast, may_carry, record_answer
from workflow.errors import (
    InvalidInputError,
    NotAllowedHereError,
    NotPermittedError,
    RefusedError,
    UnknownReferenceError,
)
from workflow.invitations import days_late, due_on, invite, reminder_due
from workflow.machine import fire
from workflow.models import Convocation, Journal, Seance, Secret
from workflow.permissions import SCHEDULER
from workflow.territory import Territory

one_engine = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def with_body(db: Session, **keys: object) -> World:
    """The toy world, its committee having these keys."""
    settings = toy_settings()
    next(body for body in settings["bodies"] if body["code"] == "comite").update(keys)
    return make_world(db, Territory.model_validate(settings))


def say(called: Convocation, answer: str, now: datetime, **more: object) -> None:
    db = _session(called)
    record_answer(db, called, answer, as_called(called), now, **more)  # type: ignore[arg-type]


def _session(called: Convocation) -> Session:
    found = Session.object_session(called)
    assert found is not None
    return found


def test_answer_is_kept_journalled_and_changed(world: World, now: datetime) -> None:
    seance = convoked_committee(world)
    first, second = seance.convocations[:2]

    say(first, "represented", now, deputy="  Ali Suppléant ")
    assert (first.answer, first.deputy, first.answered_at) == ("represented", "Ali Suppléant", now)
    say(first, "represented", now, proxy=second)
    assert (first.proxy, first.deputy) == (second.person, None)
    say(first, "present", now)
    say(first, "present", now + timedelta(hours=1))

    assert (first.answer, first.proxy, first.deputy, first.answered_at) == ("present", None, None, now)
    lines = world.db.query(Journal).filter_by(chain=f"seance:{seance.id}", trigger="answer").all()
    assert [line.actor for line in lines] == [first.person.email] * 3
    assert lines[1].details["by"] == second.person.email


def test_representation_names_one_person_who_may_carry_it(db: Session, now: datetime) -> None:
    colleges = [
        {"label": "État", "members": ["etat", "region"]},
        {"label": "Local", "members": ["epci", "caf"]},
    ]
    world = with_body(db, colleges=colleges)
    seance = convoked_committee(world)
    by_code = {c.organisation.code: c for c in seance.convocations}
    etat, region, caf = by_code["etat"], by_code["region"], by_code["caf"]

    assert may_carry(etat) == [region]
    with pytest.raises(InvalidInputError, match="nommez"):
        say(etat, "represented", now)
    with pytest.raises(InvalidInputError, match="nommez"):
        say(etat, "represented", now, proxy=region, deputy="Ali")
    with pytest.raises(InvalidInputError, match="autre collège"):
        say(etat, "represented", now, proxy=caf)
    say(region, "excused", now)
    with pytest.raises(InvalidInputError, match="ne peut pas porter"):
        say(etat, "represented", now, proxy=region)
    (guest,) = invite(db, seance, world.organisations["conseil-citoyen"], secretary(world), now)
    with pytest.raises(InvalidInputError, match="pas de voix"):
        say(guest, "represented", now, proxy=caf)


def test_answers_end_with_the_opening_the_date_or_the_cancellation(world: World, now: datetime) -> None:
    seance = convoked_committee(world)
    first = seance.convocations[0]

    with pytest.raises(NotAllowedHereError, match="passée"):
        say(first, "present", seance.starts_at)
    with pytest.raises(InvalidInputError):
        say(first, "peut-être", now)
    fire(world.db, seance, "open", secretary(world), None, now)
    with pytest.raises(NotAllowedHereError, match="jusqu’à son ouverture"):
        say(first, "present", now)
    fire(world.db, seance, "cancel", secretary(world), "Salle indisponible", now)
    with pytest.raises(NotAllowedHereError, match="annulée"):
        say(first, "present", now)


def test_link_opens_its_own_convocation_and_nothing_else(world: World, now: datetime) -> None:
    seance = convoked_committee(world)
    first, second = seance.convocations[:2]
    key = signing_key(world.db)
    assert key is not None
    token = make_token(key, first)

    assert read_token(world.db, token, now) is first
    number, ends, proof = token.split("-", 2)
    forged = [
        f"{second.id}-{ends}-{proof}",
        f"{number}-{int(ends) + 1}-{proof}",
        f"{number}-{ends}-{proof[:-1]}",
        f"{number}-{ends}-é",
        "99999999999-1-x",
        "0-0-",
        "",
        "a" * 4000,
    ]
    for wrong in forged:
        with pytest.raises(UnknownReferenceError):
            read_token(world.db, wrong, now)
    with pytest.raises(NotAllowedHereError, match="n’est plus valable"):
        read_token(world.db, token, seance.starts_at)
    world.db.execute(delete(Secret))
    with pytest.raises(NotAllowedHereError, match="coinstruction init"):
        read_token(world.db, token, now)


def test_quorum_forecast_follows_the_answers_of_members_alone(db: Session, now: datetime) -> None:
    world = with_body(db, quorum=3)
    seance = convoked_committee(world)
    members = list(seance.convocations)
    (guest,) = invite(db, seance, world.organisations["conseil-citoyen"], secretary(world), now)
    say(guest, "present", now)

    def outlook() -> tuple[str, int, int]:
        found = forecast(seance)
        assert found is not None
        return found.outlook, found.sure, found.silent

    assert outlook() == ("possible", 0, 6)
    say(members[0], "present", now)
    say(members[1], "represented", now, proxy=members[0])
    say(members[2], "represented", now, deputy="Ali")
    assert outlook() == ("certain", 3, 3)
    say(members[0], "excused", now)  # the proxy it carried falls with it
    assert outlook() == ("possible", 1, 3)
    say(members[3], "excused", now)
    say(members[4], "excused", now)
    assert outlook() == ("impossible", 1, 1)


@one_engine
def test_body_without_quorum_has_no_forecast(world: World) -> None:
    assert forecast(convoked_committee(world)) is None


def test_guests_never_make_the_quorum(db: Session, now: datetime) -> None:
    world = with_body(db, quorum=1)
    seance = convoked_committee(world)
    (guest,) = invite(db, seance, world.organisations["conseil-citoyen"], secretary(world), now)
    fire(db, seance, "open", secretary(world), None, now)
    guest.presence = "present"
    db.flush()

    with pytest.raises(RefusedError) as refused:
        fire(db, seance, "close", secretary(world), None, now)
    assert "guard.quorum" in {found.rule for found in refused.value.findings}


def test_late_convocation_is_flagged_and_never_refused(world: World, now: datetime) -> None:
    seance = committee(world, at=now + timedelta(days=5))
    line = fire(world.db, seance, "convoke", secretary(world), None, now)

    assert due_on(seance) == (now - timedelta(days=10)).date()
    assert days_late(seance) == 10
    assert line.details["days_late"] == 10
    intime = committee(world, world.dossier(stage="commitment"), at=now + timedelta(days=15))
    assert "days_late" not in fire(world.db, intime, "convoke", secretary(world), None, now).details


def test_date_moved_nearer_than_the_lead_time_becomes_late(world: World, now: datetime) -> None:
    seance = convoked_committee(world)
    assert days_late(seance) == 0
    nearer = seance.starts_at - timedelta(days=10)
    line = fire(world.db, seance, "move", secretary(world), None, now, starts_at=nearer)

    assert (days_late(seance), line.details["days_late"]) == (4, 4)


def _reminders(seance: Seance, times: list[datetime], db: Session) -> list[bool]:
    done = []
    for at in times:
        due = reminder_due(seance, at)
        if due:
            fire(db, seance, "remind", SCHEDULER, None, at)
        done.append(due)
    return done


def test_silent_members_are_reminded_once_from_three_days_before(world: World, now: datetime) -> None:
    seance = convoked_committee(world)
    start = seance.starts_at
    times = [start - timedelta(days=days) for days in (4, 3, 2.9, 2, 1)]

    assert _reminders(seance, times, world.db) == [False, True, False, False, False]


def test_reminding_by_hand_is_refused_twice_the_same_day_or_when_all_answered(
    world: World, now: datetime
) -> None:
    seance = convoked_committee(world)
    with pytest.raises(RefusedError):  # convoked this very day
        fire(world.db, seance, "remind", secretary(world), None, now)
    tomorrow = now + timedelta(days=1)
    fire(world.db, seance, "remind", secretary(world), None, tomorrow)
    with pytest.raises(RefusedError):
        fire(world.db, seance, "remind", secretary(world), None, tomorrow + timedelta(hours=2))
    for called in seance.convocations:
        say(called, "present", tomorrow)
    with pytest.raises(RefusedError) as refused:
        fire(world.db, seance, "remind", secretary(world), None, tomorrow + timedelta(days=1))
    assert refused.value.findings[0].variant == "answered"


def test_who_may_be_invited(world: World, now: datetime) -> None:
    seance = committee(world)
    who, council = secretary(world), world.organisations["conseil-citoyen"]
    stranger = as_called(Convocation(person=world.stranger, person_id=world.stranger.id))
    with pytest.raises(NotPermittedError):
        invite(world.db, seance, council, stranger, now)
    with pytest.raises(InvalidInputError, match="Adresse illisible"):
        invite(world.db, seance, council, who, now, address="sans arobase")
    with pytest.raises(InvalidInputError, match="pas à l’ordre du jour"):
        invite(world.db, seance, world.porteur, who, now, dossier=world.dossier())
    invite(world.db, seance, council, who, now)
    with pytest.raises(InvalidInputError, match="Déjà"):
        invite(world.db, seance, council, who, now)
    silent = make_porteur(world.db, "Sans Adresse", siret=None, email=None)
    with pytest.raises(InvalidInputError, match="Aucune adresse connue pour Sans Adresse"):
        invite(world.db, seance, silent, who, now)
    fire(world.db, seance, "cancel", who, "Salle indisponible", now)
    with pytest.raises(NotAllowedHereError):
        invite(world.db, seance, world.porteur, who, now)
