# SPDX-License-Identifier: EUPL-1.2
"""The sample programme's requests, read from the one committed file and moved to the years of the demonstration."""

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

from app.demo.files import demo_file
from workflow.firing import PARIS
from workflow.imports.opening import open_table
from workflow.imports.requests import read_requests
from workflow.request_values import RequestValues
from workflow.territory import CallKind, Territory

WRITTEN_FOR = 2026
LAST_YEAR_SHARE = Decimal("0.9")
STEP = Decimal(50)


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
    filed_on = at.astimezone(PARIS).date()
    return replace(
        values,
        year=year,
        reference=values.reference.replace(str(WRITTEN_FOR), str(year)),
        call=_call(territory, year, filed_on, (values.call or "").replace(str(WRITTEN_FOR), str(year))),
        filed_on=filed_on,
        starts_on=_in_year(values.starts_on, year),
        ends_on=_in_year(values.ends_on, year),
    )


def _call(territory: Territory, year: int, filed_on: date, written: str) -> str | None:
    """The call written in the request when it is open that day, else another open one; None: rolling, or late."""
    calls = [call for call in territory.calls if call.year == year and call.kind != CallKind.ROLLING]
    opened = [call.code for call in calls if call.opens_on <= filed_on <= call.closes_on]
    return written if written in opened else next(iter(opened), None)


def _in_year(day: date | None, year: int) -> date | None:
    return None if day is None else day.replace(year=day.year + year - WRITTEN_FOR)


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
        charges={},
        produits={},
    )


def rounded(amount: Decimal) -> Decimal:
    """Down to a multiple of 50 €: what people propose."""
    return (amount // STEP) * STEP
