# SPDX-License-Identifier: EUPL-1.2
"""The same figures in JSON, HTML, XLSX, ODS and PDF: all are read back and compared with the structure."""

import io
import json
import re
from collections.abc import Callable
from decimal import Decimal
from functools import cache
from typing import Any

import pikepdf
import pytest
from python_calamine import CalamineWorkbook

from reports.summary.as_html import render_page
from reports.summary.as_json import render_json
from reports.summary.as_ods import render_ods
from reports.summary.as_pdf import render_pdf
from reports.summary.as_xlsx import render_xlsx
from reports.summary.structure import Summary
from rules.wording import euros
from tests.reports.example_summary import example_summary
from tests.reports.pdf_text import text_of

FIELDS = ("requested", "proposed", "granted_last_year")


@cache
def _pdf() -> bytes:
    return render_pdf(example_summary())


@pytest.fixture(scope="module")
def summary() -> Summary:
    """Three dossiers, every block present."""
    return example_summary()


def test_json_has_every_amount_as_a_decimal_string(summary: Summary) -> None:
    document = json.loads(render_json(summary))

    for field in FIELDS:
        assert Decimal(document["totals"][field]) == getattr(summary.totals, field)
        shown = [Decimal(block[field]) for block in document["dossiers"]]
        assert shown == [getattr(block, field) for block in summary.dossiers]
    assert document["header"]["starts_at"] == "2026-03-10T08:30:00+00:00"
    assert document["programmes"][0]["cpo"]["share_actions"] == 0.15625
    assert "E" not in document["totals"]["requested"]


@pytest.mark.parametrize("render", [render_xlsx, render_ods])
def test_workbooks_hold_the_same_rows_and_totals(
    summary: Summary, render: Callable[[Summary], bytes]
) -> None:
    workbook = CalamineWorkbook.from_filelike(io.BytesIO(render(summary)))
    names = ["Synthèse", "Dossiers", "Lignes de financement", "Avis", "Enveloppes", "Constats"]
    assert workbook.sheet_names == names

    dossiers = _table(workbook, "Dossiers")
    total = dossiers.pop()
    for label, field in zip(("Demandé", "Proposé", "Accordé N-1"), FIELDS, strict=True):
        assert [_exact(row[label]) for row in dossiers] == [
            getattr(block, field) for block in summary.dossiers
        ]
        assert _exact(total[label]) == getattr(summary.totals, field)

    lines = _table(workbook, "Lignes de financement")[:-1]
    expected = [(line.financer, line.proposed) for block in summary.dossiers for line in block.lines]
    assert [(row["Financeur"], _exact(row["Proposé"])) for row in lines] == expected
    assert len(_table(workbook, "Avis")) == sum(len(block.opinions) for block in summary.dossiers)


def _table(workbook: CalamineWorkbook, name: str) -> list[dict[str, Any]]:
    _title, header, *rows = workbook.get_sheet_by_name(name).to_python()
    return [dict(zip(map(str, header), row, strict=True)) for row in rows]


def _exact(value: Any) -> Decimal | None:
    return None if value == "" else Decimal(str(round(value, 2)))


def test_page_shows_the_same_amounts(summary: Summary) -> None:
    page = render_page(summary)
    for amount in _amounts(summary):
        assert euros(amount) in page


def test_pdf_shows_the_same_amounts(summary: Summary) -> None:
    shown = _flat(text_of(_pdf()))
    for amount in _amounts(summary):
        assert _flat(euros(amount)) in shown


def _amounts(summary: Summary) -> set[Decimal]:
    lines = [line for block in summary.dossiers for line in block.lines]
    known = {line.requested for line in lines} | {line.proposed for line in lines}
    known |= {line.granted_last_year for line in lines} | {item.amount for item in summary.envelopes}
    known |= {qpv.amount for qpv in summary.programmes[0].qpv} | {
        summary.totals.proposed,
        summary.totals.requested,
    }
    return {amount for amount in known if amount is not None}


def _flat(text: str) -> str:
    return re.sub(r"\s", "", text)


def test_pdf_is_tagged_french_and_its_tables_have_headers() -> None:
    with pikepdf.open(io.BytesIO(_pdf())) as pdf:
        root = pdf.Root
        assert str(root.Lang).startswith("fr")
        assert bool(root.MarkInfo.Marked)
        assert bool(root.ViewerPreferences.DisplayDocTitle)
        with pdf.open_metadata() as metadata:
            assert metadata["pdfuaid:part"] == "1"
            assert "Synthèse d’arbitrage" in metadata["dc:title"]
        kinds = _kinds(root.StructTreeRoot)
    assert kinds["Table"] >= 5
    assert kinds["TH"] >= 30
    assert kinds["Figure"] == 2
    assert kinds["H1"] == 1


def _kinds(root: Any) -> dict[str, int]:
    found: dict[str, int] = {}
    todo = [root]
    while todo:
        node = todo.pop()
        if isinstance(node, pikepdf.Array):
            todo.extend(node)
        elif isinstance(node, pikepdf.Dictionary):
            name = str(node.get("/S", "")).lstrip("/")
            found[name] = found.get(name, 0) + 1
            if "/K" in node:
                todo.append(node["/K"])
    return found


def test_pdf_is_the_same_twice() -> None:
    assert render_pdf(example_summary()) == _pdf()
