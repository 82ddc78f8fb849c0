# SPDX-License-Identifier: EUPL-1.2
"""Dossiers and their findings in the stable JSON form of the interface (amounts as text in euros)."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from rules.catalogue import RULES
from rules.engine import admissible
from rules.findings import Finding
from rules.render import render
from workflow.actions import AvailableAction, list_actions
from workflow.contracts import territory_of
from workflow.decisions import Replay
from workflow.examination import examine
from workflow.facts import dossier_facts
from workflow.firing import PARIS
from workflow.guards.book import GUARDS
from workflow.models import Contract, Dossier, FundingLine, Journal, Opinion
from workflow.permissions import Actor
from workflow.queries import journal_of
from workflow.transitions import DOSSIER

BOOK = {**RULES, **GUARDS}
NOBODY = Actor(None, "", "")
SUMS = ("requested", "proposed", "retained", "granted")
AMOUNTS = (*SUMS, "paid", "spent")


def finding_json(finding: Finding, names: Mapping[str, str] | None = None) -> dict[str, object]:
    """A finding of a rule or of a guard, with its French sentence. `names`: what people call each code."""
    return render(finding, BOOK, names)


def names_of(contract: Contract) -> dict[str, str]:
    """The name of each organisation of the contract, by its code."""
    return {item.code: item.name for item in territory_of(contract).organisations}


def dossier_row(dossier: Dossier) -> dict[str, Any]:
    """One line of `dossier list`."""
    return {
        "reference": dossier.reference,
        "year": dossier.year,
        "stage": dossier.stage,
        "porteur": dossier.porteur.name,
        "title": dossier.title,
        **{name: money(_sum(dossier.lines, name)) for name in SUMS},
    }


def dossier_detail(
    db: Session, dossier: Dossier, now: datetime, actor: Actor | None = None
) -> dict[str, Any]:
    """`dossier show`. With an actor, `allowed` also says whether that person may."""
    names = names_of(dossier.contract)
    return {
        **dossier_row(dossier),
        "funding": [_line(line) for line in dossier.lines],
        "opinions": [_opinion(opinion) for opinion in dossier.opinions],
        "located": dossier.located,
        "journal": [_act(line) for line in journal_of(db, f"dossier:{dossier.id}")],
        "actions": [
            _action(action, actor is not None, names)
            for action in list_actions(db, dossier, actor or NOBODY, now)
        ],
    }


def check_json(dossier: Dossier, findings: Sequence[Finding], now: datetime) -> dict[str, Any]:
    """One entry of `check`: every dossier rule once, and whether the dossier is admissible."""
    facts = dossier_facts(dossier, territory_of(dossier.contract), now.astimezone(PARIS).date())
    names = names_of(dossier.contract)
    return {
        "reference": dossier.reference,
        "year": dossier.year,
        "admissible": admissible(findings, facts),
        "findings": [finding_json(finding, names) for finding in findings],
    }


def check_one(dossier: Dossier, now: datetime) -> tuple[dict[str, Any], list[Finding]]:
    """The same for one dossier, with the findings themselves."""
    findings = examine(dossier, now)
    return check_json(dossier, findings, now), findings


def decision_json(decision: Replay, dossier: Dossier) -> dict[str, Any]:
    """One entry of `dossier decisions`: the findings computed again on what was known that day, and what differs."""
    record, names = decision.record, names_of(dossier.contract)
    row = next(row for row in DOSSIER.rows if row.trigger == record.journal.trigger)
    return {
        "at": record.decided_at.isoformat(),
        "trigger": record.journal.trigger,
        "label": row.label,
        "actor": record.journal.actor,
        "reason": record.journal.reason,
        "parameters_digest": record.parameters_digest,
        "settings_digest": record.settings_digest,
        "different": list(decision.different),
        "kept": [finding_json(decision.kept_finding(rule), names) for rule in decision.different],
        "findings": [finding_json(finding, names) for finding in decision.found],
    }


def money(amount: Decimal | None) -> str | None:
    """An amount as the interface writes it."""
    return None if amount is None else f"{amount:.2f}"


def _sum(lines: Iterable[FundingLine], name: str) -> Decimal | None:
    known = [amount for line in lines if (amount := getattr(line, name)) is not None]
    return sum(known, Decimal(0)) if known else None


def _line(line: FundingLine) -> dict[str, Any]:
    return {
        "financer": line.financer,
        "nature": line.nature,
        **{name: money(getattr(line, name)) for name in AMOUNTS},
        "state": line.state,
        "firm": line.firm,
        "promised": money(line.promised),
        "reason": line.reason,
    }


def _opinion(opinion: Opinion) -> dict[str, Any]:
    return {
        "organisation": opinion.organisation.code or opinion.organisation.name,
        "round": opinion.round,
        "state": opinion.state,
        "value": opinion.value,
        "due": opinion.due_on.isoformat(),
        "given_at": opinion.given_at.isoformat() if opinion.given_at else None,
        "changed_at": opinion.changed_at.isoformat() if opinion.changed_at else None,
        "criteria": opinion.criteria or {},
    }


def _act(line: Journal) -> dict[str, Any]:
    return {
        "at": line.at.isoformat(),
        "actor": line.actor,
        "trigger": line.trigger,
        "from": line.from_state,
        "to": line.to_state,
        "reason": line.reason,
        "subject": line.subject,
    }


def _action(action: AvailableAction, has_actor: bool, names: Mapping[str, str]) -> dict[str, Any]:
    allowed = action.allowed if has_actor else not any(finding.blocks for finding in action.findings)
    return {
        "trigger": action.trigger,
        "label": action.label,
        "allowed": allowed,
        "findings": [finding_json(finding, names) for finding in action.findings],
        "inputs": [{"name": item.name, "required": item.required} for item in action.inputs],
        "reason_required": action.reason_required,
        **({"permitted": action.permitted} if has_actor else {}),
    }
