# SPDX-License-Identifier: EUPL-1.2
"""Years that have a programme to show: dossiers or published awards."""

from sqlalchemy import select, union
from sqlalchemy.orm import Session

from workflow.models import Award, Contract, Dossier


def programme_years(db: Session, contract: Contract) -> list[int]:
    """Newest first."""
    dossiers = select(Dossier.year).where(Dossier.contract_id == contract.id)
    awards = select(Award.year).where(Award.contract_id == contract.id)
    return sorted(db.scalars(union(dossiers, awards)), reverse=True)
