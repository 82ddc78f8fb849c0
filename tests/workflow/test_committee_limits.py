# SPDX-License-Identifier: EUPL-1.2
"""What a closing must not let through: stale decisions, unknown conditions, freed envelopes, two closings at once."""

import threading
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from rules.findings import Finding
from tests.factories import NOW
from tests.factories.people import mandate_row
from tests.factories.world import World, make_world
from tests.workflow.journey import Journey, at
from workflow.answers import record_answer
from workflow.db import session_factory
from workflow.effects.commitment import closing_trigger
from workflow.errors import InvalidInputError, NotAllowedHereError, NotPermittedError, RefusedError
from workflow.firing import Firing
from workflow.guards.commitment import DECIDED_FROM, DECISIONS_OF_BODY
from workflow.guards.follow_up import plan_holds
from workflow.machine import fire
from workflow.models import DecisionRecord, Envelope, Seance
from workflow.permissions import INTEREST, actor_for, person_by_email
from workflow.programme_facts import programme_facts
from workflow.round_table import answer, propose
from workflow.seances import set_agenda
from workflow.session import decide, retain, take_up_proposals
from workflow.stages import Stage
from workflow.territory import BodyKind
from workflow.transitions import DOSSIER

STATE = "etat:specifique"


def close(journey: Journey, seance: Seance) -> None:
    journey.db.flush()
    fire(journey.db, seance, "close", journey.secretary, None, journey.now)
    journey.db.flush()


def rules_against(journey: Journey, seance: Seance) -> list[str]:
    with pytest.raises(RefusedError) as refused:
        close(journey, seance)
    return [finding.rule for finding in refused.value.findings]


def test_each_decision_leaves_from_the_stages_of_the_table() -> None:
    on_its_agenda = {Stage.COMMITMENT, Stage.COMMITTED, Stage.REJECTED, Stage.DEFERRED}
    for decision in DECISIONS_OF_BODY[BodyKind.COMMITTEE]:
        leaving = {s for s in Stage if DOSSIER.row(closing_trigger(decision, s), s) is not None}
        assert leaving & on_its_agenda == DECIDED_FROM[decision]


def test_a_dossier_withdrawn_since_its_decision_is_named_by_the_closing(world: World) -> None:
    journey = at(world, "commitment")
    seance = journey.committee()
    take_up_proposals(journey.db, seance, journey.secretary, journey.now)
    journey.fire("withdraw", world.bearer, "projet abandonné")

    assert "guard.moved_on" in rules_against(journey, seance)


def test_a_rectification_needs_a_reason(world: World) -> None:
    journey = at(world, "committed")
    seance = journey.committee(in_days=40)
    retain(
        journey.db, seance.items[0], journey.line(STATE), Decimal("3000.00"), journey.secretary, journey.now
    )
    decide(journey.db, seance.items[0], "retained", None, journey.secretary, journey.now)

    assert "guard.decision_reason" in rules_against(journey, seance)


def test_a_line_refused_by_its_financer_no_longer_holds_its_envelope(world: World) -> None:
    journey = at(world, "committed")
    act = {"authority": "Préfet", "date": journey.now.date(), "number": "A-1"}
    line = journey.line(STATE)
    fire(world.db, line, "deny", journey.actor(world.pilot), "crédits gelés", journey.now, **act)
    envelope = world.db.query(Envelope).filter_by(credit_id=line.credit_id).one()
    envelope.status, envelope.amount = "notified", Decimal("3000.00")
    seance = journey.committee(in_days=40)
    retain(world.db, seance.items[0], line, Decimal("3500.00"), journey.secretary, journey.now)
    decide(world.db, seance.items[0], "retained", "crédits rouverts", journey.secretary, journey.now)
    assert "guard.envelope" in rules_against(journey, seance)

    retain(world.db, seance.items[0], line, Decimal("3000.00"), journey.secretary, journey.now)
    world.db.flush()
    fire(world.db, seance, "close", journey.secretary, None, journey.now)
    assert (line.state, line.retained) == ("retained", Decimal("3000.00"))


def test_a_condition_known_by_nobody_stops_the_amount_typed_in_session(world: World) -> None:
    journey = at(world, "commitment")
    journey.dossier.beneficiaries_qpv = None
    seance = journey.committee()
    take_up_proposals(journey.db, seance, journey.secretary, journey.now)

    assert "guard.condition" in rules_against(journey, seance)


def test_a_granted_line_takes_no_amount_in_session_not_even_nil(world: World) -> None:
    journey = at(world, "committed")
    journey.grant_all()
    seance = journey.committee(in_days=40)

    with pytest.raises(NotAllowedHereError, match="accordé"):
        retain(journey.db, seance.items[0], journey.line(STATE), Decimal(0), journey.secretary, journey.now)


@pytest.mark.parametrize("amount", ["10.005", "NaN", "Infinity", "-1"])
def test_an_amount_that_cannot_be_kept_to_the_cent_is_refused(world: World, amount: str) -> None:
    journey = at(world, "commitment")
    seance = journey.committee()

    with pytest.raises(InvalidInputError):
        retain(
            journey.db, seance.items[0], journey.line(STATE), Decimal(amount), journey.secretary, journey.now
        )


def test_proposals_are_taken_up_only_on_dossiers_in_commitment(world: World) -> None:
    journey = at(world, "deferred")
    seance = journey.committee(in_days=40)

    assert take_up_proposals(journey.db, seance, journey.secretary, journey.now).taken == 0


def test_an_open_seance_without_quorum_can_be_cancelled(world: World) -> None:
    journey = at(world, "commitment")
    seance = journey.committee()

    fire(journey.db, seance, "cancel", journey.secretary, "quorum non atteint", journey.now)

    assert seance.status == "cancelled"


def test_a_seance_does_not_move_onto_another_of_the_same_body(world: World) -> None:
    journey = at(world, "commitment")
    first = journey.committee()
    other = Seance(uid="autre", contract=world.contract, body="comite", label="Comité", status="planned")
    other.starts_at = journey.now + timedelta(days=1)
    world.db.add(other)
    world.db.flush()
    set_agenda(world.db, other, [journey.dossier, journey.dossier], journey.secretary, journey.now)
    assert len(other.items) == 1
    later = first.starts_at = journey.now + timedelta(days=2)
    world.db.flush()

    with pytest.raises(RefusedError, match="refusé"):
        fire(world.db, other, "move", journey.secretary, None, journey.now, starts_at=later)


def test_nobody_answers_a_convocation_for_somebody_else(world: World) -> None:
    journey = at(world, "commitment")
    seance = journey.committee()
    stranger = journey.actor(world.stranger)

    with pytest.raises(NotPermittedError):
        record_answer(journey.db, seance.convocations[0], "excused", stranger, journey.now)


def test_a_cancelled_line_counts_no_more(world: World) -> None:
    journey = at(world, "committed")
    journey.grant_all()
    before = programme_facts(world.db, world.contract, world.year).actions[0].granted
    line = journey.line(STATE)
    granted = line.granted or Decimal(0)
    fire(world.db, line, "cancel", journey.actor(world.pilot), "renoncement partiel", journey.now)
    world.db.flush()

    assert programme_facts(world.db, world.contract, world.year).actions[0].granted == before - granted
    assert [finding.rule for finding in _plan(journey)] == ["guard.revised_plan"]


def _plan(journey: Journey) -> list[Finding]:
    firing = Firing(
        journey.db, journey.dossier, "contract", journey.secretary, None, journey.now, {}, lambda *_: None
    )
    return list(plan_holds(firing))


def test_a_line_is_not_cancelled_before_the_committee(world: World) -> None:
    journey = at(world, "financers_conference")

    with pytest.raises(RefusedError):
        fire(
            world.db,
            journey.line("caf:droit_commun"),
            "cancel",
            journey.actor(world.pilot),
            "sans suite",
            journey.now,
        )


def test_a_person_of_the_porteur_does_not_answer_for_another_financer(world: World) -> None:
    journey = at(world, "financers_conference")
    person = world.financers["caf"]
    interest = mandate_row(person, INTEREST, world.porteur, world.contract)
    world.db.add(interest)
    world.db.flush()
    line, actor = journey.line("caf:droit_commun"), journey.actor(person)

    with pytest.raises(RefusedError):
        answer(world.db, line, "firm", actor, journey.now, amount=Decimal("3000.00"))
    with pytest.raises(NotPermittedError):
        propose(world.db, line, Decimal("3000.00"), actor, journey.now)


def test_a_new_round_names_known_partners_once_and_leaves_earlier_opinions(world: World) -> None:
    journey = at(world, "financers_conference")
    with pytest.raises(RefusedError):
        journey.fire("return_to_co_instruction", world.secretary, "Quel public ?", partners=["mars"])

    journey.fire("return_to_co_instruction", world.secretary, "Quel public ?", partners=["caf", "caf"])

    second = [o.organisation.code for o in journey.dossier.opinions if o.round == 2]
    assert second.count("caf") == 1
    earlier = next(o for o in journey.dossier.opinions if o.round == 1)
    with pytest.raises(RefusedError):
        journey.give(earlier, "unfavourable")


def test_an_instructor_whose_mandate_ended_is_not_named(world: World) -> None:
    journey = at(world, "admissible")
    for mandate in world.instructor.mandates:
        mandate.to_on = journey.now.date() - timedelta(days=1)
    world.db.flush()

    with pytest.raises(RefusedError):
        journey.dispatch()


def test_a_decision_keeps_the_facts_as_read(world: World) -> None:
    journey = at(world, "admissible")

    record = world.db.query(DecisionRecord).one()
    assert record.facts["stage"] == "submitted"
    assert journey.dossier.stage == "admissible"


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_two_closings_at_once_do_not_exceed_one_envelope(engine: Engine) -> None:
    """Each holds alone, both together do not: the second waits, reads the first, and is refused."""
    write = session_factory(engine)
    with write() as db:
        numbers = _two_committees(db)
    outcomes: list[str] = []

    def close_one(number: int) -> None:
        with write() as db:
            seance = db.get_one(Seance, number)
            secretary = actor_for(db, person_by_email(db, "secretariat@epci.test"), NOW.date())
            barrier.wait()
            try:
                fire(db, seance, "close", secretary, None, seance.starts_at)
                db.commit()
                outcomes.append("closed")
            except RefusedError as refused:
                outcomes.append(refused.findings[0].rule)

    barrier = threading.Barrier(2)
    threads = [threading.Thread(target=close_one, args=(number,)) for number in numbers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert sorted(outcomes) == ["closed", "guard.envelope"]


def _two_committees(db: Session) -> list[int]:
    world = make_world(db)
    envelope = db.scalars(
        select(Envelope).where(Envelope.credit == world.credits[STATE], Envelope.year == world.year)
    ).one()
    envelope.status, envelope.amount = "notified", Decimal("5000.00")
    numbers = []
    for days in (20, 21):
        journey = at(world, "commitment", world.dossier())
        seance = journey.committee(in_days=days)
        take_up_proposals(db, seance, journey.secretary, journey.now)
        numbers.append(seance.id)
    db.commit()
    return numbers
