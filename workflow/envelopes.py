# SPDX-License-Identifier: EUPL-1.2
"""The figures of an envelope: who may write them, with which reason, and their history in the journal."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from workflow import journal
from workflow.envelope_facts import DEAD
from workflow.errors import ConflictError, InvalidInputError, NotPermittedError, UnknownReferenceError
from workflow.inputs import check_amount
from workflow.models import Contract, Credit, Dossier, Envelope, FundingLine, Journal, Organisation
from workflow.permissions import Actor
from workflow.queries import journal_of
from workflow.stages import FUNDED_STAGES, OPEN_STAGES, Role

NONE, PROVISIONAL, NOTIFIED = "none", "provisional", "notified"
STATUS_LABELS = {NONE: "inconnue", PROVISIONAL: "provisoire", NOTIFIED: "notifiée"}
FIRST_YEAR, LAST_YEAR = 2000, 2100
TRIGGER = "set_envelope"
ALIVE = [stage.value for stage in FUNDED_STAGES | OPEN_STAGES]


def may_set_envelope(actor: Actor, credit: Credit) -> bool:
    """The pilot and the administrator of the contract, and whoever answers for the financer of the credit."""
    if any(actor.has(role, credit.contract_id) for role in (Role.PILOT, Role.ADMINISTRATOR)):
        return True
    return any(
        seat.role is Role.FINANCER and seat.organisation_id == credit.organisation_id
        for seat in actor.seats_for(credit.contract_id)
    )


def find_credit(db: Session, contract: Contract, credit_id: int) -> Credit:
    """An open credit of the contract. Raises UnknownReferenceError."""
    if not 0 < credit_id < 2**31:
        raise UnknownReferenceError("Ce numéro n’existe pas.")
    query = select(Credit).where(Credit.id == credit_id, Credit.contract_id == contract.id)
    found = db.scalar(query.where(Credit.closed_on.is_(None)).options(joinedload(Credit.organisation)))
    if found is None:
        raise UnknownReferenceError(f"Crédit inconnu dans ce contrat : n° {credit_id}.")
    return found


def find_envelope(db: Session, credit: Credit, year: int, held_by: str = "contract") -> Envelope | None:
    """The envelope of this credit for that year, if one was ever written."""
    return db.scalar(
        select(Envelope).where(
            Envelope.credit_id == credit.id, Envelope.year == year, Envelope.held_by == held_by
        )
    )


def set_envelope(
    db: Session,
    credit: Credit,
    year: int,
    status: str,
    amount: Decimal | None,
    actor: Actor,
    now: datetime,
    *,
    reason: str = "",
    expected_version: int | None = None,
) -> bool:
    """Writes the figures of the contract's own envelope; False when nothing changed. Flushes.

    A notified figure is the financer's word: changing it asks a reason. `expected_version` 0: the page showed none.
    """
    if not may_set_envelope(actor, credit):
        raise NotPermittedError(
            f"L’enveloppe de ce crédit se renseigne par le pilote, l’administrateur ou « {credit.organisation.name} »."
        )
    amount = _checked(year, status, amount)
    envelope = find_envelope(db, credit, year)
    if expected_version is not None and expected_version != (envelope.version if envelope else 0):
        raise ConflictError
    if envelope is None:
        envelope = Envelope(credit=credit, year=year, status=NONE)
        db.add(envelope)
        db.flush()
    before = figures_of(envelope)
    if before == {"status": status, "amount": _text(amount)} and envelope.closed_on is None:
        return False
    if before["status"] == NOTIFIED and not reason.strip():
        text = "Motif : à renseigner, car l’enveloppe était notifiée par son financeur."
        raise InvalidInputError(text, "reason")
    envelope.status, envelope.amount, envelope.edited, envelope.closed_on = status, amount, True, None
    db.flush()
    journal.record(
        db,
        contract_id=credit.contract_id,
        chain=chain_of(envelope),
        actor=actor,
        trigger=TRIGGER,
        now=now,
        reason=reason.strip() or None,
        details={"credit": credit.code, "year": year, "before": before, "after": figures_of(envelope)},
    )
    return True


def _checked(year: int, status: str, amount: Decimal | None) -> Decimal | None:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise InvalidInputError(f"Exercice : {year} n’est pas une année du contrat.", "year")
    if status not in STATUS_LABELS:
        raise InvalidInputError("Enveloppe : à choisir entre inconnue, provisoire et notifiée.", "status")
    if status == NONE:
        return None
    if amount is None:
        raise InvalidInputError("Montant : à renseigner pour une enveloppe provisoire ou notifiée.", "amount")
    check_amount(amount, "Le montant de l’enveloppe")
    return amount


def figures_of(envelope: Envelope) -> dict[str, str | None]:
    """Its figures as the journal keeps them."""
    return {"status": envelope.status, "amount": _text(envelope.amount)}


def _text(amount: Decimal | None) -> str | None:
    return None if amount is None else f"{amount:.2f}"


def chain_of(envelope: Envelope) -> str:
    """The chain of its journal."""
    return f"envelope:{envelope.id}"


def envelope_history(db: Session, envelope: Envelope | None) -> Sequence[Journal]:
    """What was written on it, oldest first."""
    return () if envelope is None else journal_of(db, chain_of(envelope))


def lines_on_credit(db: Session, credit: Credit, year: int) -> Sequence[Any]:
    """The lines that draw on the credit that year, dead ones left out, as rows of columns."""
    return db.execute(
        select(
            FundingLine.id,
            FundingLine.dossier_id,
            Dossier.reference,
            Dossier.title,
            Dossier.stage,
            Organisation.name.label("porteur"),
            FundingLine.state,
            FundingLine.requested,
            FundingLine.proposed,
            FundingLine.retained,
            FundingLine.granted,
        )
        .join(Dossier, Dossier.id == FundingLine.dossier_id)
        .join(Organisation, Organisation.id == Dossier.porteur_id)
        .where(FundingLine.credit_id == credit.id, FundingLine.year == year)
        .where(Dossier.stage.in_(ALIVE), FundingLine.state.not_in([state.value for state in DEAD]))
        .order_by(Dossier.reference, FundingLine.id)
    ).all()
