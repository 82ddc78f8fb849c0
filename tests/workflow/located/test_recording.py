# SPDX-License-Identifier: EUPL-1.2
"""Keeping the counts: who may and when, what is journalled, what the rule then says, and that nothing of a person stays."""

from pathlib import Path

import pytest
from sqlalchemy import select

from rules.findings import Finding, Outcome
from tests.factories.people import mandate_row
from tests.factories.perimeters import (
    ELSEWHERE,
    INSIDE,
    NOT_FOUND,
    ON_EDGE,
    OUTSIDE,
    POOR_SCORE,
    STREET,
    write_beneficiaries,
    write_perimeters,
)
from tests.factories.world import World
from tests.workflow.journey import Journey, at
from workflow.db import Base
from workflow.errors import ConflictError, NotAllowedHereError, NotPermittedError
from workflow.examination import examine
from workflow.journal import verify_chain
from workflow.located.addresses import Geocoding
from workflow.located.counting import count_residents
from workflow.located.counts import LocatedCounts
from workflow.located.perimeters import Perimeters
from workflow.located.recording import forget_located, located_on, may_locate, record_located
from workflow.models import DecisionRecord, Journal, Person
from workflow.permissions import INTEREST
from workflow.stages import OPEN_STAGES, Stage

WANTED = Geocoding(0.7, frozenset({"housenumber"}))
FORTY = [INSIDE] * 30 + [OUTSIDE] * 5 + [ELSEWHERE, ON_EDGE, POOR_SCORE, NOT_FOUND, NOT_FOUND]
FIGURES = {
    "located_total": 40,
    "located_inside": 30,
    "located_outside": 6,
    "located_elsewhere": 1,
    "located_to_check": 4,
}


@pytest.fixture
def counts(tmp_path: Path) -> LocatedCounts:
    perimeters = Perimeters.read(write_perimeters(tmp_path))
    return count_residents(write_beneficiaries(tmp_path, FORTY), perimeters, WANTED)


def record(journey: Journey, person: Person, counts: LocatedCounts) -> LocatedCounts:
    return record_located(journey.db, journey.dossier, counts, journey.actor(person), journey.now)


def acts(journey: Journey, trigger: str = "locate_residents") -> list[Journal]:
    chain = Journal.chain == f"dossier:{journey.dossier.id}"
    return list(journey.db.scalars(select(Journal).where(chain, Journal.trigger == trigger)))


def finding_of(journey: Journey) -> Finding:
    return next(f for f in examine(journey.dossier, journey.now) if f.rule == "qpv.residents_located")


def test_the_counts_are_kept_with_the_day_and_who(world: World, counts: LocatedCounts) -> None:
    journey = at(world, "submitted")
    version = journey.dossier.version

    kept = record(journey, world.instructor, counts)

    assert located_on(journey.dossier) == kept
    assert (kept.total, kept.outside, kept.doubtful) == (40, 5, 4)
    assert (kept.on, kept.by) == (journey.now.date(), "Inès Instructrice")
    assert (kept.perimeters, len(kept.sha256), kept.precision_metres) == ("contours.geojson", 64, 8)
    assert journey.dossier.version == version + 1


def test_the_rule_reads_them_beside_the_declared_figures(world: World, counts: LocatedCounts) -> None:
    journey = at(world, "submitted")
    assert finding_of(journey).outcome is Outcome.NOT_APPLICABLE

    record(journey, world.instructor, counts)

    finding = finding_of(journey)
    assert (finding.outcome, finding.variant) == (Outcome.SATISFIED, "majority")
    shown = {
        name: finding.facts[name] for name in ("in_qpv", "outside", "to_check", "total", "declared_share")
    }
    assert shown == {"in_qpv": 30, "outside": 6, "to_check": 4, "total": 40, "declared_share": 0.75}


def test_only_figures_are_journalled(world: World, counts: LocatedCounts) -> None:
    journey = at(world, "submitted")
    record(journey, world.secretary, counts)

    (act,) = acts(journey)

    assert act.details == FIGURES
    assert (act.actor, act.to_state, verify_chain(world.db, act.chain)) == (world.secretary.email, None, [])


def test_nothing_of_a_person_is_in_the_database(world: World, counts: LocatedCounts) -> None:
    journey = at(world, "submitted")
    record(journey, world.instructor, counts)
    journey.declare_admissible()  # keeps the facts as read
    world.db.commit()

    dump = "\n".join(
        str(row) for table in Base.metadata.sorted_tables for row in world.db.execute(select(table))
    )

    assert "locate_residents" in dump and world.db.scalars(select(DecisionRecord)).first() is not None
    for row in FORTY:
        for cell in filter(None, row[:2]):
            assert cell not in dump and cell[:7] not in dump
    assert STREET not in dump and "Prudence" not in dump and "beneficiaires.csv" not in dump


def test_another_file_replaces_the_counts(world: World, counts: LocatedCounts) -> None:
    journey = at(world, "submitted")
    record(journey, world.instructor, counts)

    kept = record(journey, world.pilot, LocatedCounts(1, {}, 1, {}, "x", "y", 8, 0.7, ("housenumber",)))

    assert located_on(journey.dossier) == kept
    assert len(acts(journey)) == 2
    assert finding_of(journey).variant == "partial"


def test_the_counts_are_forgotten_on_request(world: World, counts: LocatedCounts) -> None:
    journey = at(world, "submitted")
    record(journey, world.instructor, counts)
    actor = journey.actor(world.secretary)

    assert forget_located(world.db, journey.dossier, actor, journey.now)
    assert not forget_located(world.db, journey.dossier, actor, journey.now)

    assert located_on(journey.dossier) is None
    assert [act.details for act in acts(journey, "forget_residents")] == [FIGURES]
    assert finding_of(journey).outcome is Outcome.NOT_APPLICABLE


@pytest.mark.parametrize("who", ["secretary", "instructor", "pilot"])
@pytest.mark.parametrize("stage", sorted(OPEN_STAGES))
def test_the_staff_locates_while_the_dossier_is_open(
    world: World, stage: Stage, who: str, counts: LocatedCounts
) -> None:
    journey = at(world, stage)

    assert record(journey, getattr(world, who), counts).total == 40


@pytest.mark.parametrize("stage", ["draft", "committed", "rejected", "withdrawn"])
def test_nobody_locates_before_nor_after(world: World, stage: str, counts: LocatedCounts) -> None:
    journey = at(world, stage)
    with pytest.raises(NotAllowedHereError, match=r"ne change plus\.$"):
        record(journey, world.instructor, counts)
    with pytest.raises(NotAllowedHereError):
        forget_located(world.db, journey.dossier, journey.actor(world.pilot), journey.now)


@pytest.mark.parametrize("who", ["bearer", "citizen", "administrator", "stranger"])
def test_others_locate_nothing(world: World, who: str, counts: LocatedCounts) -> None:
    journey = at(world, "submitted")
    person = getattr(world, who)
    assert not may_locate(journey.dossier, journey.actor(person))
    with pytest.raises(NotPermittedError):
        record(journey, person, counts)
    assert journey.dossier.located is None


def test_a_declared_interest_stops_whoever_declared_it(world: World, counts: LocatedCounts) -> None:
    journey = at(world, "submitted")
    world.db.add(mandate_row(world.instructor, INTEREST, world.porteur, world.contract))
    world.db.flush()
    with pytest.raises(NotPermittedError):
        record(journey, world.instructor, counts)


def test_a_page_read_before_somebody_else_s_change_is_refused(world: World, counts: LocatedCounts) -> None:
    journey = at(world, "submitted")
    dossier, actor, version = journey.dossier, journey.actor(world.instructor), journey.dossier.version
    record(journey, world.pilot, counts)
    with pytest.raises(ConflictError):
        record_located(world.db, dossier, counts, actor, journey.now, expected_version=version)
    with pytest.raises(ConflictError):
        forget_located(world.db, dossier, actor, journey.now, expected_version=version)
