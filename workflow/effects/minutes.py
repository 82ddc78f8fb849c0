# SPDX-License-Identifier: EUPL-1.2
"""The minutes of a séance that decides, as written at closing: presences, convocation, each decision, what it corrects."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from workflow.firing import PARIS
from workflow.guards.commitment import is_for_information, is_rectified
from workflow.invitations import days_late, due_on
from workflow.models import Seance, SeanceItem
from workflow.stages import FOR_INFORMATION, Decision, LineState
from workflow.territory import Territory
from workflow.typed_amounts import is_as_proposed

ZERO = Decimal(0)
KEPT = frozenset({LineState.RETAINED, LineState.GRANTED})
PENDING = frozenset({LineState.ASKED, LineState.INDICATIVE, LineState.FIRM, LineState.IN_KIND})


def corrected_items(db: Session, items: Sequence[SeanceItem]) -> dict[int, SeanceItem]:
    """By dossier id, the last applied item that each rectification of this agenda corrects. One query."""
    wanted = [i.dossier_id for i in items if i.decision == Decision.RETAINED and is_rectified(i.dossier)]
    if not wanted:
        return {}
    rows = db.scalars(
        select(SeanceItem)
        .where(SeanceItem.dossier_id.in_(wanted), SeanceItem.applied_at.is_not(None))
        .where(SeanceItem.decision.in_([Decision.RETAINED, Decision.REJECTED]))
        .options(joinedload(SeanceItem.seance))
        .order_by(SeanceItem.applied_at, SeanceItem.id)
    )
    return {row.dossier_id: row for row in rows}


def minute_of(item: SeanceItem, corrected: SeanceItem | None, territory: Territory) -> dict[str, Any]:
    """One decision, in plain values."""
    is_kept = item.decision == Decision.RETAINED
    amounts = _standing(item) if is_kept else {}
    if item.decision in (Decision.VALIDATED, Decision.SENT_BACK) or is_for_information(item, territory):
        amounts = {line.key: line.retained for line in item.dossier.lines if line.retained}
    return {
        "reference": item.dossier.reference,
        "title": item.dossier.title,
        "porteur": item.dossier.porteur.name,
        "decision": FOR_INFORMATION if is_for_information(item, territory) else item.decision,
        "reason": item.reason,
        "conditions": item.conditions,
        "scheme": item.scheme,
        "votes": item.votes,
        "recused": list(item.recused or ()),
        "statement": item.statement,
        "retained": str(sum(amounts.values(), ZERO)) if amounts else None,
        "amounts": {key: str(amount) for key, amount in amounts.items()},
        "as_proposed": is_kept
        and is_as_proposed(
            {line.id: line.proposed for line in item.dossier.lines},
            {amount.line_id: amount.amount for amount in item.amounts},
        ),
        "pending": _pending(item) if is_kept else [],
        "rectifies": None if corrected is None else _corrected(corrected),
    }


def _standing(item: SeanceItem) -> dict[str, Decimal]:
    """What is retained once this decision is applied: a rectification leaves alone the lines that it does not name."""
    typed = {amount.line_id: amount.amount for amount in item.amounts}
    lines = item.dossier.lines
    if not is_rectified(item.dossier):
        return {line.key: typed[line.id] for line in lines if line.id in typed}
    stands = {line.id: line.retained for line in lines if line.state in KEPT and line.retained is not None}
    granted = {line.id for line in lines if line.state == LineState.GRANTED}  # its financer's act stands
    decided = stands | {id_: amount for id_, amount in typed.items() if id_ not in granted}
    return {line.key: decided[line.id] for line in lines if line.id in decided}


def _pending(item: SeanceItem) -> list[str]:
    """The lines that keep waiting for their financer."""
    typed = {amount.line_id for amount in item.amounts}
    return [
        line.key
        for line in item.dossier.lines
        if line.id not in typed and line.state in PENDING and (line.proposed or line.requested)
    ]


def _corrected(item: SeanceItem) -> dict[str, Any]:
    """The decision that was standing, as its own minutes told it."""
    told = (item.seance.minutes or {}).get("decisions", ())
    made: dict[str, Any] = next((one for one in told if one["reference"] == item.dossier.reference), {})
    return {
        "seance": item.seance_id,
        "label": item.seance.label,
        "held_on": item.seance.starts_at.astimezone(PARIS).date().isoformat(),
        "decision": item.decision,
        "retained": made.get("retained"),
    }


def presences(seance: Seance) -> list[dict[str, str]]:
    """Whose presence was noted."""
    return [
        {
            "name": c.person.name,
            "organisation": c.organisation.name,
            "presence": c.presence,
            "kind": c.kind,
            "by": c.proxy.name if c.proxy else (c.deputy or ""),
        }
        for c in seance.convocations
        if c.presence is not None
    ]


def convocation(seance: Seance) -> dict[str, Any]:
    """When the members were told, when it was due, and by how much it was late."""
    told = seance.told_at.astimezone(PARIS).date().isoformat() if seance.told_at else None
    return {"told_on": told, "due_on": due_on(seance).isoformat(), "days_late": days_late(seance)}
