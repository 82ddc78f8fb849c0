# SPDX-License-Identifier: EUPL-1.2
"""What is known around a dossier: its porteur's other requests, what each financer brings that year, last year's reports."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Engine, event

from rules.details import PreviousFacts, SiblingFacts, YearlySumFacts
from tests.factories import NOW
from tests.factories.dossier import add_line, make_dossier
from tests.factories.people import make_porteur
from tests.factories.world import World
from workflow.examination import examine, examine_many
from workflow.models import Award, Contract, Dossier, Message
from workflow.surroundings import Surroundings, surroundings_of

ETAT, CAF = "etat:specifique", "caf:droit_commun"


def around(world: World, dossier: Dossier) -> Surroundings:
    world.db.flush()
    return surroundings_of(world.db, [dossier])[dossier.id]


def award(world: World, **changes: Any) -> Award:
    siret = world.porteur.siret or ""
    values = {
        "contract_id": world.contract.id,
        "year": world.year,
        "siren": siret[:9],
        "financer": "etat",
        "credit": ETAT,
        "granted": Decimal("10000.00"),
        "title": "Subvention publiée",
        "source": "essai",
        "line_key": "cle-1",
    }
    row = Award(**{**values, **changes})
    world.db.add(row)
    return row


def funded(world: World, amount: str, key: str = ETAT, **changes: Any) -> Dossier:
    dossier = world.dossier(stage="committed", requests={}, **changes)
    add_line(world.db, dossier, key, state="retained", retained=Decimal(amount))
    return dossier


def test_siblings_are_the_live_requests_of_the_same_porteur_contract_and_year(world: World) -> None:
    mine = world.dossier(reference="A")
    world.dossier(reference="B", stage="submitted", title="Autre action", dauphin_number="42")
    world.dossier(reference="C", stage="withdrawn")
    world.dossier(reference="D", year=world.year - 1)
    world.dossier(reference="E", porteur=make_porteur(world.db, name="Un autre"))

    (sibling,) = around(world, mine).siblings

    assert sibling == SiblingFacts("B", "Autre action", Decimal(10000), Decimal(8000), "42")


def test_yearly_sums_add_dossiers_and_awards_of_one_financer(world: World) -> None:
    mine = funded(world, "13000.00", reference="A")
    funded(world, "4000.00", reference="B")
    funded(world, "900.00", reference="C", year=world.year - 1)
    world.dossier(reference="D", stage="submitted")
    award(world)
    award(world, line_key="cle-2", year=world.year - 1)
    award(world, line_key="cle-3", dossier_id=mine.id)

    assert around(world, mine).yearly_sums == (
        YearlySumFacts("etat", Decimal(13000), Decimal(4000), Decimal(10000)),
    )


def test_granted_wins_over_retained_and_dead_lines_bring_nothing(world: World) -> None:
    mine = funded(world, "13000.00")
    mine.lines[0].granted = Decimal("12000.00")
    add_line(world.db, mine, CAF, state="cancelled").retained = Decimal(500)
    given = add_line(world.db, mine, "departement:droit_commun", state="in_kind")
    given.in_kind_value = Decimal(700)

    assert around(world, mine).yearly_sums == (
        YearlySumFacts("departement", kind_value=Decimal(700)),
        YearlySumFacts("etat", Decimal(12000)),
    )


def test_the_porteurs_own_share_is_no_subsidy(world: World) -> None:
    town = world.organisations["commune-valmont"]
    mine = funded(world, "13000.00", porteur=town)
    add_line(world.db, mine, "commune-valmont:droit_commun", state="retained").retained = Decimal(30000)

    assert around(world, mine).yearly_sums == (YearlySumFacts("etat", Decimal(13000)),)


def test_the_law_adds_up_one_body_whatever_its_establishment_and_its_contract(world: World) -> None:
    siren = (world.porteur.siret or "")[:9]
    elsewhere = world.db.query(Contract).filter_by(code="ailleurs").one()
    mine = funded(world, "1000.00", reference="A")
    funded(
        world, "200.00", reference="B", porteur=make_porteur(world.db, name="Antenne", siret=f"{siren}00025")
    )
    funded(world, "7.00", reference="C", porteur=make_porteur(world.db, name="Autre", siret=None))
    award(world, granted=Decimal(30))
    award(world, granted=Decimal(30), contract_id=elsewhere.id)  # the same published line, imported twice
    award(world, granted=Decimal(4), contract_id=elsewhere.id, line_key="cle-2")
    award(world, granted=Decimal(9), contract_id=elsewhere.id, line_key="cle-3")
    award(world, granted=Decimal(9), line_key="cle-3", dossier_id=mine.id)

    seen = around(world, mine)

    assert seen.yearly_sums == (YearlySumFacts("etat", Decimal(1000), Decimal(200), Decimal(34)),)
    assert seen.siblings == ()


def test_exactly_the_threshold_needs_no_convention_one_cent_more_does(world: World) -> None:
    """13,000 + 10,000 = 23,000.00 is not above, whatever the lines and tables it comes from."""
    mine = funded(world, "13000.00")
    published = award(world)

    def variant() -> str:
        world.db.flush()
        return next(f for f in examine(mine, NOW) if f.rule == "convention.required").variant

    assert variant() == "not_required"
    published.granted = Decimal("10000.01")
    assert variant() == "missing"


def test_last_year_reports_of_the_same_action(world: World) -> None:
    before = world.dossier(year=world.year - 1, stage="reported", reference="A-1")
    mine = world.dossier(reference="A")
    assert around(world, mine).previous is None
    mine.action = before.action

    assert around(world, mine).previous == PreviousFacts("A-1", interim_report=True, final_report=True)
    before.stage = "contracted"
    assert around(world, mine).previous == PreviousFacts("A-1", interim_report=False, final_report=False)
    before.follow_up = {"interim_report_on": "2025-10-02"}
    assert around(world, mine).previous == PreviousFacts("A-1", interim_report=True, final_report=False)


def test_the_acknowledgement_counts_once_sent_on_its_paris_day(world: World) -> None:
    mine = world.dossier()
    message = Message(
        key="ack",
        contract_id=world.contract.id,
        kind="request_acknowledged",
        subject_ref=f"dossier:{mine.id}",
        recipient="a@b.test",
        title="Accusé",
        body=b"",
        message_id="<1@test>",
        created_at=NOW,
        next_attempt_at=NOW,
    )
    world.db.add(message)

    assert around(world, mine).acknowledged_on is None
    message.sent_at = datetime(2026, 3, 1, 23, 30, tzinfo=UTC)
    assert around(world, mine).acknowledged_on == date(2026, 3, 2)


def test_the_number_of_statements_does_not_grow(world: World, engine: Engine) -> None:
    statements: list[str] = []

    def counted(_conn: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        statements.append(statement)

    event.listen(engine, "before_cursor_execute", counted)
    numbers = []
    for more in (1, 4):
        for _ in range(more):
            make_dossier(world.db, world.contract, make_porteur(world.db, name=f"P{len(statements)}"))
        dossiers = world.db.query(Dossier).all()
        world.db.flush()
        statements.clear()
        examine_many(world.db, dossiers, NOW)
        numbers.append(len(statements))
    event.remove(engine, "before_cursor_execute", counted)

    assert numbers[0] == numbers[1]
