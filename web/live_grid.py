# SPDX-License-Identifier: EUPL-1.2
"""The rows of a round table kept while nothing moves: one cell changed makes one row again, for every screen.

Kept with the mark of the journal they were read under. When only dossiers of the table moved since, they alone are read
again; anything else that moved, another day, another process, and every version is compared.
"""

from collections import OrderedDict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from threading import Lock

from fastapi import Request
from sqlalchemy.orm import Session

from rules.facts import EnvelopeFacts
from web.presenters.grid_cells import PreparedRow, prepare_row
from web.visit import application_of
from workflow.envelope_facts import credit_balances
from workflow.examination import parameters_of
from workflow.facts import territory_facts
from workflow.grid.figures import column_totals, reasons_of
from workflow.grid.moves import Mark, moves_since
from workflow.grid.reading import RowStamp, columns_of, exercise_of, read_rows, row_stamps
from workflow.grid.rows import GridColumn
from workflow.models import Seance
from workflow.previous_year import RunningCpo

KEPT = 6  # tables in memory at once, some megabytes each
SHARED = "departement"  # an envelope of every contract of a département is no limit of one table
Key = tuple[int, str, date]
Rows = Mapping[int, tuple[RowStamp, PreparedRow]]


@dataclass(frozen=True, slots=True)
class LiveTable:
    """One table as it was under a mark. `elsewhere`: by credit, its envelope and what the rest of the programme takes of it."""

    mark: Mark
    columns: Sequence[GridColumn]
    stamped: Rows
    elsewhere: Mapping[int, tuple[EnvelopeFacts, Decimal]]

    @property
    def rows(self) -> list[PreparedRow]:
        """In the order of the agenda."""
        return [row for _, row in self.stamped.values()]


class GridTables:
    """The last tables read, shared by the threads."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Key, LiveTable] = OrderedDict()
        self._lock = Lock()

    def find(self, key: Key) -> LiveTable | None:
        """The table kept under this key."""
        with self._lock:
            return self._kept.get(key)

    def keep(self, key: Key, table: LiveTable) -> None:
        """Keeps it, and forgets the oldest."""
        with self._lock:
            self._kept[key] = table
            self._kept.move_to_end(key)
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)


def live_table(request: Request, db: Session, seance: Seance, mark: Mark, *, whole: bool) -> LiveTable:
    """The table as the database has it. `mark`: read before. `whole`: every version is compared, whatever the journal says."""
    tables: GridTables = request.app.state.grid
    today = application_of(request).today()
    key = (seance.id, seance.contract.settings_digest, today)
    kept = tables.find(key)
    moved = None if whole or kept is None else _moved_inside(db, seance, kept)
    if kept is None or moved is None:
        made = _whole(db, seance, mark, kept, today)
    else:
        made = _renewed(db, seance, mark, kept, moved, today)
    tables.keep(key, made)
    return made


def _moved_inside(db: Session, seance: Seance, kept: LiveTable) -> frozenset[int] | None:
    """The dossiers of the table acted on since; None when something else moved too."""
    moves = moves_since(db, seance.contract_id, kept.mark)
    return None if moves.others or moves.dossiers - kept.stamped.keys() else moves.dossiers


def _whole(db: Session, seance: Seance, mark: Mark, kept: LiveTable | None, today: date) -> LiveTable:
    columns, year = columns_of(db, seance.contract), exercise_of(db, seance)
    known: Rows = kept.stamped if kept is not None and kept.columns == columns else {}
    running = RunningCpo(db, seance.contract, year)
    stamps = row_stamps(db, seance)
    stale = [stamp.id for stamp in stamps if not _is_same(stamp, known, running)]
    only = None if len(stale) == len(stamps) else stale
    made = _prepared(db, seance, columns, only, running, today) if stale else {}
    rows = {
        stamp.id: (stamp, made[stamp.id]) if stamp.id in made else known[stamp.id]
        for stamp in stamps
        if stamp.id in made or stamp.id in known
    }
    here = column_totals([row.measures for _, row in rows.values()], columns)
    elsewhere = {
        one.credit.id: (one.facts, one.expected - Decimal(here[one.credit.id].expected).scaleb(-2))
        for one in credit_balances(db, seance.contract, year)
        if one.facts.held_by != SHARED
    }
    return LiveTable(mark, columns, rows, elsewhere)


def _is_same(stamp: RowStamp, known: Rows, running: RunningCpo) -> bool:
    found = known.get(stamp.id)
    return found is not None and found[0] == stamp and found[1].since == running.since(found[1].row.action_id)


def _renewed(
    db: Session, seance: Seance, mark: Mark, kept: LiveTable, moved: Collection[int], today: date
) -> LiveTable:
    """The same table, those dossiers read again."""
    if not moved:
        return LiveTable(mark, kept.columns, kept.stamped, kept.elsewhere)
    running = RunningCpo(db, seance.contract, exercise_of(db, seance))
    stamps = {stamp.id: stamp for stamp in row_stamps(db, seance, moved)}
    made = _prepared(db, seance, kept.columns, moved, running, today)
    fresh = {id_: (stamps[id_], row) for id_, row in made.items() if id_ in stamps}
    return LiveTable(mark, kept.columns, {**kept.stamped, **fresh}, kept.elsewhere)


def _prepared(
    db: Session,
    seance: Seance,
    columns: Sequence[GridColumn],
    only: Collection[int] | None,
    running: RunningCpo,
    today: date,
) -> dict[int, PreparedRow]:
    contract, by_id = seance.contract, {column.id: column for column in columns}
    territory, parameters = territory_facts(contract), parameters_of(contract, today)
    return {
        row.id: prepare_row(
            row,
            columns,
            running.since(row.action_id),
            reasons_of(row, by_id, territory, parameters),
            today,
        )
        for row in read_rows(db, seance, only)
    }
