# SPDX-License-Identifier: EUPL-1.2
"""What each envelope still holds for a séance: less what other dossiers, awards and running CPO take. Four queries."""

from collections.abc import Collection
from decimal import Decimal

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from workflow.arbitration.problem import ZERO
from workflow.arbitration.problem import Envelope as EnvelopeAsked
from workflow.envelope_facts import DEAD, award_sums
from workflow.forecasts import held_sums
from workflow.models import Contract, Credit, Dossier, Envelope, FundingLine
from workflow.stages import FUNDED_STAGES, OPEN_STAGES, Stage

ALIVE = [stage.value for stage in FUNDED_STAGES | OPEN_STAGES]
PROPOSED = [Stage.COMMITMENT.value, Stage.DEFERRED.value]  # stages whose proposals wait for the committee
DEAD_STATES = [state.value for state in DEAD]


def available_envelopes(
    db: Session, contract: Contract, year: int, shared: Collection[int]
) -> tuple[EnvelopeAsked, ...]:
    """The contract's own envelopes, ordinary law too. `shared`: the lines that are shared out: they commit nothing yet.

    Committed: granted, else retained, else proposed by a conference that is over; awards without dossier; what CPO hold for
    that year. Amounts typed on dossiers still in instruction are provisional, and commit nothing.
    """
    committed = _committed(db, contract, year, shared)
    held, awarded = held_sums(db, contract, year), award_sums(db, contract, year)
    rows = db.execute(
        select(Credit.id, Credit.code, Envelope.status, Envelope.amount)
        .join(Credit, Credit.id == Envelope.credit_id)
        .where(Credit.contract_id == contract.id, Envelope.year == year, Envelope.held_by == "contract")
        .where(Envelope.closed_on.is_(None))
        .order_by(Credit.rank, Envelope.id)
    )
    return tuple(
        EnvelopeAsked(
            credit=code,
            status=status,
            amount=None if status == "none" else amount,
            committed=committed.get(code, ZERO) + held.get(credit_id, ZERO) + awarded.get(code, ZERO),
        )
        for credit_id, code, status, amount in rows
    )


def _committed(db: Session, contract: Contract, year: int, shared: Collection[int]) -> dict[str, Decimal]:
    proposed = case((Dossier.stage.in_(PROPOSED), FundingLine.proposed))
    rows = db.execute(
        select(
            FundingLine.id,
            FundingLine.key,
            func.coalesce(FundingLine.granted, FundingLine.retained, proposed),
        )
        .join(Dossier, Dossier.id == FundingLine.dossier_id)
        .where(Dossier.contract_id == contract.id, Dossier.stage.in_(ALIVE))
        .where(FundingLine.year == year, FundingLine.state.not_in(DEAD_STATES))
    )
    found: dict[str, Decimal] = {}
    for line_id, key, amount in rows:
        if amount and line_id not in shared:
            found[key] = found.get(key, ZERO) + amount
    return found
