# SPDX-License-Identifier: EUPL-1.2
"""The steering committee: the programme of the year validated or sent back in session; no stage moves."""

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from tests.factories.world import World
from tests.workflow.journey import Journey, at
from workflow.errors import InvalidInputError, NotAllowedHereError, RefusedError
from workflow.journal import verify_all
from workflow.machine import fire
from workflow.models import Journal, Message, Seance
from workflow.seances import fill_agenda, plan_seance
from workflow.session import decide, retain


def steering(journey: Journey, in_days: int = 60) -> Seance:
    """The steering committee of the contract, open, with the programme of the year."""
    starts = journey.now + timedelta(days=in_days)
    seance = plan_seance(
        journey.db, journey.world.contract, "pilotage", starts, journey.now, journey.secretary
    )
    fill_agenda(journey.db, seance, journey.secretary, journey.now)
    fire(journey.db, seance, "convoke", journey.secretary, None, journey.now)
    journey.now = starts
    fire(journey.db, seance, "open", journey.secretary, None, journey.now)
    journey.db.flush()
    return seance


def ruled(journey: Journey, seance: Seance, decision: str, reason: str | None = None) -> None:
    item = next(i for i in seance.items if i.dossier is journey.dossier)
    decide(journey.db, item, decision, reason, journey.secretary, journey.now)


def close(journey: Journey, seance: Seance) -> None:
    journey.db.flush()
    fire(journey.db, seance, "close", journey.secretary, None, journey.now)
    journey.db.flush()


def in_the_call(world: World, stage: str = "committed") -> Journey:
    return at(world, stage, world.dossier(call="aap-2026"))


def test_its_agenda_is_the_programme_of_the_year(world: World) -> None:
    journey, other = in_the_call(world), in_the_call(world, "commitment")
    old = world.dossier(call="aap-2026", year=world.year - 1)
    old.stage = "committed"
    world.db.flush()

    seance = steering(journey)

    assert [item.dossier for item in seance.items] == [journey.dossier]
    assert other.dossier.stage == "commitment"


def test_a_validation_is_noted_on_the_dossier_and_moves_nothing(world: World) -> None:
    journey = in_the_call(world)
    since, letters = journey.dossier.stage_since, world.db.query(Message).count()
    seance = steering(journey)
    ruled(journey, seance, "validated")
    assert "validated" not in journey.dossier.follow_up

    close(journey, seance)

    assert (journey.dossier.stage, journey.dossier.stage_since) == ("committed", since)
    said = journey.dossier.follow_up["validated"]
    assert (said["seance"], said["on"]) == (seance.id, seance.starts_at.date().isoformat())
    line = world.db.scalars(select(Journal).where(Journal.trigger == "validate")).one()
    assert (line.chain, line.details["seance"]) == (f"dossier:{journey.dossier.id}", seance.id)
    assert seance.minutes is not None
    (made,) = seance.minutes["decisions"]
    assert (made["decision"], Decimal(made["retained"])) == ("validated", Decimal(7000))
    assert verify_all(world.db) == []
    assert world.db.query(Message).count() == letters


def test_a_programme_sent_back_says_why_and_may_be_validated_later(world: World) -> None:
    journey = in_the_call(world)
    seance = steering(journey)
    ruled(journey, seance, "sent_back")
    with pytest.raises(RefusedError) as refused:
        close(journey, seance)
    assert [f.rule for f in refused.value.findings] == ["guard.decision_reason"]
    ruled(journey, seance, "sent_back", "Le Haut n’est pas assez servi")
    close(journey, seance)
    assert journey.dossier.follow_up["sent_back"]["reason"] == "Le Haut n’est pas assez servi"

    again = steering(journey)
    ruled(journey, again, "validated")
    close(journey, again)

    assert "sent_back" not in journey.dossier.follow_up
    assert journey.dossier.follow_up["validated"]["seance"] == again.id
    assert fill_agenda(journey.db, _planned(journey), journey.secretary, journey.now) == 0


def _planned(journey: Journey) -> Seance:
    starts = journey.now + timedelta(days=30)
    return plan_seance(journey.db, journey.world.contract, "pilotage", starts, journey.now, journey.secretary)


def test_a_rolling_dossier_is_reported_for_information(world: World) -> None:
    journey = at(world, "committed", world.dossier(call=None))
    seance = steering(journey)

    close(journey, seance)

    assert seance.minutes is not None
    assert seance.minutes["decisions"][0]["decision"] == "for_information"
    assert "validated" not in journey.dossier.follow_up
    line = world.db.scalars(select(Journal).where(Journal.trigger == "report_to_steering")).one()
    assert line.chain == f"dossier:{journey.dossier.id}"


def test_each_dossier_of_a_call_is_decided(world: World) -> None:
    journey = in_the_call(world)

    with pytest.raises(RefusedError) as refused:
        close(journey, steering(journey))

    assert [f.rule for f in refused.value.findings] == ["guard.undecided"]


@pytest.mark.parametrize("decision", ["retained", "rejected", "deferred", "reoriented"])
def test_a_steering_committee_decides_no_amount(world: World, decision: str) -> None:
    journey = in_the_call(world)
    seance = steering(journey)

    with pytest.raises(InvalidInputError, match="validé, renvoyé"):
        ruled(journey, seance, decision)
    with pytest.raises(NotAllowedHereError, match="ne retient pas"):
        retain(
            journey.db,
            seance.items[0],
            journey.line("etat:specifique"),
            Decimal(10),
            journey.secretary,
            journey.now,
        )


def test_a_committee_validates_no_programme(world: World) -> None:
    journey = at(world, "commitment")
    seance = journey.committee()

    with pytest.raises(InvalidInputError, match="retenu, ajourné, non retenu, réorienté"):
        ruled(journey, seance, "validated")
