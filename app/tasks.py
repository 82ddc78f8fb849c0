# SPDX-License-Identifier: EUPL-1.2
"""Long work as rows: put in the queue by anyone, claimed by one worker, retaken when its worker dies."""

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from workflow.models import Task

LEASE = timedelta(minutes=10)
MAX_ATTEMPTS = 3
log = logging.getLogger(__name__)


class Host(Protocol):
    """What tasks need of the application."""

    def read(self) -> AbstractContextManager[Session]:
        """One reading, which waits for nobody."""

    def write(self) -> AbstractContextManager[Session]:
        """One transaction."""

    def now(self) -> datetime:
        """The clock."""


Progress = Callable[[int], None]
Handler = Callable[[Any, dict[str, Any], Progress], dict[str, Any] | None]
HANDLERS: dict[str, Handler] = {}


def register(kind: str, handler: Handler) -> None:
    """`handler(application, payload, progress)` does the tasks of this kind; it must bear being run twice."""
    HANDLERS[kind] = handler


def enqueue(
    db: Session, kind: str, payload: dict[str, Any], now: datetime, contract_id: int | None = None
) -> Task:
    """Puts one task in the queue, in the caller's transaction."""
    task = Task(contract_id=contract_id, kind=kind, payload=payload, created_at=now)
    db.add(task)
    db.flush()
    return task


@dataclass(frozen=True, slots=True)
class Held:
    """A task held by one worker."""

    id: int
    kind: str
    payload: dict[str, Any]
    attempts: int


# People read it: what the fault was exactly (a statement, a path) is for the log.
FAULT = (
    "Une erreur imprévue a arrêté ce traitement\u00a0; ce qui est fait le reste. Recommencez pour le reste, et si cela se "
    "reproduit, donnez à l’administrateur ce numéro\u00a0: tâche {}."
)
DIED = "Le service s’est arrêté à chaque essai pendant ce traitement : il n’est plus repris."


def give_up(db: Session, now: datetime) -> None:
    """Ends the tasks whose worker died at each try: one that kills its worker must not kill the next ones for ever."""
    lost = (Task.state == "running") & (Task.lease_until < now) & (Task.attempts >= MAX_ATTEMPTS)
    ended = update(Task).where(lost).values(state="failed", error=DIED, lease_until=None, done_at=now)
    for number in db.scalars(ended.returning(Task.id).execution_options(synchronize_session=False)):
        log.error("task %s given up: its worker died %s times", number, MAX_ATTEMPTS)


def claim(db: Session, now: datetime, owner: str) -> Held | None:
    """Takes the oldest task that waits, or whose worker's lease has lapsed."""
    free = or_(Task.state == "pending", (Task.state == "running") & (Task.lease_until < now))
    identifier = db.scalar(
        select(Task.id)
        .where(free, Task.kind.in_(HANDLERS))
        .order_by(Task.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    if identifier is None:
        return None
    taken = (
        update(Task)
        .where(Task.id == identifier, free)
        .values(state="running", owner=owner, lease_until=now + LEASE, attempts=Task.attempts + 1)
        .returning(Task.id, Task.kind, Task.payload, Task.attempts)
        .execution_options(synchronize_session=False)
    )
    row = db.execute(taken).first()
    return Held(*row) if row else None


def _settle(application: Host, held: Held, owner: str, **values: Any) -> None:
    with application.write() as db:
        db.execute(update(Task).where(Task.id == held.id, Task.owner == owner).values(**values))


def drain_tasks(application: Host, owner: str, stopping: Callable[[], bool] = lambda: False) -> int:
    """Does the waiting tasks one after the other; gives how many were tried."""
    tried = 0
    while not stopping():
        with application.write() as db:
            give_up(db, application.now())
            held = claim(db, application.now(), owner)
        if held is None:
            break
        _run(application, held, owner)
        tried += 1
    return tried


def _run(application: Host, held: Held, owner: str) -> None:
    def progress(percent: int) -> None:
        _settle(application, held, owner, progress=percent, lease_until=application.now() + LEASE)

    try:
        result = HANDLERS[held.kind](application, held.payload, progress)
    except Exception as error:  # a handler's fault must not stop the queue: it is kept with the task
        log.exception("task %s (%s) failed", held.id, held.kind)
        over = held.attempts >= MAX_ATTEMPTS
        state, done_at = ("failed", application.now()) if over else ("pending", None)
        text = getattr(error, "message", "") or FAULT.format(held.id)
        _settle(application, held, owner, state=state, error=text, lease_until=None, done_at=done_at)
    else:
        _settle(
            application,
            held,
            owner,
            state="done",
            progress=100,
            result=result,
            error=None,
            done_at=application.now(),
        )
