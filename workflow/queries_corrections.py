# SPDX-License-Identifier: EUPL-1.2
"""Rectifications: what a later séance corrected in the decisions of an earlier one, and where a correction can be put."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow.firing import PARIS
from workflow.models import Seance, SeanceItem
from workflow.stages import SeanceStatus


@dataclass(frozen=True, slots=True)
class Correction:
    """One decision corrected later: by which séance, when, why, and what stands since."""

    reference: str
    seance_id: int
    label: str
    held_on: date
    reason: str
    retained: Decimal


def later_corrections(db: Session, seance: Seance) -> list[Correction]:
    """What later closed séances of the same body rectified of this one, oldest first. One query."""
    dossiers = [item.dossier_id for item in seance.items]
    same = select(SeanceItem.seance_id).where(SeanceItem.dossier_id.in_(dossiers))
    rows = db.scalars(
        select(Seance)
        .where(Seance.id.in_(same), Seance.id != seance.id)
        .where(Seance.status == SeanceStatus.CLOSED, Seance.body == seance.body)
        .where(Seance.contract_id == seance.contract_id)
        .order_by(Seance.starts_at, Seance.id)
    )
    return [
        Correction(
            reference=made["reference"],
            seance_id=row.id,
            label=row.label,
            held_on=row.starts_at.astimezone(PARIS).date(),
            reason=made["reason"] or "",
            retained=Decimal(made["retained"] or 0),
        )
        for row in rows
        for made in (row.minutes or {}).get("decisions", [])
        if (made.get("rectifies") or {}).get("seance") == seance.id
    ]


def seances_to_correct_in(db: Session, seance: Seance) -> Sequence[Seance]:
    """The coming or open séances of the same body, where a decision of this one may be corrected."""
    ahead = (SeanceStatus.PLANNED, SeanceStatus.CONVOKED, SeanceStatus.OPEN)
    return db.scalars(
        select(Seance)
        .where(Seance.contract_id == seance.contract_id, Seance.body == seance.body)
        .where(Seance.status.in_(ahead), Seance.id != seance.id)
        .order_by(Seance.starts_at)
    ).all()
