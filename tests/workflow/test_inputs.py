# SPDX-License-Identifier: EUPL-1.2
"""What people type becomes values, or a French sentence that names the field."""

from contextlib import suppress
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflow.errors import InvalidInputError
from workflow.inputs import parse_amount, parse_date, parse_inputs, parse_moment
from workflow.transitions import DOSSIER, LINE


@pytest.mark.parametrize(
    ("typed", "amount"),
    [
        ("1 234,56", "1234.56"),
        ("1\u202f234,56\u00a0€", "1234.56"),
        ("1234.5", "1234.50"),
        ("0", "0.00"),
    ],
)
def test_an_amount_is_read_the_french_way(typed: str, amount: str) -> None:
    assert parse_amount(typed) == Decimal(amount)


@pytest.mark.parametrize("typed", ["-1", "1,234", "douze", "", "NaN", "Infinity", "1e400", "=1+1"])
def test_an_impossible_amount_is_refused(typed: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        parse_amount(typed)


@given(st.text(max_size=30))
def test_no_text_breaks_the_parsers(typed: str) -> None:
    for parse in (parse_amount, parse_date, parse_moment):
        with suppress(ValueError):
            assert parse(typed) is not None


def test_the_inputs_of_a_transition_are_typed() -> None:
    values = parse_inputs(DOSSIER, "request_completion", {"pieces": "budget | statuts", "due": "31/03/2026"})

    assert values == {"pieces": ["budget", "statuts"], "due": date(2026, 3, 31)}


def test_an_empty_input_is_left_out() -> None:
    assert parse_inputs(LINE, "answer_firm", {"amount": "100", "expected_on": " "}) == {
        "amount": Decimal("100.00")
    }


@pytest.mark.parametrize(
    ("trigger", "typed", "told"),
    [
        ("request_completion", {"due": "31/02/2026"}, "31/02/2026"),
        ("request_completion", {"date": "1"}, "pieces, due"),
        ("submit", {"x": "1"}, "aucune"),
        ("contract", {"revised_plan": "peut-être"}, "oui ou non"),
    ],
)
def test_a_bad_input_says_what_and_what_is_expected(trigger: str, typed: dict[str, str], told: str) -> None:
    with pytest.raises(InvalidInputError, match=told):
        parse_inputs(DOSSIER, trigger, typed)
