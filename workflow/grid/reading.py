# SPDX-License-Identifier: EUPL-1.2
"""The grid read as rows of columns, whole or for some dossiers: the same constant number of statements either way."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from sqlalchemy import case, select
from sqlalchemy.orm import Session, joinedload

from rules.facts import SettlementFacts
from rules.findings import Settlement
from workflow.contracts import territory_of
from workflow.errors import NotAllowedHereError, UnknownReferenceError
from workflow.grid import statements
from workflow.grid.rows import GridColumn, GridLine, GridRow
from workflow.grid.statements import rows_of
from workflow.models import Contract, Credit, Dossier, Organisation, Seance, SeanceItem
from workflow.territory import BodyKind, Nature, Territory


def find_alone(db: Session, seance_id: int) -> Seance:
    """A séance without its agenda, which the grid reads by itself. Raises UnknownReferenceError."""
    found = db.scalar(select(Seance).where(Seance.id == seance_id).options(joinedload(Seance.contract)))
    if found is None:
        raise UnknownReferenceError(f"Séance inconnue\u00a0: n°\u00a0{seance_id}.")
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


def exercises_of(db: Session, seance: Seance) -> list[int]:
    """The years of the dossiers on the agenda, each with its own envelopes; that of the séance when there is none."""
    years = (
        select(Dossier.year)
        .join(SeanceItem, SeanceItem.dossier_id == Dossier.id)
        .where(SeanceItem.seance_id == seance.id)
        .distinct()
        .order_by(Dossier.year)
    )
    return list(db.scalars(years)) or [seance.starts_at.year]


class RowStamp(NamedTuple):
    """One dossier of the agenda, and what grows with each change of what its row reads."""

    id: int
    stamp: tuple[Any, ...]


def row_stamps(db: Session, seance: Seance, only: Collection[int] | None = None) -> list[RowStamp]:
    """The agenda in its order (`only` those of these numbers), each row with the versions it would be read under. Four statements that return few values.

    Every change of a dossier, of a line or of an opinion makes its version grow; a settlement is a row added or removed.
    """
    lines, opinions, settled = (
        {row[0]: tuple(row[1:]) for row in rows_of(db, query, seance.id, only)}
        for query in (statements.LINE_VERSIONS, statements.OPINION_VERSIONS, statements.SETTLEMENT_VERSIONS)
    )
    return [
        RowStamp(id_, (version, name, lines.get(id_), opinions.get(id_), settled.get(id_)))
        for id_, version, name in rows_of(db, statements.DOSSIER_VERSIONS, seance.id, only)
    ]


def read_rows(db: Session, seance: Seance, only: Collection[int] | None = None) -> list[GridRow]:
    """The dossiers of the agenda in its order; `only` those of these numbers. Four statements."""
    lines, opinions = _lines(db, seance.id, only), _opinions(db, seance.id, only)
    settlements = _settlements(db, seance.id, only)
    territory = territory_of(seance.contract)
    return [
        _row(row, territory, lines[row.id], opinions[row.id], tuple(settlements[row.id]))
        for row in rows_of(db, statements.DOSSIERS, seance.id, only)
    ]


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


def _lines(db: Session, seance_id: int, only: Collection[int] | None) -> Mapping[int, dict[int, GridLine]]:
    found: defaultdict[int, dict[int, GridLine]] = defaultdict(dict)
    for line in map(GridLine._make, rows_of(db, statements.LINES, seance_id, only)):
        found[line.dossier_id][line.credit_id] = line
    return found


def _opinions(
    db: Session, seance_id: int, only: Collection[int] | None
) -> Mapping[int, dict[int, str | None]]:
    """What each organisation said in the present round."""
    found: defaultdict[int, dict[int, str | None]] = defaultdict(dict)
    for dossier_id, organisation_id, value in rows_of(db, statements.OPINIONS, seance_id, only):
        found[dossier_id][organisation_id] = value
    return found


def _settlements(
    db: Session, seance_id: int, only: Collection[int] | None
) -> Mapping[int, list[SettlementFacts]]:
    found: defaultdict[int, list[SettlementFacts]] = defaultdict(list)
    for dossier_id, rule, kind, by, reason, line in rows_of(db, statements.SETTLEMENTS, seance_id, only):
        found[dossier_id].append(SettlementFacts(rule, Settlement(kind), by, reason, line))
    return found
