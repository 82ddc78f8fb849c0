# SPDX-License-Identifier: EUPL-1.2
"""A CPO of the toy world: year one retained through the real door, its report and indicators in, the next year made."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from tests.factories import NOW
from tests.factories.world import World
from tests.workflow.journey import Journey
from workflow.living import carried_years
from workflow.models import Dossier, Forecast
from workflow.readings import record_readings
from workflow.renewals import Renewal, renew
from workflow.request.reporting import file_interim, save_report

INDICATORS = ["Présence des familles", "Niveau en lecture"]
# 10,000 € the first year, then less: forecasts follow.
TRAJECTORY = {"2026": "10000.00", "2027": "8000.00", "2028": "5000.00"}


def cpo(world: World, stage: str = "committed", *, now: datetime = NOW, **changes: Any) -> Journey:
    """A CPO of three years whose first year stands at this stage: the CAF 3,000 €, the State 4,000 €."""
    stated = {"cpo": True, "cpo_years": 3, "cpo_reason": "structurante"}
    stated |= {
        "cpo_indicators": list(INDICATORS),
        "cpo_trajectory": dict(TRAJECTORY),
        "previous_report": None,
    }
    journey = Journey(world, world.dossier(**(stated | changes)))
    journey.now = now
    return journey.to(stage)


def ready(journey: Journey) -> Journey:
    """Its interim report sent by the porteur's secretary, its indicators read."""
    dossier = journey.dossier
    save_report(journey.db, dossier, {"activity": "Trente séances."}, journey.secretary, journey.now)
    file_interim(journey.db, dossier, journey.secretary, journey.now)
    readings = dict.fromkeys(INDICATORS, "en hausse")
    record_readings(journey.db, dossier, readings, journey.secretary, journey.now)
    return journey


def renewed(world: World, **changes: Any) -> tuple[Journey, Renewal]:
    """Year one ready, and the journey of the year after, made by the pilot."""
    first = ready(cpo(world, **changes))
    made = renew(world.db, first.dossier, first.actor(world.pilot), first.now)
    second = Journey(world, made.dossier)
    second.now = first.now
    return second, made


def forecast(world: World, dossier: Dossier, year: int, key: str) -> Forecast:
    """One forecast of the dossier that opened the CPO."""
    credit = world.credits[key]
    return world.db.query(Forecast).filter_by(dossier_id=dossier.id, credit_id=credit.id, year=year).one()


def amounts(world: World, dossier: Dossier, state: str = "held") -> dict[tuple[int, str], Decimal]:
    """The forecasts of the dossier in this state, `renewed` when its year has its dossier: euros by year and credit."""
    rows = world.db.query(Forecast).filter_by(dossier_id=dossier.id)
    carried = carried_years(world.db, dossier.action_id)

    def shown(row: Forecast) -> str:
        return "renewed" if row.state == "held" and row.year in carried else row.state

    return {(row.year, row.credit.code): row.amount for row in rows if shown(row) == state}
