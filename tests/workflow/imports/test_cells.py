# SPDX-License-Identifier: EUPL-1.2
"""Cells: what people type is read as they mean it, or refused with what was read and what is expected."""

from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflow.imports.cells import (
    CellFault,
    as_text,
    read_amount,
    read_boolean,
    read_date,
    read_integer,
    read_list,
    read_text,
    read_word,
    read_year,
)

WORDS = {"petite": "petite", "sans_objet": "sans_objet"}
READERS: tuple[Callable[[Any], object], ...] = (
    read_amount,
    read_boolean,
    read_date,
    read_integer,
    read_list,
    read_year,
    lambda cell: read_text(cell, 50),
    lambda cell: read_word(cell, WORDS),
)
CELLS = st.one_of(
    st.none(),
    st.text(max_size=60),
    st.from_regex(r"-?[0-9 \u00a0\u202f.,/=#€-]{0,24}", fullmatch=True),
    st.integers(),
    st.floats(),
    st.booleans(),
    st.decimals(),
    st.dates(),
    st.datetimes(),
    st.times(),
    st.timedeltas(),
)


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("1 234,56", "1234.56"),
        ("1\u202f234,56\u00a0€", "1234.56"),
        ("12\u00a0345\u00a0678", "12345678.00"),
        ("1234.56", "1234.56"),
        ("1234,5", "1234.50"),
        ("0", "0.00"),
        ("-0", "0.00"),
        (" 500 € ", "500.00"),
        (1234.56, "1234.56"),
        (0.1 + 0.2, "0.30"),
        (12, "12.00"),
        (Decimal("7.5"), "7.50"),
    ],
)
def test_amounts_as_people_type_them(cell: Any, expected: str) -> None:
    assert str(read_amount(cell)) == expected


@pytest.mark.parametrize(
    ("cell", "told"),
    [
        ("-5", "négatif"),
        ("−5", "négatif"),
        (-0.01, "négatif"),
        ("12,345", "plus de deux décimales"),
        ("1.234,56", "lu « 1.234,56 »"),
        ("12 34", "lu « 12 34 »"),
        ("1e5", "lu « 1e5 »"),
        ("environ 500", "attendu un montant"),
        ("=A1+B1", "formule « =A1+B1 »"),
        ("#REF!", "erreur de calcul « #REF! »"),
        ("٣", "lu « ٣ »"),
        (float("nan"), "lu « nan »"),
        (float("inf"), "lu « inf »"),
        (True, "lu « oui »"),
        (date(2026, 1, 1), "lu « 2026-01-01 »"),
        ("9" * 30, "démesuré"),
    ],
)
def test_amounts_refused(cell: Any, told: str) -> None:
    with pytest.raises(CellFault) as fault:
        read_amount(cell)
    assert told in fault.value.reason


@pytest.mark.parametrize("cell", ["", "  ", "\u00a0", None])
@pytest.mark.parametrize("reader", READERS)
def test_empty_is_unknown_never_zero(reader: Callable[[Any], object], cell: Any) -> None:
    assert reader(cell) is None


@pytest.mark.parametrize(
    "cell",
    [
        "2026-03-31",
        "31/03/2026",
        " 31/3/2026 ",
        date(2026, 3, 31),
        datetime.combine(date(2026, 3, 31), time(8)),
    ],
)
def test_dates(cell: Any) -> None:
    assert read_date(cell) == date(2026, 3, 31)


@pytest.mark.parametrize(
    ("cell", "told"),
    [
        ("31/02/2026", "n’existe pas"),
        ("2026-13-01", "n’existe pas"),
        ("31-03-2026", "attendu une date"),
        ("03/2026", "attendu une date"),
        ("=TODAY()", "formule"),
        (46000.0, "lu « 46000 »"),
        ("0026-03-31", "année 26"),
        (date(1899, 12, 30), "année 1899"),
        (time(8, 30), "attendu une date"),
    ],
)
def test_dates_refused(cell: Any, told: str) -> None:
    with pytest.raises(CellFault) as fault:
        read_date(cell)
    assert told in fault.value.reason


def test_integers_words_booleans_and_lists() -> None:
    assert (read_integer("1 200"), read_integer(40.0), read_integer("40,0"), read_year("2026")) == (
        1200,
        40,
        40,
        2026,
    )
    assert (read_boolean("OUI"), read_boolean("Non"), read_boolean(True), read_boolean("faux")) == (
        True,
        False,
        True,
        False,
    )
    assert read_word("Sans objet", WORDS) == read_word("SANS-OBJET", WORDS) == "sans_objet"
    assert read_list("a | b||a| c ") == ["a", "b", "c"]
    assert read_list(1.1) == ["1.1"]


@pytest.mark.parametrize("cell", ["12,5", "beaucoup", "-3", 2.5, "99999999999", "=1"])
def test_integers_refused(cell: Any) -> None:
    with pytest.raises(CellFault):
        read_integer(cell)


@pytest.mark.parametrize(
    ("reader", "cell"), [(read_boolean, "peut-être"), (read_year, "26"), (read_year, "3026")]
)
def test_words_refused_name_what_is_expected(reader: Callable[[Any], object], cell: str) -> None:
    with pytest.raises(CellFault, match="attendu"):
        reader(cell)


def test_text_keeps_formulas_and_refuses_what_no_database_holds() -> None:
    assert read_text("=cmd|'/C calc'!A0", 50) == "=cmd|'/C calc'!A0"
    assert read_text(90010001700012.0, 50) == "90010001700012"
    assert as_text(datetime.combine(date(2026, 3, 31), time())) == "2026-03-31"
    for refused in ("a\x00b", "x" * 51):
        with pytest.raises(CellFault):
            read_text(refused, 50)


@given(cell=CELLS)
def test_no_reader_ever_raises_anything_but_its_fault(cell: Any) -> None:
    for reader in READERS:
        with suppress(CellFault):
            reader(cell)


@given(
    amount=st.decimals(min_value=0, max_value=10**10, places=2),
    space=st.sampled_from([" ", "\u00a0", "\u202f", ""]),
)
def test_every_amount_written_in_french_is_read_back(amount: Decimal, space: str) -> None:
    written = f"{amount:,.2f}".replace(",", space).replace(".", ",")
    assert read_amount(written) == amount
    assert read_amount(float(amount)) == amount


@given(
    on=st.dates(min_value=date(1900, 1, 1), max_value=date(2100, 12, 31)),
    hours=st.timedeltas(timedelta(0), timedelta(hours=23)),
)
def test_every_date_is_read_back_in_its_three_forms(on: date, hours: timedelta) -> None:
    assert read_date(on.isoformat()) == read_date(f"{on:%d/%m/%Y}") == on
    assert read_date(datetime.combine(on, time()) + hours) == on
