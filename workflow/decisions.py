# SPDX-License-Identifier: EUPL-1.2
"""Why a decision was allowed: the facts as read, the parameters' digest and the findings, kept with its journal line."""

from dataclasses import asdict
from typing import Any

from rules.catalogue import RULES
from rules.findings import Finding
from rules.render import json_safe
from workflow.examination import parameters_of
from workflow.facts import dossier_facts
from workflow.firing import Firing
from workflow.models import DecisionRecord, Journal


def plain(finding: Finding) -> dict[str, Any]:
    """A finding as JSON values, without its sentence: sentences are rendered on reading."""
    values: dict[str, Any] = json_safe(asdict(finding))  # type: ignore[assignment]
    return values


def facts_of(firing: Firing) -> dict[str, Any]:
    """The dossier's facts as JSON values, to keep as they are when deciding."""
    facts: dict[str, Any] = json_safe(asdict(dossier_facts(firing.dossier, firing.territory, firing.today)))  # type: ignore[assignment]
    return facts


def record_decision(
    firing: Firing, line: Journal, facts: dict[str, Any], findings: list[Finding]
) -> DecisionRecord:
    """Adds the decision's record. `facts` and `findings` are those read when deciding."""
    row = DecisionRecord(
        dossier_id=firing.dossier.id,
        journal=line,
        decided_at=firing.now,
        parameters_digest=parameters_of(firing.contract, firing.today).digest,
        facts=facts,
        findings={"findings": [plain(f) for f in findings], "rules": len(RULES)},
    )
    firing.db.add(row)
    return row
