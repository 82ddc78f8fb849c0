# SPDX-License-Identifier: EUPL-1.2
"""The grid read as rows of columns, whole or for some dossiers: the same constant number of statements either way."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, ColumnElement, case, func, select, type_coerce
from sqlalchemy.orm import Session, joinedload

from rules.facts import SettlementFacts
from rules.findings import Settlement
from workflow.contracts import territory_of
from workflow.errors import NotAllowedHereError, UnknownReferenceError
from workflow.grid.rows import GridColumn, GridLine, GridRow
from workflow.models import (
    Contract,
    Credit,
    Dossier,
    FundingLine,
    Opinion,
    Organisation,
    Seance,
    SeanceItem,
    Waiver,
)
from workflow.stages import OpinionState
from workflow.territory import BodyKind, Nature, Territory


def find_alone(db: Session, seance_id: int) -> Seance:
    """A séance without its agenda, which the grid reads by itself. Raises UnknownReferenceError."""
    found = db.scalar(select(Seance).where(Seance.id == seance_id).options(joinedload(Seance.contract)))
    if found is None:
        raise UnknownReferenceError(f"Séance inconnue : n° {seance_id}.")
    return found


def require_conference(seance: Seance) -> None:
    """Raises NotAllowedHereError for another kind of body."""
    if not is_conference(seance):
        raise NotAllowedHereError("Seule une conférence des financeurs a une table des financeurs.")


def is_conference(seance: Seance) -> bool:
    """True for a séance of the financers' conference."""
    body = territory_of(seance.contract).body_by_code.get(seance.body)
    return body is not None and body.kind is BodyKind.CONFERENCE


def columns_of(db: Session, contract: Contract) -> list[GridColumn]:
    """Every open credit of the contract: ordinary law first, then specific credits, each in the order of the configuration."""
    rows = db.execute(
        select(Credit.id, Credit.code, Credit.nature, Credit.label, Credit.organisation_id, Organisation.name)
        .join(Organisation, Organisation.id == Credit.organisation_id)
        .where(Credit.contract_id == contract.id, Credit.closed_on.is_(None))
        .order_by(case((Credit.nature == Nature.DROIT_COMMUN, 0), else_=1), Credit.rank, Credit.id)
    )
    return [GridColumn(*row) for row in rows]


def exercise_of(db: Session, seance: Seance) -> int:
    """The year of the dossiers on the agenda: a conference of November prepares the next one."""
    years = (
        select(func.max(Dossier.year))
        .join(SeanceItem, SeanceItem.dossier_id == Dossier.id)
        .where(SeanceItem.seance_id == seance.id)
    )
    return db.scalar(years) or seance.starts_at.year


class RowStamp(NamedTuple):
    """One dossier of the agenda, and what grows with each change of what its row reads."""

    id: int
    stamp: tuple[Any, ...]


def row_stamps(db: Session, seance: Seance, only: Collection[int] | None = None) -> list[RowStamp]:
    """The agenda in its order (`only` those of these numbers), each row with the versions it would be read under. Four statements that return few values.

    Every change of a dossier, of a line or of an opinion makes its version grow; a settlement is a row added or removed.
    """
    mine = _here(seance, only)
    lines = _versions(db, mine, FundingLine, func.sum(FundingLine.version))
    opinions = _versions(db, mine, Opinion, func.sum(Opinion.version))
    settled = _versions(db, mine, Waiver, func.count())
    rows = db.execute(
        select(Dossier.id, Dossier.version, Organisation.name)
        .join(SeanceItem, SeanceItem.dossier_id == Dossier.id)
        .join(Organisation, Organisation.id == Dossier.porteur_id)
        .where(*mine)
        .order_by(SeanceItem.rank, SeanceItem.id)
    )
    return [
        RowStamp(id_, (version, name, lines.get(id_), opinions.get(id_), settled.get(id_)))
        for id_, version, name in rows
    ]


def _versions(
    db: Session,
    mine: Sequence[ColumnElement[bool]],
    table: type[FundingLine] | type[Opinion] | type[Waiver],
    grown: ColumnElement[Any],
) -> dict[int, tuple[Any, ...]]:
    query = (
        select(table.dossier_id, func.count(), func.max(table.id), grown)
        .join(SeanceItem, SeanceItem.dossier_id == table.dossier_id)
        .where(*mine)
        .group_by(table.dossier_id)
    )
    return {row[0]: tuple(row[1:]) for row in db.execute(query)}


def read_rows(db: Session, seance: Seance, only: Collection[int] | None = None) -> list[GridRow]:
    """The dossiers of the agenda in its order; `only` those of these numbers. Four statements."""
    here = _here(seance, only)
    lines, opinions, settlements = _lines(db, here), _opinions(db, here), _settlements(db, here)
    territory = territory_of(seance.contract)
    return [
        _row(row, territory, lines[row.id], opinions[row.id], tuple(settlements[row.id]))
        for row in _dossiers(db, here)
    ]


def _here(seance: Seance, only: Collection[int] | None) -> list[ColumnElement[bool]]:
    here: list[ColumnElement[bool]] = [SeanceItem.seance_id == seance.id]
    return here if only is None else [*here, SeanceItem.dossier_id.in_(only)]


def _cents(column: Any) -> ColumnElement[int | None]:
    return type_coerce(column, BigInteger)


def _dossiers(db: Session, here: list[ColumnElement[bool]]) -> list[Any]:
    query = (
        select(
            Dossier.id,
            Dossier.action_id,
            Dossier.reference,
            Dossier.title,
            Organisation.name.label("porteur"),
            Dossier.porteur_id,
            Dossier.stage,
            Dossier.year,
            _cents(Dossier.total_cost).label("cost"),
            _cents(Dossier.own_resources).label("own"),
            _cents(Dossier.other_resources).label("other"),
            Dossier.cpo,
            Dossier.objectives,
            Dossier.opinions_due_on,
            Dossier.synthesis,
            Dossier.holders,
            Dossier.themes,
            Dossier.qpv,
        )
        .join(SeanceItem, SeanceItem.dossier_id == Dossier.id)
        .join(Organisation, Organisation.id == Dossier.porteur_id)
        .where(*here)
        .order_by(SeanceItem.rank, SeanceItem.id)
    )
    return list(db.execute(query))


def _row(
    row: Any,
    territory: Territory,
    lines: Mapping[int, GridLine],
    opinions: Mapping[int, str | None],
    settlements: tuple[SettlementFacts, ...],
) -> GridRow:
    synthesis = row.synthesis or {}
    objectives = None if row.objectives is None else tuple(row.objectives)
    holders = row.holders
    if holders is None:  # not dispatched yet: those whom the configuration's themes name
        holders = territory.holders_concerned(objectives or (), tuple(row.themes or ()), tuple(row.qpv or ()))
    return GridRow._make(
        (
            *row[:12],
            objectives,
            row.opinions_due_on,
            synthesis.get("opinion"),
            synthesis.get("suggested") or {},
            frozenset(holders),
            lines,
            opinions,
            settlements,
        )
    )


def _lines(db: Session, here: list[ColumnElement[bool]]) -> Mapping[int, dict[int, GridLine]]:
    query = (
        select(
            FundingLine.id,
            FundingLine.dossier_id,
            FundingLine.credit_id,
            FundingLine.key,
            FundingLine.version,
            FundingLine.state,
            *(
                _cents(column)
                for column in (
                    FundingLine.requested,
                    FundingLine.proposed,
                    FundingLine.promised,
                    FundingLine.retained,
                    FundingLine.granted,
                    FundingLine.forecast,
                )
            ),
            FundingLine.in_kind,
            FundingLine.condition_confirmed,
            FundingLine.expected_on,
            FundingLine.reason,
        )
        .join(Dossier, Dossier.id == FundingLine.dossier_id)
        .join(SeanceItem, SeanceItem.dossier_id == Dossier.id)
        .where(*here, FundingLine.year == Dossier.year)
        .order_by(FundingLine.id)
    )
    found: defaultdict[int, dict[int, GridLine]] = defaultdict(dict)
    for row in db.execute(query):
        line = GridLine._make(row)
        found[line.dossier_id][line.credit_id] = line
    return found


def _opinions(db: Session, here: list[ColumnElement[bool]]) -> Mapping[int, dict[int, str | None]]:
    """What each organisation said in the present round."""
    query = (
        select(Opinion.dossier_id, Opinion.organisation_id, Opinion.value)
        .join(Dossier, Dossier.id == Opinion.dossier_id)
        .join(SeanceItem, SeanceItem.dossier_id == Dossier.id)
        .where(*here, Opinion.round == Dossier.round, Opinion.state != OpinionState.CANCELLED)
    )
    found: defaultdict[int, dict[int, str | None]] = defaultdict(dict)
    for dossier_id, organisation_id, value in db.execute(query):
        found[dossier_id][organisation_id] = value
    return found


def _settlements(db: Session, here: list[ColumnElement[bool]]) -> Mapping[int, list[SettlementFacts]]:
    query = (
        select(Waiver.dossier_id, Waiver.rule, Waiver.kind, Waiver.by, Waiver.reason, Waiver.line)
        .join(SeanceItem, SeanceItem.dossier_id == Waiver.dossier_id)
        .where(*here)
        .order_by(Waiver.id)
    )
    found: defaultdict[int, list[SettlementFacts]] = defaultdict(list)
    for dossier_id, rule, kind, by, reason, line in db.execute(query):
        found[dossier_id].append(SettlementFacts(rule, Settlement(kind), by, reason, line))
    return found
