# SPDX-License-Identifier: EUPL-1.2
"""What a séance is compared with: the one before it of the same body, the adopted scenario, the forecasts of later years."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from workflow.envelope_facts import DEAD
from workflow.forecasts import holding
from workflow.models import (
    Contract,
    Document,
    Dossier,
    Forecast,
    FundingLine,
    Scenario,
    Seance,
    SeanceAmount,
    SeanceItem,
)
from workflow.stages import Decision, SeanceStatus

ZERO = Decimal(0)
DEAD_STATES = [state.value for state in DEAD]


@dataclass(frozen=True, slots=True)
class PastSeance:
    """The last closed séance of the body. `decisions`: how many of each; `again`: its dossiers that this one reads again.

    Amounts as its lines have them today; `frozen`: the summary it was closed on, which tells those of the day.
    """

    id: int
    label: str
    starts_at: datetime
    dossiers: int
    decisions: dict[str, int]
    requested: Decimal
    proposed: Decimal
    retained: Decimal
    again: int
    frozen: bytes | None = None


def past_seance(db: Session, seance: Seance) -> PastSeance | None:
    """The closed séance of the same body just before this one; None for the first. Five statements."""
    found = db.scalar(
        select(Seance)
        .where(Seance.contract_id == seance.contract_id, Seance.body == seance.body)
        .where(Seance.status == SeanceStatus.CLOSED, Seance.starts_at < seance.starts_at)
        .order_by(Seance.starts_at.desc())
        .limit(1)
    )
    if found is None:
        return None
    items = db.execute(
        select(SeanceItem.dossier_id, SeanceItem.decision).where(SeanceItem.seance_id == found.id)
    ).all()
    here = {item.dossier_id for item in seance.items}
    requested, proposed = _asked(db, SeanceItem.seance_id == found.id)
    return PastSeance(
        id=found.id,
        label=found.label,
        starts_at=found.starts_at,
        dossiers=len(items),
        decisions=dict(Counter(decision for _, decision in items if decision)),
        requested=requested,
        proposed=proposed,
        retained=_retained(db, found),
        again=sum(dossier_id in here for dossier_id, _ in items),
        frozen=db.scalar(select(Document.content).where(Document.id == found.summary_document_id)),
    )


def _asked(db: Session, mine: ColumnElement[bool]) -> tuple[Decimal, Decimal]:
    living = FundingLine.state.not_in(DEAD_STATES)
    row = db.execute(
        select(func.sum(FundingLine.requested), func.sum(FundingLine.proposed).filter(living))
        .join(Dossier, Dossier.id == FundingLine.dossier_id)
        .join(SeanceItem, SeanceItem.dossier_id == Dossier.id)
        .where(mine)
    ).one()
    return row[0] or ZERO, row[1] or ZERO


def _retained(db: Session, seance: Seance) -> Decimal:
    """What it retained that day, whatever became of it since."""
    kept = db.scalar(
        select(func.sum(SeanceAmount.amount))
        .join(SeanceItem, SeanceItem.id == SeanceAmount.item_id)
        .where(SeanceItem.seance_id == seance.id, SeanceItem.decision == Decision.RETAINED)
    )
    return kept or ZERO


def adopted_scenario(db: Session, seance: Seance) -> Scenario | None:
    """The scenario whose amounts are the proposal; the last one adopted when there were several."""
    return db.scalar(
        select(Scenario)
        .where(Scenario.seance_id == seance.id, Scenario.adopted_at.is_not(None))
        .order_by(Scenario.adopted_at.desc(), Scenario.id.desc())
        .limit(1)
    )


def forecast_sums(db: Session, contract: Contract) -> dict[int, tuple[int, Decimal]]:
    """By later year, how many actions have a forecast that still holds, and for how much. One statement."""
    rows = db.execute(
        select(Forecast.year, func.count(Dossier.action_id.distinct()), func.sum(Forecast.amount))
        .join(Dossier, Dossier.id == Forecast.dossier_id)
        .where(Dossier.contract_id == contract.id, holding())
        .group_by(Forecast.year)
    )
    return {year: (actions, amount or ZERO) for year, actions, amount in rows}
