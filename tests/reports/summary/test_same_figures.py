# SPDX-License-Identifier: EUPL-1.2
"""The same figures in JSON, HTML, XLSX, ODS and PDF: all are read back and compared with the structure."""

import html
import io
import json
import re
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from functools import cache
from itertools import pairwise
from typing import Any

import pikepdf
import pytest
from python_calamine import CalamineWorkbook

from reports.sheet import Formula
from reports.summary.as_html import render_page
from reports.summary.as_json import render_json
from reports.summary.as_ods import render_ods
from reports.summary.as_pdf import render_pdf
from reports.summary.as_xlsx import render_xlsx
from reports.summary.sheets import summary_sheets
from reports.summary.structure import Summary
from rules.wording import day, euros
from tests.reports.example_summary import example_summary
from tests.reports.pdf_text import text_of
from tests.reports.spreadsheet import Workbook

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
    assert document["programmes"][0]["cpo"]["share_actions"] == 2 / 32
    assert document["past_seance"]["retained"] == "90123.45"
    assert [row["forecast"] for row in document["years"]] == ["0.00", "0.00", "91000.00"]
    assert "E" not in document["totals"]["requested"]


@pytest.mark.parametrize("render", [render_xlsx, render_ods])
def test_workbooks_hold_the_same_rows_and_totals(
    summary: Summary, render: Callable[[Summary], bytes]
) -> None:
    workbook = CalamineWorkbook.from_filelike(io.BytesIO(render(summary)))
    assert workbook.sheet_names == [
        "Synthèse", "Dossiers", "Lignes de financement", "Avis", "Enveloppes", "Constats",
        "Partenaires", "Années", "Quartiers", "Objectifs",
    ]  # fmt: skip

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


@pytest.mark.parametrize("render", [render_xlsx, render_ods])
def test_workbooks_hold_the_same_analysis(summary: Summary, render: Callable[[Summary], bytes]) -> None:
    workbook = CalamineWorkbook.from_filelike(io.BytesIO(render(summary)))
    envelope = _table(workbook, "Enveloppes")[0]
    state = summary.envelopes[0]
    assert _exact(envelope["Reste"]) == state.left
    assert _exact(envelope["Reste après"]) == state.after
    assert _exact(envelope["Proposé en séance"]) == state.seance_proposed

    partners = _table(workbook, "Partenaires")[:-1]
    assert [_exact(row["Obtenu"]) for row in partners] == [one.obtained for one in summary.partners]
    years = _table(workbook, "Années")
    totals = [one.granted + one.proposed + one.forecast for one in summary.years]
    assert [_exact(row["Total"]) for row in years] == totals
    blocks = [*summary.agenda, *summary.programmes, *summary.together, *summary.last_year]
    qpv = [row for block in blocks for row in block.qpv]
    assert [_exact(row["Par habitant"]) for row in _table(workbook, "Quartiers")] == [
        one.per_resident for one in qpv
    ]
    synthesis = {row["Indicateur"]: row for row in _table(workbook, "Synthèse")}
    assert _exact(synthesis["Demandé"]["Montant"]) == summary.totals.requested
    shown = synthesis["Programme 2026\xa0: actions en convention"]["Part"]
    assert shown == summary.programmes[0].cpo.share_actions  # type: ignore[union-attr]
    assert _exact(synthesis[f"Séance du {day(date(2026, 2, 10))}\xa0: retenu"]["Montant"]) == Decimal(
        "90123.45"
    )
    assert synthesis["Empreinte du contenu"]["Précision"] == summary.header.digest


@pytest.mark.parametrize("dossiers", [0, 1, 5])
def test_the_spreadsheet_computes_the_same_figures_again(dossiers: int) -> None:
    workbook = Workbook(render_xlsx(example_summary(dossiers)))

    formulas = list(workbook.cells())
    again = [(sheet, cell, _number(workbook.value(sheet, cell))) for sheet, cell, _ in formulas]
    assert again == [(sheet, cell, pytest.approx(_number(written))) for sheet, cell, written in formulas]
    assert len(formulas) > (100 if dossiers else 5)


def test_a_corrected_line_moves_the_totals(summary: Summary) -> None:
    """Live: what the reader changes in a line is found in its dossier, its envelope and the totals."""
    workbook = Workbook(render_xlsx(summary))
    lines = workbook.formulas["Lignes de financement"]
    place = {cell.value: cell.column_letter for cell in lines[2]}
    row = next(
        r for r in range(3, lines.max_row) if lines[f"{place['Crédit']}{r}"].value == "etat:specifique"
    )
    lines[f"{place['Proposé']}{row}"] = 0.0

    removed = summary.dossiers[0].lines[4].proposed
    assert removed is not None
    for sheet, label, column, before in (
        ("Dossiers", summary.dossiers[0].reference, "Proposé", summary.dossiers[0].proposed),
        ("Enveloppes", "etat:specifique", "Proposé en séance", summary.envelopes[0].seance_proposed),
        ("Synthèse", "Proposé", "Montant", summary.totals.proposed),
    ):
        page = workbook.formulas[sheet]
        letter = next(cell.column_letter for cell in page[2] if cell.value == column)
        found = next(cell.row for cell in page["A"] if cell.value == label)
        assert workbook.value(sheet, f"{letter}{found}") == pytest.approx(float(before - removed))


def test_both_workbooks_show_the_same_cells(summary: Summary) -> None:
    xlsx, ods = (
        CalamineWorkbook.from_filelike(io.BytesIO(render(summary))) for render in (render_xlsx, render_ods)
    )
    for name in xlsx.sheet_names:
        one, other = (book.get_sheet_by_name(name).to_python() for book in (xlsx, ods))
        assert one == other, name


def test_formulas_are_the_same_in_both_workbooks(summary: Summary) -> None:
    formulas = [f"={sheet}" for sheet in _formulas(summary)]
    with zipfile.ZipFile(io.BytesIO(render_ods(summary))) as archive:
        content = archive.read("content.xml").decode()
    written = [html.unescape(found) for found in re.findall(r'table:formula=["\'](.*?)["\'] ?/?>', content)]
    assert formulas
    assert len(re.findall("table:formula=", content)) == len(formulas) + len(_totals_of(summary))
    assert all(one.startswith("of:=") and "," not in one for one in written)


def _formulas(summary: Summary) -> list[str]:
    rows = (row for sheet in summary_sheets(summary) for row in sheet.rows)
    return [cell.text for row in rows for cell in row if isinstance(cell, Formula)]


def _totals_of(summary: Summary) -> list[str]:
    sheets = [sheet for sheet in summary_sheets(summary) if sheet.rows]
    return [column.label for sheet in sheets for column in sheet.columns if column.total]


def _number(value: Any) -> float:
    return float(value or 0)


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
    known |= {item.after for item in summary.envelopes} | {item.seance_proposed for item in summary.envelopes}
    known |= {qpv.amount for qpv in summary.programmes[0].qpv}
    known |= {qpv.per_resident for qpv in summary.together[0].qpv}
    known |= {one.obtained for one in summary.partners} | {one.last_year for one in summary.partners}
    known |= {one.granted for one in summary.years} | {summary.years[-1].forecast}
    known |= {block.granted for block in (*summary.programmes, *summary.together, *summary.last_year)}
    past, totals, poches = summary.past_seance, summary.totals, summary.programmes[0].poches
    assert past is not None and poches is not None
    known |= {past.requested, past.retained, totals.proposed, totals.requested, poches.contribution}
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
    assert kinds["Table"] == 13
    assert kinds["TH"] >= 60
    assert kinds["H1"] == 1


def test_pdf_tables_have_headers_and_figures_an_alternative() -> None:
    for _, table in _nodes("Table"):
        assert "TH" in {kind for kind, _ in _below(table)}
    alternatives = [str(node.get("/Alt", "")) for _, node in _nodes("Figure")]
    assert [text.split(".")[0] for text in alternatives] == [
        "Enveloppes après la séance",
        "Actions en convention pluriannuelle",
        "Droit commun obtenu, par partenaire",
        "Évolution des financements",
        "Euros par habitant des quartiers prioritaires, 2026",
        "Objectifs les plus investis, 2026",
    ]
    assert all("€" in text or "%" in text for text in alternatives)


def test_pdf_headings_skip_no_level() -> None:
    levels = [int(kind[1:]) for kind, _ in _nodes(*(f"H{level}" for level in range(1, 7)))]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def _nodes(*kinds: str) -> list[tuple[str, Any]]:
    return [(kind, node) for kind, node in _below(_open().Root.StructTreeRoot) if kind in kinds]


@cache
def _open() -> pikepdf.Pdf:
    return pikepdf.open(io.BytesIO(_pdf()))


def _below(node: Any) -> Iterator[tuple[str, Any]]:
    """The structure in reading order."""
    if isinstance(node, pikepdf.Array):
        for child in node:
            yield from _below(child)
    elif isinstance(node, pikepdf.Dictionary):
        if "/S" in node:
            yield str(node["/S"]).lstrip("/"), node
        if "/K" in node:
            yield from _below(node["/K"])


def _kinds(root: Any) -> Counter[str]:
    return Counter(kind for kind, _ in _below(root))


def test_pdf_is_the_same_twice() -> None:
    assert render_pdf(example_summary()) == _pdf()
