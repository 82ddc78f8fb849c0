# SPDX-License-Identifier: EUPL-1.2
"""A conference ahead, with dossiers at its stage whose financers have answered, and scenarios made on it."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from tests.factories.world import World
from tests.workflow.journey import at
from workflow.models import Dossier, FundingLine, Scenario, Seance
from workflow.permissions import Actor
from workflow.scenarios import create_scenario, set_amounts
from workflow.seances import plan_seance, set_agenda

STATE, CAF = "etat:specifique", "caf:droit_commun"


def set_amount(
    db: Session,
    scenario: Scenario,
    line_id: int,
    amount: Decimal | None,
    actor: Actor,
    now: datetime,
    **more: Any,
) -> bool:
    """One amount typed; True when something changed."""
    return set_amounts(db, scenario, {line_id: amount}, actor, now, **more) > 0


class Room:
    """A conference ahead, with dossiers at its stage whose financers have answered."""

    def __init__(self, world: World, dossiers: int = 1, *, in_days: int = 20) -> None:
        self.journeys = [at(world, "financers_conference", world.dossier()) for _ in range(dossiers)]
        for journey in self.journeys:
            journey.answer_all()
        self.world, self.db, self.now = world, world.db, self.journeys[0].now
        self.secretary = self.journeys[0].secretary
        starts = self.now + timedelta(days=in_days)
        self.seance: Seance = plan_seance(
            self.db, world.contract, "conference", starts, self.now, self.secretary
        )
        set_agenda(self.db, self.seance, self.dossiers, self.secretary, self.now)
        self.db.flush()

    @property
    def dossiers(self) -> list[Dossier]:
        return [journey.dossier for journey in self.journeys]

    def line(self, key: str, rank: int = 0) -> FundingLine:
        return self.journeys[rank].line(key)

    def create(
        self, name: str = "Prudent", amounts: dict[int, Decimal] | None = None, **more: Any
    ) -> Scenario:
        chosen = {self.line(STATE).id: Decimal("2500.00")} if amounts is None else amounts
        return create_scenario(
            self.db,
            self.seance,
            name,
            self.secretary,
            self.now,
            amounts=chosen,
            **more,
        )
