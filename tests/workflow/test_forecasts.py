# SPDX-License-Identifier: EUPL-1.2
"""The later years of a CPO: forecast when year one is retained, corrected by whom they bind, shown on their envelopes."""

from decimal import Decimal

import pytest
from sqlalchemy import select

from tests.factories.world import World
from tests.workflow.journey import at
from tests.workflow.years import amounts, cpo, forecast, renewed
from workflow.acts import Act, record_act
from workflow.envelope_facts import credit_balances, envelope_facts
from workflow.envelopes import set_envelope
from workflow.errors import ConflictError, InvalidInputError, NotAllowedHereError, NotPermittedError
from workflow.examination import examine_envelopes, examine_programme
from workflow.forecasts import set_forecast
from workflow.living import living_dossier
from workflow.machine import fire
from workflow.models import Dossier, Forecast, Journal
from workflow.renewals import renew
from workflow.session import decide, retain

STATE, CAF = "etat:specifique", "caf:droit_commun"
# 7,000 € retained of the 10,000 € planned: 5,600 € when 8,000 € are planned, 3,500 € for 5,000 €.
EXPECTED = {
    (2027, STATE): Decimal("3200.00"),
    (2027, CAF): Decimal("2400.00"),
    (2028, STATE): Decimal("2000.00"),
    (2028, CAF): Decimal("1500.00"),
}


def test_a_retained_cpo_forecasts_its_later_years_along_its_trajectory(world: World) -> None:
    journey = cpo(world)

    assert amounts(world, journey.dossier) == EXPECTED
    act = world.db.scalars(select(Journal).where(Journal.trigger == "commit")).one()
    assert act.details["forecasts"]["2027 etat:specifique"] == "3200.00"


def test_without_a_trajectory_the_same_amounts_are_forecast_each_year(world: World) -> None:
    journey = cpo(world, cpo_trajectory=None)

    assert amounts(world, journey.dossier) == {
        (year, key): amount
        for year in (2027, 2028)
        for key, amount in ((STATE, Decimal("4000.00")), (CAF, Decimal("3000.00")))
    }


def test_an_annual_action_forecasts_nothing(world: World) -> None:
    at(world, "committed")

    assert world.db.scalars(select(Forecast)).all() == []


def test_a_rectification_moves_the_forecasts_that_nobody_corrected(world: World) -> None:
    journey = cpo(world)
    pilot = journey.actor(world.pilot)
    corrected = world.credits[CAF]
    set_forecast(world.db, journey.dossier, corrected, 2027, Decimal(100), "budget", pilot, journey.now)
    journey.line(STATE).proposed = Decimal("2000.00")

    journey.decide_and_close("retained", "erreur de saisie")

    held = amounts(world, journey.dossier)
    assert held[2027, CAF] == Decimal("100.00")
    assert held[2027, STATE] == Decimal("1600.00")  # 5,000 € retained, 80 %, the State 2/5 of them


def test_cents_are_kept_and_a_trajectory_silent_on_the_first_year_is_no_amount(world: World) -> None:
    journey = cpo(world, "commitment", cpo_trajectory={"2027": "5000.00"})
    journey.dossier.total_cost = Decimal("10000.00")
    journey.line(STATE).proposed = Decimal("3999.99")

    journey.decide_and_close("retained")

    # 6,999.99 € retained of 10,000 €: half of it when half of the cost is planned
    assert sum(amounts(world, journey.dossier).values()) == Decimal("3500.00")
    journey.line(STATE).proposed = Decimal("3999.95")
    journey.decide_and_close("retained", "erreur de saisie")
    assert sum(amounts(world, journey.dossier).values()) == Decimal("3499.98")


def test_a_rectification_releases_what_nothing_retains_and_holds_again_what_it_retains_again(
    world: World,
) -> None:
    journey = cpo(world)
    state, act = journey.actor(world.financers["etat"]), Act("Préfet", journey.now.date(), "1")
    record_act(world.db, journey.line(STATE), act, Decimal(0), state, journey.now, reason="gel")
    seance = journey.committee()
    item = seance.items[0]
    retain(world.db, item, journey.line(STATE), Decimal("4000.00"), journey.secretary, journey.now)
    retain(world.db, item, journey.line(CAF), Decimal(0), journey.secretary, journey.now, reason="erreur")
    decide(world.db, item, "retained", "les crédits sont rouverts", journey.secretary, journey.now)

    fire(world.db, seance, "close", journey.secretary, None, journey.now)
    world.db.flush()

    assert amounts(world, journey.dossier) == {
        (2027, STATE): Decimal("3200.00"),
        (2028, STATE): Decimal("2000.00"),
    }
    act_of_rectifying = world.db.scalars(select(Journal).where(Journal.trigger == "rectify")).one()
    assert set(act_of_rectifying.details["released"]) == {f"2027 {CAF}", f"2028 {CAF}"}


def test_a_dossier_that_dies_gives_its_year_back_to_the_forecasts_and_may_be_made_again(
    world: World,
) -> None:
    second, made = renewed(world)
    first = world.db.scalars(select(Dossier).where(Dossier.year == 2026)).one()
    pilot, credit = second.actor(world.pilot), world.credits[STATE]
    assert (2027, STATE) not in amounts(world, first)

    second.fire("withdraw", world.secretary, "déposé trop tôt")

    assert amounts(world, first)[2027, STATE] == Decimal("3200.00")
    set_forecast(world.db, first, credit, 2027, Decimal(3000), "budget voté", pilot, second.now)
    again = renew(world.db, first, pilot, second.now)
    assert again.dossier.id != made.dossier.id
    (line,) = [line for line in again.dossier.lines if line.key == STATE]
    assert line.forecast == Decimal("3000.00")


def test_an_older_draft_does_not_hide_the_dossier_that_carries_the_year(world: World) -> None:
    journey = cpo(world)
    draft, filed = (world.dossier(stage=stage, year=2027) for stage in ("draft", "submitted"))
    draft.action = filed.action = journey.dossier.action
    world.db.flush()

    assert draft.id < filed.id
    assert living_dossier(world.db, journey.dossier.action_id, 2027) is filed
    with pytest.raises(NotAllowedHereError, match=filed.reference):
        set_forecast(
            world.db, journey.dossier, world.credits[STATE], 2027, Decimal(1), "x",
            journey.actor(world.pilot), journey.now,
        )  # fmt: skip
    filed.stage = "withdrawn"
    world.db.flush()
    assert living_dossier(world.db, journey.dossier.action_id, 2027) is draft


def test_a_cancelled_year_releases_its_own_forecasts_with_those_after(world: World) -> None:
    second, _ = renewed(world)
    first = world.db.scalars(select(Dossier).where(Dossier.year == 2026)).one()
    second.fire("send_to_commitment", world.secretary)
    second.decide_and_close("retained")

    second.fire("cancel", world.pilot, "le porteur renonce")

    assert amounts(world, first) == {}
    assert len(amounts(world, first, "released")) == 4


def test_a_forecast_is_corrected_by_its_financer_and_the_pilot_with_a_reason(world: World) -> None:
    journey = cpo(world)
    state, caf = journey.actor(world.financers["etat"]), journey.actor(world.financers["caf"])
    credit = world.credits[STATE]

    assert set_forecast(
        world.db, journey.dossier, credit, 2027, Decimal(3000), "moins de crédits", state, journey.now
    )

    row = forecast(world, journey.dossier, 2027, STATE)
    assert (row.amount, row.reason) == (Decimal("3000.00"), "moins de crédits")
    act = world.db.scalars(select(Journal).where(Journal.trigger == "set_forecast")).one()
    assert (act.details["before"], act.details["after"]) == ("3200.00", "3000.00")
    assert not set_forecast(world.db, journey.dossier, credit, 2027, Decimal(3000), "", state, journey.now)
    with pytest.raises(NotPermittedError):
        set_forecast(world.db, journey.dossier, credit, 2027, Decimal(1), "x", caf, journey.now)


@pytest.mark.parametrize(
    ("year", "amount", "reason", "error"),
    [
        (2027, "100.00", " ", InvalidInputError),
        (2027, "-1.00", "x", InvalidInputError),
        (2027, "10000.01", "x", InvalidInputError),
        (2026, "100.00", "x", NotAllowedHereError),
        (2029, "100.00", "x", NotAllowedHereError),
    ],
)
def test_a_forecast_is_refused(
    world: World, year: int, amount: str, reason: str, error: type[Exception]
) -> None:
    journey = cpo(world)

    with pytest.raises(error):
        set_forecast(
            world.db,
            journey.dossier,
            world.credits[STATE],
            year,
            Decimal(amount),
            reason,
            journey.actor(world.pilot),
            journey.now,
        )

    assert amounts(world, journey.dossier) == EXPECTED


def test_a_forecast_read_before_somebody_else_is_a_conflict(world: World) -> None:
    journey = cpo(world)

    with pytest.raises(ConflictError):
        set_forecast(
            world.db,
            journey.dossier,
            world.credits[STATE],
            2027,
            Decimal(1),
            "x",
            journey.actor(world.pilot),
            journey.now,
            expected_version=0,
        )


def test_a_financer_that_promised_nothing_may_forecast_too(world: World) -> None:
    journey = cpo(world)
    region, credit = journey.actor(world.financers["region"]), world.credits["region:specifique"]

    set_forecast(
        world.db,
        journey.dossier,
        credit,
        2028,
        Decimal(900),
        "relais",
        region,
        journey.now,
        expected_version=0,
    )

    assert amounts(world, journey.dossier)[2028, "region:specifique"] == Decimal("900.00")


def test_a_nil_act_and_a_cancellation_release_the_later_years(world: World) -> None:
    journey = cpo(world)
    state, caf = journey.actor(world.financers["etat"]), journey.line(CAF)
    act = Act("Préfet", journey.now.date(), "1")
    record_act(world.db, journey.line(STATE), act, Decimal(0), state, journey.now, reason="gel")
    world.db.flush()

    assert set(amounts(world, journey.dossier)) == {(2027, CAF), (2028, CAF)}
    fire(world.db, caf, "cancel", journey.actor(world.pilot), "renonce", journey.now)
    world.db.flush()
    assert amounts(world, journey.dossier) == {}
    assert len(amounts(world, journey.dossier, "released")) == 4


def test_a_cancelled_dossier_releases_its_whole_cpo(world: World) -> None:
    journey = cpo(world)

    journey.fire("cancel", world.pilot, "le porteur renonce")

    assert amounts(world, journey.dossier) == {}
    act = world.db.scalars(select(Journal).where(Journal.subject == f"dossier:{journey.dossier.id}")).all()[
        -1
    ]
    assert act.trigger == "cancel"


# --- the envelopes and the programme of the years ahead


def test_next_years_envelope_shows_what_is_held_and_warns_when_it_is_too_small(world: World) -> None:
    journey = cpo(world)
    pilot, credit = journey.actor(world.pilot), world.credits[STATE]
    set_envelope(world.db, credit, 2027, "notified", Decimal("3199.99"), pilot, journey.now)

    balance = next(one for one in credit_balances(world.db, world.contract, 2027) if one.credit is credit)
    facts = envelope_facts(world.db, world.contract, 2027)
    limit, held = examine_envelopes(world.contract, 2027, facts, journey.now)

    assert (balance.facts.forecast, balance.expected) == (Decimal("3200.00"), Decimal("3200.00"))
    assert (limit.rule, limit.outcome) == ("envelope.limit", "satisfied")
    assert (held.rule, held.outcome, held.severity) == ("envelope.forecast", "violated", "warning")


def test_the_programme_of_a_year_ahead_projects_its_cpo(world: World) -> None:
    journey = cpo(world)

    figures, findings = examine_programme(world.db, world.contract, 2027, journey.now)

    assert (figures.projected.actions, figures.projected.granted) == (1, Decimal("5600.00"))
    assert figures.projected.cpo.share_actions == 1
    assert {f.rule: f.outcome for f in findings}["envelope.forecast"] == "not_applicable"
