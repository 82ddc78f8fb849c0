# SPDX-License-Identifier: EUPL-1.2
"""The bodies of the governance and their year, as configuration gives them: who sits, how often, which days to avoid."""

from datetime import date
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from workflow.territory_base import Code, Strict, Text

TIME_PATTERN = r"^([01]\d|2[0-3]):[0-5]\d$"


class BodyKind(StrEnum):
    """What a body does to dossiers."""

    DISPATCH = "dispatch"
    THEMATIC = "thematic"
    CONFERENCE = "conference"
    COMMITTEE = "committee"
    STEERING = "steering"
    STRATEGIC = "strategic"
    NETWORK = "network"
    ANNUAL = "annual"


class Cadence(Strict):
    """How often a body meets, and what its dates hang on.

    `anchor`: `month`, the weekday of the month (`2 tuesday`); `call`, so many days before the opening of each year's
    first call; `council`, so many days before the community council's dates. `promised_per_year` is what the signed
    contract says; `doctor` compares the rest with it.
    """

    promised_per_year: Annotated[int, Field(ge=1, le=52)] | None = None
    per_year_min: Annotated[int, Field(ge=0, le=52)] = 0
    per_year_max: Annotated[int, Field(ge=1, le=52)] | None = None
    anchor: Literal["month", "call", "council"] = "month"
    days_before: Annotated[int, Field(ge=0, le=120)] = 14
    months: tuple[Annotated[int, Field(ge=1, le=12)], ...] = ()
    week: Annotated[int, Field(ge=1, le=4)] | None = None
    weekday: Literal["monday", "tuesday", "wednesday", "thursday", "friday"] | None = None


class College(Strict):
    """Members of a body who may hold each other's proxy."""

    label: Text
    members: tuple[str, ...]


class Body(Strict):
    """A body of the governance: who sits (organisation codes), who is invited, local quorum if any, lead time.

    `proxies_max`: how many proxies one person may carry; None, no limit. `votes`: its decisions may be voted;
    `chair_decides`: between equal votes, the chair's decides.
    """

    code: Code
    label: Text
    kind: BodyKind
    cadence: Cadence = Cadence()
    members: tuple[str, ...] = ()
    guests: tuple[str, ...] = ()
    colleges: tuple[College, ...] = ()
    theme: str | None = None
    chair: str | None = None
    place: str | None = None
    starts_at: Annotated[str, Field(pattern=TIME_PATTERN)] = "09:30"
    duration_minutes: Annotated[int, Field(ge=15, le=600)] = 120
    lead_days: Annotated[int, Field(ge=0, le=60)] = 15
    quorum: Annotated[int, Field(ge=1)] | None = None
    proxies_max: Annotated[int, Field(ge=0, le=20)] | None = None
    votes: bool = False
    chair_decides: bool = False


class SchoolHoliday(Strict):
    """One period of school holidays, first and last day included."""

    label: Text
    starts_on: date
    ends_on: date


class Calendar(Strict):
    """What the yearly calendar takes into account besides weekends and public holidays."""

    school_zone: Literal["A", "B", "C"] | None = None
    school_holidays: tuple[SchoolHoliday, ...] = ()
    council_dates: tuple[date, ...] = ()
    same_day_allowed: bool = False
