# SPDX-License-Identifier: EUPL-1.2
"""What the page of a séance shows of its order of the day: rows of columns, the sums of each dossier. Three queries."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow.models import Dossier, FundingLine, Organisation, Seance, SeanceAmount, SeanceItem
from workflow.typed_amounts import Amounts


@dataclass(frozen=True, slots=True)
class AgendaSums:
    """One item of the order of the day, with what its dossier asks, what is proposed and what is retained so far."""

    id: int
    rank: int
    decision: str | None
    dossier_id: int
    reference: str
    title: str
    stage: str
    opinion: str | None  # of its synthesis
    porteur_id: int
    porteur: str
    requested: Sequence[Decimal | None]
    proposed: Amounts
    retained: Amounts


def agenda_sums(db: Session, seance: Seance) -> list[AgendaSums]:
    """The order of the day of this séance."""
    requested: defaultdict[int, list[Decimal | None]] = defaultdict(list)
    proposed: defaultdict[int, dict[int, Decimal | None]] = defaultdict(dict)
    for dossier_id, line_id, asked, offered in _lines(db, seance):
        requested[dossier_id].append(asked)
        proposed[dossier_id][line_id] = offered
    retained: defaultdict[int, dict[int, Decimal | None]] = defaultdict(dict)
    for item_id, line_id, amount in _amounts(db, seance):
        retained[item_id][line_id] = amount
    return [
        AgendaSums(
            *(id_, rank, decision, dossier_id, reference, title, stage),
            (synthesis or {}).get("opinion"),
            *(porteur_id, porteur, requested[dossier_id], proposed[dossier_id], retained[id_]),
        )
        for id_, rank, decision, dossier_id, reference, title, stage, synthesis, porteur_id, porteur in _items(
            db, seance
        )
    ]


def _items(
    db: Session, seance: Seance
) -> Iterable[tuple[int, int, str | None, int, str, str, str, dict[str, str] | None, int, str]]:
    query = (
        select(
            SeanceItem.id,
            SeanceItem.rank,
            SeanceItem.decision,
            Dossier.id,
            Dossier.reference,
            Dossier.title,
            Dossier.stage,
            Dossier.synthesis,
            Organisation.id,
            Organisation.name,
        )
        .join(Dossier, Dossier.id == SeanceItem.dossier_id)
        .join(Organisation, Organisation.id == Dossier.porteur_id)
        .where(SeanceItem.seance_id == seance.id)
        .order_by(SeanceItem.rank, SeanceItem.id)
    )
    return db.execute(query)


def _lines(db: Session, seance: Seance) -> Iterable[tuple[int, int, Decimal | None, Decimal | None]]:
    query = (
        select(FundingLine.dossier_id, FundingLine.id, FundingLine.requested, FundingLine.proposed)
        .join(SeanceItem, SeanceItem.dossier_id == FundingLine.dossier_id)
        .where(SeanceItem.seance_id == seance.id)
    )
    return db.execute(query)


def _amounts(db: Session, seance: Seance) -> Iterable[tuple[int, int, Decimal]]:
    query = (
        select(SeanceAmount.item_id, SeanceAmount.line_id, SeanceAmount.amount)
        .join(SeanceItem, SeanceItem.id == SeanceAmount.item_id)
        .where(SeanceItem.seance_id == seance.id)
    )
    return db.execute(query)
