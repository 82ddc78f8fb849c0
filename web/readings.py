# SPDX-License-Identifier: EUPL-1.2
"""Noting, once the page has left, that somebody read a dossier: the reading itself never waits for the database."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from app.bootstrap import Application
from workflow.attention import note_presence, note_visit
from workflow.permissions import Actor
from workflow.sight import sees_contract


def note_reading(application: Application, actor: Actor, view: Mapping[str, Any]) -> None:
    """Up to where this person has read, and for an agent that the dossier is open. A busy database loses only that."""
    dossier, now = view["dossier"], application.now()
    last_message = max((message["id"] for message in view["thread"]["messages"]), default=0)

    def write(db: Session) -> None:
        note_visit(db, dossier.id, actor, now, view["last_seq"], last_message)
        if sees_contract(actor, dossier.contract_id):
            note_presence(db, dossier.id, actor, now)

    application.note(write)
