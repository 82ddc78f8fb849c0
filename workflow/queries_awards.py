# SPDX-License-Identifier: EUPL-1.2
"""Years that have something to show: dossiers, published awards, envelopes."""

from sqlalchemy import select, union
from sqlalchemy.orm import Session

from workflow.forecasts import HELD
from workflow.models import Award, Contract, Credit, Dossier, Envelope, Forecast


def programme_years(db: Session, contract: Contract) -> list[int]:
    """Newest first."""
    dossiers = select(Dossier.year).where(Dossier.contract_id == contract.id)
    awards = select(Award.year).where(Award.contract_id == contract.id)
    return sorted(db.scalars(union(dossiers, awards)), reverse=True)


def envelope_years(db: Session, contract: Contract, current: int) -> list[int]:
    """The years with an envelope, a dossier or a forecast, and the current one; newest first."""
    dossiers = select(Dossier.year).where(Dossier.contract_id == contract.id)
    envelopes = select(Envelope.year).join(Envelope.credit).where(Credit.contract_id == contract.id)
    forecasts = select(Forecast.year).join(Forecast.dossier)
    forecasts = forecasts.where(Dossier.contract_id == contract.id, Forecast.state == HELD)
    return sorted({current, *db.scalars(union(dossiers, envelopes, forecasts))}, reverse=True)
