# SPDX-License-Identifier: EUPL-1.2
"""A séance's rows as the solver reads them: remainders, locks, exclusions, envelopes, targets, points; constant queries."""

from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session, sessionmaker

from tests.factories.contract import QPV_HAUT, toy_settings
from tests.factories.world import World, make_world
from tests.workflow.conference_room import CAF, STATE, Room
from workflow.arbitration.problem import PARTS, Candidate, Exclusion, Line
from workflow.arbitration.solve import solve
from workflow.arbitration_candidate import score_of
from workflow.arbitration_problem import SeanceProblem, problem_of
from workflow.errors import NotAllowedHereError
from workflow.exercise import exercise_of
from workflow.models import Credit, Dossier, Envelope, Forecast, Opinion
from workflow.queries import get_seance
from workflow.scenarios import from_proposals
from workflow.seances import set_agenda
from workflow.stages import OpinionValue
from workflow.territory import Arbitration, Territory

one_engine = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def asked(room: Room, **more: Any) -> SeanceProblem:
    room.db.flush()
    return problem_of(room.db, room.seance, room.now, **more)


def only(room: Room) -> Candidate:
    (found,) = asked(room).problem.candidates
    return found


def state_line(candidate: Candidate) -> Line:
    return next(line for line in candidate.lines if line.credit == STATE)


def test_remainder_counts_the_droit_commun_obtained_and_the_financers_answer_bounds_its_line(
    world: World,
) -> None:
    room = Room(world)
    dossier = room.dossiers[0]
    expected = (
        (dossier.total_cost or 0) - (dossier.own_resources or 0) - (dossier.other_resources or 0) - 3000
    )

    found = only(room)

    assert found.remainder == expected  # the CAF brings 3 000
    assert CAF not in [line.credit for line in found.lines]
    assert state_line(found).ceiling == min(room.line(STATE).requested or 0, Decimal(4000))
    assert asked(room).writable == {room.line(STATE).id}


@one_engine
def test_an_unfavourable_opinion_of_the_financer_excludes_its_own_line_alone(world: World) -> None:
    room = Room(world, 2)
    opinion = room.dossiers[0].opinions[0]
    opinion.organisation, opinion.value = world.organisations["etat"], OpinionValue.UNFAVOURABLE.value
    room.dossiers[1].synthesis = {**(room.dossiers[1].synthesis or {}), "opinion": "unfavourable"}

    first, second = asked(room).problem.candidates

    assert (first.excluded, state_line(first).excluded) == (None, Exclusion.UNFAVOURABLE)
    assert (second.excluded, state_line(second).excluded) == (Exclusion.SYNTHESIS, None)
    assert solve(asked(room).problem).total == 0


@one_engine
@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"state": "declined"}, Exclusion.CLOSED),
        ({"requested": None, "promised": None, "state": "asked"}, Exclusion.NO_REQUEST),
    ],
)
def test_a_line_without_money_to_give_says_why(world: World, change: dict[str, Any], why: Exclusion) -> None:
    room = Room(world)
    for name, value in change.items():
        setattr(room.line(STATE), name, value)
    room.dossiers[0].synthesis = {**(room.dossiers[0].synthesis or {}), "suggested": {}}

    assert state_line(only(room)).excluded is why


@one_engine
def test_an_unknown_cost_and_an_unmet_condition_exclude_the_line(world: World) -> None:
    room = Room(world, 2)
    room.dossiers[0].total_cost = None
    room.dossiers[1].beneficiaries_qpv = 0

    first, second = asked(room).problem.candidates

    assert (first.remainder, state_line(first).excluded) == (None, Exclusion.COST_MISSING)
    assert state_line(second).excluded is Exclusion.INELIGIBLE


@one_engine
def test_a_cpos_promise_is_locked_and_a_hand_lock_comes_from_the_parent(world: World) -> None:
    room = Room(world, 2)
    room.line(STATE).forecast, room.line(STATE).proposed = Decimal("2500.00"), None
    parent = room.create(
        amounts={room.line(STATE, 1).id: Decimal("1234.50")}, locked=[room.line(STATE, 1).id]
    )

    problem = asked(room, parent=parent).problem

    assert [state_line(one).locked for one in problem.candidates] == [Decimal(2500), Decimal("1234.50")]
    assert problem.candidates[1].floor == Decimal("1234.50")  # people decided that it is enough
    assert solve(problem).amounts == {
        room.line(STATE).id: Decimal(2500),
        room.line(STATE, 1).id: Decimal("1234.50"),
    }


@one_engine
def test_a_promise_is_locked_at_what_its_financer_answers_when_that_is_less(world: World) -> None:
    room = Room(world)
    line = room.line(STATE)
    line.forecast, line.proposed, line.promised = Decimal(2500), None, Decimal(2000)

    found = asked(room)

    assert (state_line(found.problem.candidates[0]).locked, found.locked) == (2000, {line.id})
    assert solve(found.problem).amounts[line.id] == 2000
    assert room.create(amounts={line.id: Decimal(2000)}).amounts[0].locked


@one_engine
def test_a_promise_or_a_lock_of_another_exercise_is_kept_beside_the_problem(world: World) -> None:
    room = Room(world, 3)
    later, mine = room.line(STATE, 2), room.line(CAF, 2)
    later.forecast = Decimal(2500)
    parent = room.create(amounts={later.id: Decimal(2500), mine.id: Decimal(10)}, locked=[later.id, mine.id])
    room.dossiers[2].year += 1
    for line in room.dossiers[2].lines:
        line.year += 1

    found = asked(room, parent=parent)

    assert state_line(found.problem.candidates[2]).locked is None
    assert solve(found.problem).total == 8000
    assert later.id not in found.writable
    assert found.kept == {later.id: 2500, mine.id: 10}
    assert found.locked == {later.id, mine.id}


@one_engine
def test_lines_that_nobody_judges_keep_what_they_have_and_it_is_counted(world: World) -> None:
    room = Room(world, 4)
    first, second, third, fourth = room.dossiers
    first.total_cost = None
    unasked = room.line(STATE, 3)
    unasked.state, unasked.requested, unasked.promised, unasked.proposed = "asked", None, None, Decimal(1200)
    fourth.synthesis = {**(fourth.synthesis or {}), "suggested": {}}
    state = world.credits[STATE].organisation
    second.porteur, second.porteur_id = state, state.id
    _set_envelope(room.db, world.credits[STATE], first.year, Decimal(12_200))

    found = asked(room)

    why = [state_line(one).excluded for one in found.problem.candidates]
    assert why == [Exclusion.COST_MISSING, Exclusion.OWN_SHARE, None, Exclusion.NO_REQUEST]
    assert found.writable == {room.line(STATE, 2).id}
    envelope = next(one for one in found.problem.envelopes if one.credit == STATE)
    assert (envelope.committed, envelope.available) == (9200, 3000)
    assert found.problem.candidates[1].remainder == _left(second) - 4000  # its own line takes its part
    assert found.problem.candidates[3].remainder == _left(fourth) - 1200  # and what nobody asked for, its own
    assert solve(found.problem).amounts[room.line(STATE, 2).id] == 3000
    assert third.id == found.problem.candidates[2].id


def _left(dossier: Dossier) -> Decimal:
    known = [dossier.total_cost, dossier.own_resources, dossier.other_resources]
    cost, own, other = (amount or Decimal(0) for amount in known)
    return cost - own - other - 3000  # the CAF's


@one_engine
def test_the_ordinary_law_of_the_parent_is_what_is_left_to_fund_after(world: World) -> None:
    room = Room(world)
    parent = room.create(amounts={room.line(CAF).id: Decimal(4500)})

    (simulated,) = asked(room, parent=parent).problem.candidates

    assert simulated.remainder == _left(room.dossiers[0]) - 1500


@one_engine
def test_proposals_read_as_a_scenario_leave_as_much_to_fund(world: World) -> None:
    room = Room(world, 2)
    answered, only_asked = room.line(CAF), room.line(CAF, 1)
    answered.state, answered.promised, answered.proposed = "firm", Decimal(3000), Decimal(2500)
    only_asked.state, only_asked.promised, only_asked.proposed = "asked", None, Decimal(800)
    parent = from_proposals(room.db, room.seance, "Tel quel", room.secretary, room.now)

    found = [asked(room, **more).problem.candidates for more in ({}, {"parent": parent})]

    wanted = [_left(room.dossiers[0]) + 500, _left(room.dossiers[1]) + 2200]  # as the comparison counts it
    assert [[one.remainder for one in candidates] for candidates in found] == [wanted, wanted]


@one_engine
def test_the_exercise_is_the_one_the_pages_show(world: World) -> None:
    room = Room(world, 2)
    room.dossiers[1].year += 1

    assert asked(room).year == exercise_of(room.dossiers, room.now) == room.dossiers[1].year


def test_envelopes_are_less_what_others_take(world: World) -> None:
    room, elsewhere = Room(world), world.dossier()
    credit = world.credits[STATE]
    line = elsewhere.line(STATE)
    assert line is not None
    elsewhere.stage, line.state, line.proposed = "commitment", "asked", Decimal(1500)
    provisional = world.dossier()
    other = provisional.line(STATE)
    assert other is not None
    provisional.stage, other.state, other.proposed = "co_instruction", "asked", Decimal(700)
    earlier = world.dossier()
    earlier.year, earlier.stage = elsewhere.year - 1, "committed"
    _hold(room.db, credit, earlier.id, elsewhere.year, Decimal(2000))
    _hold(room.db, credit, elsewhere.id, elsewhere.year, Decimal(900))  # its year has its dossier: not twice
    _set_envelope(room.db, credit, elsewhere.year, Decimal(6000))

    found = next(one for one in asked(room).problem.envelopes if one.credit == STATE)

    assert (found.committed, found.available) == (Decimal(3500), Decimal(2500))
    assert solve(asked(room).problem).total <= 2500


def _hold(db: Session, credit: Credit, dossier_id: int, year: int, amount: Decimal) -> None:
    from tests.factories import NOW

    for state in ("held", "released"):
        row = Forecast(
            dossier_id=dossier_id,
            credit_id=credit.id,
            year=year if state == "held" else year + 1,
            amount=amount,
            state=state,
            changed_at=NOW,
        )
        db.add(row)


def _set_envelope(db: Session, credit: Credit, year: int, amount: Decimal) -> None:
    found = db.query(Envelope).filter_by(credit_id=credit.id, year=year, held_by="contract").one_or_none()
    if found is None:
        found = Envelope(credit=credit, year=year)
        db.add(found)
    found.status, found.amount = "notified", amount
    db.flush()


@one_engine
def test_targets_come_from_the_contract(db: Session) -> None:
    settings = toy_settings()
    settings["arbitration"] = {"qpv_minimums": [{"qpv": QPV_HAUT, "amount": 9000}], "floor_share": 0.5}
    room = Room(make_world(db, Territory.model_validate(settings)))

    problem = asked(room).problem

    assert [(one.qpv, one.amount, one.reached) for one in problem.qpv] == [(QPV_HAUT, 9000, 0)]
    assert problem.cpo is not None and problem.cpo.share == Decimal("0.5")
    assert problem.poches is None
    assert sum(problem.candidates[0].qpv.values()) == PARTS
    need = min(problem.candidates[0].requested, problem.candidates[0].remainder or 0)
    assert problem.candidates[0].floor == max(Decimal(1000), need / 2)


@one_engine
def test_points_come_from_opinions_priorities_and_continuity(world: World) -> None:
    room = Room(world)
    dossier = room.dossiers[0]
    dossier.renewal, dossier.objectives = False, ["1.1.2"]
    opinions: dict[int, Opinion] = {one.organisation_id: one for one in dossier.opinions}
    settings = Arbitration.model_validate({"priorities": [{"objective": "1.1", "points": 5}]})

    assert score_of(dossier, opinions, Arbitration(), renewed=False) == 100  # all favourable
    assert score_of(dossier, opinions, settings, renewed=True) == 180  # 10 × (10 + 5 + 3)
    assert score_of(dossier, {}, Arbitration(), renewed=False) == 100  # the synthesis alone
    dossier.synthesis = None
    assert score_of(dossier, {}, Arbitration(), renewed=False) == 40  # nothing said


@one_engine
def test_a_dossier_of_another_exercise_takes_no_part(world: World) -> None:
    room = Room(world, 3)
    room.dossiers[2].year += 1

    found = asked(room)

    assert found.year == room.dossiers[0].year
    assert [one.excluded for one in found.problem.candidates] == [None, None, Exclusion.OTHER_YEAR]


@one_engine
def test_a_seance_without_open_dossier_is_refused(world: World) -> None:
    room = Room(world)
    set_agenda(room.db, room.seance, [], room.secretary, room.now)
    room.db.flush()
    room.db.refresh(room.seance)

    with pytest.raises(NotAllowedHereError, match="Aucun dossier à arbitrer"):
        problem_of(room.db, room.seance, room.now)


@one_engine
def test_queries_do_not_grow_with_the_agenda(world: World, write: sessionmaker[Session]) -> None:
    room, counts = Room(world, 4), []
    for size in (1, 4):
        set_agenda(room.db, room.seance, room.dossiers[:size], room.secretary, room.now)
        room.db.commit()
        with write() as db:
            seance, seen = get_seance(db, room.seance.id), list[str]()

            def note(*arguments: Any, into: list[str] = seen) -> None:
                into.append(arguments[2])

            event.listen(db.get_bind(), "before_cursor_execute", note)
            found = problem_of(db, seance, room.now)
            event.remove(db.get_bind(), "before_cursor_execute", note)
            assert len(found.problem.candidates) == size
            counts.append(seen)

    assert len(counts[0]) == len(counts[1]), [sql for sql in counts[1] if sql not in counts[0]]


@pytest.mark.parametrize(
    ("settings", "where"),
    [
        ({"priorities": [{"objective": "9.9", "points": 2}]}, "objective"),
        ({"priorities": [{"objective": "1.1", "points": 2}, {"objective": "1.1", "points": 3}]}, "objective"),
        ({"qpv_minimums": [{"qpv": "QN00000M", "amount": 5}]}, "qpv"),
        ({"floor_share": 1.5}, "floor_share"),
        ({"bonus": 3}, "bonus"),
    ],
)
def test_faults_of_the_configuration_are_told(settings: dict[str, Any], where: str) -> None:
    with pytest.raises(ValueError, match=where):
        Territory.model_validate({**toy_settings(), "arbitration": settings})
