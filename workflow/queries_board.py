# SPDX-License-Identifier: EUPL-1.2
"""The board of dossiers: rows by column, never mapped objects, in a constant number of statements whatever the size."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select
from sqlalchemy.orm import Session

from workflow.models import Contract, Dossier, FundingLine, Opinion, Organisation, Person
from workflow.names import key as name_key
from workflow.queries import _in_list
from workflow.stages import LineState, OpinionState

SORTS = ("reference", "porteur", "stage", "since", "requested", "proposed", "retained")
AMOUNTS = ("requested", "proposed", "retained")


@dataclass(frozen=True, slots=True)
class BoardFilters:
    """What the board keeps. `late_on`: an opinion requested, due before that day and not noted as overdue."""

    year: int | None = None
    stages: tuple[str, ...] = ()
    search: str = ""
    qpv: str | None = None
    financer: str | None = None
    theme: str | None = None
    lead_id: int | None = None
    late_on: date | None = None
    porteurs: frozenset[int] | None = None  # None: every porteur


class BoardRow(NamedTuple):
    """One dossier of the board; sums are None when no line carries such an amount."""

    id: int
    reference: str
    year: int
    stage: str
    title: str
    porteur: str
    lead: str | None
    theme: str | None
    qpv: list[str] | None
    stage_since: datetime
    opinions_due_on: date | None
    round: int
    requested: Decimal | None = None
    proposed: Decimal | None = None
    retained: Decimal | None = None
    opinions: int = 0
    opinions_in: int = 0
    opinions_late: int = 0
    lines: int = 0
    answered: int = 0


class StageTotal(NamedTuple):
    """One stage of the filtered board: how many dossiers, for how much."""

    stage: str
    dossiers: int
    requested: Decimal
    proposed: Decimal
    retained: Decimal


COLUMNS = (
    Dossier.id,
    Dossier.reference,
    Dossier.year,
    Dossier.stage,
    Dossier.title,
    Organisation.name.label("porteur"),
    Person.name.label("lead"),
    Dossier.theme,
    Dossier.qpv,
    Dossier.stage_since,
    Dossier.opinions_due_on,
    Dossier.round,
)
UNANSWERED = (LineState.NOT_ASKED, LineState.ASKED)


def _conditions(contract: Contract, filters: BoardFilters) -> list[ColumnElement[bool]]:
    kept: list[ColumnElement[bool]] = [Dossier.contract_id == contract.id]
    if filters.year is not None:
        kept.append(Dossier.year == filters.year)
    if filters.stages:
        kept.append(Dossier.stage.in_(filters.stages))
    words = name_key(filters.search).split()
    kept.extend(Dossier.search_key.contains(word, autoescape=True) for word in words)
    if filters.qpv:
        kept.append(_in_list(Dossier.qpv, filters.qpv))  # type: ignore[arg-type]
    if filters.theme:
        kept.append(Dossier.theme == filters.theme)
    if filters.lead_id is not None:
        kept.append(Dossier.lead_instructor_id == filters.lead_id)
    if filters.porteurs is not None:
        kept.append(Dossier.porteur_id.in_(filters.porteurs))
    kept.extend(_about_children(filters))
    return kept


def _about_children(filters: BoardFilters) -> Iterable[ColumnElement[bool]]:
    if filters.financer:
        asked = FundingLine.key.startswith(f"{filters.financer}:", autoescape=True)
        yield Dossier.id.in_(select(FundingLine.dossier_id).where(asked))
    if filters.late_on is not None:
        yield Dossier.id.in_(select(Opinion.dossier_id).where(_late(filters.late_on)))


def _late(on: date) -> ColumnElement[bool]:
    return and_(
        Opinion.state == OpinionState.REQUESTED, Opinion.due_on < on, Opinion.overdue_noted_by.is_(None)
    )


def _rows(contract: Contract, filters: BoardFilters) -> Select[*tuple[Any, ...]]:
    return (
        select(*COLUMNS)
        .join(Organisation, Organisation.id == Dossier.porteur_id)
        .outerjoin(Person, Person.id == Dossier.lead_instructor_id)
        .where(*_conditions(contract, filters))
    )


def stage_totals(db: Session, contract: Contract, filters: BoardFilters) -> dict[str, StageTotal]:
    """Dossiers and sums of each stage, in two statements; the stages of the filter itself do not narrow the counts."""
    wide = _conditions(contract, replace(filters, stages=()))
    counts = db.execute(select(Dossier.stage, func.count()).where(*wide).group_by(Dossier.stage))
    sums = db.execute(
        select(
            Dossier.stage,
            func.sum(FundingLine.requested),
            func.sum(FundingLine.proposed),
            func.sum(FundingLine.retained),
        )
        .join(FundingLine, FundingLine.dossier_id == Dossier.id)
        .where(*wide)
        .group_by(Dossier.stage)
    )
    zero = Decimal(0)
    by_stage = {row[0]: tuple(amount or zero for amount in row[1:]) for row in sums}
    return {
        stage: StageTotal(stage, count, *by_stage.get(stage, (zero, zero, zero))) for stage, count in counts
    }


def first_of_each_stage(
    db: Session, contract: Contract, filters: BoardFilters, on: date, limit: int
) -> list[BoardRow]:
    """The dossiers longest at each stage, `limit` a stage."""
    rank = (
        func.row_number()
        .over(partition_by=Dossier.stage, order_by=(Dossier.stage_since, Dossier.reference))
        .label("rank")
    )
    ranked = select(Dossier.id, rank).where(*_conditions(contract, filters)).subquery()
    query = (
        _rows(contract, BoardFilters())
        .join(ranked, ranked.c.id == Dossier.id)
        .where(ranked.c.rank <= limit)
        .order_by(Dossier.stage, ranked.c.rank)
    )
    return _completed(db, [tuple(row) for row in db.execute(query)], on)


def page_of_board(
    db: Session,
    contract: Contract,
    filters: BoardFilters,
    on: date,
    *,
    sort: str = "reference",
    descending: bool = False,
    offset: int = 0,
    limit: int = 100,
) -> list[BoardRow]:
    """One page of the flat table, sorted on any column, amounts included."""
    query = _rows(contract, filters)
    order: ColumnElement[Any]
    if sort in AMOUNTS:
        order = func.coalesce(_sum_of(sort), -1)
    else:
        order = {
            "porteur": Organisation.name_key,
            "stage": Dossier.stage,
            "since": Dossier.stage_since,
        }.get(sort, Dossier.reference)  # type: ignore[assignment]
    query = query.order_by(
        order.desc() if descending else order.asc(), Dossier.year.desc(), Dossier.reference
    )
    rows = db.execute(query.offset(offset).limit(limit))
    return _completed(db, [tuple(row) for row in rows], on)


def _sum_of(name: str) -> ColumnElement[Any]:
    """One sum of the row's lines: half the cost of summing every line before the page is cut."""
    amount = getattr(FundingLine, name)
    return select(func.sum(amount)).where(FundingLine.dossier_id == Dossier.id).scalar_subquery()


def _completed(db: Session, rows: Sequence[tuple[Any, ...]], on: date) -> list[BoardRow]:
    """The rows with their sums and counts: two statements for all of them."""
    ids = [row[0] for row in rows]
    if not ids:
        return []
    money = {row[0]: tuple(row[1:]) for row in db.execute(_money(ids))}
    opinions = {row[0]: tuple(row[1:]) for row in db.execute(_opinions(ids, on))}
    found = []
    for row in rows:
        requested, proposed, retained, lines, answered = money.get(row[0], (None, None, None, 0, 0))
        amounts = (requested, proposed, retained, *opinions.get(row[0], (0, 0, 0)), lines, answered)
        found.append(BoardRow(*row, *amounts))
    return found


def _money(ids: Sequence[int]) -> Select[*tuple[Any, ...]]:
    return (
        select(
            FundingLine.dossier_id,
            func.sum(FundingLine.requested),
            func.sum(FundingLine.proposed),
            func.sum(FundingLine.retained),
            func.count(),
            func.sum(case((FundingLine.state.in_(UNANSWERED), 0), else_=1)),
        )
        .where(FundingLine.dossier_id.in_(ids))
        .group_by(FundingLine.dossier_id)
    )


def _opinions(ids: Sequence[int], on: date) -> Select[*tuple[Any, ...]]:
    given = Opinion.state == OpinionState.GIVEN
    return (
        select(
            Opinion.dossier_id,
            func.count(),
            func.sum(case((or_(given, Opinion.overdue_noted_by.is_not(None)), 1), else_=0)),
            func.sum(case((_late(on), 1), else_=0)),
        )
        .join(Dossier, and_(Dossier.id == Opinion.dossier_id, Dossier.round == Opinion.round))
        .where(Opinion.dossier_id.in_(ids), Opinion.state != OpinionState.CANCELLED)
        .group_by(Opinion.dossier_id)
    )


def leads_of(db: Session, contract: Contract) -> list[tuple[int, str]]:
    """Persons who lead at least one dossier of the contract."""
    query = (
        select(Person.id, Person.name)
        .where(Person.id.in_(select(Dossier.lead_instructor_id).where(Dossier.contract_id == contract.id)))
        .order_by(Person.name)
    )
    return [(id_, name) for id_, name in db.execute(query)]
