# SPDX-License-Identifier: EUPL-1.2
"""Effect of a steering committee: its validation of the yearly programme, noted on each dossier. No stage moves."""

from typing import Any

from workflow import journal
from workflow.firing import PARIS, Firing
from workflow.guards.commitment import is_for_information
from workflow.models import Seance, SeanceItem
from workflow.stages import Decision

VALIDATED, SENT_BACK = "validated", "sent_back"
TRIGGERS = {Decision.VALIDATED: "validate", Decision.SENT_BACK: "send_back"}
REPORTED = "report_to_steering"


def validate_programme(firing: Firing) -> None:
    """Each dossier keeps what was said of it, and its journal says when; a rolling one was reported for information."""
    seance: Seance = firing.subject
    for item in seance.items:
        if is_for_information(item, firing.territory):
            _note(firing, item, REPORTED)
        else:
            decision = Decision(item.decision or "")
            _keep(firing, item, decision)
            _note(firing, item, TRIGGERS[decision])
        item.applied_at = firing.now


def _keep(firing: Firing, item: SeanceItem, decision: Decision) -> None:
    """The last word only: a programme sent back, then validated, is validated."""
    on = item.seance.starts_at.astimezone(PARIS).date().isoformat()
    said: dict[str, Any] = {"seance": item.seance_id, "on": on, "reason": item.reason}
    kept = {k: v for k, v in item.dossier.follow_up.items() if k not in (VALIDATED, SENT_BACK)}
    name = VALIDATED if decision is Decision.VALIDATED else SENT_BACK
    item.dossier.follow_up = {**kept, name: said}


def _note(firing: Firing, item: SeanceItem, trigger: str) -> None:
    details = {"seance": item.seance_id, "body": item.seance.body}
    journal.record_on(firing.db, item.dossier, trigger, firing.actor, firing.now, details, reason=item.reason)
