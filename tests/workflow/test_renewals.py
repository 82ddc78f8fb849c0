# SPDX-License-Identifier: EUPL-1.2
"""Year n+1 of a CPO: made once from year n, at the promised amounts, sent to the conference without a new opinion."""

from datetime import date, timedelta
from decimal import Decimal
from threading import Barrier, Thread

import pytest
from sqlalchemy import Engine, inspect, select
from sqlalchemy.orm import Session, sessionmaker

from tests.factories.statements import counted
from tests.factories.world import World
from tests.workflow.journey import Journey, at
from tests.workflow.years import INDICATORS, TRAJECTORY, amounts, cpo, ready, renewed
from workflow.errors import (
    InvalidInputError,
    NotAllowedHereError,
    NotPermittedError,
    RefusedError,
    WorkflowError,
)
from workflow.forecasts import set_forecast
from workflow.machine import fire
from workflow.models import Dossier, Journal
from workflow.permissions import actor_for
from workflow.queries import get_dossier
from workflow.readings import record_readings
from workflow.renewals import renew, renewables
from workflow.round_table import answer, propose
from workflow.session import decide, retain

STATE, CAF = "etat:specifique", "caf:droit_commun"
PROMISED = {STATE: Decimal("3200.00"), CAF: Decimal("2400.00")}


def variants(error: RefusedError) -> list[str]:
    return [finding.variant for finding in error.findings]


def test_the_next_year_is_the_same_action_at_the_promised_amounts_in_conference(world: World) -> None:
    _, made = renewed(world)
    first = world.db.scalars(select(Dossier).where(Dossier.year == 2026)).one()

    dossier = made.dossier
    assert (dossier.year, dossier.stage, made.waiting) == (2027, "financers_conference", [])
    assert dossier.action.uuid == first.action.uuid
    assert (dossier.porteur, dossier.total_cost, dossier.qpv) == (first.porteur, first.total_cost, first.qpv)
    assert (dossier.previous_report, dossier.renewal, dossier.opinions) == ("recu", True, [])
    assert {
        line.key: (line.state, line.forecast, line.promised, line.proposed, line.firm)
        for line in dossier.lines
    } == {key: ("indicative", amount, amount, amount, False) for key, amount in PROMISED.items()}
    assert {act.reason for act in journal(world, dossier, "carry_forecast")} == {
        "prévu par la CPO, sous réserve du vote des crédits"
    }
    assert set(amounts(world, first)) == {(2028, STATE), (2028, CAF)}
    assert amounts(world, first, "renewed") == {(2027, key): amount for key, amount in PROMISED.items()}
    (act,) = journal(world, first, "renew_cpo")
    assert (act.details["reference"], act.actor) == (dossier.reference, world.pilot.email)


def journal(world: World, dossier: Dossier, trigger: str) -> list[Journal]:
    query = select(Journal).where(Journal.chain == f"dossier:{dossier.id}", Journal.trigger == trigger)
    return list(world.db.scalars(query))


def test_the_next_year_reaches_the_committee_and_carries_no_forecast_of_its_own(world: World) -> None:
    second, made = renewed(world)
    second.fire("send_to_commitment", world.secretary)

    second.decide_and_close("retained")

    assert {line.key: line.retained for line in made.dossier.lines} == PROMISED
    assert amounts(world, made.dossier) == {}


def test_an_opinion_may_still_be_asked_and_the_amounts_stay_promised(world: World) -> None:
    second, made = renewed(world)

    lead = world.instructor
    second.fire(
        "return_to_co_instruction", lead, "Le quartier change : qu’en pensez-vous ?", partners=["caf"]
    )

    assert (made.dossier.stage, [o.organisation.code for o in made.dossier.opinions]) == (
        "co_instruction",
        ["caf"],
    )
    assert {line.key: line.proposed for line in made.dossier.lines} == PROMISED


def test_what_is_missing_is_said_all_at_once(world: World) -> None:
    journey = cpo(world)
    with pytest.raises(RefusedError) as refused:
        renew(world.db, journey.dossier, journey.actor(world.pilot), journey.now)
    assert variants(refused.value) == ["report", "readings"]
    assert refused.value.findings[1].facts["names"] == INDICATORS

    journey.dossier.cpo_indicators = None
    with pytest.raises(RefusedError) as refused:
        renew(world.db, journey.dossier, journey.actor(world.pilot), journey.now)
    assert variants(refused.value) == ["report", "indicators"]
    assert world.db.scalars(select(Dossier).where(Dossier.year == 2027)).all() == []


def test_a_year_without_forecast_or_outside_the_cpo_is_not_made(world: World) -> None:
    journey = ready(cpo(world))
    pilot = journey.actor(world.pilot)
    for key in (STATE, CAF):
        set_forecast(
            world.db, journey.dossier, world.credits[key], 2027, Decimal(0), "rien", pilot, journey.now
        )
    with pytest.raises(RefusedError) as refused:
        renew(world.db, journey.dossier, pilot, journey.now)
    assert variants(refused.value) == ["unforecast"]

    annual = Journey(world, world.dossier(title="Sport"))
    annual.now += timedelta(days=1)
    annual.to("committed")
    with pytest.raises(RefusedError) as refused:
        renew(world.db, annual.dossier, pilot, annual.now)
    assert variants(refused.value) == ["over"]


def test_a_year_is_made_once(world: World) -> None:
    second, made = renewed(world)
    first = world.db.scalars(select(Dossier).where(Dossier.year == 2026)).one()

    with pytest.raises(NotAllowedHereError, match=made.dossier.reference):
        renew(world.db, first, second.actor(world.pilot), second.now)


def test_a_year_that_has_its_dossier_is_no_forecast_any_more(world: World) -> None:
    second, made = renewed(world)
    first = world.db.scalars(select(Dossier).where(Dossier.year == 2026)).one()
    credit = world.credits["departement:droit_commun"]

    with pytest.raises(NotAllowedHereError, match=made.dossier.reference):
        set_forecast(
            world.db, first, credit, 2027, Decimal(900), "Oubli", second.actor(world.pilot), second.now
        )


def test_two_people_who_renew_at_once_make_one_dossier(
    world: World, engine: Engine, write: sessionmaker[Session]
) -> None:
    journey = ready(cpo(world))
    world.db.commit()
    id_, now, gate = journey.dossier.id, journey.now, Barrier(2)
    ends: list[str] = []

    def press() -> None:
        gate.wait()
        try:
            with write.begin() as db:
                pilot = actor_for(db, db.merge(world.pilot, load=False), now.date())
                renew(db, get_dossier(db, id_), pilot, now)
            ends.append("made")
        except WorkflowError:
            ends.append("refused")

    threads = [Thread(target=press) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert sorted(ends) == ["made", "refused"]
    assert len(world.db.scalars(select(Dossier).where(Dossier.year == 2027)).all()) == 1


def test_only_who_organises_renews_and_the_secretary_leaves_admissibility_to_others(world: World) -> None:
    journey = ready(cpo(world))
    with pytest.raises(NotPermittedError):
        renew(world.db, journey.dossier, journey.actor(world.bearer), journey.now)

    made = renew(world.db, journey.dossier, journey.secretary, journey.now)

    assert (made.dossier.stage, made.is_in_conference) == ("submitted", False)
    assert "mandats" in made.said
    fire(world.db, made.dossier, "declare_admissible", journey.actor(world.instructor), None, journey.now)
    fire(world.db, made.dossier, "renew", journey.secretary, None, journey.now)
    assert made.dossier.stage == "financers_conference"


def test_the_short_path_is_closed_to_any_other_dossier(world: World) -> None:
    journey = at(world, "admissible")

    with pytest.raises(RefusedError) as refused:
        journey.fire("renew", world.pilot)

    assert variants(refused.value) == ["not_cpo"]


# --- promised amounts


def test_departing_from_a_promised_amount_asks_a_reason_everywhere(world: World) -> None:
    second, made = renewed(world)
    line, state = second.line(STATE), second.actor(world.financers["etat"])
    with pytest.raises(RefusedError) as refused:
        answer(world.db, line, "firm", state, second.now, amount=Decimal("3000.00"))
    assert [f.rule for f in refused.value.findings] == ["guard.promise"]
    with pytest.raises(RefusedError):
        answer(world.db, line, "in_kind", state, second.now, description="une salle")
    with pytest.raises(RefusedError):
        answer(world.db, line, "not_concerned", state, second.now)
    with pytest.raises(RefusedError):
        propose(world.db, line, Decimal("3000.00"), state, second.now)
    with pytest.raises(RefusedError):
        propose(world.db, line, None, state, second.now)
    assert (line.promised, line.proposed) == (Decimal("3200.00"), Decimal("3200.00"))

    answer(
        world.db, line, "firm", state, second.now, amount=Decimal("3200.00")
    )  # as promised: nothing to say
    answer(
        world.db,
        line,
        "indicative",
        state,
        second.now,
        amount=Decimal("3000.00"),
        reason="crédits votés en baisse",
    )
    propose(world.db, line, Decimal("3000.00"), state, second.now, reason="crédits votés en baisse")

    assert (line.promised, line.proposed, line.forecast) == (
        Decimal("3000.00"),
        Decimal("3000.00"),
        Decimal("3200.00"),
    )
    (act,) = journal(world, made.dossier, "propose")
    assert act.reason == "crédits votés en baisse"


def test_retaining_another_amount_than_promised_asks_a_reason(world: World) -> None:
    second, _ = renewed(world)
    second.fire("send_to_commitment", world.secretary)
    seance = second.committee()
    (item,) = seance.items
    state, caf = second.line(STATE), second.line(CAF)
    with pytest.raises(RefusedError) as refused:
        retain(world.db, item, state, Decimal("3000.00"), second.secretary, second.now)
    assert [f.rule for f in refused.value.findings] == ["guard.promise"]

    retain(world.db, item, caf, Decimal("2400.00"), second.secretary, second.now)
    retain(
        world.db,
        item,
        state,
        Decimal("3000.00"),
        second.secretary,
        second.now,
        reason="crédits votés en baisse",
    )
    decide(world.db, item, "retained", None, second.secretary, second.now)
    fire(world.db, seance, "close", second.secretary, None, second.now)

    assert (state.retained, state.forecast) == (Decimal("3000.00"), Decimal("3200.00"))
    said = select(Journal).where(Journal.chain == f"seance:{seance.id}", Journal.trigger == "retain")
    assert [act.reason for act in world.db.scalars(said)] == [None, "crédits votés en baisse"]


# --- the list, and the indicators


def test_the_list_says_of_each_action_what_it_lacks_or_what_it_became(world: World) -> None:
    journey = cpo(world)

    (row,) = renewables(world.db, world.contract, 2026)
    assert (row.is_ready, [f.variant for f in row.missing]) == (False, ["report", "readings"])
    ready(journey)
    (row,) = renewables(world.db, world.contract, 2026)
    assert (row.is_ready, sum(one.amount for one in row.forecasts)) == (True, Decimal("5600.00"))
    made = renew(world.db, journey.dossier, journey.actor(world.pilot), journey.now)
    (row,) = renewables(world.db, world.contract, 2026)
    assert (row.is_ready, row.renewed, row.missing) == (False, made.dossier, [])


def test_the_list_asks_as_many_queries_whatever_its_length(world: World) -> None:
    numbers = []
    journey = cpo(world)
    for title in ("Sport", "Danse"):
        world.db.flush()
        world.db.expire_all()
        with counted(world.db.connection()) as statements:
            rows = renewables(world.db, world.contract, 2026)
        numbers.append((len(rows), len(statements)))
        other = Journey(world, world.dossier(title=title, cpo=True, cpo_years=2, cpo_indicators=["présence"]))
        other.now = journey.now
        journey = other.to("committed")

    assert [length for length, _ in numbers] == [1, 2]
    assert numbers[0][1] == numbers[1][1]


# What is of one year only: its own filing, its instruction, its séances.
OF_ONE_YEAR = frozenset(
    [
        "id",
        "year",
        "reference",
        "dauphin_number",
        "stage",
        "search_key",
        "call",
        "filed_on",
        "located",
        "completion",
        "completions",
        "opinions_due_on",
        "round",
        "question",
        "synthesis",
        "citizens_opinion",
        "follow_up",
        "imported_digest",
        "created_at",
        "stage_since",
        "version",
        "renewal",
        "previous_report",
        "holders",
        "starts_on",
        "ends_on",
    ]
)


def test_every_fact_of_the_action_is_carried_over_but_what_is_of_one_year(world: World) -> None:
    _, made = renewed(world)
    first = world.db.scalars(select(Dossier).where(Dossier.year == 2026)).one()
    facts = [column.key for column in inspect(Dossier).column_attrs if column.key not in OF_ONE_YEAR]

    assert {name: getattr(made.dossier, name) for name in facts} == {
        name: getattr(first, name) for name in facts
    }
    assert made.dossier.filed_on is not None and made.dossier.synthesis is None


def test_dates_that_tell_the_whole_agreement_keep_their_end(world: World) -> None:
    whole = ready(cpo(world, starts_on=date(2026, 1, 1), ends_on=date(2028, 12, 31)))
    made = renew(world.db, whole.dossier, whole.actor(world.pilot), whole.now)

    assert (made.dossier.starts_on, made.dossier.ends_on) == (date(2027, 1, 1), date(2028, 12, 31))


def test_the_last_year_of_an_agreement_ends_with_it_and_begins_before(world: World) -> None:
    """Two years from one summer to another are three programme years: the last one is what is left of the agreement."""
    first = ready(cpo(world, starts_on=date(2026, 7, 1), ends_on=date(2028, 6, 30)))
    made = renew(world.db, first.dossier, first.actor(world.pilot), first.now)
    second = Journey(world, made.dossier)
    second.now = first.now
    second.fire("send_to_commitment", world.secretary)
    second.decide_and_close("retained")

    third = renew(world.db, made.dossier, ready(second).actor(world.pilot), second.now)

    periods = [(one.dossier.starts_on, one.dossier.ends_on) for one in (made, third)]
    assert periods == [
        (date(2027, 7, 1), date(2028, 6, 30)),
        (date(2028, 1, 1), date(2028, 6, 30)),
    ]


def test_a_dossier_that_is_not_retained_is_not_renewed(world: World) -> None:
    second, made = renewed(world)

    with pytest.raises(RefusedError) as refused:
        renew(world.db, made.dossier, second.actor(world.pilot), second.now)

    assert variants(refused.value) == ["over"]


def test_the_third_year_is_made_from_the_second(world: World) -> None:
    second, made = renewed(world)
    second.fire("send_to_commitment", world.secretary)
    second.decide_and_close("retained")
    (row,) = renewables(world.db, world.contract, 2027)
    assert row.dossier is made.dossier
    ready(second)
    made.dossier.cpo_trajectory = {"2027": "1.00"}  # what a request filed apart would say

    third = renew(world.db, made.dossier, second.actor(world.pilot), second.now)

    assert (third.dossier.year, third.dossier.stage) == (2028, "financers_conference")
    assert third.dossier.cpo_trajectory == TRAJECTORY
    assert {line.key: line.forecast for line in third.dossier.lines} == {
        STATE: Decimal("2000.00"),
        CAF: Decimal("1500.00"),
    }


def test_indicators_are_read_by_who_may_and_only_those_of_the_cpo(world: World) -> None:
    journey = cpo(world)
    with pytest.raises(NotPermittedError):
        record_readings(world.db, journey.dossier, {}, journey.actor(world.citizen), journey.now)
    with pytest.raises(InvalidInputError, match="inconnu"):
        record_readings(world.db, journey.dossier, {"Autre": "1"}, journey.secretary, journey.now)
    with pytest.raises(InvalidInputError, match="500"):
        record_readings(world.db, journey.dossier, {INDICATORS[0]: "x" * 501}, journey.secretary, journey.now)

    assert record_readings(
        world.db, journey.dossier, {INDICATORS[0]: " 42 "}, journey.actor(world.bearer), journey.now
    )
    assert not record_readings(
        world.db, journey.dossier, {INDICATORS[0]: "42"}, journey.secretary, journey.now
    )

    assert journey.dossier.follow_up["cpo_readings"] == {INDICATORS[0]: "42"}
