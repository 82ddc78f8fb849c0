# SPDX-License-Identifier: EUPL-1.2
"""A financers' conference of the toy world with dossiers on its table."""

from datetime import timedelta

from tests.factories.world import World
from tests.workflow.journey import Journey, at
from workflow.machine import fire
from workflow.models import Seance
from workflow.seances import plan_seance, set_agenda

STATE, REGION, EPCI = "etat:specifique", "region:specifique", "epci:specifique"
CAF, TOWN, DEPARTEMENT = "caf:droit_commun", "commune-valmont:droit_commun", "departement:droit_commun"


def conference(world: World, *journeys: Journey, status: str = "convoked", days: int = 20) -> Seance:
    """A conference with these dossiers, else one at its stage; planned, convoked or open."""
    journeys = journeys or (at(world, "financers_conference"),)
    journey = journeys[0]
    starts = journey.now + timedelta(days=days)
    seance = plan_seance(world.db, world.contract, "conference", starts, journey.now, journey.secretary)
    set_agenda(world.db, seance, [one.dossier for one in journeys], journey.secretary, journey.now)
    for trigger in {"planned": (), "convoked": ("convoke",), "open": ("convoke", "open")}[status]:
        fire(world.db, seance, trigger, journey.secretary, None, journey.now)
    world.db.flush()
    return seance
