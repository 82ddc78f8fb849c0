# SPDX-License-Identifier: EUPL-1.2
"""Messages as rows: what kind, to whom, where they stand."""

from collections.abc import Sequence
from typing import Any

from notifications.catalogue import KINDS
from workflow.models import Message

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


def message_rows(messages: Sequence[Message]) -> list[dict[str, Any]]:
    """Rows of the messages page."""
    return [
        {
            "message": message,
            "kind": KINDS[message.kind].label if message.kind in KINDS else message.kind,
            "state": STATES.get(message.state, message.state),
            "tone": state_tone(message.state),
            "link": _link(message.subject_ref or ""),
        }
        for message in messages
    ]


def _link(subject: str) -> str:
    kind, _, number = subject.partition(":")
    return f"/{kind}s/{number}" if kind in ("dossier", "seance") and number.isdigit() else ""
