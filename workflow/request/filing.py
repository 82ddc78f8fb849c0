# SPDX-License-Identifier: EUPL-1.2
"""Filing a request: what it states is journalled whole, then `submit` (or `complete`) goes through the one door."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from rules.engine import evaluate
from rules.findings import Finding, Outcome, Severity
from workflow.completion import TRIGGER
from workflow.errors import InvalidInputError
from workflow.examination import facts_on, parameters_of
from workflow.facts import territory_facts
from workflow.firing import PARIS
from workflow.machine import fire
from workflow.models import Dossier, Journal
from workflow.permissions import Actor
from workflow.pieces import ADD
from workflow.request.budget import key_of
from workflow.request.steps import TO_CHECK
from workflow.request.writing import BUDGET_TRIGGER, WRITING, check_may_write, check_nobody_else_wrote
from workflow.request_values import DOSSIER_COLUMNS, RequestValues
from workflow.stages import Stage
from workflow.submission import record_stated

ANSWERING = (ADD, TRIGGER, BUDGET_TRIGGER)  # acts that answer a request for completion
TOLD = frozenset({Outcome.VIOLATED, Outcome.UNDETERMINED})
# What the instruction settles, and the porteur can do nothing about while it writes.
INSIDE = frozenset(
    {
        "recusal.member",
        "acknowledgement.receipt",
        "implicit_refusal.date",
        "qpv.residents_located",
        "duplicate.action",
    }
)


def remarks_on(dossier: Dossier, now: datetime) -> list[Finding]:
    """What the rules of the submission would say of the request as it stands: told, never a refusal to file."""
    on = now.astimezone(PARIS).date()
    facts = facts_on(dossier, on)
    if dossier.stage == Stage.DRAFT:
        facts = replace(facts, filed_on=on)  # as if it were filed now
    contract = dossier.contract
    found = evaluate(facts, territory_facts(contract), parameters_of(contract, on), stage="submission")
    return [
        one
        for one in found
        if one.outcome in TOLD and one.severity is not Severity.INFO and one.rule not in INSIDE
    ]


def is_registrable(dossier: Dossier) -> bool:
    """What registers a request is there: porteur, title, year, one amount."""
    return dossier.total_cost is not None or any(line.requested is not None for line in dossier.lines)


def file_draft(
    db: Session,
    dossier: Dossier,
    actor: Actor,
    now: datetime,
    *,
    expected_version: int | None = None,
    unanswered: bool = False,
) -> None:
    """Files the draft, or sends a completed request back; `unanswered`: knowingly, without anything added.

    Raises ConflictError, RefusedError, NotPermittedError, InvalidInputError.
    """
    check_may_write(dossier, actor)
    check_nobody_else_wrote(dossier, actor, expected_version)
    if not unanswered and not has_answered(db, dossier):
        raise InvalidInputError(
            "Rien n’a été joint ni corrigé depuis la demande de compléments : complétez, ou confirmez l’envoi.",
            "confirme",
        )
    is_draft = dossier.stage == Stage.DRAFT
    kept = {name: value for name, value in dossier.follow_up.items() if name not in (TO_CHECK, WRITING)}
    dossier.follow_up = kept
    if is_draft:
        record_stated(db, dossier, stated_of(dossier), now, actor)
    fire(db, dossier, "submit" if is_draft else "complete", actor, None, now)
    db.flush()


def has_answered(db: Session, dossier: Dossier) -> bool:
    """True unless pieces were asked and nothing was sent nor corrected since."""
    if dossier.stage != Stage.INCOMPLETE:
        return True
    since = select(Journal.id).where(
        Journal.chain == f"dossier:{dossier.id}", Journal.at >= dossier.stage_since
    )
    return db.scalar(since.where(Journal.trigger.in_(ANSWERING)).limit(1)) is not None


def stated_of(dossier: Dossier) -> RequestValues:
    """The request as its porteur states it, in the form an import reads it."""
    porteur = dossier.porteur
    columns: dict[str, Any] = {name: _fixed(getattr(dossier, name)) for name in DOSSIER_COLUMNS}
    budget = {side: _planned(dossier, side) for side in ("charge", "produit")}
    return RequestValues(
        reference=dossier.reference,
        year=dossier.year,
        porteur_name=porteur.name,
        porteur_siret=porteur.siret,
        porteur_rna=porteur.rna,
        porteur_form=porteur.legal_form,
        porteur_email=porteur.email,
        porteur_commune=porteur.commune,
        porteur_recognition=porteur.recognition,
        economic_activity=porteur.economic_activity,
        is_small_association=porteur.is_small_association,
        requests={line.key: line.requested for line in dossier.lines if line.requested is not None},
        charges=budget["charge"],
        produits=budget["produit"],
        **columns,
    )


def _fixed(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _planned(dossier: Dossier, side: str) -> Mapping[str, Decimal]:
    lines = [line for line in dossier.budget if line.side == side and line.planned is not None]
    return {key_of(line).partition(":")[2]: line.planned for line in lines if line.planned is not None}
