# SPDX-License-Identifier: EUPL-1.2
"""An agenda that changes once the members are convoked: told once a day at most, all the day's changes together."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta

from sqlalchemy.orm import Session

from workflow.events import emit
from workflow.firing import PARIS
from workflow.models import Seance
from workflow.stages import SeanceStatus

TOLD_AT = time(17, 0)  # the end of the working day, in Paris
LAST_TOLD_AT = time(6, 0)  # on the day of the séance, what changed after the last evening


def told_agenda_at(seance: Seance, now: datetime) -> datetime:
    """When a change made now is told: this evening, else tomorrow evening, else early on the day of the séance."""
    local = now.astimezone(PARIS)
    evening = datetime.combine(local.date(), TOLD_AT, PARIS)
    if evening <= local:
        evening = datetime.combine(local.date() + timedelta(days=1), TOLD_AT, PARIS)
    if evening < seance.starts_at:
        return evening
    early = datetime.combine(seance.starts_at.astimezone(PARIS).date(), LAST_TOLD_AT, PARIS)
    return max(early, local)


def announce_agenda(db: Session, seance: Seance, before: Sequence[str], now: datetime) -> None:
    """An event that waits for the hour; nothing before the convocation, which says the agenda itself."""
    if seance.status != SeanceStatus.CONVOKED:
        return
    payload = {"seance": seance.id, "sequence": seance.sequence, "before": list(before)}
    row = emit(db, seance.contract_id, "seance.set_agenda", f"seance:{seance.id}", payload, now)
    row.held_until = told_agenda_at(seance, now)
