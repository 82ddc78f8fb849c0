# SPDX-License-Identifier: EUPL-1.2
"""The digest of a summary: of its content alone, the same in another process and from another database."""

import os
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta, timezone
from decimal import Decimal
from pathlib import Path

from sqlalchemy.orm import Session

from reports.summary.digest import canonical_json, digest_of
from reports.summary.prepare import prepare
from tests.factories import NOW
from tests.factories.world import World, make_world
from tests.reports.example_summary import example_summary
from workflow.db import Base, make_engine
from workflow.models import Opinion, Seance, SeanceItem

ROOT = Path(__file__).resolve().parents[3]
SAID = "from tests.reports.example_summary import example_summary; print(example_summary().header.digest)"


def test_it_is_that_of_the_content_alone() -> None:
    summary = example_summary()
    later = replace(summary.header, prepared_at=NOW, status="closed", status_label="close", digest="0" * 64)
    assert digest_of(replace(summary, header=later)) == digest_of(summary) == summary.header.digest

    other = replace(summary.totals, proposed=summary.totals.proposed + Decimal("0.01"))
    assert digest_of(replace(summary, totals=other)) != digest_of(summary)


def test_one_value_has_one_text() -> None:
    summary = example_summary()
    paris = timezone(timedelta(hours=1))
    same = replace(
        summary,
        header=replace(summary.header, starts_at=summary.header.starts_at.astimezone(paris)),
        totals=replace(summary.totals, requested=summary.totals.requested * Decimal("1.000")),
    )
    assert canonical_json(same) == canonical_json(summary)


def test_another_process_finds_the_same() -> None:
    found = {
        subprocess.run(
            [sys.executable, "-c", SAID],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT), "TZ": zone},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for seed, zone in (("0", "UTC"), ("7", "Asia/Tokyo"))
    }
    assert found == {digest_of(example_summary())}


def test_a_database_of_another_engine_finds_the_same(world: World, tmp_path: Path) -> None:
    """On PostgreSQL, compared with SQLite; on SQLite, compared with another file."""
    engine = make_engine(f"sqlite:///{tmp_path / 'other.db'}", synchronous="OFF")
    Base.metadata.create_all(engine)
    with Session(engine) as other:
        assert _digest(world) == _digest(make_world(other))
    engine.dispose()


def _digest(world: World) -> str:
    dossier = world.dossier(stage="commitment", lead_instructor_id=world.instructor.id, theme="education")
    line = dossier.line("etat:specifique")
    assert line is not None
    line.proposed = Decimal("4500.10")
    world.db.add(
        Opinion(
            dossier=dossier,
            organisation=world.organisations["caf"],
            state="given",
            value="favourable",
            requested_at=NOW,
            given_at=NOW,
            due_on=NOW.date(),
        )
    )
    seance = Seance(
        uid="seance@test",
        contract=world.contract,
        body="comite",
        label="Comité",
        starts_at=NOW + timedelta(days=7),
        items=[SeanceItem(dossier=dossier, rank=1)],
    )
    world.db.add(seance)
    world.db.commit()
    return digest_of(prepare(world.db, seance.id, NOW))
