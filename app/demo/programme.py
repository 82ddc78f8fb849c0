# SPDX-License-Identifier: EUPL-1.2
"""The sample programme's requests, read from the one committed file and moved to the years of the demonstration."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from app.demo.files import demo_file
from app.demo.filing import call_of
from workflow.firing import PARIS
from workflow.imports.opening import open_table
from workflow.imports.requests import read_requests
from workflow.request_values import RequestValues
from workflow.territory import Territory

WRITTEN_FOR = 2026
LAST_YEAR_SHARE = Decimal("0.9")
STEP = Decimal(50)
YEAR = re.compile(r"\b20\d\d\b")


def number_of(reference: str) -> int:
    """The action's number: 12 for `CO-2026-012`; a number drawn from it for a reference of another form."""
    last = reference.rpartition("-")[2]
    return int(last) if last.isdigit() else sum(last.encode())


def read_programme(territory: Territory) -> dict[int, RequestValues]:
    """Every request by its action's number, as written (year 2026)."""
    reads = read_requests(open_table(demo_file("programme.csv")), territory)
    return {number_of(read.values.reference): read.values for read in reads if read.values is not None}


def moved(values: RequestValues, year: int, at: datetime, territory: Territory) -> RequestValues:
    """The same request in another year, filed on another day, in answer to the call that is open then."""
    filed_on, shift = at.astimezone(PARIS).date(), year - WRITTEN_FOR
    call = _later(values.call or "", shift)
    if _answers_a_call_of_its_year(values, territory):
        call = call_of(territory, year, filed_on, call) or ""
    return replace(
        values,
        year=year,
        reference=_later(values.reference, shift),
        call=call or None,
        filed_on=filed_on,
        starts_on=_in_year(values.starts_on, shift),
        ends_on=_in_year(values.ends_on, shift),
        cpo_trajectory=_planned(values.cpo_trajectory, shift),
        de_minimis=_received(values.de_minimis, shift),
    )


def _answers_a_call_of_its_year(values: RequestValues, territory: Territory) -> bool:
    """False when the request names another year's call, or none that exists: a fault that a rule says."""
    of_its_year = {call.code for call in territory.calls if call.year == values.year}
    return not values.call or values.call in of_its_year


def _later(text: str, shift: int) -> str:
    """The years that a reference or a call's code names, so many years later."""
    return YEAR.sub(lambda found: str(int(found[0]) + shift), text)


def _in_year(day: date | None, shift: int) -> date | None:
    return None if day is None else day.replace(year=day.year + shift)


def _planned(trajectory: Mapping[str, str] | None, shift: int) -> dict[str, str] | None:
    return None if trajectory is None else {_later(year, shift): trajectory[year] for year in trajectory}


def _received(aids: tuple[Mapping[str, Any], ...] | None, shift: int) -> tuple[Mapping[str, Any], ...] | None:
    if aids is None:
        return None
    return tuple({**aid, "granted_on": _later(aid["granted_on"], shift)} for aid in aids)


def of_the_year_before(values: RequestValues) -> RequestValues:
    """What a renewed action asked the year before: a little less, and it was new then; the plan still balances."""
    requests = {key: rounded(amount * LAST_YEAR_SHARE) for key, amount in values.requests.items()}
    saved = sum(values.requests.values(), Decimal(0)) - sum(requests.values(), Decimal(0))
    cost = values.total_cost - saved if values.total_cost is not None else None
    return replace(
        values,
        requests=requests,
        total_cost=cost,
        renewal=False,
        previous_report="sans_objet",
        dauphin_number=None,
        cpo_trajectory=_planned(values.cpo_trajectory, 1),  # the same years, read a year earlier
        pieces=tuple(code for code in values.pieces or () if code != "compte_rendu_financier") or None,
        charges={},
        produits={},
    )


def rounded(amount: Decimal) -> Decimal:
    """Down to a multiple of 50 €: what people propose."""
    return (amount // STEP) * STEP
