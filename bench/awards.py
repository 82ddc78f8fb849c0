# SPDX-License-Identifier: EUPL-1.2
"""Published awards imported through the product's own import: the territory's lines, then those of the whole country."""

from collections.abc import Iterator
from pathlib import Path
from time import perf_counter

from sqlalchemy import func, select

from app.bootstrap import Application
from bench.clock import status_mib
from bench.databases import SHARED_DATA, folder, installed
from bench.reference import sqlite_loop, sqlite_row
from bench.table import Row, memory, plain, timed
from workflow.contracts import get_contract
from workflow.imports.report import ImportReport
from workflow.imports.run import import_file
from workflow.models import Award

FOLDER = "p147-subventions"
TERRITORY, COUNTRY = "p147_coeur_ostrevent_2016_2025.csv", "p147_france_2016_2025.parquet"
FLAT = 150.0  # MiB the country's file may add: its row group in memory, and one short rank per line


def measure(loop: float) -> Iterator[Row]:
    """On SQLite, commit included. Without the public data, says so."""
    with folder() as place:
        yield sqlite_row(sqlite_loop(place))
    source = SHARED_DATA / FOLDER
    if not source.is_dir():
        yield plain("PUBLIC DATA ABSENT: ../shared/data is not beside the project, nothing measured", "")
        return
    yield from _territory(source / TERRITORY, loop)
    yield from _country(source / COUNTRY, loop)


def _territory(path: Path, loop: float) -> Iterator[Row]:
    with installed() as application:
        report, seconds, _ = _imported(application, path)
        yield timed(f"the territory’s {report.read:,} lines (CSV)", seconds, 2.0, loop=loop)
        report, seconds, _ = _imported(application, path)
        yield timed(f"the same again ({report.unchanged:,} unchanged)", seconds, loop=loop)


def _country(path: Path, loop: float) -> Iterator[Row]:
    with installed() as application:
        report, seconds, samples = _imported(application, path)
        yield timed(f"the country’s {report.read:,} lines (Parquet)", seconds, 120.0, loop=loop)
        yield plain("  created, rejected rows", f"{report.created:,}, {report.rejected_rows}")
        grown = max(samples[len(samples) // 5 :], default=0.0) - samples[len(samples) // 5]
        yield memory("memory added between the first fifth and the end", grown, FLAT)
        with application.read() as db:
            kept = db.scalar(select(func.count(Award.id)))
        yield plain("  awards in the database", f"{kept:,}", is_met=kept == report.created)


def _imported(application: Application, path: Path) -> tuple[ImportReport, float, list[float]]:
    """The account, the seconds, and the memory of the process batch after batch."""
    samples: list[float] = []
    start = perf_counter()
    with application.write() as db:
        report = import_file(
            db,
            get_contract(db),
            path,
            application.now(),
            profile="p147",
            progress=lambda _done, _total: samples.append(status_mib("VmRSS")),
        )
    return report, perf_counter() - start, samples
