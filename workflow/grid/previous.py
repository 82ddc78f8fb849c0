# SPDX-License-Identifier: EUPL-1.2
"""What the round table recalls of an action: its last earlier dossier with what each financer gave, its porteur's awards."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from workflow.models import Award, Dossier, FundingLine
from workflow.stages import FUNDED_STAGES

SHOWN_AWARDS = 20


def last_dossier(db: Session, dossier: Dossier) -> Dossier | None:
    """The last earlier year of the same action that was funded, with its lines and its accounts."""
    return db.scalar(
        select(Dossier)
        .where(Dossier.action_id == dossier.action_id, Dossier.year < dossier.year)
        .where(Dossier.stage.in_([stage.value for stage in FUNDED_STAGES]))
        .options(selectinload(Dossier.lines).selectinload(FundingLine.credit), selectinload(Dossier.budget))
        .order_by(Dossier.year.desc())
        .limit(1)
    )


def awards_of(db: Session, dossier: Dossier) -> Sequence[Award]:
    """What was published of the porteur the year before and that no dossier carries."""
    siren = (dossier.porteur.siret or "")[:9]
    if not siren:
        return []
    return db.scalars(
        select(Award)
        .where(Award.contract_id == dossier.contract_id, Award.siren == siren, Award.dossier_id.is_(None))
        .where(Award.year == dossier.year - 1)
        .order_by(Award.granted.desc(), Award.id)
        .limit(SHOWN_AWARDS)
    ).all()
