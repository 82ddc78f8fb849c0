# SPDX-License-Identifier: EUPL-1.2
"""Settling a finding with a reason, journalled and printed: an unknown attested or waived, a local condition overridden."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from rules.catalogue import RULES
from rules.engine import blocked_lines, ineligible_lines
from rules.findings import Finding, Scope, Settlement
from workflow import journal
from workflow.decisions import plain
from workflow.errors import InvalidInputError, NotAllowedHereError, NotPermittedError
from workflow.examination import examine, parameters_of
from workflow.firing import PARIS
from workflow.machine import chain_of, fire
from workflow.models import Dossier, FundingLine, Waiver
from workflow.permissions import Actor
from workflow.queries import journal_of
from workflow.settlement_rights import (
    OVER,
    check_settlement,
    holds_credit,
    is_open_to_settling,
    may_settle,
    open_questions,
)
from workflow.stages import LineState, Role

__all__ = [
    "Settled",
    "authors_of",
    "may_settle",
    "may_withdraw",
    "open_questions",
    "settle",
    "still_stops",
    "withdraw",
]

SPEAKING = (Role.INSTRUCTOR, Role.FINANCER, Role.PILOT)
LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class Settled:
    """What a settlement did: its row, and the line it brought back, if it did."""

    waiver: Waiver
    reinstated: str | None = None


def settle(
    db: Session,
    dossier: Dossier,
    rule: str,
    kind: str,
    reason: str,
    actor: Actor,
    now: datetime,
    line: str | None = None,
) -> Settled:
    """Attests, waives or overrides one answer of a rule; a line that fell for it alone is reinstated.

    Raises InvalidInputError, NotPermittedError, NotAllowedHereError.
    """
    chosen = _checked(rule, kind, reason)
    findings = {finding.rule: finding for finding in examine(dossier, now)}
    finding = findings[rule]
    check_settlement(dossier, finding, line, chosen, actor)
    waiver = Waiver(rule=rule, line=line, kind=kind, reason=reason.strip(), at=now)
    waiver.by = _signed(dossier, line, chosen, actor)
    dossier.waivers.append(waiver)
    db.flush()  # its number is what the journal names
    details = {"rule": rule, "line": line, "kind": kind, "settlement": waiver.id} | _as_read(
        dossier, finding, now
    )
    details["organisations"] = sorted({s.organisation_id for s in _speaking(actor, dossier)})
    _record(db, dossier, "settle", waiver.reason, details, actor, now)
    return Settled(waiver, _reinstate(db, dossier, waiver, actor, now))


def _checked(rule: str, kind: str, reason: str) -> Settlement:
    if rule not in RULES or RULES[rule].scope is Scope.PROGRAMME:
        raise InvalidInputError(f"Règle inconnue sur un dossier : « {rule} ».", "rule")
    if kind not in tuple(Settlement):
        raise InvalidInputError("Choisir « attester », « lever » ou « déroger ».", "kind")
    _check_reason(reason)
    return Settlement(kind)


def _check_reason(reason: str) -> None:
    if not reason.strip():
        raise InvalidInputError(
            "Le motif est nécessaire : il est journalisé et imprimé dans la synthèse.", "reason"
        )


def _signed(dossier: Dossier, line: str | None, kind: Settlement, actor: Actor) -> str:
    """Who signs. An override also names in whose name it is made."""
    if kind is not Settlement.OVERRIDDEN:
        return actor.name
    found = dossier.line(line) if line else None
    body = found.credit.organisation.name if found else "pilote du contrat"
    return f"{actor.name} ({body})"[:LONGEST_NAME]


def _as_read(dossier: Dossier, finding: Finding, now: datetime) -> dict[str, Any]:
    """The finding as it was read, and by which parameters: a past settlement can be explained again."""
    on = now.astimezone(PARIS).date()
    return {"finding": plain(finding), "parameters": parameters_of(dossier.contract, on).digest}


def _speaking(actor: Actor, dossier: Dossier) -> list[Any]:
    return [seat for seat in actor.seats_for(dossier.contract_id) if seat.role in SPEAKING]


def _record(
    db: Session,
    dossier: Dossier,
    trigger: str,
    reason: str,
    details: dict[str, Any],
    actor: Actor,
    now: datetime,
) -> None:
    """Journalled, and the dossier's version raised: whoever read the dossier before reads it again."""
    flag_modified(dossier, "search_key")
    journal.record_on(db, dossier, trigger, actor, now, details, reason=reason)


def _reinstate(db: Session, dossier: Dossier, waiver: Waiver, actor: Actor, now: datetime) -> str | None:
    """Brings back a line that fell by its conditions, once none of them is violated any more."""
    line = dossier.line(waiver.line) if waiver.line else None
    if line is None or line.state != LineState.INELIGIBLE or not fell_by_rules(line):
        return None
    if line.key in ineligible_lines(examine(dossier, now)):
        return None
    fire(db, line, "reinstate", actor, waiver.reason, now)
    return line.key


def fell_by_rules(line: FundingLine) -> bool:
    """True when the line was dropped by its credit's conditions, not by its financer for a reason of its own."""
    return bool(line.reason) and all(part in RULES for part in (line.reason or "").split(", "))


def authors_of(db: Session, dossier: Dossier) -> dict[int, frozenset[int]]:
    """Settlement → organisations for which its author spoke, as the journal keeps them."""
    return {
        act.details["settlement"]: frozenset(act.details.get("organisations", ()))
        for act in journal_of(db, chain_of(dossier))
        if act.trigger == "settle" and "settlement" in act.details
    }


def may_withdraw(dossier: Dossier, waiver: Waiver, actor: Actor, authors: dict[int, frozenset[int]]) -> bool:
    """The author's organisation, whoever holds the credit, or the pilot; never somebody of the porteur's."""
    if not is_open_to_settling(dossier, waiver.rule) or actor.is_concerned_by(dossier.porteur_id):
        return False
    if actor.has(Role.PILOT, dossier.contract_id):
        return True
    line = dossier.line(waiver.line) if waiver.line else None
    if line is not None and holds_credit(actor, line):
        return True
    mine = {seat.organisation_id for seat in _speaking(actor, dossier)}
    return bool(mine & authors.get(waiver.id, frozenset()))


def withdraw(
    db: Session, dossier: Dossier, settlement: int, reason: str, actor: Actor, now: datetime
) -> Waiver:
    """Withdraws one settlement: its rule answers again as the facts say, and blocks what it blocks.

    A line brought back meanwhile keeps its state and its amounts; its condition stops it at the commitment.
    Raises InvalidInputError, NotPermittedError, NotAllowedHereError.
    """
    _check_reason(reason)
    waiver = next((one for one in dossier.waivers if one.id == settlement), None)
    if waiver is None:
        raise NotAllowedHereError("Ce règlement n’existe plus : il a déjà été retiré.")
    if not is_open_to_settling(dossier, waiver.rule):
        raise NotAllowedHereError(OVER)
    if not may_withdraw(dossier, waiver, actor, authors_of(db, dossier)):
        raise NotPermittedError(
            "Seuls l’organisme de son auteur et le pilote du contrat retirent un règlement."
        )
    details = {"rule": waiver.rule, "line": waiver.line, "kind": waiver.kind, "settlement": waiver.id}
    details |= {"by": waiver.by, "settled_reason": waiver.reason}
    dossier.waivers.remove(waiver)
    db.flush()
    _record(db, dossier, "withdraw_settlement", reason.strip(), details, actor, now)
    return waiver


def still_stops(dossier: Dossier, waiver: Waiver, now: datetime) -> str:
    """What a withdrawal leaves to see to, as a sentence; empty when the rule stops nothing."""
    findings = examine(dossier, now)
    finding = next((one for one in findings if one.rule == waiver.rule), None)
    if waiver.line and waiver.rule in blocked_lines(findings).get(waiver.line, ()):
        return "La condition n’est de nouveau pas établie sur cette ligne : aucun montant ne pourra y être retenu."
    if finding is None or waiver.line or not finding.blocks:
        return ""
    return "Le constat est de nouveau ouvert : la synthèse d’arbitrage le signalera comme bloquant."
