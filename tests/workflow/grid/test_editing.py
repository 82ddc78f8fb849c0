# SPDX-License-Identifier: EUPL-1.2
"""One cell changed: whose column, which séance, a line opened, an answer and its proposal together, what is refused."""

from decimal import Decimal

import pytest

from tests.factories.people import mandate_row
from tests.factories.world import World
from tests.workflow.grid.tables import CAF, EPCI, REGION, STATE, TOWN, conference
from tests.workflow.journey import Journey, at
from workflow.errors import (
    ConflictError,
    InvalidInputError,
    NotAllowedHereError,
    NotPermittedError,
    RefusedError,
    UnknownReferenceError,
)
from workflow.grid.editing import dossier_at_table, edit_cell
from workflow.grid.reading import columns_of, find_alone, require_conference
from workflow.grid.words import CellEdit
from workflow.machine import fire
from workflow.models import Journal, Person, Seance
from workflow.queries import journal_of
from workflow.stages import Role

HUNDRED = Decimal("100.00")


def type_in(
    journey: Journey, seance: Seance, key: str, edit: CellEdit, by: Person, version: int | None = None
) -> bool:
    column = next(one for one in columns_of(journey.db, journey.world.contract) if one.key == key)
    return edit_cell(
        journey.db, seance, journey.dossier, column, edit, journey.actor(by), journey.now, expected_version=version
    )  # fmt: skip


def acts(journey: Journey, key: str) -> list[Journal]:
    return [a for a in journal_of(journey.db, f"dossier:{journey.dossier.id}") if a.subject == f"line:{key}"]


def test_an_answer_and_its_amount_are_proposed_together(world: World) -> None:
    journey = at(world, "financers_conference")
    seance = conference(world, journey)
    assert type_in(journey, seance, CAF, CellEdit("firm", HUNDRED), world.financers["caf"])
    line = journey.line(CAF)
    assert (line.state, line.promised, line.proposed) == ("firm", HUNDRED, HUNDRED)
    before = len(acts(journey, CAF))
    assert not type_in(journey, seance, CAF, CellEdit("firm", HUNDRED), world.financers["caf"])
    assert len(acts(journey, CAF)) == before  # said again, it writes nothing
    other = CellEdit("firm", HUNDRED, proposed=Decimal("60.00"))
    assert type_in(journey, seance, CAF, other, world.financers["caf"])
    assert (line.promised, line.proposed) == (HUNDRED, Decimal("60.00"))


def test_a_specific_amount_is_typed_provisionally_before_any_answer_of_ordinary_law(world: World) -> None:
    journey = at(world, "financers_conference")
    seance = conference(world, journey)
    assert type_in(journey, seance, STATE, CellEdit(amount=HUNDRED), world.financers["etat"])
    assert (journey.line(STATE).state, journey.line(STATE).proposed) == ("asked", HUNDRED)
    with pytest.raises(RefusedError):
        journey.fire("send_to_commitment", world.secretary)
    assert type_in(journey, seance, STATE, CellEdit(), world.financers["etat"])
    assert journey.line(STATE).proposed is None


@pytest.mark.parametrize("who", ["secretary", "region"])
def test_a_cell_opens_a_line_nobody_requested(world: World, who: str) -> None:
    journey = at(world, "financers_conference")
    seance = conference(world, journey)
    person = world.financers["region"] if who == "region" else world.secretary
    assert not type_in(journey, seance, REGION, CellEdit(), person)
    assert journey.dossier.line(REGION) is None
    assert type_in(journey, seance, REGION, CellEdit(amount=HUNDRED), person, version=0)
    assert journey.line(REGION).proposed == HUNDRED
    assert [act.trigger for act in acts(journey, REGION)] == ["ask", "propose"]


def test_a_line_of_the_request_that_nobody_asked_is_asked_to_be_proposed(world: World) -> None:
    journey = at(world, "financers_conference")
    journey.line(STATE).state = "not_asked"
    seance = conference(world, journey)
    assert type_in(journey, seance, STATE, CellEdit(amount=HUNDRED), world.secretary)
    assert journey.line(STATE).state == "asked"


def test_only_its_financer_and_the_secretary_type_in_a_column(world: World) -> None:
    journey = at(world, "financers_conference")
    seance = conference(world, journey)
    for stranger in (world.financers["etat"], world.instructor, world.pilot, world.citizen, world.stranger):
        with pytest.raises(NotPermittedError, match="pas la vôtre"):
            type_in(journey, seance, CAF, CellEdit("firm", HUNDRED), stranger)
    assert type_in(journey, seance, CAF, CellEdit("firm", HUNDRED), world.secretary)


def test_a_conflict_is_said_and_a_cell_that_was_empty_has_a_version_too(world: World) -> None:
    journey = at(world, "financers_conference")
    seance = conference(world, journey)
    seen = journey.line(STATE).version
    type_in(journey, seance, STATE, CellEdit(amount=HUNDRED), world.secretary, version=seen)
    with pytest.raises(ConflictError):
        type_in(journey, seance, STATE, CellEdit(amount=Decimal(7)), world.financers["etat"], version=seen)
    type_in(journey, seance, EPCI, CellEdit(amount=HUNDRED), world.secretary, version=0)
    with pytest.raises(ConflictError):
        type_in(journey, seance, EPCI, CellEdit(amount=Decimal(7)), world.financers["epci"], version=0)


@pytest.mark.parametrize(
    ("edit", "fault"),
    [
        (CellEdit("firm", Decimal(-5)), RefusedError),
        (CellEdit("firm", Decimal(0)), RefusedError),
        (CellEdit("firm", Decimal(10_001)), RefusedError),  # more than the action costs
        (CellEdit("declined"), RefusedError),  # without a reason
        (CellEdit("in_kind"), RefusedError),  # without a description
        (CellEdit("no_reply"), RefusedError),  # before the date given to its holder
        (CellEdit("perhaps"), InvalidInputError),
        (CellEdit(amount=Decimal(-1)), InvalidInputError),
        (CellEdit(amount=Decimal(10) ** 12), InvalidInputError),
        (CellEdit(amount=HUNDRED, description="une salle"), InvalidInputError),
    ],
)
def test_absurd_values_are_refused(world: World, edit: CellEdit, fault: type[Exception]) -> None:
    journey = at(world, "financers_conference")
    seance = conference(world, journey)
    with pytest.raises(fault):
        type_in(journey, seance, CAF, edit, world.secretary)


def test_a_line_that_a_cpo_promises_departs_from_it_only_with_a_reason(world: World) -> None:
    journey = at(world, "financers_conference")
    journey.line(STATE).forecast = journey.line(STATE).proposed = Decimal(4000)
    seance = conference(world, journey)
    with pytest.raises(RefusedError):
        type_in(journey, seance, STATE, CellEdit(amount=HUNDRED), world.financers["etat"])
    assert type_in(
        journey, seance, STATE, CellEdit(amount=HUNDRED, reason="effectif réduit"), world.financers["etat"]
    )


def test_a_closed_or_cancelled_seance_is_only_read(world: World) -> None:
    journey = at(world, "financers_conference")
    seance = conference(world, journey)
    fire(world.db, seance, "cancel", journey.secretary, "grève", journey.now)
    with pytest.raises(NotAllowedHereError, match="annulée"):
        type_in(journey, seance, CAF, CellEdit("firm", HUNDRED), world.secretary)


def test_a_dossier_of_another_stage_takes_no_new_line_and_no_proposal(world: World) -> None:
    journey = at(world, "financers_conference")
    seance = conference(world, journey)
    journey.send_to_commitment()
    with pytest.raises(NotAllowedHereError):
        type_in(journey, seance, STATE, CellEdit(amount=HUNDRED), world.secretary)
    journey.decide_and_close("rejected", "hors priorités")
    with pytest.raises(NotAllowedHereError, match="aucune ligne ne s’y ouvre"):
        type_in(journey, seance, REGION, CellEdit(amount=HUNDRED), world.secretary)


def test_a_dossier_that_is_not_on_the_agenda_and_another_body_are_unknown_here(world: World) -> None:
    journey, other = at(world, "financers_conference"), at(world, "financers_conference", world.dossier())
    seance = conference(world, journey)
    with pytest.raises(UnknownReferenceError, match="ordre du jour"):
        dossier_at_table(world.db, seance, other.dossier.id)
    committee = at(world, "commitment", world.dossier()).committee()
    with pytest.raises(NotAllowedHereError, match="conférence"):
        require_conference(find_alone(world.db, committee.id))
    with pytest.raises(UnknownReferenceError):
        find_alone(world.db, 999_999)


def test_a_person_recused_does_not_type_even_in_its_own_column(world: World) -> None:
    journey = at(world, "financers_conference")
    seance = conference(world, journey)
    world.db.add(mandate_row(world.financers["commune-valmont"], Role.MEMBER, world.porteur, world.contract))
    world.db.flush()
    with pytest.raises(RefusedError):
        type_in(journey, seance, TOWN, CellEdit("firm", HUNDRED), world.financers["commune-valmont"])
