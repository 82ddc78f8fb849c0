# SPDX-License-Identifier: EUPL-1.2
"""Workers in processes of their own, of which the first to reach a named step kills itself with SIGKILL."""

import logging
import os
import re
import signal
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from multiprocessing import get_context
from typing import Any

from aiosmtplib import SMTP
from sqlalchemy import Engine, event, func, or_, select
from sqlalchemy.orm import Session, sessionmaker

from app.bootstrap import Application
from app.config import Config
from app.deployment import Deployment, Smtp
from app.scheduler import Runner
from app.seance_documents import HOLD
from app.slots import LEASE
from app.worker import worker_jobs
from notifications import sender
from tests.factories import NOW
from tests.factories.contract import toy_territory
from tests.factories.people import mandate_row, person_row
from tests.factories.world import World
from tests.notifications.scenes import committee
from tests.notifications.servers import Server
from workflow.db import make_engine
from workflow.models import Event, Message
from workflow.stages import Role

# A step's name: "before", "during" (executed, not committed) or "after" (committed) the statement of this name…
STATEMENTS = {
    "slot": re.compile(r"INSERT INTO schedule_run"),
    "convocation": re.compile(r"INSERT INTO event"),
    "first message": re.compile(r"INSERT INTO message"),
    "planning": re.compile(r"UPDATE event SET planned_at=.*WHERE event\.id"),
    "claim": re.compile(r"UPDATE message SET .*message\.attempts \+"),
    "note": re.compile(r"UPDATE message SET .*sent_at="),
    "slot's end": re.compile(r"UPDATE schedule_run SET .*done_at="),
}
# … or, while a message is being sent, before its text is given and after the server has accepted it.
IN_CONVERSATION = ("before the text", "after the server accepted")
STEPS = (
    "before slot",
    "during slot",
    "after slot",
    "during convocation",
    "after convocation",
    "during first message",
    "during planning",
    "after planning",
    "during claim",
    "after claim",
    *IN_CONVERSATION,
    "before note",
    "during note",
    "after note",
    "before slot's end",
)
ROUNDS = 3  # of the worker started again: messages refused for a while leave at the next
LATER = HOLD + 2 * LEASE  # leases and claims of the dead have lapsed
processes = get_context("forkserver")
processes.set_forkserver_preload(["tests.app.crashing"])


@dataclass(frozen=True)
class Orders:
    """What a worker is told; `synchronous` as in `make_engine`."""

    url: str
    port: int
    owner: str
    moment: datetime
    synchronous: str = "OFF"


class Fuse:
    """Kills one process of those that share it: the one that reaches the step, after it was reached `skip` times."""

    def __init__(self, step: str, skip: int = 0) -> None:
        self.step = step
        self.left = processes.Value("i", skip)

    def reached(self, step: str) -> None:
        """Dies here, if it is the step and the time."""
        if step != self.step:
            return
        with self.left.get_lock():
            is_time = self.left.value == 0
            self.left.value -= 1
        if is_time:  # the lock given back, or the others would wait for ever
            os.kill(os.getpid(), signal.SIGKILL)

    def watch(self, engine: Engine) -> None:
        """Follows what is executed and committed, thread by thread, and the conversations with the mail server."""
        here = threading.local()

        def named(statement: str) -> str | None:
            one_line = " ".join(statement.split())
            return next((name for name, form in STATEMENTS.items() if form.match(one_line)), None)

        @event.listens_for(engine, "before_cursor_execute")
        def before(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
            self.reached(f"before {named(statement)}")

        @event.listens_for(engine, "after_cursor_execute")
        def during(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
            if name := named(statement):
                here.last = name
                self.reached(f"during {name}")

        @event.listens_for(Session, "after_commit")
        def after(_session: Session) -> None:
            last, here.last = getattr(here, "last", None), None
            self.reached(f"after {last}")

        fuse = self

        class DyingSmtp(SMTP):
            async def data(self, *message: Any, **options: Any) -> Any:
                fuse.reached(IN_CONVERSATION[0])
                answer = await super().data(*message, **options)
                fuse.reached(IN_CONVERSATION[1])
                return answer

        sender.SMTP = DyingSmtp  # type: ignore[misc]


class Clocked(Application):
    """The application, at a moment that is given."""

    moment = NOW

    def now(self) -> datetime:
        return self.moment


def opened(orders: Orders) -> Clocked:
    """The application of a worker: production, mail going to the test's server."""
    smtp = Smtp(host="127.0.0.1", port=orders.port, sender="Ville <v@epci.test>", per_domain_per_minute=None)
    deployment = Deployment(database_url=orders.url, environment="production", smtp=smtp)
    config = Config(deployment=deployment, contracts=(toy_territory(),))
    application = Clocked(config, make_engine(orders.url, synchronous=orders.synchronous))
    application.moment = orders.moment
    return application


def convoke(orders: Orders, fuse: Fuse | None = None, start: Any = None) -> None:
    """What a worker does of the scheduled convocations: what a dead one left, then the present time."""
    _jobs(orders, ("convocations",), fuse, start)


def send(orders: Orders, fuse: Fuse | None = None, start: Any = None) -> None:
    """What a worker does of the outbox, one scheduled time after the other, until nothing waits."""
    _jobs(orders, ("outbox",), fuse, start)


def _jobs(orders: Orders, names: Sequence[str], fuse: Fuse | None, start: Any) -> None:
    logging.getLogger("notifications").setLevel(logging.ERROR)  # refusals are expected
    application = opened(orders)
    try:
        if fuse:
            fuse.watch(application.engine)
        jobs = [j for j in worker_jobs(application, orders.owner, lambda: False) if j.name in names]
        runner = Runner(application, orders.owner)
        if start:
            start.wait()
        for job in jobs:
            runner.retake(job)
            runner.run_at(job, orders.moment)
            while job.name == "outbox" and _waits(application):
                job.run()
    finally:
        application.close()


def _waits(application: Application) -> bool:
    with application.read() as db:
        pending = select(func.count(Message.id)).where(
            Message.state == "pending", Message.next_attempt_at <= application.now()
        )
        free = or_(Event.held_until.is_(None), Event.held_until <= application.now())
        unplanned = select(func.count(Event.id)).where(Event.planned_at.is_(None), free)
        return bool(db.scalar(pending)) or bool(db.scalar(unplanned))


def prepare(world: World, members: int) -> None:
    """A committee whose convocation is due, with that many members."""
    organisations = list(world.organisations.values())
    for rank in range(members - len(world.financers)):
        person = person_row(f"membre{rank}@membres.test", f"Membre {rank}")
        world.db.add(mandate_row(person, Role.MEMBER, organisations[rank % 3], world.contract, "comite"))
    committee(world, at=NOW + timedelta(days=10))
    world.db.commit()


@dataclass(frozen=True)
class Outcome:
    """What came of it: states of the messages, how often each Message-ID was received, which ones the dead held."""

    died: int
    states: dict[str, int]
    received: Counter[str]
    held: frozenset[str]

    @property
    def twice(self) -> set[str]:
        """The messages received more than once."""
        return {name for name, count in self.received.items() if count > 1}


def survive(
    orders: Orders, write: sessionmaker[Session], server: Server, fuse: Fuse, workers: int = 3
) -> Outcome:
    """The convocation by `workers` processes at once, one killed by the fuse; later, one worker started again."""
    died = _together(convoke, orders, fuse, workers)
    died += _together(send, _after_hold(orders), fuse, workers)
    with write() as db:
        held = frozenset(db.scalars(select(Message.message_id).where(Message.state == "sending")))
    for rounds in range(1, ROUNDS + 1):
        again = replace(orders, owner="restarted", moment=orders.moment + rounds * LATER)
        convoke(again)
        send(_after_hold(again))
        with write() as db:
            states = dict(db.execute(select(Message.state, func.count()).group_by(Message.state)).all())
        if set(states) == {"sent"}:
            break
    received = Counter(str(message["Message-ID"]) for message in server.messages)
    return Outcome(died, states, received, held)


def _after_hold(orders: Orders) -> Orders:
    """Later, when a convocation waits no more for its documents, which nobody makes here."""
    return replace(orders, moment=orders.moment + HOLD)


def _together(work: Callable[..., None], orders: Orders, fuse: Fuse, workers: int) -> int:
    """That many workers at once; gives how many were killed. Raises AssertionError when one fails otherwise."""
    start = processes.Barrier(workers)
    started = [
        processes.Process(target=work, args=(replace(orders, owner="w" * (rank + 1)), fuse, start))
        for rank in range(workers)
    ]
    for each in started:
        each.start()
    for each in started:
        each.join()
    codes = Counter(each.exitcode for each in started)
    assert set(codes) <= {0, -signal.SIGKILL}, codes
    return codes[-signal.SIGKILL]
