# SPDX-License-Identifier: EUPL-1.2
"""Envelopes as rule facts: the amount of each, and what dossiers and awards take from it. Three queries."""

from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session, joinedload

from rules.facts import EnvelopeFacts
from workflow.models import Award, Contract, Credit, Dossier, Envelope, FundingLine
from workflow.stages import FUNDED_STAGES, OPEN_STAGES, LineState

ZERO = Decimal(0)
DEAD = frozenset(
    {
        LineState.DECLINED,
        LineState.NOT_CONCERNED,
        LineState.REFUSED,
        LineState.CANCELLED,
        LineState.INELIGIBLE,
    }
)
Sums = tuple[Decimal, Decimal, Decimal, Decimal, Decimal, Decimal]
# requested, proposed, retained, granted, committed (granted else retained), expected (else proposed)
NOTHING: Sums = (ZERO,) * 6


@dataclass(frozen=True, slots=True)
class CreditBalance:
    """A credit in one year: its envelope if it has one, what dossiers ask of it, what is committed and expected on it."""

    credit: Credit
    envelope: Envelope | None
    requested: Decimal
    expected: Decimal  # committed, and what is still only proposed
    facts: EnvelopeFacts


def credit_balances(db: Session, contract: Contract, year: int) -> list[CreditBalance]:
    """Every open credit of the contract, in the order of the configuration, those without envelope too. Three queries."""
    lines, awards = _line_sums(db, contract, year), award_sums(db, contract, year)
    joined = and_(Envelope.credit_id == Credit.id, Envelope.year == year, Envelope.closed_on.is_(None))
    rows = db.execute(
        select(Credit, Envelope)
        .outerjoin(Envelope, joined)
        .where(Credit.contract_id == contract.id, Credit.closed_on.is_(None))
        .options(joinedload(Credit.organisation))
        .order_by(Credit.rank, Envelope.id)
    )
    return [
        _balance(credit, envelope, year, lines.get(credit.id, NOTHING), awards.get(credit.code, ZERO))
        for credit, envelope in rows
    ]


def _balance(
    credit: Credit, envelope: Envelope | None, year: int, sums: Sums, awarded: Decimal
) -> CreditBalance:
    known = envelope or Envelope(credit_id=credit.id, year=year, status="none", held_by="contract")
    facts = _facts(known, credit, sums, awarded)
    return CreditBalance(credit, envelope, sums[0], sums[5] + awarded, facts)


def envelope_facts(db: Session, contract: Contract, year: int) -> list[EnvelopeFacts]:
    """Every open envelope of the year, those of the département told apart. Committed: line by line granted else retained, and awards without dossier."""
    lines, awards = _line_sums(db, contract, year), award_sums(db, contract, year)
    rows = db.execute(
        select(Envelope, Credit)
        .join(Credit, Credit.id == Envelope.credit_id)
        .where(Credit.contract_id == contract.id, Envelope.year == year, Envelope.closed_on.is_(None))
        .order_by(Credit.rank, Envelope.id)
    )
    return [
        _facts(envelope, credit, lines.get(credit.id, NOTHING), awards.get(credit.code, ZERO))
        for envelope, credit in rows
    ]


def _facts(envelope: Envelope, credit: Credit, sums: Sums, awarded: Decimal) -> EnvelopeFacts:
    _, proposed, retained, granted, committed, _ = sums
    return EnvelopeFacts(
        credit=credit.code,
        year=envelope.year,
        status=envelope.status,
        amount=envelope.amount,
        label=credit.label,
        proposed=proposed,
        retained=retained,
        granted=granted + awarded,
        committed=committed + awarded,
        held_by=envelope.held_by,
    )


def _line_sums(db: Session, contract: Contract, year: int) -> dict[int, Sums]:
    alive = [stage.value for stage in FUNDED_STAGES | OPEN_STAGES]
    rows = db.execute(
        select(
            FundingLine.credit_id,
            func.sum(FundingLine.requested),
            func.sum(FundingLine.proposed),
            func.sum(FundingLine.retained),
            func.sum(FundingLine.granted),
            func.sum(func.coalesce(FundingLine.granted, FundingLine.retained)),
            func.sum(func.coalesce(FundingLine.granted, FundingLine.retained, FundingLine.proposed)),
        )
        .join(Dossier, Dossier.id == FundingLine.dossier_id)
        .where(Dossier.contract_id == contract.id, Dossier.stage.in_(alive))
        .where(FundingLine.year == year, FundingLine.state.not_in([state.value for state in DEAD]))
        .group_by(FundingLine.credit_id)
    )
    return {credit_id: tuple(amount or ZERO for amount in sums) for credit_id, *sums in rows}  # type: ignore[misc]


def award_sums(db: Session, contract: Contract, year: int) -> dict[str, Decimal]:
    """The contract's own awards that no dossier carries; those outside it, or unclassified, take nothing from it."""
    rows = db.execute(
        select(Award.credit, func.sum(Award.granted))
        .where(
            Award.contract_id == contract.id,
            Award.year == year,
            Award.dossier_id.is_(None),
            Award.inside.is_(True),
        )
        .group_by(Award.credit)
    )
    return {credit: total or ZERO for credit, total in rows}
