# SPDX-License-Identifier: EUPL-1.2
"""Whether a day suits a séance: closed, in the school holidays, or already taken by another séance of the contract."""

from datetime import datetime, time, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow.calendar_days import closed_because, school_holiday
from workflow.contracts import territory_of
from workflow.firing import PARIS
from workflow.guards.written import WRITTEN
from workflow.models import Seance
from workflow.stages import SeanceStatus


def concerns(db: Session, seance: Seance, starts_at: datetime) -> list[str]:
    """Why one would not choose this day, in French; empty when it suits. A conference in writing occupies nobody."""
    on, territory = starts_at.astimezone(PARIS).date(), territory_of(seance.contract)
    found = [closed_because(on, territory.departement) or school_holiday(on, territory)]
    if seance.mode != WRITTEN and not territory.calendar.same_day_allowed:
        begins = datetime.combine(on, time.min, PARIS)
        clash = db.scalars(
            select(Seance)
            .where(Seance.contract_id == seance.contract_id, Seance.id != seance.id)
            .where(Seance.starts_at >= begins, Seance.starts_at < begins + timedelta(days=1))
            .where(Seance.status != SeanceStatus.CANCELLED, Seance.mode != WRITTEN)
            .order_by(Seance.starts_at)
        )
        found += [f"déjà une séance du contrat ce jour-là ({other.label})" for other in clash]
    return [why for why in found if why]
