# SPDX-License-Identifier: EUPL-1.2
"""What the database tells of the installation's health: configuration late, worker asleep, messages that failed."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.config import Config
from app.diagnosis import Diagnosis
from app.official_qpv import load_official_codes
from app.slots import last_runs
from workflow.answer_links import signing_key
from workflow.contracts import settings_digest
from workflow.models import Contract, Message

ASLEEP = timedelta(minutes=10)


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


def messages_left(config: Config, db: Session) -> Iterator[Diagnosis]:
    """Messages that failed for good, and letters that wait for a person."""
    rows = db.execute(select(Message.state, func.count()).group_by(Message.state))
    counts = {row[0]: row[1] for row in rows}
    if counts.get("failed"):
        text = f"messages non remis : {counts['failed']}"
        yield Diagnosis("warning", "messages", text, "lire « coinstruction outbox --state failed »")
    if counts.get("draft"):
        text = f"courriers en attente de relecture : {counts['draft']}"
        yield Diagnosis("info", "messages", text, "les lire et les libérer")


def worker_awake(config: Config, db: Session) -> Iterator[Diagnosis]:
    """The worker ran lately."""
    runs = [run for run in last_runs(db).values() if run is not None]
    newest = max(runs, default=None)
    if newest is None or newest < datetime.now(UTC) - ASLEEP:
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
