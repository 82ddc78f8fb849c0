# SPDX-License-Identifier: EUPL-1.2
"""Envelopes as rule facts: the amount of each, and what dossiers and awards take from it. Three queries."""

from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

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
Sums = tuple[Decimal, Decimal, Decimal, Decimal]  # proposed, retained, granted, committed


def envelope_facts(db: Session, contract: Contract, year: int) -> list[EnvelopeFacts]:
    """Every open envelope of the year, those of the département told apart. Committed: line by line granted else retained, and awards without dossier."""
    lines, awards = _line_sums(db, contract, year), _award_sums(db, contract, year)
    rows = db.execute(
        select(Envelope, Credit)
        .join(Credit, Credit.id == Envelope.credit_id)
        .where(Credit.contract_id == contract.id, Envelope.year == year, Envelope.closed_on.is_(None))
        .order_by(Credit.rank, Envelope.id)
    )
    return [
        _facts(envelope, credit, lines.get(credit.id, (ZERO,) * 4), awards.get(credit.code, ZERO))
        for envelope, credit in rows
    ]


def _facts(envelope: Envelope, credit: Credit, sums: Sums, awarded: Decimal) -> EnvelopeFacts:
    proposed, retained, granted, committed = sums
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
            func.sum(FundingLine.proposed),
            func.sum(FundingLine.retained),
            func.sum(FundingLine.granted),
            func.sum(func.coalesce(FundingLine.granted, FundingLine.retained)),
        )
        .join(Dossier, Dossier.id == FundingLine.dossier_id)
        .where(Dossier.contract_id == contract.id, Dossier.stage.in_(alive))
        .where(FundingLine.year == year, FundingLine.state.not_in([state.value for state in DEAD]))
        .group_by(FundingLine.credit_id)
    )
    return {row[0]: (row[1] or ZERO, row[2] or ZERO, row[3] or ZERO, row[4] or ZERO) for row in rows}


def _award_sums(db: Session, contract: Contract, year: int) -> dict[str, Decimal]:
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
