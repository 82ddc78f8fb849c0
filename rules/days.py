# SPDX-License-Identifier: EUPL-1.2
"""Periods of law between days: months counted from date to date, last days of a month."""

from calendar import monthrange
from datetime import date
from decimal import Decimal


def months_after(day: date, months: Decimal | int) -> date:
    """The same day that many whole months later, or the last day of a shorter month. Never past the calendar's end."""
    rank = day.year * 12 + day.month - 1 + int(months)
    year, month = divmod(rank, 12)
    if year > date.max.year:
        return date.max
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def last_day(year: int, month: int) -> date:
    """The last day of a month; ValueError for a month or a year that does not exist."""
    return date(year, month, monthrange(year, month)[1])
