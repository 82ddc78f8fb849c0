# SPDX-License-Identifier: EUPL-1.2
"""The programme's figures kept while nothing changed: computed again at the next act, the next day, or after a minute."""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from threading import Lock
from typing import Any

from fastapi import Request
from sqlalchemy.orm import Session

from rules.findings import Finding
from rules.programme import ProgrammeFigures
from web.visit import application_of
from workflow.examination import examine_programme
from workflow.models import Contract
from workflow.queries_programme import YearSums, programme_stamp, theme_sums, years_compared

LASTS = timedelta(minutes=1)  # what the stamp does not see (a porteur's legal form corrected) waits no longer
KEPT = 50


@dataclass(frozen=True, slots=True)
class LiveProgramme:
    """What the page of a year shows."""

    figures: ProgrammeFigures
    findings: Sequence[Finding]
    themes: Sequence[tuple[str | None, int, Decimal]]
    years: Sequence[YearSums]


class LivePages:
    """The last figures by contract and year, each with the stamp it was computed under; shared by the threads."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Any, tuple[datetime, LiveProgramme]] = OrderedDict()
        self._lock = Lock()

    def find(self, key: Any, now: datetime) -> LiveProgramme | None:
        """The figures of this very stamp, if they are fresh."""
        with self._lock:
            found = self._kept.get(key)
            return found[1] if found is not None and now - found[0] < LASTS else None

    def keep(self, key: Any, now: datetime, figures: LiveProgramme) -> None:
        """Keeps them, and forgets the oldest."""
        with self._lock:
            self._kept[key] = (now, figures)
            self._kept.move_to_end(key)
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)


def live_for_a_while(request: Request, db: Session, contract: Contract, year: int) -> LiveProgramme:
    """The figures of the year, at most a minute old whatever was typed since: what a séance in session adds to."""
    application, pages = application_of(request), request.app.state.live
    now = application.now()
    key = ("a while", contract.id, year, application.today())
    found: LiveProgramme | None = pages.find(key, now)
    if found is None:
        found = live_programme(request, db, contract, year)
        pages.keep(key, now, found)
    return found


def live_programme(request: Request, db: Session, contract: Contract, year: int) -> LiveProgramme:
    """The figures of the year as the database has them now."""
    application, pages = application_of(request), request.app.state.live
    now = application.now()
    key = (year, application.today(), *programme_stamp(db, contract))
    found: LiveProgramme | None = pages.find(key, now)
    if found is None:
        figures, findings = examine_programme(db, contract, year, now)
        found = LiveProgramme(figures, findings, theme_sums(db, contract, year), years_compared(db, contract))
        pages.keep(key, now, found)
    return found
