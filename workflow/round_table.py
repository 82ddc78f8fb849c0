# SPDX-License-Identifier: EUPL-1.2
"""Use cases of the round table: open a line nobody requested, answer for a financer, propose an amount."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow import journal
from workflow.errors import (
    ConflictError,
    InvalidInputError,
    NotAllowedHereError,
    NotPermittedError,
    RefusedError,
    UnknownReferenceError,
)
from workflow.guards.conference import above_ceiling, speaks_in_own_cause
from workflow.guards.renewal import departs_unsaid
from workflow.inputs import check_amount
from workflow.machine import chain_of, fire, name_of
from workflow.models import Credit, Dossier, FundingLine
from workflow.permissions import Actor, holds
from workflow.stages import LINE_LABELS, STAGE_LABELS, LineState, Role, Stage

ANSWERS = {
    "firm": "answer_firm",
    "indicative": "answer_indicative",
    "in_kind": "answer_in_kind",
    "declined": "decline",
    "not_concerned": "mark_not_concerned",
    "no_reply": "note_no_reply",
}
PROPOSING_STAGES = (Stage.DISPATCHED, Stage.CO_INSTRUCTION, Stage.FINANCERS_CONFERENCE)
OPENING = (Role.LEAD_INSTRUCTOR, Role.INSTRUCTOR, Role.SECRETARY)
PROPOSABLE = frozenset({LineState.ASKED, LineState.INDICATIVE, LineState.FIRM})


def open_line(
    db: Session, dossier: Dossier, credit_code: str, actor: Actor, reason: str, now: datetime
) -> FundingLine:
    """Opens, and asks, a line nobody requested; its own financer may. Raises UnknownReferenceError on an unknown credit."""
    query = select(Credit).where(Credit.contract_id == dossier.contract_id, Credit.code == credit_code)
    credit = db.scalar(query.where(Credit.closed_on.is_(None)))
    own = credit is not None and actor.speaks_for(credit.organisation_id, dossier.contract_id)
    if not own and not any(holds(actor, role, dossier) for role in OPENING):
        raise NotPermittedError(
            "Seuls l’instructeur, le secrétaire et le financeur lui-même ouvrent une ligne de financement."
        )
    if credit is None:
        raise UnknownReferenceError(f"Crédit inconnu du contrat : « {credit_code} ».")
    if dossier.line(credit_code) is not None:
        raise NotAllowedHereError(f"La ligne {credit_code} existe déjà sur ce dossier.")
    line = FundingLine(credit=credit, key=credit.code, year=dossier.year, state=LineState.NOT_ASKED.value)
    dossier.lines.append(line)
    db.flush()
    fire(db, line, "ask", actor, reason, now)
    return line


def answer(
    db: Session,
    line: FundingLine,
    answer: str,
    actor: Actor,
    now: datetime,
    *,
    amount: Decimal | None = None,
    reason: str | None = None,
    description: str | None = None,
    expected_on: date | None = None,
    expected_version: int | None = None,
) -> None:
    """A financer's answer on its line, one of the five ways (see `ANSWERS`)."""
    if answer not in ANSWERS:
        raise InvalidInputError(
            f"Réponse inconnue : « {answer} ». Réponses possibles : {', '.join(ANSWERS)}.", "answer"
        )
    fire(
        db,
        line,
        ANSWERS[answer],
        actor,
        reason,
        now,
        expected_version=expected_version,
        amount=amount,
        description=description,
        expected_on=expected_on,
    )


def propose(
    db: Session,
    line: FundingLine,
    amount: Decimal | None,
    actor: Actor,
    now: datetime,
    *,
    reason: str | None = None,
    expected_version: int | None = None,
) -> bool:
    """Types the amount proposed on a line (None clears it); True when something changed, journalled then."""
    dossier = line.dossier
    own = actor.speaks_for(line.credit.organisation_id, dossier.contract_id)
    if not own and not any(holds(actor, role, dossier) for role in (Role.SECRETARY, Role.LEAD_INSTRUCTOR)):
        raise NotPermittedError("Seuls le financeur, le secrétaire et le chef de file proposent un montant.")
    if speaks_in_own_cause(actor, line):
        raise NotPermittedError("Vous avez un mandat ou un intérêt déclaré chez le porteur de ce dossier.")
    if expected_version is not None and line.version != expected_version:
        raise ConflictError
    if dossier.stage not in PROPOSING_STAGES:
        raise NotAllowedHereError(
            f"On ne propose plus de montant à l’étape « {STAGE_LABELS[Stage(dossier.stage)]} »."
        )
    if amount is not None and line.state not in PROPOSABLE:
        label = LINE_LABELS[LineState(line.state)]
        raise NotAllowedHereError(
            f"La ligne {line.key} est « {label} » : aucun montant ne peut y être proposé."
        )
    if amount is not None:
        check_amount(amount, "Un montant proposé")
        too_much = list(above_ceiling(line, amount))
        if too_much:
            raise RefusedError("Ce montant proposé est refusé.", too_much)
    if amount == line.proposed:
        return False
    unsaid = list(departs_unsaid(line, amount, reason))
    if unsaid:
        raise RefusedError("Ce montant proposé est refusé.", unsaid)
    before, line.proposed = line.proposed, amount
    journal.record(
        db,
        contract_id=dossier.contract_id,
        chain=chain_of(dossier),
        subject=name_of(line),
        actor=actor,
        trigger="propose",
        now=now,
        reason=reason,
        details={"before": _text(before), "after": _text(amount)},
    )
    return True


def _text(amount: Decimal | None) -> str | None:
    return None if amount is None else str(amount)
