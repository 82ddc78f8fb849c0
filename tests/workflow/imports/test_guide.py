# SPDX-License-Identifier: EUPL-1.2
"""The guide of the request workbook says every column and every word, and no other."""

import re
from pathlib import Path

from workflow.imports import limits, p147
from workflow.imports.columns import COLUMNS, CPO_REASONS, FORMS, REPORTS, SCHEMES

GUIDE = (Path(__file__).resolve().parents[3] / "docs" / "import.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| `([a-z_]+)`( ●)? \| ([^|]+) \|", re.MULTILINE)


def test_every_column_in_the_order_of_the_workbook() -> None:
    rows = [(name, bool(required)) for name, required, _ in ROW.findall(GUIDE)]
    assert rows == [(column.header, column.required) for column in COLUMNS]


def test_every_expected_word() -> None:
    for words in (FORMS, CPO_REASONS, REPORTS, SCHEMES):
        for word in words:
            assert f"`{word}`" in GUIDE


def test_keyed_columns_p147_columns_and_limits() -> None:
    for kind in (
        "demande:<financeur>:<nature>",
        "reference:<financeur>",
        "charge:<compte>",
        "produit:<compte>",
    ):
        assert f"`{kind}`" in GUIDE
    for name in (*p147.REQUIRED, *p147.OPTIONAL):
        assert f"`{name}`" in GUIDE
    for number in (limits.MAX_COLUMNS, limits.MAX_ROWS, limits.MAX_CELL):
        assert f"{number:,}".replace(",", " ") in GUIDE
    assert f"{limits.MAX_CSV_BYTES // 10**6} Mo" in GUIDE
