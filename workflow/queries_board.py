# SPDX-License-Identifier: EUPL-1.2
"""The board of dossiers: rows by column, never mapped objects, in a constant number of statements whatever the size."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, String, and_, case, cast, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from workflow.models import Contract, Dossier, FundingLine, Opinion, Organisation, Person
from workflow.permissions import Actor
from workflow.search.conditions import AWAITED, Eyes, conditions, late, stages_of, sum_of
from workflow.search.reading import Term
from workflow.stages import PHASES, LineState, OpinionState, Stage

AMOUNTS = ("requested", "proposed", "retained", "granted")
UNANSWERED = (LineState.NOT_ASKED, LineState.ASKED)
Sorted = ColumnElement[Any] | InstrumentedAttribute[Any]
ORDER = tuple(str(stage) for _, stages in PHASES for stage in stages)


@dataclass(frozen=True, slots=True)
class BoardFilters:
    """What the board keeps, as read on day `on`. `reader`: who searches, for the words that ask it."""

    on: date
    terms: tuple[Term, ...] = ()
    reader: Actor | None = None


class BoardLine(NamedTuple):
    """One funding line, as the board reads it."""

    key: str
    state: str
    requested: Decimal | None
    proposed: Decimal | None
    retained: Decimal | None
    granted: Decimal | None

    @property
    def financer(self) -> str:
        """The financer's code."""
        return self.key.partition(":")[0]


class BoardOpinion(NamedTuple):
    """One opinion asked in the present round. `is_in`: given, or noted as overdue."""

    organisation: str
    is_in: bool
    is_late: bool


@dataclass(slots=True)
class BoardRow:
    """One dossier of the board."""

    id: int
    version: int
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
    completion: Mapping[str, Any] | None
    total_cost: Decimal | None
    cpo: bool | None
    beneficiaries_total: int | None
    beneficiaries_qpv: int | None
    lines: list[BoardLine] = field(default_factory=list)
    opinions: list[BoardOpinion] = field(default_factory=list)

    def amount(self, name: str, financer: str | None = None) -> Decimal | None:
        """The sum of this amount over the lines, or over one financer's; None when no line carries it."""
        known = [
            amount
            for line in self.lines
            if (amount := getattr(line, name)) is not None and financer in (None, line.financer)
        ]
        return sum(known, Decimal(0)) if known else None

    @property
    def opinions_in(self) -> int:
        """Opinions given, or noted as overdue."""
        return sum(opinion.is_in for opinion in self.opinions)

    @property
    def opinions_late(self) -> int:
        """Opinions late."""
        return sum(opinion.is_late for opinion in self.opinions)

    @property
    def answered(self) -> int:
        """Lines whose financer has answered."""
        return sum(line.state not in UNANSWERED for line in self.lines)

    @property
    def missing(self) -> list[str]:
        """Who still owes an opinion."""
        return [opinion.organisation for opinion in self.opinions if not opinion.is_in]

    @property
    def unanswered(self) -> list[str]:
        """Financers whose droit commun is asked and not answered, by code."""
        asked = (line for line in self.lines if line.state == LineState.ASKED)
        return [line.financer for line in asked if line.key.endswith(":droit_commun")]

    @property
    def due(self) -> date | None:
        """What is expected next: the completion asked, or the opinions."""
        if self.stage == Stage.INCOMPLETE and self.completion and self.completion.get("due"):
            return date.fromisoformat(self.completion["due"])
        return self.opinions_due_on if self.stage == Stage.CO_INSTRUCTION else None


class StageTotal(NamedTuple):
    """One stage of the filtered board: how many dossiers, for how much."""

    stage: str
    dossiers: int
    requested: Decimal
    proposed: Decimal
    retained: Decimal
    granted: Decimal


COLUMNS = (
    Dossier.id,
    Dossier.version,
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
    Dossier.completion,
    Dossier.total_cost,
    Dossier.cpo,
    Dossier.beneficiaries_total,
    Dossier.beneficiaries_qpv,
)


def kept(contract: Contract, filters: BoardFilters, *, any_stage: bool = False) -> list[ColumnElement[bool]]:
    """The conditions of these filters; `any_stage` leaves the stages out, so that they can be counted."""
    found: list[ColumnElement[bool]] = [Dossier.contract_id == contract.id]
    stages = None if any_stage else stages_of(filters.terms)
    if stages is not None:
        found.append(Dossier.stage.in_(sorted(stages)))
    found.extend(conditions(filters.terms, Eyes(filters.on, contract.id, filters.reader)))
    return found


def _rows(where: Iterable[ColumnElement[bool]]) -> Select[*tuple[Any, ...]]:
    return (
        select(*COLUMNS)
        .join(Organisation, Organisation.id == Dossier.porteur_id)
        .outerjoin(Person, Person.id == Dossier.lead_instructor_id)
        .where(*where)
    )


def stage_totals(db: Session, contract: Contract, filters: BoardFilters) -> dict[str, StageTotal]:
    """Dossiers and sums of each stage, in two statements; the stages of the filter itself do not narrow the counts."""
    wide = kept(contract, filters, any_stage=True)
    counts = db.execute(select(Dossier.stage, func.count()).where(*wide).group_by(Dossier.stage))
    sums = db.execute(
        select(Dossier.stage, *(func.sum(getattr(FundingLine, name)) for name in AMOUNTS))
        .join(FundingLine, FundingLine.dossier_id == Dossier.id)
        .where(*wide)
        .group_by(Dossier.stage)
    )
    zero = Decimal(0)
    by_stage = {row[0]: tuple(amount or zero for amount in row[1:]) for row in sums}
    none = (zero,) * len(AMOUNTS)
    return {stage: StageTotal(stage, count, *by_stage.get(stage, none)) for stage, count in counts}


def first_of_each_stage(db: Session, contract: Contract, filters: BoardFilters, limit: int) -> list[BoardRow]:
    """The dossiers longest at each stage, `limit` a stage."""
    rank = (
        func.row_number()
        .over(partition_by=Dossier.stage, order_by=(Dossier.stage_since, Dossier.reference))
        .label("rank")
    )
    ranked = select(Dossier.id, rank).where(*kept(contract, filters)).subquery()
    query = (
        _rows(())
        .join(ranked, ranked.c.id == Dossier.id)
        .where(ranked.c.rank <= limit)
        .order_by(Dossier.stage, ranked.c.rank)
    )
    rows = [BoardRow(*row) for row in db.execute(query)]
    return _completed(db, rows, [row.id for row in rows], filters.on)


def page_of_board(
    db: Session,
    contract: Contract,
    filters: BoardFilters,
    *,
    sort: str = "reference",
    descending: bool = False,
    offset: int = 0,
    limit: int | None = None,
) -> list[BoardRow]:
    """One page of the flat table, or all of it, sorted on any column; what is unknown comes last."""
    order = order_of(sort, filters.on)
    query = _rows(kept(contract, filters)).order_by(
        (order.desc() if descending else order.asc()).nulls_last(), Dossier.year.desc(), Dossier.reference
    )
    if limit is not None:
        query = query.offset(offset).limit(limit)
    rows = [BoardRow(*row) for row in db.execute(query)]
    all_of_them = select(Dossier.id).where(*kept(contract, filters))
    return _completed(db, rows, all_of_them if limit is None else [row.id for row in rows], filters.on)


def _count_of_opinions(condition: ColumnElement[bool]) -> ColumnElement[Any]:
    asked = select(func.count()).where(Opinion.dossier_id == Dossier.id, Opinion.round == Dossier.round)
    return (
        asked.where(Opinion.state != OpinionState.CANCELLED, condition).correlate(Dossier).scalar_subquery()
    )


def _count_of_lines(condition: ColumnElement[bool]) -> ColumnElement[Any]:
    return (
        select(func.count())
        .where(FundingLine.dossier_id == Dossier.id, condition)
        .correlate(Dossier)
        .scalar_subquery()
    )


def _text(column: InstrumentedAttribute[Any]) -> ColumnElement[Any]:
    return cast(column, String)


# What each column of the board is sorted on, by its word in the address.
SORTS: Mapping[str, Sorted] = {
    "reference": Dossier.reference,
    "titre": func.lower(Dossier.title),
    "porteur": Organisation.name_key,
    "qpv": _text(Dossier.qpv),
    "theme": Dossier.theme,
    "etape": case({stage: rank for rank, stage in enumerate(ORDER)}, value=Dossier.stage),
    "depuis": Dossier.stage_since,
    "annee": Dossier.year,
    "instructeur": Person.name,
    "avis": _count_of_opinions(~AWAITED),
    "manque": _count_of_opinions(AWAITED),
    "droit-commun": _count_of_lines(
        and_(FundingLine.state == LineState.ASKED, FundingLine.key.endswith(":droit_commun"))
    ),
    "financeurs": _count_of_lines(FundingLine.state.not_in(UNANSWERED)),
    "demande": sum_of("requested"),
    "propose": sum_of("proposed"),
    "retenu": sum_of("retained"),
    "accorde": sum_of("granted"),
    "cout": Dossier.total_cost,
    "cpo": case((Dossier.cpo.is_(True), 1), (Dossier.cpo.is_(False), 0)),
    "beneficiaires": Dossier.beneficiaries_total,
    "beneficiaires-qpv": Dossier.beneficiaries_qpv,
    "echeance": case(
        (Dossier.stage == Stage.INCOMPLETE, Dossier.completion["due"].as_string()),
        (Dossier.stage == Stage.CO_INSTRUCTION, _text(Dossier.opinions_due_on)),
    ),
}
LATE = "retard"
PER_FINANCER = {"demande": "requested", "propose": "proposed", "retenu": "retained", "accorde": "granted"}


def order_of(sort: str, on: date) -> Sorted:
    """What a word of the address sorts on: a column, or one amount of one financer (`demande.caf`)."""
    if sort == LATE:
        return _count_of_opinions(late(on))
    name, _, financer = sort.partition(".")
    if financer and name in PER_FINANCER:
        amount = getattr(FundingLine, PER_FINANCER[name])
        mine = FundingLine.key.startswith(f"{financer}:", autoescape=True)
        return (
            select(func.sum(amount))
            .where(FundingLine.dossier_id == Dossier.id, mine)
            .correlate(Dossier)
            .scalar_subquery()
        )
    return SORTS.get(sort, SORTS["reference"])


def _completed(
    db: Session, rows: list[BoardRow], ids: Sequence[int] | Select[int], on: date
) -> list[BoardRow]:
    """The rows with their lines and opinions: two statements for all of them."""
    by_id = {row.id: row for row in rows}
    if not by_id:
        return rows
    lines = (
        select(
            FundingLine.dossier_id,
            FundingLine.key,
            FundingLine.state,
            *(getattr(FundingLine, name) for name in AMOUNTS),
        )
        .where(FundingLine.dossier_id.in_(ids))
        .order_by(FundingLine.id)
    )
    for dossier_id, *values in db.execute(lines):
        by_id[dossier_id].lines.append(BoardLine(*values))
    for dossier_id, *values in db.execute(_opinions(ids, on)):
        by_id[dossier_id].opinions.append(BoardOpinion(*values))
    return rows


def _opinions(ids: Sequence[int] | Select[int], on: date) -> Select[*tuple[Any, ...]]:
    return (
        select(
            Opinion.dossier_id,
            Organisation.name,
            or_(Opinion.state == OpinionState.GIVEN, Opinion.overdue_noted_by.is_not(None)),
            late(on),
        )
        .join(Dossier, and_(Dossier.id == Opinion.dossier_id, Dossier.round == Opinion.round))
        .join(Organisation, Organisation.id == Opinion.organisation_id)
        .where(Opinion.dossier_id.in_(ids), Opinion.state != OpinionState.CANCELLED)
        .order_by(Opinion.id)
    )


def ids_of_board(
    db: Session, contract: Contract, filters: BoardFilters, among: Sequence[int] | None, limit: int
) -> list[int]:
    """The dossiers of these filters, or those of `among` that are of this contract, by reference; `limit` at most."""
    query = select(Dossier.id)
    if among is None:
        query = query.where(*kept(contract, filters))
    else:
        seen = kept(contract, BoardFilters(filters.on))
        query = query.where(*seen, Dossier.id.in_(among[: limit + 1]))
    return list(db.scalars(query.order_by(Dossier.reference, Dossier.id).limit(limit)))


def leads_of(db: Session, contract: Contract) -> list[tuple[int, str]]:
    """Persons who lead at least one dossier of the contract."""
    query = (
        select(Person.id, Person.name)
        .where(Person.id.in_(select(Dossier.lead_instructor_id).where(Dossier.contract_id == contract.id)))
        .order_by(Person.name)
    )
    return [(id_, name) for id_, name in db.execute(query)]


def financers_of_board(db: Session, contract: Contract, filters: BoardFilters) -> list[str]:
    """Codes of the financers with a line on one of these dossiers, in alphabetical order."""
    ids = select(Dossier.id).where(*kept(contract, filters))
    keys = db.scalars(select(FundingLine.key).where(FundingLine.dossier_id.in_(ids)).distinct())
    return sorted({key.partition(":")[0] for key in keys})
