# SPDX-License-Identifier: EUPL-1.2
"""The committee: amounts with their financer's word, envelopes, recusals, quorum; all applied once, at closing."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from rules.render import render
from tests.factories.contract import toy_settings
from tests.factories.people import mandate_row
from tests.factories.world import World, make_world
from tests.workflow.journey import Journey, at
from workflow.acts import sums_to_recover
from workflow.errors import InvalidInputError, NotAllowedHereError, NotPermittedError, RefusedError
from workflow.examination import examine
from workflow.guards.book import GUARDS
from workflow.journal import verify_all
from workflow.machine import fire
from workflow.models import DecisionRecord, Envelope, Event, Journal, Seal, Seance
from workflow.permissions import INTEREST
from workflow.seances import fill_agenda, set_agenda
from workflow.session import apply_recusals, decide, record_presence, retain, take_up_proposals
from workflow.territory import Territory


def close(journey: Journey, seance: Seance) -> None:
    journey.db.flush()
    fire(journey.db, seance, "close", journey.secretary, None, journey.now)
    journey.db.flush()


def refused_rules(journey: Journey, seance: Seance) -> Sequence[str]:
    with pytest.raises(RefusedError) as refused:
        close(journey, seance)
    for finding in refused.value.findings:
        assert str(render(finding, GUARDS)["message"])
    return [finding.rule for finding in refused.value.findings]


def test_closing_applies_each_decision_once(world: World) -> None:
    journey = at(world, "commitment")
    other = at(world, "commitment", world.dossier())
    seance = journey.committee(journey.dossier, other.dossier)
    assert take_up_proposals(journey.db, seance, journey.secretary, journey.now).taken == 2
    decide(journey.db, seance.items[1], "rejected", "hors priorités", journey.secretary, journey.now)
    assert journey.dossier.stage == "commitment"

    close(journey, seance)

    assert (journey.dossier.stage, other.dossier.stage) == ("committed", "rejected")
    amounts = {line.key: (line.state, line.retained) for line in journey.dossier.lines if line.retained}
    assert amounts == {
        "etat:specifique": ("retained", Decimal("4000.00")),
        "caf:droit_commun": ("retained", Decimal("3000.00")),
    }
    assert journey.line("etat:specifique").granted is None
    with pytest.raises(NotAllowedHereError):
        close(journey, seance)


def test_closing_seals_the_journal_and_keeps_why(world: World) -> None:
    journey = at(world, "committed")

    seal = world.db.scalars(select(Seal)).one()
    record = world.db.scalars(select(DecisionRecord).order_by(DecisionRecord.id.desc())).first()

    assert list(seal.heads) == [f"dossier:{journey.dossier.id}"]
    assert record is not None and record.findings["findings"]
    assert verify_all(world.db) == []
    world.db.execute(text("UPDATE seal SET digest = 'x'"))
    world.db.expire_all()
    assert len(verify_all(world.db)) == 1


def test_no_amount_without_its_financers_word(world: World) -> None:
    journey = at(world, "commitment")
    line = journey.line("etat:specifique")
    line.state = "asked"
    seance = journey.committee()
    state = next(c for c in seance.convocations if c.organisation.code == "etat")
    record_presence(journey.db, state, "absent", journey.secretary, journey.now)

    with pytest.raises(RefusedError) as refused:
        retain(journey.db, seance.items[0], line, Decimal("100.00"), journey.secretary, journey.now)

    assert [finding.rule for finding in refused.value.findings] == ["guard.financer_word"]


def test_a_line_left_without_amount_stays_pending_and_the_rest_is_decided(world: World) -> None:
    journey = at(world, "commitment")
    seance = journey.committee()
    line = journey.line("caf:droit_commun")
    retain(journey.db, seance.items[0], line, Decimal("3000.00"), journey.secretary, journey.now)
    decide(journey.db, seance.items[0], "retained", None, journey.secretary, journey.now)

    close(journey, seance)

    assert journey.line("etat:specifique").state == "indicative"
    assert journey.line("caf:droit_commun").state == "retained"


@pytest.mark.parametrize(("ceiling", "passes"), [("4000.00", True), ("3999.99", False)])
def test_only_a_notified_envelope_blocks_to_the_cent(world: World, ceiling: str, passes: bool) -> None:
    journey = at(world, "commitment")
    envelope = world.db.scalars(
        select(Envelope).where(Envelope.credit_id == world.credits["etat:specifique"].id)
    ).one()
    envelope.amount = Decimal(ceiling)
    seance = journey.committee()
    take_up_proposals(journey.db, seance, journey.secretary, journey.now)

    if passes:
        close(journey, seance)
        assert journey.dossier.stage == "committed"
    else:
        assert refused_rules(journey, seance) == ["guard.envelope"]
        envelope.status = "provisional"
        close(journey, seance)
        assert journey.dossier.stage == "committed"


def test_every_item_is_decided_with_a_reason(world: World) -> None:
    journey = at(world, "commitment")
    seance = journey.committee()
    assert refused_rules(journey, seance) == ["guard.undecided"]

    decide(journey.db, seance.items[0], "deferred", "", journey.secretary, journey.now)

    assert refused_rules(journey, seance) == ["guard.decision_reason"]


def test_who_holds_a_seat_at_the_porteurs_leaves_the_item(world: World) -> None:
    journey = at(world, "commitment")
    caf = world.financers["caf"]
    seance = journey.committee()
    take_up_proposals(journey.db, seance, journey.secretary, journey.now)
    world.db.add(mandate_row(caf, INTEREST, world.porteur, world.contract))  # type: ignore[arg-type]
    world.db.flush()
    world.db.expire(caf, ["mandates"])
    assert refused_rules(journey, seance) == ["guard.recusal"]

    assert apply_recusals(journey.db, seance, journey.secretary, journey.now) == 1
    close(journey, seance)

    assert seance.minutes is not None
    assert seance.minutes["decisions"][0]["recused"] == [caf.email]
    assert journey.line("caf:droit_commun").retained == Decimal(
        "3000.00"
    )  # its body still says what it brings


def test_a_local_quorum_is_counted(db: Session) -> None:
    settings = toy_settings()
    for body in settings["bodies"]:
        if body["kind"] == "committee":
            body["quorum"] = 4
    journey = at(make_world(db, Territory.model_validate(settings)), "commitment")
    seance = journey.committee()
    take_up_proposals(db, seance, journey.secretary, journey.now)
    for convocation in seance.convocations[3:]:
        record_presence(db, convocation, "absent", journey.secretary, journey.now)

    assert "guard.quorum" in refused_rules(journey, seance)
    record_presence(db, seance.convocations[3], "remote", journey.secretary, journey.now)
    close(journey, seance)

    assert journey.dossier.stage == "committed"


def test_nothing_is_typed_in_a_seance_that_is_not_open(world: World) -> None:
    journey = at(world, "committed")
    seance = world.db.scalars(select(Seance)).one()

    with pytest.raises(NotAllowedHereError):
        decide(journey.db, seance.items[0], "retained", None, journey.secretary, journey.now)
    with pytest.raises(NotAllowedHereError):
        set_agenda(journey.db, seance, [], journey.secretary, journey.now)


def test_only_the_secretariat_of_the_body_keeps_the_seance(world: World) -> None:
    journey = at(world, "commitment")
    seance = journey.committee()

    with pytest.raises(NotPermittedError):
        decide(journey.db, seance.items[0], "retained", None, journey.actor(world.instructor), journey.now)


def test_a_negative_amount_and_an_unknown_decision_are_input_errors(world: World) -> None:
    journey = at(world, "commitment")
    seance = journey.committee()
    line = journey.line("etat:specifique")

    with pytest.raises(InvalidInputError):
        retain(journey.db, seance.items[0], line, Decimal("-1.00"), journey.secretary, journey.now)
    with pytest.raises(InvalidInputError):
        decide(journey.db, seance.items[0], "peut-être", None, journey.secretary, journey.now)


def test_a_deferred_dossier_is_not_retained_before_it_is_resumed(world: World) -> None:
    journey = at(world, "deferred")
    seance = journey.committee()

    with pytest.raises(NotAllowedHereError):
        decide(journey.db, seance.items[0], "retained", None, journey.secretary, journey.now)


def test_a_deferred_dossier_comes_back_with_the_same_proposals(world: World) -> None:
    journey = at(world, "deferred")
    line = journey.line("etat:specifique")
    line.proposed = Decimal("3500.00")

    with pytest.raises(RefusedError) as refused:
        journey.fire("resume", world.secretary)
    assert [finding.rule for finding in refused.value.findings] == ["guard.proposals_changed"]

    line.proposed = Decimal("4000.00")
    journey.fire("resume", world.secretary)
    assert journey.dossier.stage == "commitment"


def test_the_agenda_takes_the_dossiers_of_the_stage_once(world: World) -> None:
    journey = at(world, "commitment")
    seance = journey.committee()
    at(world, "commitment", world.dossier())

    assert fill_agenda(journey.db, seance, journey.secretary, journey.now) == 2
    assert fill_agenda(journey.db, seance, journey.secretary, journey.now) == 2
    assert [item.rank for item in seance.items] == [1, 2]


def test_a_granted_amount_may_be_lower_and_is_journalled(world: World) -> None:
    journey = at(world, "committed")
    line = journey.line("etat:specifique")
    details = {
        "authority": "Préfet",
        "date": journey.now.date(),
        "number": "2026-12",
        "amount": Decimal("3000.00"),
    }

    fire(journey.db, line, "grant", journey.actor(world.financers["etat"]), None, journey.now, **details)
    journey.db.flush()

    assert (line.state, line.granted, line.retained) == ("granted", Decimal("3000.00"), Decimal("4000.00"))
    event = world.db.scalars(select(Event).where(Event.kind == "line.grant")).one()
    assert event.payload["differs"] is True


def test_another_financer_does_not_grant_this_line(world: World) -> None:
    journey = at(world, "committed")
    line = journey.line("etat:specifique")
    details = {"authority": "CAF", "date": journey.now.date(), "number": "1", "amount": Decimal("3000.00")}

    with pytest.raises(NotPermittedError):
        fire(journey.db, line, "grant", journey.actor(world.financers["caf"]), None, journey.now, **details)


def test_cancelling_releases_the_credits_and_lists_what_to_recover(world: World) -> None:
    journey = at(world, "contracted")
    journey.line("etat:specifique").paid = Decimal("2000.00")

    journey.fire("cancel", world.pilot, "renoncement du porteur")

    assert {line.state for line in journey.dossier.lines if line.retained} == {"cancelled"}
    act = world.db.scalars(
        select(Journal).where(Journal.trigger == "cancel", Journal.subject.like("dossier:%"))
    ).one()
    assert act.details["to_recover"] == {"etat:specifique": "2000.00"}
    ((row, left),) = sums_to_recover(world.db, world.contract, None)
    assert (row.key, left) == ("etat:specifique", Decimal("2000.00"))


@pytest.mark.parametrize(("granted", "passes"), [("23000.00", True), ("23000.01", False)])
def test_a_convention_is_required_strictly_above_the_threshold(
    world: World, granted: str, passes: bool
) -> None:
    journey = at(world, "committed")
    journey.grant_all()
    journey.line("caf:droit_commun").granted = Decimal(granted)

    if passes:
        journey.fire("contract", world.pilot, revised_plan=True)
        assert journey.dossier.stage == "contracted"
    else:
        with pytest.raises(RefusedError) as refused:
            journey.fire("contract", world.pilot, revised_plan=True)
        assert [finding.rule for finding in refused.value.findings] == ["convention.required"]
        journey.fire("contract", world.pilot, revised_plan=True, convention="CV-2026-1")


def test_an_item_not_retained_keeps_no_amount(world: World) -> None:
    journey = at(world, "commitment")
    seance = journey.committee()
    take_up_proposals(journey.db, seance, journey.secretary, journey.now)
    item = seance.items[0]

    decide(journey.db, item, "deferred", "budget à préciser", journey.secretary, journey.now)

    assert item.amounts == []
    with pytest.raises(NotAllowedHereError):
        retain(
            journey.db,
            item,
            journey.line("etat:specifique"),
            Decimal("10.00"),
            journey.secretary,
            journey.now,
        )


@pytest.mark.parametrize(
    ("key", "amount", "passes"),
    [
        ("etat:specifique", "5000.00", True),
        ("etat:specifique", "5000.01", False),  # more than was asked of this credit
        ("caf:droit_commun", "10000.00", True),
        ("caf:droit_commun", "10000.01", False),  # more than the action costs
    ],
)
def test_an_amount_has_a_ceiling(world: World, key: str, amount: str, passes: bool) -> None:
    journey = at(world, "commitment")
    seance = journey.committee()
    line = journey.line(key)

    if passes:
        retain(journey.db, seance.items[0], line, Decimal(amount), journey.secretary, journey.now)
        assert seance.items[0].amounts[0].amount == Decimal(amount)
    else:
        with pytest.raises(RefusedError) as refused:
            retain(journey.db, seance.items[0], line, Decimal(amount), journey.secretary, journey.now)
        assert [finding.rule for finding in refused.value.findings] == ["guard.ceiling"]


@pytest.mark.parametrize(
    ("amount", "days", "rule"), [("4000.01", 0, "guard.ceiling"), ("4000.00", 1, "guard.amount")]
)
def test_an_act_is_neither_above_what_was_retained_nor_ahead(
    world: World, amount: str, days: int, rule: str
) -> None:
    journey = at(world, "committed")
    details = {
        "authority": "Préfet",
        "date": (journey.now + timedelta(days=days)).date(),
        "number": "1",
        "amount": Decimal(amount),
    }

    with pytest.raises(RefusedError) as refused:
        fire(
            journey.db,
            journey.line("etat:specifique"),
            "grant",
            journey.actor(world.pilot),
            None,
            journey.now,
            **details,
        )

    assert [finding.rule for finding in refused.value.findings] == [rule]


def test_a_declared_interest_is_said_and_stops_whoever_organises(world: World) -> None:
    journey = at(world, "admissible")
    assert {f.rule: f.outcome for f in examine(journey.dossier, journey.now)}["recusal.member"] == "satisfied"
    world.db.add(mandate_row(world.pilot, INTEREST, world.porteur, world.contract))  # type: ignore[arg-type]
    world.db.flush()
    world.db.expire_all()

    found = {f.rule: f for f in examine(journey.dossier, journey.now)}["recusal.member"]
    with pytest.raises(RefusedError) as refused:
        journey.dispatch()

    assert (found.outcome, found.facts["conflicts"][0]["person"]) == ("violated", "Paule Pilote")  # type: ignore[index]
    assert [finding.rule for finding in refused.value.findings] == ["guard.own_cause"]
