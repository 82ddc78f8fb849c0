# SPDX-License-Identifier: EUPL-1.2
"""Scenarios: written by whoever keeps the séance, within what each line may carry, never touching a proposal."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from sqlalchemy import select

from tests.factories.dossier import add_line
from tests.factories.world import World
from tests.workflow.conference_room import CAF, STATE, Room, set_amount
from workflow.errors import ConflictError, InvalidInputError, NotAllowedHereError, NotPermittedError
from workflow.journal import verify_all
from workflow.models import Journal, Person, Scenario, ScenarioAmount
from workflow.scenarios import (
    create_scenario,
    delete,
    derive,
    from_proposals,
    lock,
    may_write_scenarios,
    rename,
    set_amounts,
    unlock,
)

Act = Callable[[], object]


@pytest.fixture
def room(world: World) -> Room:
    return Room(world)


def amounts_of(scenario: Scenario) -> dict[str, tuple[Decimal, bool]]:
    return {one.line.key: (one.amount, one.locked) for one in scenario.amounts}


def test_it_starts_from_the_proposals_and_leaves_them_alone(room: Room) -> None:
    scenario = from_proposals(room.db, room.seance, "  Comme   proposé ", room.secretary, room.now)
    room.db.expire_all()

    assert scenario.name == "Comme proposé"
    assert amounts_of(scenario) == {STATE: (Decimal("4000.00"), False), CAF: (Decimal("3000.00"), False)}
    set_amount(room.db, scenario, room.line(STATE).id, Decimal("1200.00"), room.secretary, room.now)
    room.db.expire_all()
    assert amounts_of(scenario)[STATE] == (Decimal("1200.00"), False)
    assert room.line(STATE).proposed == Decimal("4000.00")
    assert (scenario.created_by, scenario.solution) == (room.world.secretary.email, None)


def test_a_derived_one_keeps_amounts_and_locks_and_names_its_parent(room: Room) -> None:
    line = room.line(STATE)
    parent = room.create(locked=[line.id], solution={"status": "optimal"}, note=" calculé ")

    child = derive(room.db, parent, "Variante", room.secretary, room.now)

    assert child.parent_id == parent.id
    assert amounts_of(child) == {STATE: (Decimal("2500.00"), True)}
    assert child.solution is None  # what the solver said is of the parent alone
    assert parent.note == "calculé"


def test_a_derived_one_leaves_out_what_no_line_can_carry_any_more(room: Room) -> None:
    parent = from_proposals(room.db, room.seance, "Hier", room.secretary, room.now)
    room.line(CAF).state = "declined"
    room.db.flush()

    child = derive(room.db, parent, "Aujourd’hui", room.secretary, room.now)

    assert amounts_of(child) == {STATE: (Decimal("4000.00"), False)}


def test_a_line_promised_by_a_cpo_is_locked_at_its_promise(room: Room) -> None:
    line = room.line(STATE)
    line.forecast = Decimal("2500.00")

    scenario = room.create()

    assert amounts_of(scenario) == {STATE: (Decimal("2500.00"), True)}
    with pytest.raises(InvalidInputError, match="promis par une CPO"):
        set_amount(room.db, scenario, line.id, Decimal("100.00"), room.secretary, room.now)


@pytest.mark.parametrize(
    ("amount", "why"),
    [
        ("-1.00", "négatif"),
        ("5000.01", "demandé"),
        ("1e13", "treize chiffres"),
        ("10.001", "deux décimales"),
        ("NaN", "négatif"),
    ],
)
def test_an_absurd_amount_is_refused_at_its_field(room: Room, amount: str, why: str) -> None:
    line, scenario = room.line(STATE), room.create()

    with pytest.raises(InvalidInputError, match=why) as refused:
        set_amount(room.db, scenario, line.id, Decimal(amount), room.secretary, room.now)

    assert list(refused.value.faults) == [f"amount-{line.id}"]
    with pytest.raises(InvalidInputError, match=why):
        room.create("Autre", {line.id: Decimal(amount)})
    room.db.expire_all()
    assert amounts_of(scenario) == {STATE: (Decimal("2500.00"), False)}


def test_ordinary_law_carries_at_most_the_cost_of_the_action(room: Room) -> None:
    line = room.line(CAF)
    room.create("Juste", {line.id: Decimal("10000.00")})

    with pytest.raises(InvalidInputError, match="coût"):
        room.create("Trop", {line.id: Decimal("10000.01")})


def test_one_amount_refused_refuses_them_all(room: Room) -> None:
    scenario = room.create()
    amounts = {room.line(STATE).id: Decimal("9999.00"), room.line(CAF).id: Decimal("100.00")}

    with pytest.raises(InvalidInputError):
        set_amounts(room.db, scenario, amounts, room.secretary, room.now)

    assert amounts_of(scenario) == {STATE: (Decimal("2500.00"), False)}


def test_a_line_of_another_seance_or_unknown_is_refused(room: Room) -> None:
    stranger = room.world.dossier()
    elsewhere = next(line for line in stranger.lines if line.key == STATE)
    scenario = room.create()

    for line_id in (elsewhere.id, 2_000_000_000):
        with pytest.raises(InvalidInputError, match="n’est pas d’un dossier inscrit"):
            set_amount(room.db, scenario, line_id, Decimal("1.00"), room.secretary, room.now)


def test_a_line_whose_financer_said_no_carries_nothing(room: Room) -> None:
    declined = add_line(room.db, room.dossiers[0], "region:droit_commun", state="declined")

    with pytest.raises(InvalidInputError, match="refus motivé"):
        room.create(amounts={declined.id: Decimal("1.00")})


@pytest.mark.parametrize(
    ("name", "why"),
    [("", "à renseigner"), ("  ", "à renseigner"), ("x" * 121, "120"), ("PRUDENT", "déjà un")],
)
def test_a_name_is_present_short_and_free(room: Room, name: str, why: str) -> None:
    room.create()
    other = room.create("Autre")

    with pytest.raises(InvalidInputError, match=why) as refused:
        room.create(name)
    assert refused.value.field == "name"
    with pytest.raises(InvalidInputError, match=why):
        rename(room.db, other, name, room.secretary, room.now)


def test_renaming_keeps_its_own_name_and_says_the_one_before(room: Room) -> None:
    scenario = room.create()

    assert not rename(room.db, scenario, "Prudent", room.secretary, room.now)
    assert rename(room.db, scenario, "prudent", room.secretary, room.now, note="à discuter")
    assert (scenario.name, scenario.note) == ("prudent", "à discuter")
    assert journal(room)[-1][:2] == ("rename_scenario", {"scenario": "prudent", "was": "Prudent"})


def test_deleting_one_gives_its_children_to_its_parent(room: Room) -> None:
    first = room.create("Un")
    second = derive(room.db, first, "Deux", room.secretary, room.now)
    third = derive(room.db, second, "Trois", room.secretary, room.now)

    delete(room.db, second, room.secretary, room.now)
    room.db.expire_all()

    assert third.parent_id == first.id
    assert room.db.scalars(select(Scenario.name).order_by(Scenario.id)).all() == ["Un", "Trois"]
    left = room.db.scalars(select(ScenarioAmount.scenario_id)).all()
    assert sorted(set(left)) == [first.id, third.id]


def test_locks_are_on_amounts_and_say_how_many_changed(room: Room) -> None:
    line, scenario = room.line(STATE), room.create()

    assert lock(room.db, scenario, [line.id], room.secretary, room.now) == 1
    assert lock(room.db, scenario, [line.id], room.secretary, room.now) == 0
    assert amounts_of(scenario) == {STATE: (Decimal("2500.00"), True)}
    assert unlock(room.db, scenario, [line.id], room.secretary, room.now) == 1
    with pytest.raises(InvalidInputError, match="d’abord"):
        lock(room.db, scenario, [room.line(CAF).id], room.secretary, room.now)
    with pytest.raises(InvalidInputError, match="porte un montant"):
        room.create("Autre", locked=[room.line(CAF).id])


def test_a_stale_page_changes_nothing(room: Room) -> None:
    line, scenario = room.line(STATE), room.create()
    seen = scenario.version
    set_amount(room.db, scenario, line.id, Decimal("1.00"), room.secretary, room.now, expected_version=seen)
    assert scenario.version == seen + 1

    acts: list[Act] = [
        lambda: set_amount(room.db, scenario, line.id, Decimal("2.00"), room.secretary, room.now, expected_version=seen),
        lambda: lock(room.db, scenario, [line.id], room.secretary, room.now, expected_version=seen),
        lambda: rename(room.db, scenario, "Autre", room.secretary, room.now, expected_version=seen),
        lambda: delete(room.db, scenario, room.secretary, room.now, expected_version=seen),
    ]  # fmt: skip
    for act in acts:
        with pytest.raises(ConflictError):
            act()
    assert amounts_of(scenario) == {STATE: (Decimal("1.00"), False)}


def test_only_who_keeps_the_seance_writes(room: Room) -> None:
    scenario, line = room.create(), room.line(STATE)
    world = room.world
    readers: list[Person] = [
        world.financers["etat"],  # its own column no more than another's: it prepares it at the round table
        world.financers["region"],
        world.instructor,
        world.administrator,
        world.citizen,
        world.bearer,
        world.stranger,
    ]
    for person in readers:
        actor = room.journeys[0].actor(person)
        assert not may_write_scenarios(room.seance, actor)
        with pytest.raises(NotPermittedError):
            set_amount(room.db, scenario, line.id, Decimal("1.00"), actor, room.now)
        with pytest.raises(NotPermittedError):
            from_proposals(room.db, room.seance, "Autre", actor, room.now)
    pilot = room.journeys[0].actor(world.pilot)
    assert may_write_scenarios(room.seance, pilot)
    assert set_amount(room.db, scenario, line.id, Decimal("1.00"), pilot, room.now)


def test_a_secretary_of_another_body_does_not_write(room: Room) -> None:
    mandate = next(m for m in room.world.secretary.mandates if m.role == "secretary")
    mandate.body = "comite"
    room.db.flush()

    with pytest.raises(NotPermittedError):
        create_scenario(room.db, room.seance, "Autre", room.journeys[0].secretary, room.now, amounts={})


@pytest.mark.parametrize("status", ["closed", "cancelled"])
def test_nobody_writes_once_the_seance_is_over(room: Room, status: str) -> None:
    scenario, line = room.create(), room.line(STATE)
    room.seance.status = status
    room.db.flush()

    assert not may_write_scenarios(room.seance, room.secretary)
    acts: list[Act] = [
        lambda: set_amount(room.db, scenario, line.id, Decimal("2.00"), room.secretary, room.now),
        lambda: lock(room.db, scenario, [line.id], room.secretary, room.now),
        lambda: rename(room.db, scenario, "Autre", room.secretary, room.now),
        lambda: delete(room.db, scenario, room.secretary, room.now),
        lambda: derive(room.db, scenario, "Autre", room.secretary, room.now),
        lambda: room.create("Autre"),
    ]
    for act in acts:
        with pytest.raises(NotAllowedHereError, match="close ou annulée"):
            act()


def journal(room: Room) -> list[tuple[str, dict[str, object], str]]:
    query = select(Journal).where(Journal.chain == f"seance:{room.seance.id}").order_by(Journal.seq)
    return [(line.trigger, line.details, line.actor) for line in room.db.scalars(query)]


def test_each_act_is_one_line_of_the_seances_journal(room: Room) -> None:
    scenario, line = room.create(), room.line(STATE)
    changes = {line.id: Decimal("10.00"), room.line(CAF).id: Decimal("20.00")}
    assert set_amounts(room.db, scenario, changes, room.secretary, room.now) == 2
    assert set_amounts(room.db, scenario, changes, room.secretary, room.now) == 0  # nothing new, nothing said
    assert set_amount(room.db, scenario, room.line(CAF).id, None, room.secretary, room.now)
    delete(room.db, scenario, room.secretary, room.now)

    reference = room.dossiers[0].reference
    assert [(trigger, details) for trigger, details, _ in journal(room)[-4:]] == [
        ("create_scenario", {"scenario": "Prudent", "lines": 1, "amount": "2500.00"}),
        (
            "set_scenario_amounts",
            {
                "scenario": "Prudent",
                "amounts": {
                    f"{reference}, État (crédits spécifiques)": "10.00",
                    f"{reference}, CAF (droit commun)": "20.00",
                },
            },
        ),
        (
            "set_scenario_amounts",
            {"scenario": "Prudent", "amounts": {f"{reference}, CAF (droit commun)": None}},
        ),
        ("delete_scenario", {"scenario": "Prudent"}),
    ]
    assert verify_all(room.db) == []
