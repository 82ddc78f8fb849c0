# SPDX-License-Identifier: EUPL-1.2
"""Factories of a toy territory: plain functions that add rows and flush, one file per family. `NOW` is the tests' clock."""

from datetime import UTC, date, datetime

NOW = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
TODAY: date = NOW.date()
YEAR = 2026
