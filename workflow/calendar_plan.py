# SPDX-License-Identifier: EUPL-1.2
"""Proposes a body's séances for a year from its cadence, on working days. Pure: values in, dates out."""

from collections.abc import Collection, Iterable
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache

from holidays import country_holidays, list_supported_countries

from workflow.firing import PARIS
from workflow.territory import Body

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday")
KNOWN_SUBDIVISIONS = frozenset(list_supported_countries()["FR"])
DEFAULT_WEEK, DEFAULT_WEEKDAY = 2, "tuesday"
AUGUST = 8
SUBDIVISIONS = {"57": "57", "67": "6AE", "68": "6AE"}  # départements with days of their own; overseas below


@lru_cache(maxsize=64)
def public_holidays(year: int, departement: str = "") -> frozenset[date]:
    """French public holidays of the year, with those of Alsace, Moselle and overseas where they apply."""
    subdivision = SUBDIVISIONS.get(departement) or (departement if departement.startswith("97") else None)
    known = subdivision if subdivision in KNOWN_SUBDIVISIONS else None
    return frozenset(country_holidays("FR", years=year, subdiv=known))


def is_working_day(on: date, departement: str = "") -> bool:
    """Neither a weekend nor a public holiday."""
    return on.weekday() < 5 and on not in public_holidays(on.year, departement)


def months_of(body: Body) -> tuple[int, ...]:
    """The months in which the body meets: those named, else its number of séances spread over the year, August spared."""
    cadence = body.cadence
    if cadence.months:
        return tuple(sorted(set(cadence.months)))
    number = min(max(cadence.promised_per_year or 0, cadence.per_year_min), cadence.per_year_max or 12, 12)
    if number >= 10:
        spared = (AUGUST, AUGUST - 1)[: 12 - number]
        return tuple(month for month in range(1, 13) if month not in spared)
    spread = [12 * rank // number + (12 // number + 1) // 2 for rank in range(number)]
    return tuple(AUGUST + 1 if month == AUGUST and AUGUST + 1 not in spread else month for month in spread)


def nth_weekday(year: int, month: int, week: int, weekday: str) -> date:
    """The second Tuesday of a month, and the like."""
    first = date(year, month, 1)
    offset = (WEEKDAYS.index(weekday) - first.weekday()) % 7
    return first + timedelta(days=offset + 7 * (week - 1))


def propose(body: Body, year: int, departement: str = "", taken: Collection[date] = ()) -> list[datetime]:
    """The moments (aware UTC) of the body's séances that year.

    A weekend, a public holiday or a day already `taken` by another body puts the séance off to the next free day.
    """
    cadence = body.cadence
    moments = []
    for month in months_of(body):
        on = nth_weekday(year, month, cadence.week or DEFAULT_WEEK, cadence.weekday or DEFAULT_WEEKDAY)
        while not is_working_day(on, departement) or on in taken:
            on += timedelta(days=1)
        moments.append(datetime.combine(on, time.fromisoformat(body.starts_at), PARIS).astimezone(UTC))
    return moments


def still_missing(proposed: Iterable[datetime], existing: Iterable[datetime]) -> list[datetime]:
    """The proposals not yet answered by a séance: one within three weeks of it counts, so that a moved one is not doubled."""
    free = sorted(existing)
    missing = []
    for moment in sorted(proposed):
        near = [at for at in free if abs(at - moment) <= timedelta(days=21)]
        if near:
            free.remove(min(near, key=lambda at: abs(at - moment)))
        else:
            missing.append(moment)
    return missing
