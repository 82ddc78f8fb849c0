# SPDX-License-Identifier: EUPL-1.2
"""When to remind of a date: some days before it once, the day after it, then at most every so many days. Pure."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from notifications.wording import PARIS

DAY = timedelta(days=1)
RUNS_AT = time(7, 30)  # in Paris, every day


@dataclass(frozen=True, slots=True)
class Rhythm:
    """`before`: days before the date (None: nothing before it); `every`: days between two reminders once it has passed."""

    before: int | None
    every: int


@dataclass(frozen=True, slots=True)
class Told:
    """What was already said of one date: the day of the reminder before it, the last one after it, how many after it.

    `asked`: the day a digest first asked for the thing, when it was not asked at once.
    """

    before: date | None = None
    late: date | None = None
    times: int = 0
    asked: date | None = None

    @property
    def last(self) -> date | None:
        """The day it was last said."""
        return self.late or self.before or self.asked


@dataclass(frozen=True, slots=True)
class Step:
    """The next reminder: its day, and its rank (0 before the date, then 1, 2, 3…)."""

    on: date
    rank: int

    @property
    def is_late(self) -> bool:
        """True once the date has passed."""
        return self.rank > 0


NOTHING = Told()


def next_step(
    due_on: date, rhythm: Rhythm, today: date, *, since: date | None = None, told: Told = NOTHING
) -> Step:
    """The next reminder of this date, which may be today or earlier when it was missed.

    Nothing before the date when it was fixed (`since`), or asked for, with fewer days than that. A reminder missed while no worker ran
    is made up once: the next one is counted from the day it really left.
    """
    if rhythm.before is not None and told.before is None and told.late is None and today <= due_on:
        early = due_on - rhythm.before * DAY
        known = max((on for on in (since, told.asked) if on), default=None)
        if known is None or known < early:
            return Step(early, 0)
    if told.late is None:
        return Step(due_on + DAY, 1)
    return Step(told.late + rhythm.every * DAY, told.times + 1)


def next_run(now: datetime) -> date:
    """The day of the next planned run."""
    local = now.astimezone(PARIS)
    return local.date() if local.time() < RUNS_AT else local.date() + DAY
