# SPDX-License-Identifier: EUPL-1.2
"""French dates, times and amounts; text typed by people made safe."""

from datetime import UTC, date, datetime
from decimal import Decimal

from notifications.wording import day, euros, flat, hour, one_line, prose


def test_dates_and_hours_are_french_and_in_paris() -> None:
    assert flat(day(date(2026, 5, 1))) == "vendredi 1er mai 2026"
    assert flat(day(datetime(2026, 12, 31, 23, 30, tzinfo=UTC))) == "vendredi 1er janvier 2027"
    assert flat(hour(datetime(2026, 7, 1, 7, 5, tzinfo=UTC))) == "9 h 05"
    assert flat(hour(datetime(2026, 1, 1, 13, 0, tzinfo=UTC))) == "14 h"


def test_amounts_have_thousands_and_a_comma() -> None:
    assert flat(euros(Decimal("1234567.80"))) == "1 234 567,80 €"
    assert flat(euros(Decimal("12500.00"))) == "12 500 €"


def test_typed_text_loses_its_control_characters() -> None:
    assert one_line("a\r\nBcc: x\x00\u2028b\u202e c") == "a Bcc: x b c"
    assert prose("a\r\n\x07b \rc\n") == "a\n b\nc"
