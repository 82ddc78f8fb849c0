# SPDX-License-Identifier: EUPL-1.2
"""Which days a séance avoids: weekends, public holidays with their names, school holidays. Pure: days in, words out."""

from collections.abc import Mapping
from datetime import date, timedelta
from functools import lru_cache

from holidays import country_holidays, list_supported_countries

from rules import wording
from workflow.territory import Territory

KNOWN_SUBDIVISIONS = frozenset(list_supported_countries()["FR"])
SUBDIVISIONS = {"57": "57", "67": "6AE", "68": "6AE"}  # départements with days of their own; overseas below
WEEKDAY_NAMES = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")


@lru_cache(maxsize=64)
def holiday_names(year: int, departement: str = "") -> Mapping[date, str]:
    """French public holidays of the year with their names, and those of Alsace, Moselle and overseas where they apply."""
    subdivision = SUBDIVISIONS.get(departement) or (departement if departement.startswith("97") else None)
    known = subdivision if subdivision in KNOWN_SUBDIVISIONS else None
    found = country_holidays("FR", years=year, subdiv=known, language="fr")
    return {on: name.replace("'", "’") for on, name in found.items()}


def is_working_day(on: date, departement: str = "") -> bool:
    """Neither a weekend nor a public holiday."""
    return on.weekday() < 5 and on not in holiday_names(on.year, departement)


def is_within_working_days(on: date, today: date, limit: int, departement: str = "") -> bool:
    """True when at most `limit` working days are left after today, that day included; a day already past too."""
    left = 0
    for rank in range(1, (on - today).days + 1):
        left += is_working_day(today + timedelta(days=rank), departement)
        if left > limit:
            return False
    return True


def closed_because(on: date, departement: str = "") -> str:
    """Why nobody meets that day: `samedi`, `jour férié (Fête nationale)`; empty on a working day."""
    name = holiday_names(on.year, departement).get(on)
    if name is not None:
        return f"jour férié ({name})"
    return WEEKDAY_NAMES[on.weekday()] if on.weekday() >= 5 else ""


def school_holiday(on: date, territory: Territory) -> str:
    """The label of the school holidays that day is in; empty when in none."""
    periods = territory.calendar.school_holidays
    return next((p.label for p in periods if p.starts_on <= on <= p.ends_on), "")


def shifted(planned: date, found: date, why: str) -> str:
    """`reportée du 14 au 21 juillet : vacances d’été`; the month is said once when it is the same."""
    verb = "reportée" if found > planned else "avancée"
    same = (planned.year, planned.month) == (found.year, found.month)
    first = ("1er" if planned.day == 1 else str(planned.day)) if same else _day_month(planned)
    return f"{verb} du {first} au {_day_month(found)} : {why}"


def _day_month(on: date) -> str:
    return wording.day(on).rpartition(" ")[0]
