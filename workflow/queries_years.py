# SPDX-License-Identifier: EUPL-1.2
"""The dossiers of one action, year after year, and the credits that may carry its years."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from workflow.models import Credit, Dossier, FundingLine


def dossiers_of_action(db: Session, dossier: Dossier) -> Sequence[Dossier]:
    """Every dossier of its action, oldest year first, with lines and credits."""
    query = (
        select(Dossier)
        .where(Dossier.action_id == dossier.action_id)
        .options(selectinload(Dossier.lines).joinedload(FundingLine.credit), joinedload(Dossier.porteur))
        .order_by(Dossier.year, Dossier.id)
    )
    return db.scalars(query).all()


def open_credits(db: Session, contract_id: int) -> Sequence[Credit]:
    """The open credits of the contract, in the order of its configuration."""
    query = select(Credit).where(Credit.contract_id == contract_id, Credit.closed_on.is_(None))
    return db.scalars(query.options(joinedload(Credit.organisation)).order_by(Credit.rank, Credit.id)).all()
