# SPDX-License-Identifier: EUPL-1.2
"""Envelopes as rule facts: the amount of each, and what dossiers, awards and CPO forecasts take from it. Four queries."""

from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session, joinedload

from rules.facts import EnvelopeFacts
from workflow.forecasts import held_sums
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


class Beside(NamedTuple):
    """What draws on a credit beside the dossiers of the year: published awards, and CPO without dossier yet."""

    awarded: Decimal
    held: Decimal


@dataclass(frozen=True, slots=True)
class CreditBalance:
    """A credit in one year: its envelope if it has one, what dossiers ask of it, what is committed and expected on it."""

    credit: Credit
    envelope: Envelope | None
    requested: Decimal
    expected: Decimal  # committed, what is still only proposed, and what CPO hold
    facts: EnvelopeFacts


def credit_balances(db: Session, contract: Contract, year: int) -> list[CreditBalance]:
    """Every open credit of the contract, in the order of the configuration, those without envelope too. Four queries."""
    lines, awards = _line_sums(db, contract, year), award_sums(db, contract, year)
    held = held_sums(db, contract, year)
    joined = and_(Envelope.credit_id == Credit.id, Envelope.year == year, Envelope.closed_on.is_(None))
    rows = db.execute(
        select(Credit, Envelope)
        .outerjoin(Envelope, joined)
        .where(Credit.contract_id == contract.id, Credit.closed_on.is_(None))
        .options(joinedload(Credit.organisation))
        .order_by(Credit.rank, Envelope.id)
    )
    return [
        _balance(
            credit,
            envelope or Envelope(credit_id=credit.id, year=year, status="none", held_by="contract"),
            lines.get(credit.id, NOTHING),
            Beside(awards.get(credit.code, ZERO), held.get(credit.id, ZERO)),
            is_written=envelope is not None,
        )
        for credit, envelope in rows
    ]


def _balance(
    credit: Credit, envelope: Envelope, sums: Sums, beside: Beside, *, is_written: bool
) -> CreditBalance:
    facts = _facts(envelope, credit, sums, beside)
    expected = sums[5] + beside.awarded + beside.held
    return CreditBalance(credit, envelope if is_written else None, sums[0], expected, facts)


def envelope_facts(db: Session, contract: Contract, year: int) -> list[EnvelopeFacts]:
    """Every open envelope of the year, those of the département told apart. Committed: line by line granted else retained, and awards without dossier."""
    lines, awards = _line_sums(db, contract, year), award_sums(db, contract, year)
    held = held_sums(db, contract, year)
    rows = db.execute(
        select(Envelope, Credit)
        .join(Credit, Credit.id == Envelope.credit_id)
        .where(Credit.contract_id == contract.id, Envelope.year == year, Envelope.closed_on.is_(None))
        .order_by(Credit.rank, Envelope.id)
    )
    return [
        _facts(
            envelope,
            credit,
            lines.get(credit.id, NOTHING),
            Beside(awards.get(credit.code, ZERO), held.get(credit.id, ZERO)),
        )
        for envelope, credit in rows
    ]


def _facts(envelope: Envelope, credit: Credit, sums: Sums, beside: Beside) -> EnvelopeFacts:
    _, proposed, retained, granted, committed, _ = sums
    return EnvelopeFacts(
        credit=credit.code,
        year=envelope.year,
        status=envelope.status,
        amount=envelope.amount,
        label=credit.label,
        proposed=proposed,
        retained=retained,
        granted=granted + beside.awarded,
        committed=committed + beside.awarded,
        held_by=envelope.held_by,
        forecast=beside.held,
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
