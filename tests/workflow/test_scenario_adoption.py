# SPDX-License-Identifier: EUPL-1.2
"""Adopting: the amounts become proposals by the round table's door, all or none, and cancelling puts everything back."""

from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from tests.factories.people import mandate_row
from tests.factories.world import World
from tests.workflow.conference_room import CAF, STATE, Room, set_amount
from workflow.errors import ConflictError, InvalidInputError, NotAllowedHereError, NotPermittedError
from workflow.journal import verify_all
from workflow.models import Journal
from workflow.permissions import INTEREST
from workflow.queries_comparison import adopted_scenario
from workflow.round_table import propose
from workflow.scenario_adoption import adopt, adopted_after, cancel_adoption, may_adopt, replaced_by
from workflow.scenarios import delete, derive, from_proposals

Proposals = dict[int, Decimal | None]


@pytest.fixture
def room(world: World) -> Room:
    return Room(world, dossiers=2)


def proposals(room: Room) -> Proposals:
    room.db.flush()
    room.db.expire_all()
    return {line.id: line.proposed for dossier in room.dossiers for line in dossier.lines}


def test_its_amounts_become_the_proposals_and_the_rest_stays(room: Room) -> None:
    first, second = room.line(STATE, 0), room.line(STATE, 1)
    scenario = room.create(amounts={first.id: Decimal("1500.00"), second.id: Decimal(0)})
    before = proposals(room)

    assert adopt(room.db, scenario, room.secretary, room.now) == 2

    assert proposals(room) == before | {first.id: Decimal("1500.00"), second.id: Decimal(0)}
    assert scenario.adopted_at == room.now
    assert replaced_by(scenario) == {
        first.id: (Decimal("4000.00"), Decimal("1500.00")),
        second.id: (Decimal("4000.00"), Decimal(0)),
    }


def test_each_line_says_which_scenario_and_the_seance_says_how_many(room: Room) -> None:
    line = room.line(STATE)
    scenario = room.create(amounts={line.id: Decimal("1500.00"), room.line(CAF).id: Decimal("3000.00")})

    adopt(room.db, scenario, room.secretary, room.now)
    room.db.flush()

    acts = room.db.scalars(select(Journal).where(Journal.reason == "Scénario «\u00a0Prudent\u00a0»")).all()
    assert [(act.trigger, act.details) for act in acts] == [
        ("propose", {"before": "4000.00", "after": "1500.00"})  # the CAF's was already proposed
    ]
    last = room.db.scalars(
        select(Journal).where(Journal.chain == f"seance:{room.seance.id}").order_by(Journal.seq.desc())
    ).first()
    assert last is not None
    assert (last.trigger, last.details) == ("adopt_scenario", {"scenario": "Prudent", "lines": 1})
    assert verify_all(room.db) == []


def test_one_amount_that_cannot_be_proposed_refuses_all(room: Room) -> None:
    gone, kept = room.line(STATE, 0), room.line(STATE, 1)
    scenario = room.create(amounts={gone.id: Decimal("100.00"), kept.id: Decimal("200.00")})
    room.journeys[0].fire("send_to_commitment", room.world.secretary)
    before = proposals(room)

    with pytest.raises(InvalidInputError, match="n’est pas à la conférence") as refused:
        adopt(room.db, scenario, room.secretary, room.now)

    assert refused.value.field == "leave_out"
    assert room.dossiers[0].reference in refused.value.message
    assert (proposals(room), scenario.adopted_at) == (before, None)

    assert adopt(room.db, scenario, room.secretary, room.now, leave_out=True) == 1
    assert proposals(room) == before | {kept.id: Decimal("200.00")}
    assert list(replaced_by(scenario)) == [kept.id]


@pytest.mark.parametrize("why", ["declined", "off the agenda"])
def test_what_changed_since_it_was_written_is_said(room: Room, why: str) -> None:
    line = room.line(STATE, 0)
    scenario = room.create(amounts={line.id: Decimal("100.00")})
    if why == "declined":
        line.state = "declined"
    else:
        room.seance.items.pop(0)
    room.db.flush()

    with pytest.raises(NotAllowedHereError, match="aucun montant"):
        adopt(room.db, scenario, room.secretary, room.now, leave_out=True)
    assert proposals(room)[line.id] == Decimal("4000.00")


def test_a_secretary_proposes_nothing_for_a_porteur_where_it_declared_an_interest(room: Room) -> None:
    line, other = room.line(STATE, 0), room.line(STATE, 1)
    scenario = room.create(amounts={line.id: Decimal("100.00"), other.id: Decimal("100.00")})
    porteur = room.dossiers[0].porteur
    room.db.add(mandate_row(room.world.secretary, INTEREST, porteur, room.world.contract))
    room.db.flush()

    with pytest.raises(InvalidInputError, match="intérêt"):
        adopt(room.db, scenario, room.journeys[0].secretary, room.now)


def test_the_door_of_the_round_table_keeps_its_rights(room: Room) -> None:
    scenario = room.create()
    for person in (room.world.financers["etat"], room.world.instructor, room.world.stranger):
        with pytest.raises(NotPermittedError):
            adopt(room.db, scenario, room.journeys[0].actor(person), room.now)
    assert proposals(room)[room.line(STATE).id] == Decimal("4000.00")


def test_the_pilot_who_writes_scenarios_neither_adopts_nor_cancels(room: Room) -> None:
    pilot, line = room.journeys[0].actor(room.world.pilot), room.line(STATE)
    same = from_proposals(room.db, room.seance, "Tel quel", pilot, room.now)  # no proposal to refuse
    other = room.create(amounts={line.id: Decimal("100.00")})

    assert may_adopt(same, room.secretary) and not may_adopt(same, pilot)
    with pytest.raises(NotPermittedError, match="secrétariat"):
        adopt(room.db, same, pilot, room.now)
    assert same.adopted_at is None
    for scenario in (same, other):
        adopt(room.db, scenario, room.secretary, room.now)
    for scenario in (same, other):
        with pytest.raises(NotPermittedError, match="secrétariat"):
            cancel_adoption(room.db, scenario, pilot, room.now)
    assert (line.proposed, same.adopted_at) == (Decimal("100.00"), room.now)


def test_an_adopted_one_no_longer_changes_nor_is_adopted_twice(room: Room) -> None:
    scenario, line = room.create(), room.line(STATE)
    seen = scenario.version
    adopt(room.db, scenario, room.secretary, room.now, expected_version=seen)

    with pytest.raises(NotAllowedHereError, match="déjà adopté"):
        adopt(room.db, scenario, room.secretary, room.now)
    with pytest.raises(NotAllowedHereError, match="est adopté"):
        set_amount(room.db, scenario, line.id, Decimal("1.00"), room.secretary, room.now)
    with pytest.raises(NotAllowedHereError, match="est adopté"):
        delete(room.db, scenario, room.secretary, room.now)
    with pytest.raises(ConflictError):
        cancel_adoption(room.db, scenario, room.secretary, room.now, expected_version=seen)
    assert derive(room.db, scenario, "Suite", room.secretary, room.now).adopted_at is None


def test_what_moved_since_is_never_overwritten(room: Room) -> None:
    line, other = room.line(STATE, 0), room.line(STATE, 1)
    scenario = room.create(amounts={line.id: Decimal("100.00"), other.id: Decimal("200.00")})
    adopt(room.db, scenario, room.secretary, room.now)
    propose(room.db, line, Decimal("150.00"), room.secretary, room.now)
    before = proposals(room)

    with pytest.raises(NotAllowedHereError, match="ont changé depuis") as refused:
        cancel_adoption(room.db, scenario, room.secretary, room.now)

    assert room.dossiers[0].reference in refused.value.message
    assert room.dossiers[1].reference not in refused.value.message
    assert proposals(room) == before
    assert scenario.adopted_at is not None


def test_cancelling_what_was_not_adopted_is_refused(room: Room) -> None:
    with pytest.raises(NotAllowedHereError, match="n’est pas adopté"):
        cancel_adoption(room.db, room.create(), room.secretary, room.now)


def test_an_adoption_on_other_lines_is_cancelled_from_the_last_too(room: Room) -> None:
    line, other = room.line(STATE, 0), room.line(STATE, 1)
    first = room.create("Un", {line.id: Decimal("100.00")})
    second = room.create("Deux", {other.id: Decimal("200.00")})
    for one in (first, second):
        adopt(room.db, one, room.secretary, room.now)
    assert (adopted_scenario(room.db, room.seance), adopted_after(room.db, first)) == (second, second)

    with pytest.raises(NotAllowedHereError, match="adopté depuis"):
        cancel_adoption(room.db, first, room.secretary, room.now)
    assert line.proposed == Decimal("100.00")

    cancel_adoption(room.db, second, room.secretary, room.now)
    assert (adopted_scenario(room.db, room.seance), adopted_after(room.db, first)) == (first, None)


def test_two_adoptions_are_cancelled_from_the_last(room: Room) -> None:
    line = room.line(STATE)
    first = room.create("Un", {line.id: Decimal("100.00")})
    second = room.create("Deux", {line.id: Decimal("200.00")})
    before = proposals(room)
    adopt(room.db, first, room.secretary, room.now)
    adopt(room.db, second, room.secretary, room.now)

    with pytest.raises(NotAllowedHereError, match="«\u00a0Deux\u00a0» a été adopté depuis"):
        cancel_adoption(room.db, first, room.secretary, room.now)
    cancel_adoption(room.db, second, room.secretary, room.now)
    assert proposals(room)[line.id] == Decimal("100.00")
    cancel_adoption(room.db, first, room.secretary, room.now)
    assert proposals(room) == before


CENTS = st.integers(0, 500_000).map(lambda cents: Decimal(cents).scaleb(-2))
STARTS = st.lists(st.none() | CENTS.filter(lambda amount: amount <= 3000), min_size=4, max_size=4)
CHOSEN = st.lists(st.none() | CENTS.filter(lambda amount: amount <= 3000), min_size=4, max_size=4)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(starts=STARTS, chosen=CHOSEN)
def test_adopting_then_cancelling_changes_nothing(
    room: Room, starts: list[Decimal | None], chosen: list[Decimal | None]
) -> None:
    """Whatever was proposed, nothing included, and whatever the scenario says of some of the lines."""
    lines = [room.line(key, rank) for rank in (0, 1) for key in (STATE, CAF)]
    for line, start in zip(lines, starts, strict=True):
        propose(room.db, line, start, room.secretary, room.now)
    before = proposals(room)
    amounts = {line.id: amount for line, amount in zip(lines, chosen, strict=True) if amount is not None}
    scenario = room.create(f"Essai {room.db.query(Journal).count()}", amounts)

    if not amounts:
        with pytest.raises(NotAllowedHereError, match="aucun montant"):
            adopt(room.db, scenario, room.secretary, room.now)
    else:
        adopt(room.db, scenario, room.secretary, room.now)
        assert proposals(room) == before | amounts
        cancel_adoption(room.db, scenario, room.secretary, room.now)
    assert proposals(room) == before
    assert (scenario.replaced, scenario.adopted_at) == (None, None)
    delete(room.db, scenario, room.secretary, room.now)
