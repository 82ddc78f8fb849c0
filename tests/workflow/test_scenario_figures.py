# SPDX-License-Identifier: EUPL-1.2
"""What scenarios would make of the year: the programme's own figures, on other amounts; who gains and who loses."""

from decimal import Decimal

import pytest
from sqlalchemy import Engine, select

from tests.factories.dossier import add_line
from tests.factories.statements import counted
from tests.factories.world import World
from tests.workflow.conference_room import CAF, STATE, Room
from tests.workflow.journey import at
from workflow.arbitration.served import Served
from workflow.errors import InvalidInputError, UnknownReferenceError
from workflow.exercise import exercise_of
from workflow.models import Envelope, Forecast
from workflow.queries import get_seance
from workflow.queries_summary import examine_year
from workflow.scenario_adoption import adopt
from workflow.scenario_comparison import compare, get_scenarios, list_scenarios
from workflow.scenario_figures import CreditTotal, Hypothesis, hypotheses
from workflow.scenarios import from_proposals


@pytest.fixture
def room(world: World) -> Room:
    return Room(world, dossiers=2)


def credit(one: Hypothesis, code: str) -> CreditTotal:
    return next(found for found in one.credits if found.credit == code)


def test_the_present_proposals_give_the_figures_of_the_summary(room: Room) -> None:
    present, same = hypotheses(
        room.db,
        room.seance,
        [from_proposals(room.db, room.seance, "Tel quel", room.secretary, room.now)],
        room.now,
    )

    summary = examine_year(room.db, room.seance, room.world.year, room.now).together
    for one in (present, same):
        figures = one.figures
        assert (figures.granted, figures.actions) == (summary.granted, summary.actions) == (Decimal(14000), 2)
        assert figures.coverage == summary.coverage and figures.cpo == summary.cpo
        assert figures.ordinary_share == summary.ordinary_share
        assert one.total == Decimal(14000)


def test_a_scenario_gives_the_figures_that_its_adoption_would_make_present(room: Room) -> None:
    scenario = room.create(
        amounts={room.line(STATE).id: Decimal("1200.00"), room.line(CAF, 1).id: Decimal(0)}
    )
    _, foreseen = hypotheses(room.db, room.seance, [scenario], room.now)

    adopt(room.db, scenario, room.secretary, room.now)
    room.db.flush()
    (present,) = hypotheses(room.db, room.seance, [], room.now)

    assert present.amounts == foreseen.amounts and present.total == foreseen.total == Decimal("8200.00")
    assert present.served == foreseen.served and present.credits == foreseen.credits
    assert present.figures.granted == foreseen.figures.granted
    assert present.figures.coverage == foreseen.figures.coverage


def test_a_line_that_the_scenario_does_not_name_keeps_what_it_has(room: Room) -> None:
    line = room.line(STATE)
    line.proposed = None  # the State answered 4,000 € without proposing yet
    present, simulated = hypotheses(room.db, room.seance, [room.create("Vide", {})], room.now)

    assert present.amounts[line.id] == simulated.amounts[line.id] == Decimal("4000.00")


def test_a_dossier_that_receives_nothing_is_not_in_the_programme(room: Room) -> None:
    first, second = room.line(STATE), room.line(CAF)
    scenario = room.create(amounts={first.id: Decimal(0), second.id: Decimal(0)})

    present, simulated = hypotheses(room.db, room.seance, [scenario], room.now)

    assert (present.figures.actions, simulated.figures.actions) == (2, 1)
    assert simulated.figures.projected.actions == 1


@pytest.mark.parametrize(
    ("amount", "served"),
    [
        ("5000.00", Served.FULL),
        ("4999.99", Served.PARTIAL),
        ("0.01", Served.PARTIAL),
        ("0.00", Served.NOTHING),
    ],
)
def test_a_dossier_is_served_as_far_as_what_was_asked(room: Room, amount: str, served: Served) -> None:
    scenario = room.create(amounts={room.line(STATE).id: Decimal(amount)})

    _, simulated = hypotheses(room.db, room.seance, [scenario], room.now)

    assert simulated.served == {room.dossiers[0].id: served, room.dossiers[1].id: Served.PARTIAL}
    assert sum(simulated.counts.values()) == 2


@pytest.mark.parametrize(
    ("ordinary", "given", "served"),
    [
        ("4550.00", "3400.00", Served.FULL),  # 3,450 € are left to fund: 3,400 € in hundreds
        ("4550.00", "3300.00", Served.PARTIAL),
        ("7950.00", "0.00", Served.COVERED),  # 50 € are left: less than a hundred
        ("7900.00", "0.00", Served.NOTHING),
        ("9000.00", "0.00", Served.COVERED),
    ],
)
def test_what_ordinary_law_brings_is_no_longer_to_fund(
    room: Room, ordinary: str, given: str, served: Served
) -> None:
    """The action costs 10,000 €, of which 2,000 € are its own or others’ resources."""
    amounts = {room.line(CAF).id: Decimal(ordinary), room.line(STATE).id: Decimal(given)}

    _, simulated = hypotheses(room.db, room.seance, [room.create(amounts=amounts)], room.now)

    assert simulated.served[room.dossiers[0].id] == served


def test_envelopes_say_what_is_left_or_lacks(room: Room) -> None:
    envelope = room.db.scalars(
        select(Envelope).where(Envelope.credit_id == room.world.credits[STATE].id)
    ).one()
    envelope.amount = Decimal("5000.00")
    lower = room.create(amounts={room.line(STATE).id: Decimal("1000.00")})

    present, simulated = hypotheses(room.db, room.seance, [lower], room.now)

    over, exact, unknown = credit(present, STATE), credit(simulated, STATE), credit(present, CAF)
    assert (over.total, over.left, over.is_over) == (Decimal(8000), Decimal(-3000), True)
    assert (exact.total, exact.left, exact.is_over) == (Decimal(5000), Decimal(0), False)
    assert (unknown.total, unknown.left, unknown.is_over) == (Decimal(6000), None, False)
    assert [one.credit for one in present.credits][-1] == STATE  # ordinary law first


def test_an_envelope_counts_its_own_exercise_and_what_cpos_hold_of_it(room: Room) -> None:
    year, later = room.world.year, room.dossiers[1]
    later.year = year - 1  # fewer, earlier: the exercise stays
    for line in later.lines:
        line.year = later.year
    room.db.add(Envelope(credit=room.world.credits[CAF], year=year, status="notified", amount=Decimal(9000)))
    earlier = room.world.dossier()
    earlier.year, earlier.stage = year - 1, "committed"
    held = Forecast(dossier=earlier, credit=room.world.credits[CAF], year=year, amount=Decimal(2000))
    held.state, held.changed_at = "held", room.now
    room.db.add(held)
    room.db.flush()

    (present,) = hypotheses(room.db, room.seance, [], room.now)

    caf, state = credit(present, CAF), credit(present, STATE)
    assert (caf.committed, caf.total, caf.left) == (Decimal(2000), Decimal(3000), Decimal(4000))
    assert (state.committed, state.total) == (Decimal(0), Decimal(4000))
    assert present.total == Decimal(14000)  # the lines of the other exercise are on the agenda all the same


def test_what_a_conference_has_sent_to_the_committee_is_taken_from_the_envelope(room: Room) -> None:
    """As the solver counts: what is only typed on a dossier still in instruction takes nothing."""
    at(room.world, "commitment", room.world.dossier())
    typing = at(room.world, "financers_conference", room.world.dossier())
    typing.answer_all()

    (present,) = hypotheses(room.db, room.seance, [], room.now)

    found = credit(present, STATE)
    assert (found.committed, found.total, found.left) == (Decimal(4000), Decimal(8000), Decimal(88000))


def test_who_gains_and_who_loses_is_told_by_dossier(room: Room) -> None:
    state, caf, other = room.line(STATE), room.line(CAF), room.line(STATE, 1)
    moved = room.create(
        "Déplacé", {state.id: Decimal("3000.00"), caf.id: Decimal("4000.00")}
    )  # as much in all
    lower = room.create("Moins", {other.id: Decimal("1000.00"), state.id: Decimal("4500.00")})

    comparison = compare(room.db, room.seance, [moved, lower], room.now)

    nothing, even, less = comparison.movements
    assert (nothing.winners, nothing.losers, even.winners, even.losers) == (0, 0, 0, 0)
    assert (less.winners, less.gained, less.losers, less.lost) == (1, Decimal(500), 1, Decimal(-3000))
    found = {(one.dossier.reference, one.line.key): one.differences for one in comparison.lines}
    first, second = (dossier.reference for dossier in room.dossiers)
    assert found == {
        (first, CAF): (0, Decimal(1000), 0),
        (first, STATE): (0, Decimal(-1000), Decimal(500)),
        (second, CAF): (0, 0, 0),
        (second, STATE): (0, 0, Decimal(-3000)),
    }
    assert [one.differs for one in comparison.lines] == [True, True, False, True]


def test_the_base_of_a_comparison_is_chosen(room: Room) -> None:
    line = room.line(STATE)
    scenario = room.create(amounts={line.id: Decimal("1000.00")})

    comparison = compare(room.db, room.seance, [scenario], room.now, base=scenario.id)

    assert comparison.base == 1
    assert comparison.movements[0].gained == Decimal(3000)
    assert compare(room.db, room.seance, [scenario], room.now, base=999).base == 0


def test_five_scenarios_are_too_many_and_a_foreign_one_is_unknown(room: Room) -> None:
    made = [room.create(f"N° {rank}") for rank in range(5)]
    other = Room(room.world, in_days=30)

    with pytest.raises(InvalidInputError, match="4 scénarios au plus"):
        compare(room.db, room.seance, made, room.now)
    with pytest.raises(UnknownReferenceError):
        get_scenarios(room.db, other.seance, [made[0].id])


def test_the_list_counts_without_reading_the_amounts(room: Room) -> None:
    line = room.line(STATE)
    room.create("Un", {line.id: Decimal("1000.00"), room.line(CAF).id: Decimal("500.50")}, locked=[line.id])
    room.create("Vide", {})

    found = list_scenarios(room.db, room.seance)

    assert [(one.scenario.name, one.lines, one.locked, one.total) for one in found] == [
        ("Un", 2, 1, Decimal("1500.50")),
        ("Vide", 0, 0, Decimal(0)),
    ]


def test_dead_lines_and_those_of_another_year_bring_nothing(room: Room) -> None:
    dead = add_line(room.db, room.dossiers[0], "region:specifique", state="declined", proposed=Decimal(900))
    later = room.line(CAF, 1)
    later.year = room.world.year + 1
    room.db.flush()

    (present,) = hypotheses(room.db, room.seance, [], room.now)

    assert dead.id not in present.amounts and later.id not in present.amounts
    assert present.total == Decimal(11000)


def test_the_year_is_that_of_most_dossiers(room: Room) -> None:
    first, second = room.dossiers
    assert exercise_of([first, second], room.now) == room.world.year
    first.year = room.world.year + 1
    assert exercise_of([first, second], room.now) == room.world.year + 1
    first.stage = "committed"  # what is settled is shared out no more
    assert exercise_of([first, second], room.now) == room.world.year
    assert exercise_of([first], room.now) == room.world.year + 1
    assert exercise_of([], room.now) == room.now.year


def test_a_comparison_asks_as_many_queries_whatever_is_compared(room: Room, engine: Engine) -> None:
    def queries(ids: list[int]) -> int:
        room.db.flush()
        room.db.expunge_all()
        with counted(engine) as statements:
            seance = get_seance(room.db, room.seance.id)
            compare(room.db, seance, get_scenarios(room.db, seance, ids), room.now)
        return len(statements)

    made = [room.create(f"N° {rank}").id for rank in range(4)]
    assert queries(made[:1]) == queries(made)
