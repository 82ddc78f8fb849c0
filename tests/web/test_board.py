# SPDX-License-Identifier: EUPL-1.2
"""The board: filters of the address, sums, sorting, and a number of statements that does not grow."""

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal

import pytest
from sqlalchemy import Engine, event

from tests.factories import TODAY
from tests.factories.contract import QPV_BAS
from tests.web.conftest import Site
from tests.workflow.journey import at, later
from workflow.queries_board import BoardFilters, page_of_board, stage_totals


@contextmanager
def counted(engine: Engine) -> Iterator[list[str]]:
    seen: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    yield seen
    event.remove(engine, "before_cursor_execute", note)


@pytest.mark.parametrize(
    "address", ["/dossiers", "/dossiers?vue=tableau&tri=-requested", "/dossiers?retard=oui&q=soir"]
)
def test_the_number_of_statements_does_not_grow(site: Site, engine: Engine, address: str) -> None:
    at(site.world, "co_instruction")
    client = site.client(site.world.instructor)
    client.get(address)
    with counted(engine) as one:
        assert client.get(address).status_code == 200
    at(site.world, "financers_conference", site.world.dossier())
    at(site.world, "co_instruction", site.world.dossier())
    site.world.db.commit()
    with counted(engine) as three:
        assert client.get(address).status_code == 200
    assert len(three) == len(one) <= 14


def test_rows_carry_sums_and_who_has_not_answered(site: Site) -> None:
    journey = at(site.world, "co_instruction")
    journey.give(journey.dossier.opinions[0], "favourable")
    site.world.dossier(title="Autre", requests={})
    late = later(journey.now, 60).date()
    db, contract = site.world.db, site.world.contract
    rows = {row.reference: row for row in page_of_board(db, contract, BoardFilters(), late)}
    row = rows[journey.dossier.reference]
    assert (row.requested, row.proposed, row.retained) == (Decimal("8000.00"), None, None)
    assert (row.opinions, row.opinions_in, row.opinions_late) == (2, 1, 1)
    other = rows[next(reference for reference in rows if reference != row.reference)]
    assert (other.requested, other.lines) == (None, 0)
    totals = stage_totals(db, contract, BoardFilters())
    assert (totals["co_instruction"].dossiers, totals["co_instruction"].requested) == (1, Decimal("8000.00"))


def test_each_filter_keeps_what_it_names(site: Site) -> None:
    world = site.world
    journey = at(world, "co_instruction")
    world.dossier(
        title="Mobilité à vélo", qpv=[QPV_BAS], year=2025, requests={"region:specifique": Decimal(10)}
    )
    db, contract = world.db, world.contract
    kept = {
        "year": BoardFilters(year=2025),
        "search": BoardFilters(search="D002"),
        "qpv": BoardFilters(qpv=QPV_BAS),
        "financer": BoardFilters(financer="region"),
        "stages": BoardFilters(stages=("draft",)),
    }
    for name, filters in kept.items():
        titles = [row.title for row in page_of_board(db, contract, filters, TODAY)]
        assert titles == ["Mobilité à vélo"], name
    late = BoardFilters(late_on=later(journey.now, 60).date())
    assert [row.id for row in page_of_board(db, contract, late, TODAY)] == [journey.dossier.id]
    lead = BoardFilters(lead_id=world.instructor.id, theme="education")
    assert [row.id for row in page_of_board(db, contract, lead, TODAY)] == [journey.dossier.id]
    assert page_of_board(db, contract, BoardFilters(porteurs=frozenset()), TODAY) == []


def test_sorting_by_an_amount(site: Site) -> None:
    world = site.world
    for amount in (300, 100, 200):
        world.dossier(title=f"A{amount}", requests={"etat:specifique": Decimal(amount)})
    rows = page_of_board(world.db, world.contract, BoardFilters(), TODAY, sort="requested", descending=True)
    assert [row.title for row in rows] == ["A300", "A200", "A100"]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_both_views_and_unreadable_words(site: Site) -> None:
    dossier = at(site.world, "admissible").dossier
    client = site.client(site.world.instructor)
    grouped = client.get("/dossiers").text
    assert dossier.reference in grouped and "Recevable" in grouped
    table = client.get("/dossiers?vue=tableau&tri=-requested&page=99&chef=x&annee=zzz&etape=rien").text
    assert dossier.reference in table and 'aria-sort="descending"' in table
    assert "Aucun dossier." in client.get("/dossiers?q=introuvable").text
