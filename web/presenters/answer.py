# SPDX-License-Identifier: EUPL-1.2
"""The public page of an answer: the séance, who is called, what was answered, who may carry a proxy. Nothing else."""

from typing import Any

from web.presenters.called import answer_told
from workflow.answers import may_carry
from workflow.models import Convocation
from workflow.stages import SeanceStatus

BUTTONS = (
    ("present", "Je serai présent ou présente"),
    ("remote", "Je participerai à distance"),
    ("excused", "Je ne pourrai pas venir"),
)


def answer_view(convocation: Convocation, token: str) -> dict[str, Any]:
    """What the page shows."""
    seance = convocation.seance
    return {
        "seance": seance,
        "contract": seance.contract.label,
        "person": convocation.person.name,
        "organisation": convocation.organisation.name,
        "is_member": convocation.is_member,
        "answer": convocation.current_answer or "",
        "told": answer_told(convocation) if convocation.answer else "",
        "answered_at": convocation.answered_at,
        "is_outdated": convocation.is_outdated,
        "buttons": BUTTONS,
        "bearers": [(str(c.id), f"{c.person.name}, {c.organisation.name}") for c in may_carry(convocation)],
        "bearer": next((str(c.id) for c in seance.convocations if c.person_id == convocation.proxy_id), ""),
        "deputy": convocation.deputy or "",
        "is_open": seance.status == SeanceStatus.CONVOKED,
        "is_cancelled": seance.status == SeanceStatus.CANCELLED,
        "action": f"/reponse/{token}",
    }
