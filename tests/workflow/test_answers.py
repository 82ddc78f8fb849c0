# SPDX-License-Identifier: EUPL-1.2
"""Answers, proxies, the signed link, the quorum forecast, late convocations, guests who do not count."""

import threading
from datetime import datetime, timedelta

import pytest
from sqlalchemy import delete
from sqlalchemy.orm import Session, sessionmaker

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
from workflow.invitations import days_late, due_on, invite, reminder_due, silent
from workflow.machine import fire
from workflow.models import Convocation, Journal, Seance, Secret
from workflow.permissions import SCHEDULER
from workflow.session import record_presence
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


def test_answer_for_another_date_is_asked_again_and_never_sure(db: Session, now: datetime) -> None:
    world = with_body(db, quorum=2)
    seance = convoked_committee(world)
    first, second, third = seance.convocations[:3]
    say(first, "present", now)
    say(second, "represented", now, proxy=first)
    say(third, "excused", now)
    at, later = seance.starts_at, now + timedelta(hours=1)

    fire(db, seance, "move", secretary(world), None, later, place="Mairie de Rieux", duration_minutes=90)
    assert [c.is_outdated for c in (first, second, third)] == [False] * 3  # the place alone asks nobody again
    fire(db, seance, "move", secretary(world), None, later, starts_at=at + timedelta(days=1))

    found = forecast(seance)
    assert found is not None and (found.outlook, found.sure, found.silent) == ("possible", 0, 6)
    assert silent(seance) == list(seance.convocations)
    assert third in may_carry(first)  # whoever could not come may now
    say(first, "present", later)
    assert (first.current_answer, first.answered_at) == ("present", later)
    assert db.query(Journal).filter_by(chain=f"seance:{seance.id}", trigger="answer").count() == 4
    found = forecast(seance)
    assert found is not None and (found.sure, found.silent) == (1, 5)  # the proxy is no longer sure

    fire(
        db, seance, "move", secretary(world), None, later, starts_at=at
    )  # moved back: the answers hold again
    assert [c.is_outdated for c in (first, second, third)] == [True, False, False]


def test_reminder_after_a_move_goes_to_those_who_have_not_confirmed(world: World, now: datetime) -> None:
    seance = convoked_committee(world)
    for called in seance.convocations:
        say(called, "present", now)
    at = seance.starts_at
    eve = at - timedelta(days=4)
    fire(world.db, seance, "move", secretary(world), None, eve, starts_at=at - timedelta(days=1))
    confirmed = seance.convocations[0]
    say(confirmed, "present", eve)

    assert not reminder_due(seance, eve + timedelta(hours=1))  # the update left today: not twice in a day
    assert reminder_due(seance, eve + timedelta(days=1))
    line = fire(world.db, seance, "remind", SCHEDULER, None, eve + timedelta(days=1))
    assert line.details["persons"] == [c.person.email for c in seance.convocations[1:]]
    assert not reminder_due(seance, eve + timedelta(days=2))


def test_reminder_of_the_old_date_does_not_count_for_the_new_one(world: World, now: datetime) -> None:
    seance = convoked_committee(world)
    at = seance.starts_at
    fire(world.db, seance, "remind", SCHEDULER, None, at - timedelta(days=3))
    moved = at - timedelta(days=2)
    fire(world.db, seance, "move", secretary(world), None, moved, starts_at=at - timedelta(hours=1))

    assert not reminder_due(seance, moved)
    assert reminder_due(seance, at - timedelta(days=1))


def test_one_person_carries_no_more_proxies_than_the_body_allows(db: Session, now: datetime) -> None:
    world = with_body(db, proxies_max=1)
    seance = convoked_committee(world)
    bearer, first, second, third = seance.convocations[:4]
    say(first, "represented", now, proxy=bearer)
    say(first, "represented", now, proxy=bearer)  # the same again is not one more

    refused = "Financeur État ne peut pas porter une procuration de plus .Comité d’engagement : 1 par personne au plus"
    with pytest.raises(InvalidInputError, match=refused):
        say(second, "represented", now, proxy=bearer)
    with pytest.raises(InvalidInputError, match="Choisissez un autre membre"):
        record_answer(db, second, "represented", secretary(world), now, proxy=bearer)
    assert second.answer is None
    assert bearer in may_carry(first) and bearer not in may_carry(second)
    say(second, "represented", now, deputy="Ali Suppléant")  # of one's own organisation: no proxy
    say(first, "present", now)
    say(third, "represented", now, proxy=bearer)


def test_proxies_of_the_day_are_limited_too(db: Session, now: datetime) -> None:
    world = with_body(db)
    seance = convoked_committee(world)
    bearer, first, second, third = seance.convocations[:4]
    for called in (first, second):
        say(called, "represented", now, proxy=bearer)
    say(third, "represented", now, deputy="Ali Suppléant")
    limited = toy_settings()
    next(body for body in limited["bodies"] if body["code"] == "comite")["proxies_max"] = 1
    world.contract.settings = Territory.model_validate(limited).model_dump(mode="json")
    world.contract.settings_digest = "lowered-after-the-answers"
    fire(db, seance, "open", secretary(world), None, now)

    record_presence(db, first, "represented", secretary(world), now)
    record_presence(db, first, "represented", secretary(world), now)
    with pytest.raises(InvalidInputError, match="Notez la personne absente"):
        record_presence(db, second, "represented", secretary(world), now)
    record_presence(db, third, "represented", secretary(world), now)
    record_presence(db, first, "absent", secretary(world), now)
    record_presence(db, second, "represented", secretary(world), now)

    assert [c.presence for c in (first, second, third)] == ["absent", "represented", "represented"]


def test_a_body_may_allow_no_proxy_at_all(db: Session, now: datetime) -> None:
    seance = convoked_committee(with_body(db, proxies_max=0))
    first, second = seance.convocations[:2]

    assert may_carry(first) == []
    with pytest.raises(InvalidInputError, match="Comité d’engagement : aucune"):
        say(first, "represented", now, proxy=second)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_two_members_who_choose_one_bearer_at_once_are_counted_one_after_the_other(
    db: Session, write: sessionmaker[Session], now: datetime
) -> None:
    seance = convoked_committee(with_body(db, proxies_max=1))
    bearer, *others = [c.id for c in seance.convocations[:3]]
    db.commit()
    ready, refused = threading.Barrier(2), []

    def choose(number: int) -> None:
        with write.begin() as mine:
            called, proxy = mine.get_one(Convocation, number), mine.get_one(Convocation, bearer)
            assert called.seance.convocations
            ready.wait()
            try:
                say(called, "represented", now, proxy=proxy)
            except InvalidInputError as error:
                refused.append(error.message)

    threads = [threading.Thread(target=choose, args=(number,)) for number in others]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(refused) == 1
