# SPDX-License-Identifier: EUPL-1.2
"""What the grid adds up and says: rows, columns and envelopes, targets, why a row waits; read in a constant number of statements."""

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal

from sqlalchemy import event, select
from sqlalchemy.orm import Session

from tests.factories.world import World
from tests.workflow.grid.tables import CAF, DEPARTEMENT, STATE, TOWN, conference
from tests.workflow.journey import Journey, at
from workflow.actions import list_actions
from workflow.envelope_facts import credit_balances
from workflow.examination import parameters_of
from workflow.facts import territory_facts
from workflow.grid.figures import (
    RowMeasures,
    column_totals,
    measure_row,
    reasons_of,
    standing_of,
    targets_of,
    unasked_holders,
)
from workflow.grid.reading import columns_of, read_rows, row_stamps
from workflow.grid.rows import GridRow
from workflow.models import Envelope, Seance
from workflow.programme_facts import programme_facts
from workflow.round_table import answer, propose


def the_row(journey: Journey, seance: Seance) -> GridRow:
    journey.db.flush()
    (row,) = read_rows(journey.db, seance, [journey.dossier.id])
    return row


def measures(journey: Journey, seance: Seance) -> RowMeasures:
    return measure_row(the_row(journey, seance), columns_of(journey.db, journey.world.contract), None)


def test_columns_are_ordinary_law_first_each_nature_in_the_order_of_the_configuration(world: World) -> None:
    columns = columns_of(world.db, world.contract)
    natures = [column.nature for column in columns]
    assert natures == sorted(natures)  # droit_commun before specifique
    ranks = [(column.is_ordinary, world.credits[column.key].rank) for column in columns]
    assert ranks == sorted(ranks, key=lambda one: (not one[0], one[1]))


def test_a_row_adds_up_what_it_has_and_what_is_left(world: World) -> None:
    journey = at(world, "financers_conference")
    seance = conference(world, journey)
    assert measures(journey, seance).totals == (1_000_000, 200_000, 800_000)
    journey.answer_all()
    found = measures(journey, seance)
    assert found.totals == (1_000_000, 900_000, 100_000)
    assert found.ordinary == 300_000 and sum(found.awaited) == 0
    answer(world.db, journey.line(CAF), "declined", journey.secretary, journey.now, reason="épuisé")
    assert measures(journey, seance).totals.obtained == 600_000
    journey.dossier.total_cost = None
    assert measures(journey, seance).totals.left is None


def test_the_porteurs_own_share_is_counted_once(world: World) -> None:
    dossier = world.dossier(
        porteur=world.organisations["commune-valmont"], requests={TOWN: Decimal(500), STATE: Decimal(100)}
    )
    journey = Journey(world, dossier)
    dossier.stage = "financers_conference"
    seance = conference(world, journey)
    journey.line(TOWN).proposed = Decimal(500)
    found = measures(journey, seance)
    assert found.totals.obtained == 200_000 and found.action is None
    assert sum(found.brought) == 50_000  # its column still shows what it brings


def test_columns_meet_their_envelopes_as_the_envelopes_page_counts_them(world: World) -> None:
    journey, other = at(world, "financers_conference"), at(world, "financers_conference", world.dossier())
    seance = conference(world, journey)
    for one in (journey, other):
        propose(world.db, one.line(STATE), Decimal(4000), one.secretary, one.now)
    world.db.flush()
    columns = columns_of(world.db, world.contract)
    state = next(column for column in columns if column.key == STATE)
    totals = column_totals([measures(journey, seance)], columns)[state.id]
    assert (totals.requested, totals.brought) == (500_000, 400_000)
    balance = next(b for b in credit_balances(world.db, world.contract, 2026) if b.credit.code == STATE)
    assert balance.expected == Decimal(8000)
    elsewhere = balance.expected - Decimal(totals.expected) / 100
    for status, amount, exceeded, blocks in (
        ("notified", "8000", False, False),
        ("notified", "7999.99", True, True),
        ("provisional", "7999.99", True, False),
        ("none", None, False, False),
    ):
        row = world.db.scalars(select(Envelope).where(Envelope.credit_id == state.id)).one()
        row.status, row.amount = status, None if amount is None else Decimal(amount)
        world.db.flush()
        facts = next(
            b.facts for b in credit_balances(world.db, world.contract, 2026) if b.credit.code == STATE
        )
        found = standing_of(facts, elsewhere, totals.expected)
        assert (found.is_exceeded, found.will_block) == (exceeded, blocks)


def test_the_targets_are_those_of_the_programme_if_the_table_were_followed(world: World) -> None:
    journey = at(world, "financers_conference", world.dossier(cpo=True, cpo_years=3, cpo_reason="petite"))
    other, empty = (at(world, "financers_conference", world.dossier()) for _ in range(2))
    seance = conference(world, journey, other, empty)
    for one in (journey, other):
        one.answer_all()
    world.db.flush()
    columns = columns_of(world.db, world.contract)
    rows = read_rows(world.db, seance)
    found = targets_of([measure_row(row, columns, None) for row in rows], Decimal("0.5"))
    assert (found.cpo.total, found.cpo.actions, found.cpo.met) == (
        2,
        1,
        False,
    )  # who gets nothing is not counted
    assert (found.brought, found.ordinary, found.ordinary_share) == (Decimal(14000), Decimal(6000), 6 / 14)
    facts = programme_facts(world.db, world.contract, 2026)
    projected = [action for action in facts.actions if action.projected and action.granted]
    assert sum(action.granted for action in projected) == found.brought
    assert found.leverage.ratio == Decimal("0.75")


def test_a_row_says_why_the_door_would_refuse_it(world: World) -> None:
    journey = at(world, "financers_conference")
    seance = conference(world, journey)
    columns = {column.id: column for column in columns_of(world.db, world.contract)}
    on = journey.now.date()

    def said() -> list[str]:
        row = the_row(journey, seance)
        return [
            one.rule
            for one in reasons_of(
                row, columns, territory_facts(world.contract), parameters_of(world.contract, on)
            )
        ]

    def of_the_door() -> list[str]:
        actions = list_actions(world.db, journey.dossier, journey.secretary, journey.now)
        sending = next(action for action in actions if action.trigger == "send_to_commitment")
        return [finding.rule for finding in sending.findings if finding.blocks]

    assert said() == of_the_door() == ["droit_commun.first", "guard.lines_settled"]
    propose(world.db, journey.line(STATE), Decimal(4000), journey.secretary, journey.now)
    assert said() == of_the_door()
    propose(world.db, journey.line(CAF), Decimal(9000), journey.secretary, journey.now)
    assert said() == of_the_door()
    journey.answer_all()
    assert said() == of_the_door() == []
    world.db.delete(journey.line(DEPARTEMENT))
    world.db.flush()
    world.db.expire(journey.dossier)
    assert unasked_holders(the_row(journey, seance)) == {DEPARTEMENT}
    assert said() == of_the_door() == ["droit_commun.first"]


def test_a_stamp_changes_with_whatever_its_row_reads(world: World) -> None:
    journey = at(world, "financers_conference")
    seance = conference(world, journey)

    def stamp() -> object:
        world.db.flush()
        (found,) = row_stamps(world.db, seance)
        return found

    seen = [stamp()]
    journey.line(STATE).proposed = Decimal(5)
    seen.append(stamp())
    journey.dossier.opinions[0].text = "revu"
    seen.append(stamp())
    journey.dossier.total_cost = Decimal(12)
    seen.append(stamp())
    world.porteur.name = "Les Ateliers du Gué"
    seen.append(stamp())
    world.db.delete(journey.line(CAF))
    seen.append(stamp())
    assert len(set(map(str, seen))) == len(seen) and stamp() == seen[-1]


@contextmanager
def counted(db: Session) -> Iterator[list[str]]:
    heard: list[str] = []

    def hear(_c: object, _cursor: object, statement: str, *_more: object) -> None:
        heard.append(statement)

    event.listen(db.get_bind(), "before_cursor_execute", hear)
    yield heard
    event.remove(db.get_bind(), "before_cursor_execute", hear)


def test_reading_costs_the_same_statements_for_5_and_50_dossiers(world: World) -> None:
    few = conference(world, *_many(world, 5))
    with counted(world.db) as for_few:
        assert len(read_rows(world.db, few)) == len(row_stamps(world.db, few)) == 5
    for item in list(few.items):
        few.items.remove(item)
    world.db.flush()
    many = conference(world, *_many(world, 50), status="planned", days=40)
    with counted(world.db) as for_many:
        assert len(read_rows(world.db, many)) == len(row_stamps(world.db, many)) == 50
    assert len(for_few) == len(for_many)


def _many(world: World, number: int) -> list[Journey]:
    found = []
    for _ in range(number):
        journey = Journey(world, world.dossier(stage="financers_conference"))
        found.append(journey)
    return found
