# SPDX-License-Identifier: EUPL-1.2
"""Effects of the commitment: amounts applied once, deferral, rectification, and the closing of a séance."""

from decimal import Decimal
from typing import Any

from rules.facts import DossierFacts
from rules.findings import Finding, Outcome
from workflow import journal
from workflow.examination import examined
from workflow.firing import PARIS, Firing
from workflow.guards.commitment import Closing, decides
from workflow.invitations import days_late, due_on
from workflow.models import Seance, SeanceItem
from workflow.stages import Decision, LineState, Stage

LIVE = frozenset(
    {
        LineState.ASKED,
        LineState.INDICATIVE,
        LineState.FIRM,
        LineState.IN_KIND,
        LineState.RETAINED,
        LineState.REFUSED,
    }
)
REFUSABLE = frozenset({LineState.ASKED, LineState.INDICATIVE, LineState.FIRM, LineState.RETAINED})


def apply_amounts(firing: Firing) -> None:
    """Copies to the lines what the séance retained; a line without amount in the séance stays pending."""
    closing: Closing = firing.details["closing"]
    amounts = closing.amounts.get(firing.dossier.id, {})
    applied: dict[str, str] = {}
    for line in firing.dossier.lines:
        amount = amounts.get(line.id)
        if amount is None or line.state not in LIVE:
            continue
        if amount > 0:
            firing.cascade(line, "retain", amount=amount)
        elif line.state in REFUSABLE:
            firing.cascade(line, "refuse", reason="aucun montant retenu")
        applied[line.key] = str(amount)
    firing.recorded.update(amounts=applied, seance=closing.seance.id)
    firing.payload.update(amounts=applied, seance=closing.seance.id, reason=firing.reason)


def refuse_lines(firing: Firing) -> None:
    """A dossier not retained: its live lines are refused."""
    for line in firing.dossier.lines:
        if line.state in REFUSABLE:
            firing.cascade(line, "refuse", reason=firing.reason or "")
    firing.payload["reason"] = firing.reason


def keep_proposals(firing: Firing) -> None:
    """Remembers the proposals, so that the dossier comes back with the same ones."""
    proposals = {line.key: str(line.proposed) for line in firing.dossier.lines if line.proposed is not None}
    firing.dossier.follow_up = {**firing.dossier.follow_up, "deferred_proposals": proposals}
    firing.payload["reason"] = firing.reason


def closing_trigger(decision: Decision, stage: Stage) -> str:
    """What closing fires for this decision; retaining what was already decided is a rectification."""
    if decision is Decision.RETAINED and stage in (Stage.COMMITTED, Stage.REJECTED):
        return "rectify"
    return TRIGGERS[decision]


TRIGGERS = {Decision.RETAINED: "commit", Decision.REJECTED: "reject", Decision.DEFERRED: "defer"}


def close_seance(firing: Firing) -> None:
    """Applies every decision once, writes the minutes, seals the journal's heads. All or nothing."""
    seance: Seance = firing.subject
    seance.closed_at = firing.now
    decisions: list[dict[str, Any]] = []
    if decides(firing):
        closing = Closing.of(seance)
        dossiers = [item.dossier for item in seance.items]
        chains = [f"dossier:{dossier.id}" for dossier in dossiers]
        journal.preload_heads(firing.db, chains)
        read = examined(firing.db, dossiers, firing.now)  # all of them before any of them moves
        for item in seance.items:
            _apply(firing, item, closing, *read[item.dossier_id])
            decisions.append(_minute(item))
        journal.seal_heads(
            firing.db, contract_id=seance.contract_id, seance_id=seance.id, chains=chains, now=firing.now
        )
    seance.minutes = {
        "decisions": decisions,
        "present": _present(seance),
        "convocation": _convocation(seance),
    }
    firing.recorded["decisions"] = [f"{d['reference']} {d['decision']}" for d in decisions]


def _apply(
    firing: Firing, item: SeanceItem, closing: Closing, facts: DossierFacts, findings: list[Finding]
) -> None:
    dossier = item.dossier
    trigger = closing_trigger(Decision(item.decision or ""), Stage(dossier.stage))
    kept = [finding for finding in findings if finding.outcome is not Outcome.NOT_APPLICABLE]
    firing.cascade(
        dossier, trigger, reason=item.reason, closing=closing, kept_facts=facts, kept_findings=kept
    )
    item.applied_at = firing.now


def _minute(item: SeanceItem) -> dict[str, Any]:
    return {
        "reference": item.dossier.reference,
        "title": item.dossier.title,
        "porteur": item.dossier.porteur.name,
        "decision": item.decision,
        "reason": item.reason,
        "conditions": item.conditions,
        "recused": list(item.recused or ()),
        "retained": str(sum((a.amount for a in item.amounts), Decimal(0)))
        if item.decision == "retained"
        else None,
        "amounts": {a.line.key: str(a.amount) for a in item.amounts} if item.decision == "retained" else {},
    }


def _present(seance: Seance) -> list[dict[str, str]]:
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


def _convocation(seance: Seance) -> dict[str, Any]:
    """When the members were told, when it was due, and by how much it was late."""
    told = seance.told_at.astimezone(PARIS).date().isoformat() if seance.told_at else None
    return {"told_on": told, "due_on": due_on(seance).isoformat(), "days_late": days_late(seance)}
