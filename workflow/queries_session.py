# SPDX-License-Identifier: EUPL-1.2
"""What the screens of a séance in session read, however long its agenda: rows of columns, one item whole, sums by credit."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from typing import Any, NamedTuple

from sqlalchemy import Select, func, select
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
from workflow.previous_year import RunningCpo
from workflow.stages import Decision, Stage
from workflow.territory import Nature
from workflow.typed_amounts import ZERO, Kept, Typed, added_by


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
        joinedload(Convocation.person).selectinload(Person.mandates),
        joinedload(Convocation.organisation),
        joinedload(Convocation.heard_dossier).load_only(Dossier.reference),
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


def agenda_size(db: Session, seance: Seance) -> int:
    """How many dossiers are on the order of the day. One query."""
    mine = select(func.count()).select_from(SeanceItem).where(SeanceItem.seance_id == seance.id)
    return db.scalar(mine) or 0


def load_decisions(db: Session, seance: Seance) -> None:
    """Loads the agenda with what is decided and retained: what closing asks. The dossiers' rest is read by examining them."""
    amounts = selectinload(SeanceItem.amounts).joinedload(SeanceAmount.line).joinedload(FundingLine.credit)
    items = selectinload(Seance.items).options(joinedload(SeanceItem.dossier), amounts)
    db.scalars(select(Seance).where(Seance.id == seance.id).options(items)).one()


def agenda_concerned(db: Session, seance_id: int) -> list[SeanceItem]:
    """The items with whose dossier each one is: what recusals read. One query."""
    return list(db.scalars(_agenda(seance_id).options(joinedload(SeanceItem.dossier))))


def agenda_proposed(db: Session, seance_id: int) -> list[SeanceItem]:
    """The items with the lines of their dossiers and what is typed on them: what taking up proposals reads. Four queries."""
    lines = joinedload(SeanceItem.dossier).selectinload(Dossier.lines).selectinload(FundingLine.credit)
    return list(db.scalars(_agenda(seance_id).options(lines, selectinload(SeanceItem.amounts))))


def _agenda(seance_id: int) -> Select[SeanceItem]:
    return (
        select(SeanceItem).where(SeanceItem.seance_id == seance_id).order_by(SeanceItem.rank, SeanceItem.id)
    )


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


class Joining(NamedTuple):
    """One item retained so far: what the programme gains by it, in euros, ordinary law apart; `is_new`: one more action."""

    is_new: bool
    is_cpo: bool
    added: Decimal
    ordinary: Decimal


def joining(dossier: Any, amounts: Iterable[tuple[Kept, Decimal]], running: RunningCpo) -> Joining:
    """What one retained item would add; `dossier`: mapped, or a row with its action, its CPO and its stage."""
    added = {key: one.added for (key, _), one in added_by(amounts).items()}
    return Joining(
        dossier.stage in (Stage.COMMITMENT, Stage.REJECTED),
        dossier.cpo is True or running.since(dossier.action_id) is not None,
        sum(added.values(), ZERO),
        sum((amount for key, amount in added.items() if key.endswith(f":{Nature.DROIT_COMMUN}")), ZERO),
    )


def items_retained(
    db: Session, seance_id: int, year: int, running: RunningCpo, *, without: int | None = None
) -> list[Joining]:
    """The items of this year that the séance retains so far. One query."""
    rows = db.execute(
        select(
            SeanceItem.id,
            Dossier.action_id,
            Dossier.cpo,
            Dossier.stage,
            FundingLine.key,
            FundingLine.year,
            FundingLine.state,
            FundingLine.retained,
            SeanceAmount.amount,
        )
        .join(Dossier, Dossier.id == SeanceItem.dossier_id)
        .outerjoin(SeanceAmount, SeanceAmount.item_id == SeanceItem.id)
        .outerjoin(FundingLine, FundingLine.id == SeanceAmount.line_id)
        .where(SeanceItem.seance_id == seance_id, SeanceItem.decision == Decision.RETAINED)
        .where(Dossier.year == year, SeanceItem.id != (without or 0))
        .order_by(SeanceItem.id)
    )
    items = [list(of_item) for _, of_item in groupby(rows, key=lambda row: row[0])]
    return [
        joining(item[0], ((row, row.amount) for row in item if row.amount is not None), running)
        for item in items
    ]
