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


def message(key: str, state: str, reason: str | None, at: datetime) -> Message:
    row = {"kind": "k", "recipient": "a@b.test", "title": "t", "body": b"", "message_id": f"<{key}>"}
    return Message(key=key, state=state, reason=reason, created_at=at, next_attempt_at=at, **row)


def test_messages_that_failed_are_told_once_by_cause_with_who_can_act(application: Application) -> None:
    now = datetime.now(UTC)
    refused = "Refusé définitivement par le serveur pour a@b.test : 550 5.1.1 no such user"
    with application.write() as db:
        db.add_all(message(f"k{rank}", "failed", refused, now) for rank in range(7))
        db.add(message("silent", "skipped", "aucune adresse connue pour Sam", now))
        db.add(message("forgotten", "skipped", "aucune adresse connue pour Sam", now - timedelta(days=31)))
        db.add(message("replaced", "skipped", "remplacé", now))
        found = [item for item in diagnose(application.config, db) if item.subject == "messages"]

    assert [item.message for item in found] == [
        "messages non remis : 7, adresse refusée par le serveur du destinataire (k0, k1, k2, k3, k4…)",
        "messages non remis : 1, destinataire sans adresse lisible (silent)",
    ]
    assert found[0].remedy.startswith("le secrétariat : vérifier l’adresse auprès de la personne")


def test_messages_retained_or_late_are_told(application: Application) -> None:
    now = datetime.now(UTC)
    with application.write() as db:
        db.add(message("k", "pending", None, now - timedelta(hours=2)))
    run_at(application, now)

    held = told(application)["messages"]
    application.config.deployment.__dict__["environment"] = "production"
    late = told(application)["messages"]

    assert held == "messages retenus : 1 ; hors production et sans redirection, aucun message ne part"
    assert late.startswith("messages en retard : le plus ancien devait partir le ")


def test_each_job_tells_its_last_run_and_a_failure_is_a_warning(application: Application) -> None:
    now = datetime.now(UTC)
    run_at(application, now)
    with application.write() as db:
        row = {"lease_until": now, "done_at": now, "owner": "w"}
        db.add(ScheduleRun(job="convocations", slot="s", state="failed", **row))
        found = [item for item in diagnose(application.config, db) if item.subject.startswith("worker")]

    assert [(item.level, item.subject) for item in found] == [
        ("warning", "worker"),
        ("info", "worker.convocations"),
        ("info", "worker.outbox"),
    ]
    assert "« convocations arrivées à échéance » a échoué" in found[0].message
