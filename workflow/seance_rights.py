# SPDX-License-Identifier: EUPL-1.2
"""Who keeps a séance, and how its journal is written: shared by every use case of a séance."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from workflow import journal
from workflow.errors import NotPermittedError
from workflow.models import Seance
from workflow.permissions import Actor
from workflow.stages import Role

KEEPING = (Role.SECRETARY, Role.PILOT, Role.SYSTEM)


def require_secretary(contract_id: int, body: str, actor: Actor) -> None:
    """Raises NotPermittedError unless the actor keeps the séances of this body."""
    seats = actor.seats_for(contract_id)
    if not any(s.role in KEEPING and (s.role is not Role.SECRETARY or s.body in (None, body)) for s in seats):
        raise NotPermittedError("Seul le secrétariat de l’instance tient cette séance.")


def note(
    db: Session,
    seance: Seance,
    actor: Actor,
    trigger: str,
    now: datetime,
    details: Mapping[str, object],
    *,
    reason: str | None = None,
) -> None:
    """One line of the séance's journal."""
    journal.record(
        db,
        contract_id=seance.contract_id,
        chain=f"seance:{seance.id}",
        actor=actor,
        trigger=trigger,
        now=now,
        reason=reason,
        details=dict(details),
    )
