# SPDX-License-Identifier: EUPL-1.2
"""The decisions of a dossier as people read them: when, by whom, on which findings, and whether they hold today."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from reports.summary.words import words_of
from rules.catalogue import RULES
from rules.findings import Finding
from web.presenters.dossier import heading
from web.presenters.findings import GROUPS, rendered
from web.presenters.people import named_in
from workflow.contracts import territory_of
from workflow.decisions import Replay, list_decisions, replay
from workflow.models import Dossier
from workflow.transitions import DOSSIER


def decisions_view(db: Session, dossier: Dossier) -> dict[str, Any]:
    """The page: the latest decision first."""
    names = words_of(territory_of(dossier.contract)).names
    found = [replay(db, record) for record in reversed(list_decisions(db, dossier.id))]
    people = named_in(db, [one.record.journal for one in found])
    return heading(dossier) | {"decisions": [_decision(one, names, people) for one in found]}


def _decision(decision: Replay, names: Mapping[str, str], people: Mapping[str, str]) -> dict[str, Any]:
    record = decision.record
    return {
        "label": next(row.label for row in DOSSIER.rows if row.trigger == record.journal.trigger),
        "at": record.decided_at,
        "by": people.get(record.journal.actor, record.journal.actor),
        "reason": record.journal.reason,
        "local": list(record.parameters["local"]),
        "different": [
            {
                "label": RULES[rule].label if rule in RULES else rule,
                "kept": rendered(decision.kept_finding(rule), names)["message"],
            }
            for rule in decision.different
        ],
        "groups": _groups(decision.found, names),
    }


def _groups(findings: tuple[Finding, ...], names: Mapping[str, str]) -> list[dict[str, Any]]:
    by_outcome: dict[str, list[dict[str, object]]] = {}
    for finding in findings:
        by_outcome.setdefault(finding.outcome.value, []).append(rendered(finding, names))
    return [
        {"label": label, "open": is_open, "findings": by_outcome[outcome]}
        for outcome, label, is_open in GROUPS
        if outcome in by_outcome
    ]
