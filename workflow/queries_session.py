# SPDX-License-Identifier: EUPL-1.2
"""What the screens of a séance in session read, however long its agenda: rows of columns, one item whole, sums by credit."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session, joinedload, selectinload

from workflow.errors import UnknownReferenceError
from workflow.models import (
    Convocation,
    Dossier,
    FundingLine,
    Organisation,
    Person,
    Seance,
    SeanceAmount,
    SeanceItem,
)
from workflow.stages import Decision, Stage
from workflow.typed_amounts import Typed, added_by


@dataclass(frozen=True, slots=True)
class AgendaRow:
    """One item of the order of the day."""

    id: int
    rank: int
    dossier_id: int
    reference: str
    title: str
    porteur: str
    stage: str
    decision: str | None
    reason: str | None


def seance_in_session(db: Session, id_: int) -> Seance:
    """The séance with who was called, its agenda left out. Raises UnknownReferenceError."""
    called = selectinload(Seance.convocations).options(
        joinedload(Convocation.person).selectinload(Person.mandates), joinedload(Convocation.organisation)
    )
    found = db.scalar(select(Seance).where(Seance.id == id_).options(joinedload(Seance.contract), called))
    if found is None:
        raise UnknownReferenceError(f"Séance inconnue : n° {id_}.")
    return found


def agenda_rows(db: Session, seance_id: int) -> list[AgendaRow]:
    """The order of the day. One query."""
    rows = db.execute(
        select(
            SeanceItem.id,
            SeanceItem.rank,
            Dossier.id,
            Dossier.reference,
            Dossier.title,
            Organisation.name,
            Dossier.stage,
            SeanceItem.decision,
            SeanceItem.reason,
        )
        .join(Dossier, Dossier.id == SeanceItem.dossier_id)
        .join(Organisation, Organisation.id == Dossier.porteur_id)
        .where(SeanceItem.seance_id == seance_id)
        .order_by(SeanceItem.rank, SeanceItem.id)
    )
    return [AgendaRow(*row) for row in rows]


def agenda_concerned(db: Session, seance_id: int) -> list[SeanceItem]:
    """The items with whose dossier each one is: what recusals read. One query."""
    mine = (
        select(SeanceItem).where(SeanceItem.seance_id == seance_id).order_by(SeanceItem.rank, SeanceItem.id)
    )
    return list(db.scalars(mine.options(joinedload(SeanceItem.dossier))))


def agenda_proposed(db: Session, seance_id: int) -> list[SeanceItem]:
    """The items with the lines of their dossiers and what is typed on them: what taking up proposals reads. Four queries."""
    lines = joinedload(SeanceItem.dossier).selectinload(Dossier.lines).selectinload(FundingLine.credit)
    mine = (
        select(SeanceItem).where(SeanceItem.seance_id == seance_id).order_by(SeanceItem.rank, SeanceItem.id)
    )
    return list(db.scalars(mine.options(lines, selectinload(SeanceItem.amounts))))


def item_in_session(db: Session, seance: Seance, item_id: int) -> SeanceItem | None:
    """One item of this séance with its amounts; its dossier is read whole by `get_dossier`."""
    query = select(SeanceItem).where(SeanceItem.id == item_id, SeanceItem.seance_id == seance.id)
    return db.scalar(query.options(selectinload(SeanceItem.amounts)))


def typed_by_credit(
    db: Session,
    seance_id: int,
    *,
    without: int | None = None,
    trial: Iterable[tuple[FundingLine, Decimal]] = (),
) -> dict[tuple[str, int], Typed]:
    """By credit and year, what this séance retains so far; `without` leaves one item out, whose `trial` counts. One query."""
    counted = SeanceItem.decision.is_(None) | (SeanceItem.decision == Decision.RETAINED)
    rows = db.execute(
        select(
            FundingLine.key, FundingLine.year, FundingLine.state, FundingLine.retained, SeanceAmount.amount
        )
        .join(SeanceItem, SeanceItem.id == SeanceAmount.item_id)
        .join(FundingLine, FundingLine.id == SeanceAmount.line_id)
        .where(SeanceItem.seance_id == seance_id, counted, SeanceItem.id != (without or 0))
    )
    return added_by([*((row, row.amount) for row in rows), *trial])


def newly_retained(db: Session, seance_id: int, *, without: int | None = None) -> tuple[int, int]:
    """Dossiers that this séance adds to the programme so far, and those of them in CPO. One query."""
    query = (
        select(func.count(SeanceItem.id), func.sum(case((Dossier.cpo.is_(True), 1), else_=0)))
        .join(Dossier, Dossier.id == SeanceItem.dossier_id)
        .where(SeanceItem.seance_id == seance_id, SeanceItem.decision == Decision.RETAINED)
        .where(Dossier.stage.in_([Stage.COMMITMENT, Stage.REJECTED]))
    )
    if without is not None:
        query = query.where(SeanceItem.id != without)
    row = db.execute(query).one()
    return int(row[0] or 0), int(row[1] or 0)
