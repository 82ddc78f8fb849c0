# SPDX-License-Identifier: EUPL-1.2
"""Effects of the commitment: amounts applied once, deferral, rectification, and the closing of a séance."""

from typing import Any

from rules.facts import DossierFacts
from rules.findings import Finding, Outcome
from workflow import journal
from workflow.decisions import keep_settings
from workflow.effects.minutes import convocation, corrected_items, minute_of, presences
from workflow.effects.steering import validate_programme
from workflow.firing import Firing
from workflow.forecasts import establish
from workflow.guards.commitment import Closing, decides, validates
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
    forecast, released = establish(firing.db, firing.dossier, firing.now, again=firing.trigger == "rectify")
    if forecast:
        firing.recorded["forecasts"] = forecast
    if released:
        firing.recorded["released"] = released
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
    """What closing fires for this decision of a committee; retaining what was already decided is a rectification."""
    if decision is Decision.RETAINED and stage in (Stage.COMMITTED, Stage.REJECTED):
        return "rectify"
    return TRIGGERS[decision]


TRIGGERS = {
    Decision.RETAINED: "commit",
    Decision.REJECTED: "reject",
    Decision.DEFERRED: "defer",
    Decision.REORIENTED: "reorient",
}


def close_seance(firing: Firing) -> None:
    """Applies every decision once, writes the minutes, seals the journal's heads. All or nothing.

    `freeze`: keeps the arbitration summary as it is read now; its digest goes with the line of the journal that closes.
    """
    seance: Seance = firing.subject
    freeze = firing.details.get("freeze")
    seance.summary_digest = freeze(firing.read) if freeze else None  # before anything moves
    seance.closed_at = firing.now
    decisions: list[dict[str, Any]] = []
    if decides(firing) or validates(firing):
        corrected = corrected_items(firing.db, seance.items)  # before any dossier moves
        chains = [f"dossier:{item.dossier_id}" for item in seance.items]
        journal.preload_heads(firing.db, chains)
        made = [minute_of(item, corrected.get(item.dossier_id), firing.territory) for item in seance.items]
        decisions.extend(made)
        _apply_all(firing, seance)
        journal.seal_heads(
            firing.db, contract_id=seance.contract_id, seance_id=seance.id, chains=chains, now=firing.now
        )
    seance.minutes = {
        "decisions": decisions,
        "present": presences(seance),
        "convocation": convocation(seance),
    }
    firing.recorded["decisions"] = [f"{d['reference']} {d['decision']}" for d in decisions]
    if seance.summary_digest:
        firing.recorded["summary_digest"] = seance.summary_digest


def _apply_all(firing: Firing, seance: Seance) -> None:
    if validates(firing):
        validate_programme(firing)
        return
    closing = Closing.of(seance)
    keep_settings(firing.db, firing.contract)
    for item in seance.items:  # all of them were read by the guards, before any of them moves
        _apply(firing, item, closing, *firing.read[item.dossier_id])


def _apply(
    firing: Firing, item: SeanceItem, closing: Closing, facts: DossierFacts, findings: list[Finding]
) -> None:
    dossier, decision = item.dossier, Decision(item.decision or "")
    trigger = closing_trigger(decision, Stage(dossier.stage))
    kept = [finding for finding in findings if finding.outcome is not Outcome.NOT_APPLICABLE]
    details: dict[str, Any] = {"closing": closing, "kept_facts": facts, "kept_findings": kept}
    if decision is Decision.REORIENTED:
        details["scheme"] = item.scheme
    firing.cascade(dossier, trigger, reason=item.reason, **details)
    item.applied_at = firing.now
