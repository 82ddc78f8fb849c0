# SPDX-License-Identifier: EUPL-1.2
"""A conference held in writing: never opened, one answer per financer, its own minutes; and extraordinary séances."""

from datetime import timedelta
from decimal import Decimal

import pytest

from tests.factories.world import World
from tests.workflow.journey import Journey, at
from workflow.errors import InvalidInputError, NotAllowedHereError, NotPermittedError, RefusedError
from workflow.machine import fire
from workflow.models import Seance
from workflow.permissions import SCHEDULER
from workflow.round_table import answer
from workflow.seances import plan_seance, set_agenda
from workflow.yearly_plan import plan_year

CAF, ETAT = "caf:droit_commun", "etat:specifique"


def consultation(world: World, *, days: int = 15) -> tuple[Journey, Seance]:
    """A dossier in conference, and a written conference convoked on it, that closes in so many days."""
    journey = at(world, "financers_conference")
    ends = journey.now + timedelta(days=days)
    seance = plan_seance(
        world.db, world.contract, "conference", ends, journey.now, journey.secretary, mode="written"
    )
    set_agenda(world.db, seance, [journey.dossier], journey.secretary, journey.now)
    fire(world.db, seance, "convoke", journey.secretary, None, journey.now)
    journey.now += timedelta(days=1)
    return journey, seance


def answer_firm(journey: Journey, key: str, amount: str, *, by: str | None = None) -> None:
    person = journey.world.financers[by or key.partition(":")[0]]
    answer(journey.db, journey.line(key), "firm", journey.actor(person), journey.now, amount=Decimal(amount))
    journey.db.flush()


def refusals(error: RefusedError) -> list[tuple[str, str]]:
    return [(finding.rule, finding.variant) for finding in error.findings]


def test_it_is_not_opened_as_a_meeting(world: World) -> None:
    journey, seance = consultation(world)

    with pytest.raises(RefusedError) as refused:
        fire(world.db, seance, "open", journey.secretary, None, journey.now)

    assert refusals(refused.value) == [("guard.written", "session")]
    assert seance.status == "convoked"


def test_a_meeting_does_not_close_as_a_consultation(world: World) -> None:
    journey = at(world, "financers_conference")
    at_ = journey.now + timedelta(days=15)
    seance = plan_seance(world.db, world.contract, "conference", at_, journey.now, journey.secretary)
    set_agenda(world.db, seance, [journey.dossier], journey.secretary, journey.now)
    fire(world.db, seance, "convoke", journey.secretary, None, journey.now)

    with pytest.raises(RefusedError) as refused:
        fire(world.db, seance, "close_written", journey.secretary, None, at_)

    assert refusals(refused.value) == [("guard.written", "meeting")]


def test_a_financer_answers_once_and_its_secretary_corrects(world: World) -> None:
    journey, _ = consultation(world)
    answer_firm(journey, CAF, "3000.00")

    with pytest.raises(RefusedError) as refused:
        answer_firm(journey, CAF, "2000.00")
    answer(world.db, journey.line(CAF), "firm", journey.secretary, journey.now, amount=Decimal("2500.00"))

    assert refusals(refused.value) == [("guard.written", "once")]
    assert journey.line(CAF).promised == Decimal("2500.00")


def test_an_answer_after_the_closing_date_goes_through_the_secretary(world: World) -> None:
    journey, seance = consultation(world)
    journey.now = seance.starts_at + timedelta(minutes=1)

    with pytest.raises(RefusedError) as refused:
        answer_firm(journey, CAF, "3000.00")

    assert refusals(refused.value) == [("guard.written", "late")]
    assert journey.line(CAF).promised is None


def test_it_closes_at_its_date_with_who_answered_and_who_did_not(world: World) -> None:
    journey, seance = consultation(world)
    answer_firm(journey, CAF, "3000.00")
    answered_at = journey.now

    with pytest.raises(RefusedError) as early:
        fire(world.db, seance, "close_written", journey.secretary, None, journey.now)
    fire(world.db, seance, "close_written", journey.secretary, None, seance.starts_at)

    assert refusals(early.value) == [("guard.written", "running")]
    assert (seance.status, seance.closed_at) == ("closed", seance.starts_at)
    minutes = seance.minutes or {}
    written = {each["financer"]: each for each in minutes["written"]}
    assert (minutes["decisions"], minutes["present"]) == ([], [])
    assert written["caf"]["answers"] == [
        {
            "reference": journey.dossier.reference,
            "line": CAF,
            "answer": "montant ferme",
            "amount": "3000.00",
            "reason": None,
            "at": answered_at.isoformat(),
            "by": "financeur@caf.test",
        }
    ]
    assert written["caf"]["missing"] == []
    assert written["etat"] == {
        "financer": "etat",
        "name": "État",
        "answers": [],
        "missing": [{"reference": journey.dossier.reference, "line": ETAT}],
    }
    assert journey.dossier.stage == "financers_conference"


def test_it_closes_early_once_everybody_has_answered_and_their_words_count(world: World) -> None:
    journey, seance = consultation(world)
    journey.answer_all()
    fire(world.db, seance, "close_written", journey.secretary, None, journey.now)

    assert all(not each["missing"] for each in (seance.minutes or {})["written"])
    journey.fire("send_to_commitment", world.secretary)
    committee = journey.decide_and_close("retained")
    assert (committee.status, journey.dossier.stage) == ("closed", "committed")


def test_nobody_but_its_secretary_closes_it(world: World) -> None:
    journey, seance = consultation(world)

    with pytest.raises(NotPermittedError):
        fire(world.db, seance, "close_written", journey.actor(world.instructor), None, seance.starts_at)


def test_a_planned_conference_is_turned_into_a_consultation(world: World) -> None:
    journey = at(world, "financers_conference")
    first, ends = journey.now + timedelta(days=10), journey.now + timedelta(days=20)
    seance = plan_seance(world.db, world.contract, "conference", first, journey.now, journey.secretary)

    fire(world.db, seance, "hold_in_writing", journey.secretary, None, journey.now, starts_at=ends)

    assert (seance.mode, seance.starts_at, seance.sequence) == ("written", ends, 1)
    with pytest.raises(RefusedError) as again:
        fire(world.db, seance, "hold_in_writing", journey.secretary, None, journey.now, starts_at=first)
    assert refusals(again.value) == [("guard.written", "already")]


def test_only_a_conference_is_held_in_writing(world: World) -> None:
    journey = at(world, "financers_conference")
    ends = journey.now + timedelta(days=10)
    committee = plan_seance(world.db, world.contract, "comite", ends, journey.now, journey.secretary)

    with pytest.raises(RefusedError) as refused:
        fire(world.db, committee, "hold_in_writing", journey.secretary, None, journey.now, starts_at=ends)
    with pytest.raises(InvalidInputError, match="Seule une conférence"):
        plan_seance(
            world.db, world.contract, "pilotage", ends, journey.now, journey.secretary, mode="written"
        )
    with pytest.raises(InvalidInputError, match="Forme inconnue"):
        plan_seance(world.db, world.contract, "pilotage", ends, journey.now, journey.secretary, mode="visio")

    assert refusals(refused.value) == [("guard.written", "conference")]


def test_a_meeting_closed_from_planned_is_not_possible(world: World) -> None:
    journey = at(world, "financers_conference")
    ends = journey.now + timedelta(days=10)
    seance = plan_seance(
        world.db, world.contract, "conference", ends, journey.now, journey.secretary, mode="written"
    )

    with pytest.raises(NotAllowedHereError):
        fire(world.db, seance, "close_written", journey.secretary, None, ends)


def test_an_extraordinary_seance_replaces_none_of_the_calendar(world: World) -> None:
    journey = Journey(world)
    ordinary = plan_year(world.db, world.contract, 2027, SCHEDULER, journey.now)
    world.db.delete(ordinary[0])
    world.db.flush()
    beside = ordinary[0].starts_at + timedelta(days=1)
    reason = "dossier au fil de l’eau"
    extra = plan_seance(
        world.db, world.contract, "comite", beside, journey.now, journey.secretary, reason=f" {reason} "
    )

    added = plan_year(world.db, world.contract, 2027, SCHEDULER, journey.now)

    assert extra.reason == reason
    assert [row.starts_at.month for row in added] == [ordinary[0].starts_at.month]
