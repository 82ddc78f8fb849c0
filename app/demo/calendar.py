# SPDX-License-Identifier: EUPL-1.2
"""When things happened in the demonstration: every moment counted from now, and none after it."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from workflow.calendar_plan import is_working_day, propose
from workflow.firing import PARIS
from workflow.territory import Territory

DAY = timedelta(days=1)
CONVOCATION_LEAD = 15  # days between a convocation and its séance


@dataclass(frozen=True, slots=True)
class DemoCalendar:
    """The moments everything else hangs on. `committees`: year before, two behind, one ahead; all aware UTC."""

    now: datetime
    last_year_committee: datetime
    first_committee: datetime
    second_committee: datetime
    next_committee: datetime
    next_conference: datetime
    next_dispatch: datetime
    departement: str

    @property
    def year(self) -> int:
        """The current programme year."""
        return self.now.astimezone(PARIS).year

    def before(self, moment: datetime, days: float, hour: int = 10) -> datetime:
        """A working hour about `days` before a moment."""
        return self._working(moment - timedelta(days=days), hour, -1)

    def after(self, moment: datetime, days: float, hour: int = 10) -> datetime:
        """A working hour about `days` after a moment, never after now."""
        return min(self._working(moment + timedelta(days=days), hour, 1), self.now - timedelta(minutes=5))

    def _working(self, moment: datetime, hour: int, step: int) -> datetime:
        on = moment.astimezone(PARIS).date()
        while not is_working_day(on, self.departement):
            on += step * DAY
        return local(on, hour)

    @property
    def ready_by(self) -> datetime:
        """When the dossiers of the next committee left the conference: before its convocation, and before now."""
        return min(self.next_committee - timedelta(days=CONVOCATION_LEAD + 1), self.now - DAY)

    @property
    def convoked_at(self) -> datetime:
        """When the next committee was convoked: on time, or a moment ago."""
        return min(self.next_committee - timedelta(days=CONVOCATION_LEAD), self.now - timedelta(minutes=20))


def local(on: date, hour: int) -> datetime:
    """That hour in Paris, aware UTC."""
    return datetime.combine(on, time(hour), PARIS).astimezone(UTC)


def demo_calendar(territory: Territory, now: datetime) -> DemoCalendar:
    """The calendar of the demonstration seen from `now`."""
    committees = _moments(territory, "comite-engagement", now)
    behind = [moment for moment in committees if moment < now - 4 * DAY]
    first, second = behind[-2:]
    return DemoCalendar(
        now=now,
        last_year_committee=min(behind, key=lambda moment: abs(moment - (second - timedelta(days=364)))),
        first_committee=first,
        second_committee=second,
        next_committee=next(moment for moment in committees if moment > now + DAY),
        next_conference=next(m for m in _moments(territory, "conference", now) if m > now + 2 * DAY),
        next_dispatch=next(m for m in _moments(territory, "repartition", now) if m > now + 2 * DAY),
        departement=territory.departement,
    )


def _moments(territory: Territory, body: str, now: datetime) -> list[datetime]:
    """The séances of a body from the year before last to next year."""
    settings, year = territory.body_by_code[body], now.astimezone(PARIS).year
    return [
        proposal.starts_at
        for each in range(year - 2, year + 2)
        for proposal in propose(settings, each, territory)
    ]
