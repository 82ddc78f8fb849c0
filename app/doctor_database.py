# SPDX-License-Identifier: EUPL-1.2
"""What the database tells of the installation's health: configuration late, worker asleep, messages that failed."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.config import Config
from app.diagnosis import Diagnosis
from app.health import Health, read_health
from app.mail import HELD, HELD_REMEDY
from app.official_qpv import load_official_codes
from notifications.failures import list_failures
from workflow.answer_links import signing_key
from workflow.contracts import settings_digest
from workflow.models import Contract, Message

LATE = timedelta(hours=1)
SHOWN = 5


def configuration_loaded(config: Config, db: Session) -> Iterator[Diagnosis]:
    """Each contract of the configuration is the one that runs."""
    loaded = {row.code: row.settings_digest for row in db.scalars(select(Contract))}
    for rank, territory in enumerate(config.contracts):
        name = territory.geography.official_list
        path = config.beside(name) if name else None
        official = load_official_codes(path) if path is not None and path.is_file() else None
        if loaded.get(territory.code) != settings_digest(territory, official):
            text = f"la configuration du contrat {territory.code} n’est pas celle que la base applique"
            yield Diagnosis("warning", f"contracts[{rank}]", text, "lancer « coinstruction init »")


def messages_held(config: Config, db: Session) -> Iterator[Diagnosis]:
    """Messages that wait in vain, because nothing may leave from here."""
    if config.deployment.holds_mail:
        waiting = db.scalar(select(func.count(Message.id)).where(Message.state == "pending"))
        if waiting:
            yield Diagnosis("warning", "messages", f"messages retenus : {waiting} ; {HELD}", HELD_REMEDY)


def messages_left(config: Config, db: Session) -> Iterator[Diagnosis]:
    """Messages that failed for good, by cause, letters that wait for a person, and messages that should have left."""
    for failure in list_failures(db, datetime.now(UTC)):
        cause = failure.cause
        text = f"messages non remis : {len(failure.messages)}, {cause.label}"
        keys = ", ".join(message.key for message in failure.messages[:SHOWN])
        more = "…" if len(failure.messages) > SHOWN else ""
        yield Diagnosis("warning", "messages", f"{text} ({keys}{more})", f"{cause.who} : {cause.what}")
    health = read_health(db, datetime.now(UTC))
    if health.counts.get("draft"):
        text = f"courriers en attente de relecture : {health.counts['draft']}"
        yield Diagnosis("info", "messages", text, "les lire et les libérer")
    yield from _late(config, health)


def _late(config: Config, health: Health) -> Iterator[Diagnosis]:
    due = health.oldest_due
    if due is not None and due < health.read_at - LATE and not config.deployment.holds_mail:
        text = f"messages en retard : le plus ancien devait partir le {due:%d/%m/%Y à %H:%M} (UTC)"
        yield Diagnosis(
            "warning", "messages", text, "lire son motif par « coinstruction outbox --state pending »"
        )


def worker_awake(config: Config, db: Session) -> Iterator[Diagnosis]:
    """The worker ran lately."""
    health = read_health(db, datetime.now(UTC))
    newest = health.last_seen
    for run in health.jobs:
        if run.has_failed:
            text = f"la tâche « {run.label} » a échoué le {run.done_at:%d/%m/%Y à %H:%M} (UTC)"
            yield Diagnosis(
                "warning", "worker", text, "lire le journal technique de « coinstruction worker »"
            )
        yield Diagnosis(
            "info",
            f"worker.{run.job}",
            f"{run.label} : dernier passage le {run.done_at:%d/%m/%Y à %H:%M} (UTC)",
        )
    if not health.is_awake:
        seen = (
            "jamais vu" if newest is None else f"vu pour la dernière fois le {newest:%d/%m/%Y à %H:%M} (UTC)"
        )
        text = f"le planificateur ne tourne pas ({seen}) : ni convocation ni message ne part"
        yield Diagnosis("warning", "worker", text, "lancer « coinstruction worker »")


def answers_possible(config: Config, db: Session) -> Iterator[Diagnosis]:
    """The key that signs the answer links of convocations has been drawn."""
    if signing_key(db) is None:
        text = "aucune clé de signature : les convocations partent sans lien de réponse"
        yield Diagnosis("warning", "secret", text, "lancer « coinstruction init »")
