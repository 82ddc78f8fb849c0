# SPDX-License-Identifier: EUPL-1.2
"""The computations asked on a séance's scenarios, as their pages follow them."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow.errors import UnknownReferenceError
from workflow.models import Scenario, Seance, Task

TASK, LEAST_CHANGE = "arbitrate", "least_change"
LOOKED_AT = 50  # of the contract's last computations: those of one séance are among them


def computations_of(db: Session, seance: Seance, count: int = 3) -> Sequence[Task]:
    """The last scenarios asked of the solver on this séance, the newest first."""
    query = select(Task).where(Task.contract_id == seance.contract_id, Task.kind == TASK)
    rows = db.scalars(query.order_by(Task.id.desc()).limit(LOOKED_AT))
    return [task for task in rows if task.payload.get("seance") == seance.id][:count]


def change_asked(db: Session, scenario: Scenario, task_id: int) -> Task:
    """The search of the least change asked on this scenario. Raises UnknownReferenceError."""
    task = db.get(Task, task_id)
    if task is None or task.kind != LEAST_CHANGE or task.payload.get("scenario") != scenario.id:
        raise UnknownReferenceError("Cette recherche n’est pas de ce scénario.")
    return task
