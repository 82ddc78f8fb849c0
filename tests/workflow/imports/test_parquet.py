# SPDX-License-Identifier: EUPL-1.2
"""The national file of 266,974 lines, read by row groups: every line an award, in time, memory flat."""

import importlib.util
import resource
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.factories import NOW
from tests.factories.contract import make_contract
from workflow.imports.opening import open_table
from workflow.imports.run import import_file
from workflow.models import Award

LINES = 266_974
pytestmark = [
    pytest.mark.shared_data,
    pytest.mark.skipif(
        importlib.util.find_spec("fastparquet") is None,
        reason="OPTION « parquet » ABSENT: pip install the project with [parquet] to run this test",
    ),
]


@pytest.fixture
def national(shared_data: Path) -> Path:
    return shared_data / "p147-subventions" / "p147_france_2016_2025.parquet"


def test_first_rows(national: Path) -> None:
    table = open_table(national)
    first = next(table.rows)
    assert (table.total, first.number, first.cells[0]) == (LINES, 2, 2016)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_whole_country_as_awards(db: Session, national: Path) -> None:
    contract = make_contract(db)
    peaks: list[int] = []

    def measure(done: int, _total: int) -> None:
        peaks.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)

    report = import_file(db, contract, national, NOW, profile="p147", progress=measure)
    assert (report.read, report.created, report.rejected) == (LINES, LINES, [])
    assert db.scalar(select(func.count(Award.id))) == LINES
    assert peaks[-1] - peaks[len(peaks) // 3] < 80  # MB, between the first third and the end
