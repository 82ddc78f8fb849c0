# SPDX-License-Identifier: EUPL-1.2
"""Why a decision was allowed: facts, settings, parameters and findings kept with its journal line; and computed again."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import select
from sqlalchemy.orm import Session

from rules.catalogue import RULES
from rules.engine import evaluate
from rules.facts import DossierFacts, TerritoryFacts
from rules.findings import Finding
from rules.parameters import ParametersOfDay
from rules.render import json_safe
from workflow.claims import insert_once
from workflow.errors import UnknownReferenceError
from workflow.examination import facts_on, parameters_of
from workflow.facts import build_territory_facts
from workflow.firing import PARIS, Firing
from workflow.models import Contract, ContractVersion, DecisionRecord, Journal
from workflow.territory import Territory

_FACTS, _FINDING = TypeAdapter(DossierFacts), TypeAdapter(Finding)


def plain(finding: Finding) -> dict[str, Any]:
    """A finding as JSON values, without its sentence: sentences are rendered on reading."""
    values: dict[str, Any] = json_safe(finding)  # type: ignore[assignment]
    return values


def facts_of(firing: Firing) -> dict[str, Any]:
    """The dossier's facts as JSON values, to keep as they are when deciding.

    A closing has read those of all its dossiers with their findings, before the first of them moved.
    """
    read = firing.details.get("kept_facts") or facts_on(firing.dossier, firing.today)
    facts: dict[str, Any] = json_safe(read)  # type: ignore[assignment]
    return facts


def record_decision(
    firing: Firing, line: Journal, facts: dict[str, Any], findings: list[Finding]
) -> DecisionRecord:
    """Adds the decision's record. `facts` and `findings` are those read when deciding.

    A closing, which has read the facts of all its dossiers, has kept the settings once for them all.
    """
    contract, parameters = firing.contract, parameters_of(firing.contract, firing.today)
    if "kept_facts" not in firing.details:
        keep_settings(firing.db, contract)
    row = DecisionRecord(
        dossier_id=firing.dossier.id,
        journal=line,
        decided_at=firing.now,
        parameters_digest=parameters.digest,
        parameters=_plain_parameters(parameters),
        settings_digest=contract.settings_digest,
        facts=facts,
        findings={"findings": [plain(f) for f in findings], "rules": len(RULES)},
    )
    firing.db.add(row)
    return row


def keep_settings(db: Session, contract: Contract) -> None:
    """The first decision taken under these settings keeps them."""
    known = select(ContractVersion.id).where(
        ContractVersion.contract_id == contract.id, ContractVersion.digest == contract.settings_digest
    )
    with db.no_autoflush:  # asked in the middle of a firing, whose rows can wait
        if db.scalar(known) is not None:
            return
    values = {
        "contract_id": contract.id,
        "digest": contract.settings_digest,
        "settings": contract.settings,
        "official_qpv": contract.official_qpv,
    }
    insert_once(db, ContractVersion, values)


def _plain_parameters(parameters: ParametersOfDay) -> dict[str, Any]:
    numbers = {name: None if value is None else str(value) for name, value in parameters.values.items()}
    lists = {name: None if words is None else list(words) for name, words in parameters.lists.items()}
    return {"numbers": numbers, "lists": lists, "local": sorted(parameters.local)}


@dataclass(frozen=True, slots=True)
class Replay:
    """A decision computed again: the findings of the day as kept, the same rules' findings now, those that differ."""

    record: DecisionRecord
    kept: tuple[Mapping[str, Any], ...]
    found: tuple[Finding, ...]
    different: tuple[str, ...]  # rule ids

    def kept_finding(self, rule: str) -> Finding:
        """What the rule had answered that day, as it was kept; its figures typed like those computed again."""
        kept = _FINDING.validate_python(next(one for one in self.kept if one["rule"] == rule))
        again = next((one for one in self.found if one.rule == rule), None)
        if again is not None:
            kept.facts = {name: _like(value, again.facts.get(name)) for name, value in kept.facts.items()}
        return kept


def _like(value: Any, model: object) -> Any:
    """A kept JSON value as what it was: an amount, a day, or a list of such."""
    if isinstance(value, list) and isinstance(model, list) and model:
        return [_like(item, model[0]) for item in value]
    if isinstance(value, str) and isinstance(model, Decimal):
        return Decimal(value)
    if isinstance(value, str) and isinstance(model, date):
        return date.fromisoformat(value)
    return value


def replay(db: Session, record: DecisionRecord) -> Replay:
    """Computes a past decision on its facts, its settings and the rules of its day.

    Raises UnknownReferenceError when its settings were not kept. A rule since removed from the catalogue differs.
    """
    parameters = _parameters_of(record)
    territory = _territory_of(db, record)
    kept = tuple(record.findings["findings"])
    names = {one["rule"] for one in kept}
    computed = {f.rule: f for f in evaluate(_FACTS.validate_python(record.facts), territory, parameters)}
    found = tuple(computed[name] for name in RULES if name in names)
    now = {finding.rule: plain(finding) for finding in found}
    different = tuple(one["rule"] for one in kept if now.get(one["rule"]) != one)
    return Replay(record, kept, found, different)


def _parameters_of(record: DecisionRecord) -> ParametersOfDay:
    on = record.decided_at.astimezone(PARIS).date()
    numbers = {
        name: None if value is None else Decimal(value)
        for name, value in record.parameters["numbers"].items()
    }
    lists = {
        name: None if words is None else tuple(words) for name, words in record.parameters["lists"].items()
    }
    return ParametersOfDay(
        on, numbers, record.parameters_digest, frozenset(record.parameters["local"]), lists
    )


def _territory_of(db: Session, record: DecisionRecord) -> TerritoryFacts:
    version = db.scalar(select(ContractVersion).where(ContractVersion.digest == record.settings_digest))
    if version is None:
        raise UnknownReferenceError("La configuration du jour de cette décision n’a pas été conservée.")
    official = None if version.official_qpv is None else frozenset(version.official_qpv)
    return build_territory_facts(Territory.model_validate(version.settings), official)


def has_decisions(db: Session, dossier_id: int) -> bool:
    """True once a decision was recorded on this dossier."""
    return (
        db.scalar(select(DecisionRecord.id).where(DecisionRecord.dossier_id == dossier_id).limit(1))
        is not None
    )


def list_decisions(db: Session, dossier_id: int) -> list[DecisionRecord]:
    """The recorded decisions of a dossier, the oldest first."""
    rows = select(DecisionRecord).where(DecisionRecord.dossier_id == dossier_id)
    return list(db.scalars(rows.order_by(DecisionRecord.id)))
