# SPDX-License-Identifier: EUPL-1.2
"""Two scenarios on the conference ahead: its proposals of the day, and the same with less from the State."""

from datetime import datetime, timedelta
from decimal import ROUND_DOWN, Decimal

from sqlalchemy.orm import Session

from workflow.models import Seance
from workflow.permissions import Actor
from workflow.programme_facts import STATE_SPECIFIC
from workflow.scenarios import derive, from_proposals, lock, set_amounts

STEP, LESS = Decimal(100), Decimal("0.9")


def compare_scenarios(db: Session, conference: Seance, secretary: Actor, at: datetime) -> None:
    """The first keeps what is proposed; the second takes a tenth from each amount of the State, save one that is locked."""
    note = "Les propositions recueillies avant la conférence, telles quelles."
    today = from_proposals(db, conference, "Propositions du jour", secretary, at, note=note)
    note = (
        "Si la dotation notifiée est plus basse qu’espéré : un dixième de moins sur chaque ligne de l’État."
    )
    later = at + timedelta(minutes=5)
    lower = derive(db, today, "État en baisse de 10 %", secretary, later, note=note)
    lines = [one for one in lower.amounts if one.line.key == STATE_SPECIFIC]
    kept, *reduced = sorted(lines, key=lambda one: (-one.amount, one.line_id))
    amounts: dict[int, Decimal | None] = {
        one.line_id: (one.amount * LESS / STEP).to_integral_value(ROUND_DOWN) * STEP for one in reduced
    }
    lock(db, lower, [kept.line_id], secretary, later)
    set_amounts(db, lower, amounts, secretary, later)
