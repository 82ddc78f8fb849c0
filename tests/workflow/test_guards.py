# SPDX-License-Identifier: EUPL-1.2
"""Guards one by one: each refuses what it is there for, and lets the rest through."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.factories.world import World
from tests.workflow.journey import Journey, at
from workflow.errors import RefusedError
from workflow.machine import fire
from workflow.round_table import answer
from workflow.seances import plan_seance, set_agenda


def refusals(act: Callable[[], object]) -> list[str]:
    with pytest.raises(RefusedError) as refused:
        act()
    return [finding.rule for finding in refused.value.findings]


def on_line(journey: Journey, key: str, trigger: str, **details: Any) -> Callable[[], object]:
    line, actor = journey.line(key), journey.actor(journey.world.pilot)
    if trigger.startswith("answer"):
        actor = journey.secretary
    return lambda: fire(journey.db, line, trigger, actor, None, journey.now, **details)


@pytest.mark.parametrize("missing", ["activity_report", "financial_report"])
def test_both_reports_are_needed(world: World, missing: str) -> None:
    journey = at(world, "contracted")
    given = {"activity_report": "R1", "financial_report": "R2"} | {missing: ""}

    assert refusals(lambda: journey.fire("report", world.bearer, **given)) == ["guard.reports"]


def test_what_was_paid_and_not_spent_is_settled_before_closing(world: World) -> None:
    journey = at(world, "reported")
    line = journey.line("etat:specifique")
    line.paid, line.spent = Decimal("4000.00"), Decimal("3900.00")

    assert refusals(lambda: journey.fire("close", world.pilot)) == ["guard.unspent"]
    journey.fire("close", world.pilot, settled=True)
    assert journey.dossier.stage == "closed"


@pytest.mark.parametrize(
    ("stage", "trigger", "who", "reason"),
    [
        ("dispatched", "open_co_instruction", "instructor", None),
        ("financers_conference", "return_to_co_instruction", "instructor", "Quel public ?"),
    ],
)
def test_opinions_are_due_ahead(world: World, stage: str, trigger: str, who: str, reason: str | None) -> None:
    journey = at(world, stage)
    today = journey.now.date()

    found = refusals(lambda: journey.fire(trigger, getattr(world, who), reason, due=today))

    assert found == ["guard.opinions_due"]


def test_an_opinion_is_given_during_the_instruction_only(world: World) -> None:
    journey = at(world, "commitment")
    opinion = journey.dossier.opinions[0]

    assert "guard.stage" in refusals(lambda: journey.give(opinion, "favourable"))


def test_an_opinion_is_one_of_four(world: World) -> None:
    journey = at(world, "co_instruction")
    opinion = journey.dossier.opinions[0]

    assert refusals(lambda: journey.give(opinion, "excellent")) == ["guard.value"]


def test_other_droit_commun_holders_need_a_reason(world: World) -> None:
    journey = at(world, "admissible")
    details = {"lead": world.instructor.email, "theme": "education", "holders": ["caf:droit_commun"]}

    assert refusals(lambda: journey.fire("dispatch", world.pilot, **details)) == ["guard.holders"]
    journey.fire("dispatch", world.pilot, "les autres ne financent pas ces âges", **details)
    assert journey.dossier.holders == ["caf:droit_commun"]


def test_a_body_without_member_is_not_convoked_nor_without_agenda(world: World) -> None:
    journey = at(world, "financers_conference")
    for mandate in [
        m for person in world.financers.values() for m in person.mandates if m.body == "conference"
    ]:
        world.db.delete(mandate)
    starts = journey.now + timedelta(days=20)
    seance = plan_seance(journey.db, world.contract, "conference", starts, journey.now, journey.secretary)
    world.db.flush()

    found = refusals(lambda: fire(journey.db, seance, "convoke", journey.secretary, None, journey.now))

    assert found == ["guard.members", "guard.agenda"]


def test_a_seance_of_the_past_is_not_convoked(world: World) -> None:
    journey = at(world, "financers_conference")
    starts = journey.now + timedelta(days=20)
    seance = plan_seance(journey.db, world.contract, "conference", starts, journey.now, journey.secretary)
    set_agenda(journey.db, seance, [journey.dossier], journey.secretary, journey.now)

    found = refusals(lambda: fire(journey.db, seance, "convoke", journey.secretary, None, starts))

    assert "guard.date" in found


@pytest.mark.parametrize("amount", [None, Decimal("0.00"), Decimal("-5.00")])
def test_an_answer_in_money_has_a_positive_amount(world: World, amount: Decimal | None) -> None:
    journey = at(world, "financers_conference")

    found = refusals(on_line(journey, "etat:specifique", "answer_firm", amount=amount))

    assert "guard.amount" in found


@pytest.mark.parametrize("missing", ["authority", "date", "number", "amount"])
def test_an_act_is_complete(world: World, missing: str) -> None:
    journey = at(world, "committed")
    act = {"authority": "Préfet", "date": journey.now.date(), "number": "1", "amount": Decimal("10.00")}

    found = refusals(on_line(journey, "etat:specifique", "grant", **(act | {missing: None})))

    assert "guard.amount" in found


def test_a_financer_answers_from_admissibility_to_the_committee(world: World) -> None:
    journey = at(world, "submitted")
    line = journey.line("etat:specifique")

    def act() -> None:
        answer(journey.db, line, "firm", journey.secretary, journey.now, amount=Decimal("10.00"))

    assert refusals(act) == ["guard.stage"]
