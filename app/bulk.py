# SPDX-License-Identifier: EUPL-1.2
"""One act on many dossiers, as a task: each dossier in its own transaction, told with it; may be run again at any point."""

import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app.dossier_json import finding_json, names_of
from app.tasks import Host, Progress, enqueue, register
from workflow.bulk import (
    REFUSED,
    TASK,
    act_of,
    check_typed,
    claim_item,
    close_item,
    counts,
    items_of,
    move,
    start,
    waiting_items,
)
from workflow.errors import InvalidInputError, NotPermittedError, RefusedError, WorkflowError, conflicts_told
from workflow.firing import PARIS
from workflow.models import BulkItem, Contract, Person, Task
from workflow.permissions import Actor, actor_for

log = logging.getLogger(__name__)
TOLD_EVERY = 10  # items between two notes of the progress


def ask_bulk(
    db: Session,
    contract: Contract,
    actor: Actor,
    trigger: str,
    chosen: Mapping[int, int],
    typed: Mapping[str, str],
    reason: str,
    now: datetime,
) -> Task:
    """Puts the act in the queue for these dossiers (id → version read). Raises InvalidInputError."""
    check_typed(act_of(trigger), typed, reason)
    payload = {"person": actor.person_id, "trigger": trigger, "typed": dict(typed), "reason": reason}
    task = enqueue(db, TASK, payload, now, contract.id)
    if not start(db, task, contract, chosen):
        raise InvalidInputError("Aucun dossier choisi\u00a0: revenez à la liste et cochez-en.", "dossiers")
    task.payload = {**payload, "task": task.id}
    return task


def run_bulk(application: Host, payload: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """The handler of the task: does what still waits, gives the count of each end."""
    task_id = payload["task"]
    with application.write() as db:
        items, total = waiting_items(db, task_id), len(items_of(db, task_id))
    faults: list[Exception] = []
    for rank, item_id in enumerate(items, 1):
        try:
            with conflicts_told(), application.write() as db:
                _do(db, item_id, payload, application.now())
        except WorkflowError as error:
            _tell_refusal(application, item_id, error)
        except Exception as error:  # a fault on one dossier stops no other: the task is tried again for it
            log.exception("lot %s: item %s failed", task_id, item_id)
            faults.append(error)
        if rank % TOLD_EVERY == 0:
            progress((total - len(items) + rank) * 99 // total)
    if faults:
        raise faults[0]
    with application.write() as db:
        return dict(counts(items_of(db, task_id)))


def _do(db: Session, item_id: int, payload: Mapping[str, Any], now: datetime) -> None:
    item = claim_item(db, item_id)
    if item is None:
        return
    person = db.get_one(Person, payload["person"])
    if not person.is_active:
        raise NotPermittedError("Le compte qui l’a demandé est fermé\u00a0: rien n’a été fait.")
    actor = actor_for(db, person, now.astimezone(PARIS).date())
    move(db, item, payload["trigger"], payload["typed"], payload["reason"] or None, actor, now)
    db.flush()


def _tell_refusal(application: Host, item_id: int, error: WorkflowError) -> None:
    """In a transaction of its own: the one that was refused is undone."""
    with application.write() as db:
        item = claim_item(db, item_id)
        if item is not None:
            close_item(item, REFUSED, " ".join(_reasons(item, error)), application.now())


def _reasons(item: BulkItem, error: WorkflowError) -> list[str]:
    if not isinstance(error, RefusedError):
        return [error.message]
    names = names_of(item.dossier.contract)
    return [str(finding_json(finding, names)["message"]) for finding in error.findings]


register(TASK, run_bulk)
