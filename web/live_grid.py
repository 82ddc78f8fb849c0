# SPDX-License-Identifier: EUPL-1.2
"""The rows of a round table kept while nothing moves: one cell changed makes one row again, for every screen.

Kept with the mark of the journal they were read under. When only dossiers of the table moved since, they alone are read
again; anything else that moved, another day, another process, and every version is compared.
"""

from collections import OrderedDict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
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
from workflow.grid.figures import ColumnTotals, Standing, column_totals, reasons_of, standing_of, totals_after
from workflow.grid.moves import Heard, Mark, Moves, moves_since
from workflow.grid.reading import RowStamp, columns_of, exercises_of, read_rows, row_stamps
from workflow.grid.rows import GridColumn, euros_of
from workflow.models import Contract, Seance
from workflow.previous_year import RunningCpo

KEPT = 6  # tables in memory at once, some megabytes each
SHARED = "departement"  # an envelope of every contract of a département is no limit of one table
Key = tuple[int, str, date]
Rows = Mapping[int, tuple[RowStamp, PreparedRow]]
Elsewhere = Mapping[int, tuple[EnvelopeFacts, Decimal]]


@dataclass(frozen=True, slots=True)
class Exercise:
    """A year of the agenda. `elsewhere`: by credit, its envelope and what the rest of that year's programme takes of it."""

    running: RunningCpo
    elsewhere: Elsewhere


@dataclass(frozen=True, slots=True)
class LiveTable:
    """One table as it was under a mark, with what its columns add up to."""

    mark: Mark
    columns: Sequence[GridColumn]
    stamped: Rows
    exercises: Mapping[int, Exercise]  # most often one
    totals: Mapping[int, ColumnTotals]

    @property
    def rows(self) -> list[PreparedRow]:
        """In the order of the agenda."""
        return [row for _, row in self.stamped.values()]

    def standings(self) -> dict[int, dict[int, Standing]]:
        """By year of the agenda, then by credit: where each envelope stands."""
        found = {}
        for year, exercise in self.exercises.items():
            mine = self.totals if len(self.exercises) == 1 else _totals(self.stamped, self.columns, year)
            found[year] = {
                credit: standing_of(*envelope, mine[credit].expected)
                for credit, envelope in exercise.elsewhere.items()
            }
        return found


def _totals(rows: Rows, columns: Sequence[GridColumn], year: int | None = None) -> dict[int, ColumnTotals]:
    measures = [one.measures for _, one in rows.values() if year in (None, one.row.year)]
    return column_totals(measures, columns)


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


def live_table(request: Request, db: Session, seance: Seance, heard: Heard) -> LiveTable:
    """The table as the database has it. `heard`: before; with a mark it came from, the journal is trusted for what did not move.

    Without, every version is compared, whatever the journal says.
    """
    tables: GridTables = request.app.state.grid
    today = application_of(request).today()
    key = (seance.id, seance.contract.settings_digest, today)
    kept = tables.find(key)
    made = None
    if kept is not None and heard.since is not None:
        is_told = heard.since == kept.mark
        moves = heard.moves if is_told else moves_since(db, seance.contract_id, kept.mark)
        made = _renewed(db, seance, heard.present, kept, moves, today)
    if made is None:
        made = _whole(db, seance, heard.present, kept, today)
    tables.keep(key, made)
    return made


def _whole(db: Session, seance: Seance, mark: Mark, kept: LiveTable | None, today: date) -> LiveTable:
    columns = columns_of(db, seance.contract)
    known: Rows = kept.stamped if kept is not None and kept.columns == columns else {}
    running = {year: RunningCpo(db, seance.contract, year) for year in exercises_of(db, seance)}
    stamps = row_stamps(db, seance)
    stale = [stamp.id for stamp in stamps if not _is_same(stamp, known, running)]
    only = None if len(stale) == len(stamps) else stale
    made = _prepared(db, seance, columns, only, running, today) if stale else {}
    rows = {
        stamp.id: (stamp, made[stamp.id]) if stamp.id in made else known[stamp.id]
        for stamp in stamps
        if stamp.id in made or stamp.id in known
    }
    exercises = {
        year: Exercise(found, _elsewhere(db, seance.contract, year, _totals(rows, columns, year)))
        for year, found in running.items()
    }
    return LiveTable(mark, columns, rows, exercises, _totals(rows, columns))


def _elsewhere(db: Session, contract: Contract, year: int, here: Mapping[int, ColumnTotals]) -> Elsewhere:
    return {
        one.credit.id: (one.facts, one.expected - euros_of(here[one.credit.id].expected))
        for one in credit_balances(db, contract, year)
        if one.facts.held_by != SHARED
    }


def _is_same(stamp: RowStamp, known: Rows, running: Mapping[int, RunningCpo]) -> bool:
    if stamp.id not in known or known[stamp.id][0] != stamp:
        return False
    found = known[stamp.id][1]
    return found.row.year in running and found.since == running[found.row.year].since(found.row.action_id)


def _renewed(
    db: Session, seance: Seance, mark: Mark, kept: LiveTable, moves: Moves, today: date
) -> LiveTable | None:
    """The same table, the dossiers that moved read again; None when something else moved too.

    Another year or another stage moves the envelopes themselves: a CPO holds the year of an action that leaves.
    """
    moved = moves.dossiers
    if moves.others or moved - kept.stamped.keys():
        return None
    if not moved:
        return replace(kept, mark=mark)
    stamps = {stamp.id: stamp for stamp in row_stamps(db, seance, moved)}
    running = {year: exercise.running for year, exercise in kept.exercises.items()}
    made = _prepared(db, seance, kept.columns, moved, running, today)
    before = {id_: kept.stamped[id_][1].row for id_ in made}
    if any(
        (one.row.year, one.row.stage) != (before[id_].year, before[id_].stage) for id_, one in made.items()
    ):
        return None
    rows, totals = dict(kept.stamped), kept.totals
    for id_ in made.keys() & stamps.keys():
        totals = totals_after(totals, kept.columns, rows[id_][1].measures, made[id_].measures)
        rows[id_] = (stamps[id_], made[id_])
    return LiveTable(mark, kept.columns, rows, kept.exercises, totals)


def _prepared(
    db: Session,
    seance: Seance,
    columns: Sequence[GridColumn],
    only: Collection[int] | None,
    running: Mapping[int, RunningCpo],
    today: date,
) -> dict[int, PreparedRow]:
    contract, by_id = seance.contract, {column.id: column for column in columns}
    territory, parameters = territory_facts(contract), parameters_of(contract, today)
    return {
        row.id: prepare_row(
            row,
            columns,
            running[row.year].since(row.action_id) if row.year in running else None,
            reasons_of(row, by_id, territory, parameters),
            today,
        )
        for row in read_rows(db, seance, only)
    }
