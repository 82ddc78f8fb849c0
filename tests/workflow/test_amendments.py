# SPDX-License-Identifier: EUPL-1.2
"""A CPO that changes: its amendment, its early end, a financer that renounces; each dated, reasoned, journalled."""

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import select

from tests.factories.dossier import add_line
from tests.factories.world import World
from tests.workflow.years import amounts, cpo, renewed
from workflow.acts import Act, record_act
from workflow.amendments import Signed, amend, amendments_of, end_early, renounce
from workflow.errors import (
    ConflictError,
    InvalidInputError,
    NotAllowedHereError,
    NotPermittedError,
    RefusedError,
)
from workflow.forecasts import later_years, set_forecast
from workflow.models import Dossier, Journal
from workflow.renewals import renew

STATE, CAF = "etat:specifique", "caf:droit_commun"
SIGNED = Signed(date(2026, 9, 1), "le quartier change")


def euros(**years: str) -> dict[int, Decimal]:
    return {int(year.removeprefix("y")): Decimal(amount) for year, amount in years.items()}


def test_an_amendment_shares_each_new_total_as_before_and_adds_a_year(world: World) -> None:
    journey = cpo(world)
    pilot = journey.actor(world.pilot)

    amend(
        world.db, journey.dossier, euros(y2027="2800", y2028="1400", y2029="1400"), SIGNED, pilot, journey.now
    )

    assert amounts(world, journey.dossier) == {
        (2027, STATE): Decimal("1600.00"),
        (2027, CAF): Decimal("1200.00"),
        (2028, STATE): Decimal("800.00"),
        (2028, CAF): Decimal("600.00"),
        (2029, STATE): Decimal("800.00"),
        (2029, CAF): Decimal("600.00"),
    }
    dossier = journey.dossier
    assert dossier.cpo_trajectory == {
        "2026": "7000.00",
        "2027": "2800.00",
        "2028": "1400.00",
        "2029": "1400.00",
    }
    assert dossier.cpo_years == 4
    (said,) = amendments_of(dossier)
    assert (said["kind"], said["on"], said["reason"]) == ("amend_cpo", "2026-09-01", "le quartier change")
    act = world.db.scalars(select(Journal).where(Journal.trigger == "amend_cpo")).one()
    assert act.details["before"]["2027"] == "8000.00"


def test_an_amendment_without_a_trajectory_neither_reopens_the_cpo_nor_doubles_what_it_holds(
    world: World,
) -> None:
    second, made = renewed(world, cpo_trajectory=None)
    first = world.db.scalars(select(Dossier).where(Dossier.year == 2026)).one()
    amend(world.db, first, euros(y2028="3500", y2029="700"), SIGNED, second.actor(world.pilot), second.now)
    second.fire("send_to_commitment", world.secretary)

    second.decide_and_close("retained")

    assert amounts(world, made.dossier) == {}
    assert sum(amounts(world, first).values()) == Decimal("4200.00")
    assert first.cpo_trajectory == {
        "2026": "7000.00",
        "2027": "7000.00",
        "2028": "3500.00",
        "2029": "700.00",
    }
    assert (first.cpo_years, later_years(first)) == (4, (2027, 2028, 2029))


def test_an_amendment_that_shortens_the_cpo_releases_the_years_left_out(world: World) -> None:
    journey = cpo(world)

    amend(world.db, journey.dossier, euros(y2027="5600"), SIGNED, journey.actor(world.pilot), journey.now)

    assert set(amounts(world, journey.dossier, "released")) == {(2028, STATE), (2028, CAF)}
    assert journey.dossier.cpo_years == 2


def test_a_year_released_then_put_back_holds_its_envelope_again(world: World) -> None:
    journey = cpo(world)
    pilot = journey.actor(world.pilot)
    end_early(world.db, journey.dossier, 2027, SIGNED, pilot, journey.now)

    amend(world.db, journey.dossier, euros(y2027="5600", y2028="2800"), SIGNED, pilot, journey.now)

    held = amounts(world, journey.dossier)
    assert (held[2028, STATE], held[2028, CAF]) == (Decimal("1600.00"), Decimal("1200.00"))


def test_a_first_year_counts_for_what_its_financers_granted(world: World) -> None:
    """In the trajectory as in the shares of a year that nobody forecast; who gives nothing is asked for nothing."""
    journey = cpo(world)
    pilot, state = journey.actor(world.pilot), journey.actor(world.financers["etat"])
    act = Act("Préfet", journey.now.date(), "1")
    record_act(world.db, journey.line(STATE), act, Decimal(3000), state, journey.now)
    add_line(world.db, journey.dossier, "region:specifique", state="retained", retained=Decimal(0))
    end_early(world.db, journey.dossier, 2026, SIGNED, pilot, journey.now)

    amend(world.db, journey.dossier, euros(y2027="5000"), SIGNED, pilot, journey.now)

    assert journey.dossier.cpo_trajectory == {"2026": "6000.00", "2027": "5000.00"}
    assert amounts(world, journey.dossier) == {
        (2027, STATE): Decimal("2500.00"),
        (2027, CAF): Decimal("2500.00"),
    }


@pytest.mark.parametrize(
    ("trajectory", "signed", "field"),
    [
        (euros(y2027="1"), Signed(None, "x"), "on"),
        (euros(y2027="1"), Signed(date(2026, 9, 1), " "), "reason"),
        ({}, SIGNED, "trajectory"),
        (euros(y2026="1", y2027="1"), SIGNED, "trajectory"),
        (euros(y2028="1"), SIGNED, "trajectory"),
        (euros(y2027="-1"), SIGNED, "amount"),
    ],
)
def test_an_amendment_is_refused_whole(
    world: World, trajectory: dict[int, Decimal], signed: Signed, field: str
) -> None:
    journey = cpo(world)
    before = amounts(world, journey.dossier)

    with pytest.raises(InvalidInputError) as refused:
        amend(world.db, journey.dossier, trajectory, signed, journey.actor(world.pilot), journey.now)

    assert refused.value.field == field
    assert amounts(world, journey.dossier) == before


def test_a_year_that_has_its_dossier_is_not_amended(world: World) -> None:
    second, made = renewed(world)
    pilot = second.actor(world.pilot)
    with pytest.raises(InvalidInputError, match="2027"):
        amend(world.db, made.dossier, euros(y2027="1", y2028="1"), SIGNED, pilot, second.now)
    with pytest.raises(InvalidInputError, match="2027 au plus tôt"):
        end_early(world.db, made.dossier, 2026, SIGNED, pilot, second.now)

    amend(world.db, made.dossier, euros(y2028="700"), SIGNED, pilot, second.now)

    first = world.db.scalars(select(Dossier).where(Dossier.year == 2026)).one()
    assert amounts(world, first) == {(2028, STATE): Decimal("400.00"), (2028, CAF): Decimal("300.00")}


def test_the_later_dossiers_keep_the_trajectory_in_force(world: World) -> None:
    second, made = renewed(world)
    pilot = second.actor(world.pilot)
    first = world.db.scalars(select(Dossier).where(Dossier.year == 2026)).one()
    version = made.dossier.version

    amend(world.db, made.dossier, euros(y2028="700", y2029="700"), SIGNED, pilot, second.now)
    after = {"2026": "7000.00", "2027": "5600.00", "2028": "700.00", "2029": "700.00"}
    assert (made.dossier.cpo_trajectory, made.dossier.cpo_years) == (after, 4) and first.cpo_years == 4
    assert made.dossier.version > version
    end_early(world.db, made.dossier, 2028, SIGNED, pilot, second.now)

    assert (
        made.dossier.cpo_trajectory == first.cpo_trajectory == {y: after[y] for y in ("2026", "2027", "2028")}
    )
    query = select(Journal).where(
        Journal.chain == f"dossier:{made.dossier.id}", Journal.trigger.in_(("amend_cpo", "end_cpo"))
    )
    told = world.db.scalars(query.order_by(Journal.seq)).all()
    assert [act.details["reference"] for act in told] == [first.reference] * 2
    assert (told[0].details["after"], told[0].reason) == (after, "le quartier change")


def test_only_the_pilot_changes_a_cpo_and_only_a_cpo_changes(world: World) -> None:
    journey = cpo(world)
    with pytest.raises(NotPermittedError):
        end_early(world.db, journey.dossier, 2026, SIGNED, journey.secretary, journey.now)
    with pytest.raises(ConflictError):
        end_early(
            world.db,
            journey.dossier,
            2026,
            SIGNED,
            journey.actor(world.pilot),
            journey.now,
            expected_version=1,
        )
    with pytest.raises(NotAllowedHereError):
        end_early(world.db, world.dossier(), 2026, SIGNED, journey.actor(world.pilot), journey.now)


def test_an_early_end_releases_what_follows_and_nothing_can_be_changed_after(world: World) -> None:
    journey = cpo(world)
    pilot = journey.actor(world.pilot)

    released = end_early(world.db, journey.dossier, 2026, SIGNED, pilot, journey.now)

    assert released["2027 etat:specifique"] == "3200.00"
    assert amounts(world, journey.dossier) == {}
    with pytest.raises(NotAllowedHereError):
        set_forecast(
            world.db, journey.dossier, world.credits[STATE], 2027, Decimal(1), "x", pilot, journey.now
        )
    with pytest.raises(RefusedError) as refused:
        renew(world.db, journey.dossier, pilot, journey.now)
    assert [finding.variant for finding in refused.value.findings] == ["over"]
    with pytest.raises(InvalidInputError, match="rien n’est prévu"):
        end_early(world.db, journey.dossier, 2026, SIGNED, pilot, journey.now)


def test_a_financer_renounces_its_own_later_years(world: World) -> None:
    journey = cpo(world)
    state, credit = journey.actor(world.financers["etat"]), world.credits[STATE]
    with pytest.raises(NotPermittedError):
        renounce(
            world.db, journey.dossier, credit, SIGNED, journey.actor(world.financers["caf"]), journey.now
        )

    renounce(world.db, journey.dossier, credit, SIGNED, state, journey.now)

    assert set(amounts(world, journey.dossier)) == {(2027, CAF), (2028, CAF)}
    with pytest.raises(NotAllowedHereError, match="libéré"):
        set_forecast(world.db, journey.dossier, credit, 2027, Decimal(1), "x", state, journey.now)
    with pytest.raises(NotAllowedHereError):
        renounce(world.db, journey.dossier, credit, SIGNED, state, journey.now)
