# SPDX-License-Identifier: EUPL-1.2
"""The committed sample files are those of their sources, readable in every format, and say what the README promises."""

import os
from pathlib import Path

import pytest

from app.config import load_config
from examples import make_examples
from examples.faults import FAULTY_ROWS
from tests.conftest import ROOT
from workflow.imports.opening import open_table
from workflow.imports.requests import read_requests
from workflow.request_values import RequestValues
from workflow.territory import Territory

EXAMPLES = ROOT / "examples"
FILES = ("programme.csv", "programme.xlsx", "programme.ods", "programme_with_faults.csv", "subventions.csv")


@pytest.fixture(scope="module")
def territory() -> Territory:
    return load_config(ROOT / "config.yaml", {}).contracts[0]


def values_of(name: str, territory: Territory) -> list[RequestValues]:
    reads = list(read_requests(open_table(EXAMPLES / name), territory))
    assert [read.faults for read in reads if read.faults] == []
    return [read.values for read in reads if read.values is not None]


@pytest.mark.skipif(bool(os.environ.get("SOURCE_DATE_EPOCH")), reason="the archive's own dates would change")
def test_committed_files_come_from_their_sources(tmp_path: Path) -> None:
    make_examples.main(tmp_path)
    for name in FILES:
        assert (tmp_path / name).read_bytes() == (EXAMPLES / name).read_bytes(), (
            f"{name}: run make_examples again"
        )


def test_the_three_formats_say_the_same(territory: Territory) -> None:
    csv = values_of("programme.csv", territory)
    assert csv == values_of("programme.xlsx", territory) == values_of("programme.ods", territory)


def test_covers_the_territory(territory: Territory) -> None:
    programme = values_of("programme.csv", territory)
    assert len(programme) >= 60
    assert {code for v in programme for code in v.qpv or ()} >= set(territory.qpv_by_code)
    general = {objective[:3] for v in programme for objective in v.objectives or ()}
    assert general >= {o.code for axis in territory.framework for o in axis.objectives}
    forms = {
        "association",
        "fondation",
        "commune",
        "ccas",
        "epci",
        "etablissement_public",
        "bailleur",
        "entreprise",
        "autre",
    }
    assert {v.porteur_form for v in programme} == forms
    assert {v.call for v in programme} >= {c.code for c in territory.calls if c.year == 2026}
    assert {True, False, None} == {v.cpo for v in programme}
    natures = {key.partition(":")[2] for v in programme for key in v.requests}
    assert natures == {"specifique", "droit_commun"}
    assert len({key.partition(":")[0] for v in programme for key in v.requests}) >= 14


def test_every_faulty_row_is_rejected_for_its_reason(territory: Territory) -> None:
    reads = list(read_requests(open_table(EXAMPLES / "programme_with_faults.csv"), territory))
    kept = [read.number for read in reads if read.values is not None]
    assert kept == [2, len(FAULTY_ROWS) + 1]
    for read, changes in zip(reads, FAULTY_ROWS, strict=True):
        faulty = {fault.column for fault in read.faults}
        assert faulty <= set(changes), (read.number, faulty)
        assert all(fault.row == read.number and fault.column and fault.reason for fault in read.faults)
