# SPDX-License-Identifier: EUPL-1.2
"""The board as a spreadsheet: the columns asked, real numbers and dates, nothing a spreadsheet would run, a note apart."""

import io
from datetime import UTC, date, datetime
from decimal import Decimal

import openpyxl
import pytest

from reports.board import COLUMNS, OFFERED, SPREAD, USUAL, board_columns, board_sheets, write_board
from reports.summary.words import words_of
from tests.factories.contract import toy_territory
from workflow.queries_board import SORTS, BoardLine, BoardOpinion, BoardRow
from workflow.search.keys import BY_NAME

NOW = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
WORDS = words_of(toy_territory())
ROW = BoardRow(
    id=1, version=1, reference="D-1", year=2026, stage="co_instruction", title="=CMD()", porteur="Ateliers",
    lead="Inès", theme="education", qpv=["QN05901M"], stage_since=NOW, opinions_due_on=date(2026, 4, 1),
    completion=None, total_cost=Decimal("10000.00"), cpo=True, beneficiaries_total=40, beneficiaries_qpv=None,
    lines=[
        BoardLine("caf:droit_commun", "asked", Decimal("3000.50"), None, None, None),
        BoardLine("etat:specifique", "firm", Decimal(5000), None, None, None),
    ],
    opinions=[BoardOpinion("CAF", False, True), BoardOpinion("Région", True, False)],
)  # fmt: skip
CODES = (
    "reference",
    "titre",
    "annee",
    "avis",
    "manque",
    "droit-commun",
    "demande",
    "demande-par-financeur",
    "cpo",
    "echeance",
)


def written(form: str, codes: tuple[str, ...] = CODES) -> bytes:
    columns = board_columns(codes, ["caf", "region"], WORDS)
    return write_board(form, board_sheets([ROW], columns, WORDS, [("Recherche", "=soir")]), NOW)[0]


def test_csv_is_read_again_without_loss() -> None:
    text = written("csv").decode("utf-8-sig")

    head, row = (line.split(";") for line in text.splitlines())
    assert head == [
        "Référence", "Action", "Exercice", "Avis rendus", "Avis demandés", "dont en retard", "Avis manquants",
        "Droit commun sans réponse", "Demandé", "Demandé Caisse d’allocations familiales", "Demandé Région", "CPO", "Échéance",
    ]  # fmt: skip
    assert row == [
        "D-1",
        "'=CMD()",
        "2026",
        "1",
        "2",
        "1",
        "CAF",
        "Caisse d’allocations familiales",
        "8000,50",
        "3000,50",
        "",
        "oui",
        "2026-04-01",
    ]


def test_xlsx_holds_numbers_and_dates_from_the_first_line() -> None:
    book = openpyxl.load_workbook(io.BytesIO(written("xlsx")))
    table, about = book.worksheets

    head, row = table.iter_rows(values_only=True)
    values = dict(zip(head, row, strict=True))
    assert values["Action"] == "=CMD()"
    assert table["B2"].data_type == "s"
    assert (values["Exercice"], values["Avis rendus"], values["dont en retard"], values["Demandé"]) == (
        2026,
        1,
        1,
        8000.5,
    )
    assert values["Échéance"] == datetime(2026, 4, 1)  # noqa: DTZ001 - a day of a spreadsheet has no zone
    assert table.auto_filter.ref == "A1:M2"
    assert list(about.iter_rows(values_only=True))[1] == ("Recherche", "=soir")


def test_ods_starts_with_its_heads() -> None:
    made = written("ods")

    assert made[:2] == b"PK"
    assert written("ods") == made


@pytest.mark.parametrize("column", COLUMNS, ids=lambda column: column.code)
def test_every_column_gives_its_cells(column: object) -> None:
    cells = column.values(ROW, WORDS)  # type: ignore[attr-defined]

    assert len(cells) == len(column.cells)  # type: ignore[attr-defined]


def test_every_column_sorts_and_shares_its_word_with_the_search() -> None:
    columns = {column.code for column in COLUMNS}

    assert columns == {*SORTS, "retard"}
    assert set(USUAL) <= columns
    assert {name for name in BY_NAME if name in ("demande", "retenu", "theme", "qpv", "etape")} <= columns
    assert set(OFFERED) == columns | set(SPREAD)
