# SPDX-License-Identifier: EUPL-1.2
"""What each envelope still holds for a séance: less what other dossiers, awards and running CPO take. Four queries."""

from collections.abc import Collection
from decimal import Decimal

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from workflow.arbitration.problem import ZERO
from workflow.arbitration.problem import Envelope as EnvelopeAsked
from workflow.envelope_facts import DEAD, award_sums
from workflow.forecasts import holding
from workflow.models import Contract, Credit, Dossier, Envelope, Forecast, FundingLine
from workflow.stages import FUNDED_STAGES, OPEN_STAGES, Stage
from workflow.territory import Nature

ALIVE = [stage.value for stage in FUNDED_STAGES | OPEN_STAGES]
PROPOSED = [Stage.COMMITMENT.value, Stage.DEFERRED.value]  # stages whose proposals wait for the committee
DEAD_STATES = [state.value for state in DEAD]


def available_envelopes(
    db: Session, contract: Contract, year: int, shared: Collection[int]
) -> tuple[EnvelopeAsked, ...]:
    """The contract's own envelopes of specific credits. `shared`: the lines that the problem shares out: they commit nothing yet.

    Committed: granted, else retained, else proposed by a conference that is over; awards without dossier; what CPO hold for
    that year. Amounts typed on dossiers still in instruction are provisional, and commit nothing.
    """
    committed = _committed(db, contract, year, shared)
    held, awarded = _held(db, contract, year), award_sums(db, contract, year)
    rows = db.execute(
        select(Credit.code, Envelope.status, Envelope.amount)
        .join(Credit, Credit.id == Envelope.credit_id)
        .where(Credit.contract_id == contract.id, Envelope.year == year, Envelope.held_by == "contract")
        .where(Envelope.closed_on.is_(None), Credit.nature == Nature.SPECIFIQUE)
        .order_by(Credit.rank, Envelope.id)
    )
    return tuple(
        EnvelopeAsked(
            credit=code,
            status=status,
            amount=None if status == "none" else amount,
            committed=sum((part.get(code, ZERO) for part in (committed, held, awarded)), ZERO),
        )
        for code, status, amount in rows
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


def _held(db: Session, contract: Contract, year: int) -> dict[str, Decimal]:
    """What running CPO forecast for this year and that no dossier of the year has taken over yet."""
    rows = db.execute(
        select(Credit.code, func.sum(Forecast.amount))
        .join(Credit, Credit.id == Forecast.credit_id)
        .join(Forecast.dossier)
        .where(Dossier.contract_id == contract.id, Forecast.year == year, holding())
        .group_by(Credit.code)
    )
    return {code: amount or ZERO for code, amount in rows}
