# SPDX-License-Identifier: EUPL-1.2
"""The financers' own acts: line by line or several at once, lower, nil, and every refusal; payments and what was spent."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from tests.factories.world import World
from tests.workflow.journey import Journey, at
from workflow.acts import (
    Act,
    Entry,
    acting_for,
    acts_awaited,
    acts_recorded,
    financers_with_acts,
    record_act,
    record_acts,
    sums_to_recover,
)
from workflow.errors import (
    ConflictError,
    InvalidInputError,
    NotAllowedHereError,
    NotPermittedError,
    RefusedError,
    UnknownReferenceError,
)
from workflow.machine import fire
from workflow.models import Journal
from workflow.payments import correct_paid, follow_up_of, record_payment, record_spent
from workflow.plan_reopening import reopened_lines
from workflow.queries import journal_of
from workflow.recovery import to_recover
from workflow.session import decide, retain

STATE, CAF = "etat:specifique", "caf:droit_commun"


def another(world: World) -> Journey:
    """A second retained action, a day later."""
    journey = Journey(world, world.dossier(title="Sport"))
    journey.now += timedelta(days=1)
    return journey.to("committed")


def act_of(journey: Journey, **changes: object) -> Act:
    values: dict[str, object] = {"authority": "Préfet", "on": journey.now.date(), "number": "2026-12"}
    return Act(**(values | changes))  # type: ignore[arg-type]


def record(
    journey: Journey, key: str, amount: str, *, by: str = "etat", reason: str = "", **changes: object
) -> None:
    person = journey.actor(journey.world.financers[by])
    act, line = act_of(journey, **changes), journey.line(key)
    record_act(journey.db, line, act, Decimal(amount), person, journey.now, reason=reason or None)
    journey.db.flush()


def test_an_act_as_retained_grants_the_line_and_leaves_the_plan_closed(world: World) -> None:
    journey = at(world, "committed")

    record(journey, STATE, "4000.00")

    line = journey.line(STATE)
    assert (line.state, line.granted, line.act) == (
        "granted",
        Decimal("4000.00"),
        {"authority": "Préfet", "date": journey.now.date().isoformat(), "number": "2026-12"},
    )
    assert reopened_lines(journey.dossier) == {}


def test_a_lower_act_is_journalled_and_reopens_the_plan_until_a_revised_one_comes(world: World) -> None:
    journey = at(world, "committed")
    journey.dossier.total_cost = Decimal(
        "1.00"
    )  # nothing is missing against the cost: only the act reopens it

    record(journey, STATE, "3500.00")
    record(journey, CAF, "3000.00", by="caf")

    assert list(reopened_lines(journey.dossier)) == [STATE]
    line = world.db.scalars(select(Journal).where(Journal.trigger == "grant").order_by(Journal.id)).first()
    assert line is not None
    assert (line.details["amount"], line.details["retained"], line.details["plan_reopened"]) == (
        "3500.00",
        "4000.00",
        True,
    )
    with pytest.raises(RefusedError) as refused:
        journey.fire("contract", world.pilot)
    assert [(f.rule, f.variant) for f in refused.value.findings] == [("guard.revised_plan", "reopened")]
    journey.fire("contract", world.pilot, revised_plan=True)
    assert journey.dossier.stage == "contracted"


def test_a_nil_act_refuses_the_line_with_its_reason(world: World) -> None:
    journey = at(world, "committed")
    with pytest.raises(RefusedError) as refused:
        record(journey, STATE, "0.00")
    assert [finding.rule for finding in refused.value.findings] == ["guard.reason"]

    record(journey, STATE, "0.00", reason="crédits gelés")

    line = journey.line(STATE)
    assert (line.state, line.granted, line.reason) == ("refused", Decimal("0.00"), "crédits gelés")
    assert reopened_lines(journey.dossier)[STATE]["granted"] == "0"


def test_nothing_is_granted_by_a_nil_amount(world: World) -> None:
    journey = at(world, "committed")
    details = {"authority": "Préfet", "date": journey.now.date(), "number": "1", "amount": Decimal(0)}

    with pytest.raises(RefusedError) as refused:
        fire(
            journey.db, journey.line(STATE), "grant", journey.actor(world.pilot), None, journey.now, **details
        )

    assert [(f.rule, f.variant) for f in refused.value.findings] == [("guard.amount", "nil")]


def test_an_act_before_the_committee_is_refused(world: World) -> None:
    journey = at(world, "commitment")

    with pytest.raises(NotAllowedHereError):
        record(journey, STATE, "4000.00")


@pytest.mark.parametrize(("days", "variant"), [(1, "future"), (-1, "early")])
def test_an_act_is_dated_neither_ahead_nor_before_the_seance(world: World, days: int, variant: str) -> None:
    journey = at(world, "committed")
    on = journey.now.date() + timedelta(days=days)

    with pytest.raises(RefusedError) as refused:
        record(journey, STATE, "4000.00", on=on)

    assert [(f.rule, f.variant) for f in refused.value.findings] == [("guard.amount", variant)]


def test_an_act_is_dated_from_the_seance_that_retained_its_own_line(world: World) -> None:
    """Neither the day the séance was closed, nor a later séance about another line, forbids the true date."""
    journey = at(world, "commitment")
    seance = journey.committee()
    held_on = journey.now.date()
    for line in journey.dossier.lines:
        if line.proposed:
            retain(world.db, seance.items[0], line, line.proposed, journey.secretary, journey.now)
    decide(world.db, seance.items[0], "retained", None, journey.secretary, journey.now)
    journey.now += timedelta(days=3)
    fire(world.db, seance, "close", journey.secretary, None, journey.now)
    later = journey.committee()
    retain(world.db, later.items[0], journey.line(CAF), Decimal("2000.00"), journey.secretary, journey.now)
    decide(world.db, later.items[0], "retained", "erreur de saisie", journey.secretary, journey.now)
    fire(world.db, later, "close", journey.secretary, None, journey.now)
    world.db.flush()

    with pytest.raises(RefusedError):
        record(journey, STATE, "4000.00", on=held_on - timedelta(days=1))
    with pytest.raises(RefusedError):
        record(journey, CAF, "2000.00", by="caf", on=held_on)
    record(journey, STATE, "4000.00", on=held_on)

    assert (journey.line(STATE).act or {})["date"] == held_on.isoformat()


def test_an_act_is_recorded_once_by_its_own_financer_at_most_as_retained(world: World) -> None:
    journey = at(world, "committed")
    with pytest.raises(NotPermittedError):
        record(journey, STATE, "4000.00", by="caf")
    with pytest.raises(RefusedError) as refused:
        record(journey, STATE, "4000.01")
    assert [f.rule for f in refused.value.findings] == ["guard.ceiling"]

    record(journey, STATE, "4000.00")

    with pytest.raises(NotAllowedHereError):
        record(journey, STATE, "4000.00")


def test_a_rectification_after_a_nil_act_retains_again(world: World) -> None:
    journey = at(world, "committed")
    record(journey, STATE, "0.00", reason="crédits gelés")

    journey.decide_and_close("retained", "les crédits sont rouverts")

    line = journey.line(STATE)
    assert (line.state, line.retained, line.granted, line.act) == ("retained", Decimal("4000.00"), None, None)
    assert reopened_lines(journey.dossier) == {}
    world.db.expire(line)
    assert acts_recorded(world.db, world.contract, None, world.year) == []


# --- several lines at once


def entries(journey: Journey, **amounts: str) -> list[Entry]:
    """One entry a line: `etat="4000.00"`."""
    lines = {line.financer: line for line in journey.dossier.lines}
    return [Entry(lines[name].id, lines[name].version, Decimal(amount)) for name, amount in amounts.items()]


def test_several_lines_are_recorded_under_one_act(world: World) -> None:
    journey, other = at(world, "committed"), another(world)
    pilot = other.actor(world.pilot)
    chosen = [*entries(journey, etat="2500.00"), *entries(other, etat="3999.99")]

    done = record_acts(world.db, world.contract, chosen, "Conseil", other.now.date(), "D-7", pilot, other.now)

    assert done == 2
    assert {line.state for one in (journey, other) for line in one.dossier.lines if line.retained} == {
        "granted",
        "retained",
    }
    assert journey.line(STATE).granted == Decimal("2500.00")
    assert other.line(STATE).act == {
        "authority": "Conseil",
        "date": other.now.date().isoformat(),
        "number": "D-7",
    }


def test_a_batch_says_every_fault_and_records_nothing(world: World) -> None:
    journey, other = at(world, "committed"), another(world)
    world.db.commit()
    pilot, on = journey.actor(world.pilot), other.now.date()
    chosen = [*entries(journey, etat="4000.01"), *entries(other, etat="0.00")]

    with pytest.raises(InvalidInputError) as refused:
        record_acts(world.db, world.contract, chosen, "Conseil", on, "D-7", pilot, other.now)
    world.db.rollback()

    first, second = journey.line(STATE), other.line(STATE)
    assert set(refused.value.faults) == {f"amount-{first.id}", f"reason-{second.id}"}
    assert (first.state, second.state) == ("retained", "retained")


def test_one_act_is_of_one_financer(world: World) -> None:
    journey = at(world, "committed")
    pilot, on = journey.actor(world.pilot), journey.now.date()
    chosen = entries(journey, etat="4000.00", caf="2500.00")

    with pytest.raises(InvalidInputError) as refused:
        record_acts(world.db, world.contract, chosen, "Conseil", on, "D-7", pilot, journey.now)

    names = sorted(journey.line(key).credit.organisation.name for key in (STATE, CAF))
    assert all(name in refused.value.faults["lines"] for name in names)
    assert {journey.line(key).state for key in (STATE, CAF)} == {"retained"}


def test_a_batch_needs_its_heading_and_a_line(world: World) -> None:
    journey = at(world, "committed")

    with pytest.raises(InvalidInputError) as refused:
        record_acts(world.db, world.contract, [], "", None, "", journey.actor(world.pilot), journey.now)

    assert set(refused.value.faults) == {"authority", "date", "number", "lines"}


def test_a_batch_read_before_somebody_else_is_a_conflict(world: World) -> None:
    journey = at(world, "committed")
    chosen = entries(journey, etat="4000.00")
    chosen = [Entry(chosen[0].line_id, (chosen[0].version or 0) - 1, chosen[0].amount)]

    with pytest.raises(ConflictError):
        record_acts(
            world.db,
            world.contract,
            chosen,
            "Préfet",
            journey.now.date(),
            "1",
            journey.actor(world.pilot),
            journey.now,
        )


def test_a_line_of_nowhere_is_unknown(world: World) -> None:
    journey = at(world, "committed")
    with pytest.raises(UnknownReferenceError):
        record_acts(
            world.db,
            world.contract,
            [Entry(999_999, 1, Decimal(1))],
            "Préfet",
            journey.now.date(),
            "1",
            journey.actor(world.pilot),
            journey.now,
        )


def test_what_waits_is_told_to_its_financer_the_earliest_expected_first(world: World) -> None:
    journey, other = at(world, "committed"), another(world)
    other.line(STATE).expected_on = date(2026, 5, 1)
    world.db.flush()
    state = journey.actor(world.financers["etat"])

    waiting = acts_awaited(world.db, world.contract, acting_for(state, world.contract.id))

    assert [row.dossier_id for row in waiting] == [other.dossier.id, journey.dossier.id]
    assert {row.key for row in waiting} == {STATE}
    assert acting_for(journey.actor(world.pilot), world.contract.id) is None
    assert [(code, number) for code, _, number in financers_with_acts(world.db, world.contract)] == [
        ("caf", 2),
        ("etat", 2),
    ]
    record(journey, STATE, "4000.00")
    (done,) = acts_recorded(world.db, world.contract, None, world.year)
    assert (done.key, done.granted) == (STATE, Decimal("4000.00"))


# --- payments, and what was spent


def granted(world: World) -> Journey:
    journey = at(world, "committed")
    record(journey, STATE, "4000.00")
    return journey


def test_payments_add_up_and_keep_their_history(world: World) -> None:
    journey = granted(world)
    line, person = journey.line(STATE), journey.actor(world.financers["etat"])

    record_payment(world.db, line, Decimal("2000.00"), journey.now.date(), person, journey.now, mandate="M-1")
    record_payment(world.db, line, Decimal("1500.00"), journey.now.date(), person, journey.now)
    correct_paid(world.db, line, Decimal("3000.00"), "reversement partiel", person, journey.now)
    record_spent(world.db, line, Decimal("2800.00"), "compte rendu financier", person, journey.now)

    assert (line.paid, line.spent) == (Decimal("3000.00"), Decimal("2800.00"))
    acts = follow_up_of(journal_of(world.db, f"dossier:{journey.dossier.id}"), line)
    assert [(act.trigger, act.details["total"]) for act in acts] == [
        ("pay", "2000.00"),
        ("pay", "3500.00"),
        ("correct_paid", "3000.00"),
        ("record_spent", "2800.00"),
    ]


def test_a_payment_stays_within_the_act_in_sum_and_in_time(world: World) -> None:
    journey = granted(world)
    line, person = journey.line(STATE), journey.actor(world.financers["etat"])
    today = journey.now.date()
    for amount, on, field in (
        ("4000.01", today, "amount"),
        ("0.00", today, "amount"),
        ("10.00", today + timedelta(days=1), "on"),
        ("10.00", today - timedelta(days=1), "on"),
    ):
        with pytest.raises(InvalidInputError) as refused:
            record_payment(world.db, line, Decimal(amount), on, person, journey.now)
        assert refused.value.field == field
    with pytest.raises(InvalidInputError, match="Motif"):
        correct_paid(world.db, line, Decimal("10.00"), " ", person, journey.now)
    with pytest.raises(InvalidInputError):
        record_spent(world.db, line, Decimal("4000.01"), "x", person, journey.now)
    assert line.paid is None


def test_only_its_financer_and_the_pilot_follow_a_granted_line(world: World) -> None:
    journey = granted(world)
    amount, today = Decimal("10.00"), journey.now.date()
    with pytest.raises(NotPermittedError):
        record_payment(
            world.db, journey.line(STATE), amount, today, journey.actor(world.financers["caf"]), journey.now
        )
    with pytest.raises(NotAllowedHereError):
        record_payment(world.db, journey.line(CAF), amount, today, journey.actor(world.pilot), journey.now)


def test_a_line_cancelled_after_a_payment_lists_what_comes_back(world: World) -> None:
    journey = granted(world)
    line, pilot = journey.line(STATE), journey.actor(world.pilot)
    record_payment(world.db, line, Decimal("2000.00"), journey.now.date(), pilot, journey.now)
    record_spent(world.db, line, Decimal("500.00"), "état des dépenses", pilot, journey.now)

    fire(world.db, line, "cancel", pilot, "le porteur renonce", journey.now)
    world.db.flush()

    ((row, left),) = sums_to_recover(world.db, world.contract, None)
    assert (row.key, left, to_recover(line)) == (STATE, Decimal("1500.00"), Decimal("1500.00"))
    with pytest.raises(InvalidInputError, match="plus sur cette ligne"):
        correct_paid(world.db, line, Decimal("2000.01"), "erreur", pilot, journey.now)
    with pytest.raises(NotAllowedHereError):
        record_payment(world.db, line, Decimal(1), journey.now.date(), pilot, journey.now)
    correct_paid(world.db, line, Decimal("500.00"), "reversement du porteur", pilot, journey.now)
    assert sums_to_recover(world.db, world.contract, None) == []
