# SPDX-License-Identifier: EUPL-1.2
"""Figures, dates and lists in French, spaces included."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from rules.wording import credit, day, euros, listing, moment, number, percent


@pytest.mark.parametrize(
    ("amount", "shown"),
    [
        (Decimal("1234.56"), "1\u202f234,56\u00a0€"),
        (Decimal(591989), "591\u202f989\u00a0€"),
        (Decimal("1000000.10"), "1\u202f000\u202f000,10\u00a0€"),
        (Decimal("-0.5"), "\u22120,50\u00a0€"),
        (Decimal(0), "0\u00a0€"),
        (None, "non renseigné"),
    ],
)
def test_euros(amount: Decimal | None, shown: str) -> None:
    assert euros(amount) == shown


def test_unreadable_amount_is_said() -> None:
    assert euros(Decimal("NaN")) == "montant illisible (NaN)"


@pytest.mark.parametrize(
    ("share", "shown"),
    [
        (0.15625, "15,6\u00a0%"),
        (Decimal("0.5"), "50\u00a0%"),
        (0.0, "0\u00a0%"),
        (1, "100\u00a0%"),
        (None, "non renseigné"),
    ],
)
def test_percent(share: float | Decimal | None, shown: str) -> None:
    assert percent(share) == shown


def test_percent_digits() -> None:
    assert percent(0.154859, 2) == "15,49\u00a0%"
    assert percent(0.1, 0) == "10\u00a0%"


def test_numbers_dates_and_lists() -> None:
    assert number(12700) == "12\u202f700"
    assert day(date(2026, 3, 3)) == "3\u00a0mars 2026"
    assert day(date(2026, 4, 1)) == "1er\u00a0avril 2026"
    assert moment(datetime(2026, 3, 3, 13, 30, tzinfo=UTC)) == "3\u00a0mars 2026 à 14\u00a0h\u00a030"
    assert moment(datetime(2026, 7, 3, 22, 5, tzinfo=UTC)) == "4\u00a0juillet 2026 à 0\u00a0h\u00a005"
    assert [listing(words) for words in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == [
        "",
        "a",
        "a et b",
        "a, b et c",
    ]


def test_credit_names() -> None:
    assert credit("etat:specifique") == "État (crédits spécifiques)"
    assert credit("commune-aniche:droit_commun") == "Commune Aniche (droit commun)"
    assert credit("epci:specifique", {"epci": "Cœur d’Ostrevent"}) == "Cœur d’Ostrevent (crédits spécifiques)"
    assert credit("caf") == "CAF"
