# SPDX-License-Identifier: EUPL-1.2
"""`doctor` on a running database: a late configuration, failed messages, a sleeping worker are each told."""

from datetime import UTC, datetime, timedelta

from app.bootstrap import Application
from app.doctor import diagnose
from workflow.models import Contract, Message, ScheduleRun


def told(application: Application) -> dict[str, str]:
    with application.read() as db:
        found = diagnose(application.config, db)
    return {
        item.subject: item.message for item in found if item.subject in ("messages", "worker", "contracts[0]")
    }


def run_at(application: Application, at: datetime) -> None:
    with application.write() as db:
        db.add(ScheduleRun(job="outbox", slot="s", state="done", owner="w", lease_until=at, done_at=at))


def test_a_healthy_installation_says_nothing(application: Application) -> None:
    run_at(application, datetime.now(UTC))

    assert told(application) == {}


def test_a_worker_never_seen_or_asleep_is_told(application: Application) -> None:
    assert "jamais vu" in told(application)["worker"]
    run_at(application, datetime.now(UTC) - timedelta(hours=2))

    assert "vu pour la dernière fois" in told(application)["worker"]


def test_a_configuration_not_loaded_is_told(application: Application) -> None:
    with application.write() as db:
        db.query(Contract).one().settings_digest = "x" * 64

    assert "n’est pas celle" in told(application)["contracts[0]"]


def test_messages_that_failed_are_counted(application: Application) -> None:
    now = datetime.now(UTC)
    with application.write() as db:
        row = {"kind": "k", "recipient": "a@b.test", "title": "t", "body": b"", "message_id": "<m>"}
        db.add(Message(key="1", state="failed", created_at=now, next_attempt_at=now, **row))

    assert told(application)["messages"] == "messages non remis : 1"
