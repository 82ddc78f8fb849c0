# SPDX-License-Identifier: EUPL-1.2
"""Messages as rows: what kind, to whom, where they stand."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy.orm import Session

from app.mailbox import parse_mail
from notifications.catalogue import KINDS
from notifications.papers import whole_body
from workflow.errors import NotPermittedError
from workflow.models import Message
from workflow.permissions import Actor
from workflow.stages import Role

PRIVATE = "Ce texte est réservé à son destinataire."
STATES = {
    "draft": "en attente de relecture",
    "pending": "à envoyer",
    "sending": "envoi en cours",
    "sent": "envoyé",
    "failed": "échec définitif",
    "skipped": "non envoyé",
}
_TONES = {"sent": "good", "failed": "bad", "pending": "wait", "sending": "wait", "draft": "wait"}


def state_tone(state: str) -> str:
    """The tone of a message's state."""
    return _TONES.get(state, "quiet")


def may_read_letters(actor: Actor, contract_id: int) -> bool:
    """True for the secretary and the pilot of this contract, who read the letters and release those held."""
    return actor.has(Role.SECRETARY, contract_id) or actor.has(Role.PILOT, contract_id)


def require_letter_reader(actor: Actor, contract_id: int) -> None:
    """Raises NotPermittedError for whoever may not read the letters."""
    if not may_read_letters(actor, contract_id):
        raise NotPermittedError("Les courriers se lisent et se libèrent par le secrétariat ou le pilote.")


def letter_view(db: Session, message: Message) -> dict[str, Any]:
    """One letter as its reader will see it, and where it stands."""
    mail = parse_mail(str(message.id), message.created_at, whole_body(db, message))
    if message.kind in KINDS and KINDS[message.kind].private:
        mail = replace(mail, text=PRIVATE, html="")
    return message_row(message) | {"mail": mail, "may_release": message.state == "draft"}


def message_rows(messages: Sequence[Message]) -> list[dict[str, Any]]:
    """Rows of the messages page."""
    return [message_row(message) for message in messages]


def message_row(message: Message) -> dict[str, Any]:
    """What a message is and where it stands."""
    return {
        "message": message,
        "kind": KINDS[message.kind].label if message.kind in KINDS else message.kind,
        "state": STATES.get(message.state, message.state),
        "tone": state_tone(message.state),
        "link": _link(message.subject_ref or ""),
    }


def _link(subject: str) -> str:
    kind, _, number = subject.partition(":")
    return f"/{kind}s/{number}" if kind in ("dossier", "seance") and number.isdigit() else ""
