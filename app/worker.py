# SPDX-License-Identifier: EUPL-1.2
"""The worker: a scheduler that wakes a handful of short jobs until it is told to stop."""

import logging
import os
import socket
import threading
from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

from app import arbitration, bulk, closings, imports, seance_documents  # noqa: F401 - registers its tasks
from app.bootstrap import Application
from app.convocations import convoke_due, remind_due
from app.mail import mail_settings
from app.mail_templates import require_mail_templates
from app.personal_links import forget_links
from app.scheduler import Job, Runner, build_scheduler
from app.slots import forget_old_slots
from app.tasks import drain_tasks
from app.undelivered import tell_undelivered
from notifications.drain import Drained, drain
from notifications.due.planner import plan_due
from notifications.due.rhythm import RUNS_AT
from notifications.planner import plan_all
from notifications.settings import MailSettings
from workflow.sign_in_failures import forget_failures

log = logging.getLogger(__name__)


def worker_name() -> str:
    """A name no other worker has: machine, process, chance."""
    return f"{socket.gethostname()[:40]}:{os.getpid()}:{uuid4().hex[:8]}"


def plan_waiting(application: Application) -> int:
    """Writes the messages of the waiting events, without sending; gives how many."""
    return plan_all(application.write, application.now, mail_settings(application.config))


def send_waiting(
    application: Application,
    owner: str,
    settings: MailSettings | None = None,
    stopping: Callable[[], bool] = lambda: False,
) -> Drained:
    """Plans the waiting events, then empties the outbox; safe to call at any time, in any number of processes."""
    settings = settings or mail_settings(application.config)
    plan_all(application.write, application.now, settings)
    return drain(application.write, application.now, settings, owner, stopping=stopping)


def _send_and_log(
    application: Application, owner: str, settings: MailSettings, stopping: Callable[[], bool]
) -> None:
    done = send_waiting(application, owner, settings, stopping)
    if done.unreachable:
        log.warning("%s ; les messages attendent", done.unreachable)


def worker_jobs(application: Application, owner: str, stopping: Callable[[], bool]) -> list[Job]:
    """The jobs of every worker. Rows hold all the state: each job may be run at any time, by anyone, twice."""
    settings = mail_settings(application.config)

    def housekeeping() -> None:
        with application.write() as db:
            forget_old_slots(db, application.now())
            forget_links(db, application.now())
            forget_failures(db, application.now())

    return [
        Job(
            "convocations",
            {"minute": "*/10"},
            lambda: (convoke_due(application), remind_due(application), tell_undelivered(application)),
            catch_up=timedelta(minutes=20),
        ),
        Job(
            "outbox",
            {"second": "*/10"},
            lambda: _send_and_log(application, owner, settings, stopping),
            catch_up=timedelta(seconds=30),
        ),
        Job(
            "due",
            {"hour": RUNS_AT.hour, "minute": RUNS_AT.minute},
            lambda: plan_due(application.write, application.now, settings),
            daily=True,
            catch_up=timedelta(days=1, hours=2),
        ),
        Job("tasks", {"second": "5-59/10"}, lambda: drain_tasks(application, owner, stopping)),
        Job(
            "housekeeping",
            {"hour": 4, "minute": 20},
            housekeeping,
            daily=True,
            catch_up=timedelta(days=1, hours=2),
        ),
    ]


def run_once(application: Application) -> dict[str, object]:
    """Everything that waits, once: due convocations, reminders and digests, messages, tasks. For tests, cron and people in a hurry."""
    require_mail_templates(application.config)
    owner = worker_name()
    convoked = convoke_due(application)
    reminded = plan_due(application.write, application.now, mail_settings(application.config))
    remind_due(application)
    tell_undelivered(application)
    tasks = drain_tasks(application, owner)  # first: messages wait for the papers they carry
    drained = send_waiting(application, owner)
    return {
        "convoked": convoked,
        "reminded": reminded,
        "sent": drained.sent,
        "refused": drained.refused,
        "unreachable": drained.unreachable,
        "held": drained.held,
        "tasks": tasks,
    }


def run_worker(application: Application, stop_event: threading.Event) -> None:
    """Works until `stop_event` is set; what is under way ends cleanly, what waits stays in the database."""
    require_mail_templates(application.config)
    owner = worker_name()
    jobs = worker_jobs(application, owner, stop_event.is_set)
    runner = Runner(application, owner)
    jobs.append(Job("retake", {"minute": "*"}, lambda: _retake(runner, jobs)))
    scheduler = build_scheduler(runner, jobs)
    scheduler.start()
    log.info("worker %s started", owner)
    if held := mail_settings(application.config).held:
        log.warning("messages retenus : %s", held)
    try:
        runner.catch_up(jobs)
        stop_event.wait()
    finally:
        scheduler.shutdown(wait=True)
        log.info("worker %s stopped", owner)


def _retake(runner: Runner, jobs: list[Job]) -> None:
    for job in jobs:
        if job.name != "retake":
            runner.retake(job)
