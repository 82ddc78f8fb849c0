# SPDX-License-Identifier: EUPL-1.2
"""Settling what a rule could not tell: a person attests it or waives it, with a reason that is journalled and printed."""

from datetime import datetime

from sqlalchemy.orm import Session

from rules.catalogue import RULES
from rules.findings import Finding, Outcome, Scope, Settlement
from workflow import journal
from workflow.errors import InvalidInputError, NotAllowedHereError, NotPermittedError
from workflow.examination import examine
from workflow.machine import chain_of
from workflow.models import Dossier, Waiver
from workflow.permissions import Actor, holds
from workflow.stages import OPEN_STAGES, Role

SETTLING = (Role.INSTRUCTOR, Role.PILOT)


def may_settle(dossier: Dossier, rule: str, line: str | None, actor: Actor) -> bool:
    """A rule of the dossier: its instructors and the pilot. A credit's condition: only the financer that holds it."""
    if actor.is_concerned_by(dossier.porteur_id):
        return False
    found = dossier.line(line) if line else None
    if found is not None:
        return actor.speaks_for(found.credit.organisation_id, dossier.contract_id)
    if RULES[rule].scope is Scope.LINE:
        return False
    return any(holds(actor, role, dossier) for role in SETTLING)


def open_questions(finding: Finding) -> list[str | None]:
    """What can be settled in this finding: each undetermined line, or None for the whole dossier."""
    if finding.lines:
        unknown = [line for line in finding.lines if line.outcome is Outcome.UNDETERMINED]
        return [line.line for line in unknown if line.settled is None]
    if finding.outcome is Outcome.UNDETERMINED and finding.settled is None:
        return [None]
    return []


def settle(
    db: Session,
    dossier: Dossier,
    rule: str,
    kind: str,
    reason: str,
    actor: Actor,
    now: datetime,
    line: str | None = None,
) -> Waiver:
    """Attests or waives one undetermined answer. Raises InvalidInputError, NotPermittedError, NotAllowedHereError."""
    _check_words(rule, kind, reason)
    if not may_settle(dossier, rule, line, actor):
        raise NotPermittedError(
            "Cette condition ne peut être attestée ou levée que par l’instructeur, ou par le financeur du crédit."
        )
    if dossier.stage not in OPEN_STAGES:
        raise NotAllowedHereError("Le dossier n’est plus en instruction : ses constats ne changent plus.")
    finding = next((f for f in examine(dossier, now) if f.rule == rule), None)
    if finding is None or line not in open_questions(finding):
        raise NotAllowedHereError("Ce constat n’est pas indéterminé : il n’y a rien à attester ni à lever.")
    waiver = Waiver(rule=rule, line=line, kind=kind, reason=reason.strip(), by=actor.name, at=now)
    dossier.waivers.append(waiver)
    journal.record(
        db,
        contract_id=dossier.contract_id,
        chain=chain_of(dossier),
        subject=chain_of(dossier),
        actor=actor,
        trigger="settle",
        now=now,
        reason=waiver.reason,
        details={"rule": rule, "line": line, "kind": kind},
    )
    return waiver


def _check_words(rule: str, kind: str, reason: str) -> None:
    if rule not in RULES or RULES[rule].scope is Scope.PROGRAMME:
        raise InvalidInputError(f"Règle inconnue sur un dossier : « {rule} ».", "rule")
    if kind not in tuple(Settlement):
        raise InvalidInputError("Choisir « attester » ou « lever ».", "kind")
    if not reason.strip():
        raise InvalidInputError(
            "Le motif est nécessaire : il est journalisé et imprimé dans la synthèse.", "reason"
        )
