# SPDX-License-Identifier: EUPL-1.2
"""The page of a round table: its columns and who types in them, its rows, what the columns and the whole add up to."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from fastapi import Request
from markupsafe import Markup
from sqlalchemy.orm import Session

from rules import wording
from web.live_grid import LiveTable, live_table
from web.presenters.grid_cells import PreparedRow, rows_html
from web.presenters.seance import seance_heading
from web.visit import Visit, application_of
from workflow.envelopes import STATUS_LABELS
from workflow.examination import parameters_of
from workflow.grid.figures import ColumnTotals, Standing, targets_of
from workflow.grid.moves import Heard, hear
from workflow.grid.rights import editable_columns, is_over, own_columns, types_for_all
from workflow.grid.rows import GridColumn
from workflow.models import Seance

ALL = "toutes"
UNITS = (("cost", "Coût"), ("obtained", "Obtenu"), ("left", "Reste à trouver"))


@dataclass(frozen=True, slots=True)
class Screen:
    """What one reader has before the eyes."""

    seance: Seance
    table: LiveTable
    shown: Sequence[GridColumn]
    rows: Sequence[PreparedRow]
    editable: frozenset[int]
    target: Decimal | None

    @property
    def shown_ids(self) -> list[int]:
        """The columns of this screen, in its order."""
        return [column.id for column in self.shown]

    @property
    def columns(self) -> Sequence[GridColumn]:
        """Every credit of the contract."""
        return self.table.columns


def read_screen(
    request: Request, db: Session, seance: Seance, visit: Visit, wanted: str = "", heard: Heard | None = None
) -> Screen:
    """The table as it is now. `wanted`: `toutes`, or the numbers of the columns that a page already shows.

    `heard`: what a page that only follows is told; the journal is then trusted for what did not move: the answer to one
    cell waits for nothing else.
    """
    table = live_table(request, db, seance, heard or hear(db, seance.contract_id))
    rows, own = table.rows, own_columns(visit.who, seance, table.columns)
    today = application_of(request).today()
    return Screen(
        seance,
        table,
        _shown(table.columns, rows, wanted, own),
        rows,
        editable_columns(visit.who, seance, table.columns),
        parameters_of(seance.contract, today).values["cpo.target_actions"],
    )


def _shown(
    columns: Sequence[GridColumn], rows: Sequence[PreparedRow], wanted: str, own: Collection[int]
) -> list[GridColumn]:
    """Every column, those named, or those where something was asked or is owed, with the reader's own."""
    if wanted == ALL:
        return list(columns)
    named = {int(text) for text in wanted.split(",") if text.isascii() and text.isdigit() and len(text) < 10}
    if named:
        return [column for column in columns if column.id in named]
    used: set[int] = set(own)
    holders: set[str] = set()
    for one in rows:
        used.update(one.row.lines)
        holders.update(one.row.holders)
    return [column for column in columns if column.id in used or column.key in holders]


def grid_view(screen: Screen, visit: Visit) -> dict[str, Any]:
    """Everything the page shows."""
    seance = screen.seance
    return (
        seance_heading(seance)
        | parts_view(screen)
        | {
            "body": rows_html(screen.rows, screen.shown_ids),
            "number": len(screen.rows),
            "heads": [_head(column, screen, visit) for column in screen.shown],
            "ordinary": sum(1 for column in screen.shown if column.is_ordinary),
            "specific": sum(1 for column in screen.shown if not column.is_ordinary),
            "hidden_columns": len(screen.columns) - len(screen.shown),
            "editable": ",".join(map(str, sorted(screen.editable))),
            "types_for_all": types_for_all(visit.who, seance),
            "is_over": is_over(seance),
            "own": [c for c in screen.shown if c.id in own_columns(visit.who, seance, screen.columns)],
            "units": UNITS,
        }
    )


def _head(column: GridColumn, screen: Screen, visit: Visit) -> dict[str, Any]:
    return {
        "column": column,
        "may_type": column.id in screen.editable,
        "file": f"table/colonnes/{column.id}" if column.id in screen.editable else "",
    }


def parts_view(screen: Screen) -> dict[str, Any]:
    """What moves with any cell: the foot of the table, the targets, the mark."""
    totals, standings = screen.table.totals, screen.table.standings()
    feet = [_foot(column, totals[column.id], standings) for column in screen.shown]
    return {
        "seance": screen.seance,
        "mark": str(screen.table.mark),
        "shown": ",".join(map(str, screen.shown_ids)),
        "feet": feet,
        "years": list(standings),
        "sums": _sums(screen.rows),
        "targets": _targets(screen, totals)
        | {
            "exceeded": [
                one["name"] for one in feet if any(each["tone"] for each in one["standings"].values())
            ]
        },
    }


def _foot(
    column: GridColumn, totals: ColumnTotals, standings: Mapping[int, Mapping[int, Standing]]
) -> dict[str, Any]:
    """One column. Its envelopes: one for each year of the agenda."""
    found = {year: of_year[column.id] for year, of_year in standings.items() if column.id in of_year}
    return {
        "id": column.id,
        "name": column.organisation,
        "requested": wording.euros_of_cents(totals.requested),
        "brought": wording.euros_of_cents(totals.brought),
        "awaited": totals.awaited,
        "standings": {
            year: {
                "standing": standing,
                "status": STATUS_LABELS.get(standing.status, standing.status),
                "tone": _tone(standing),
            }
            for year, standing in found.items()
        },
    }


def _tone(standing: Standing) -> str:
    if not standing.is_exceeded:
        return ""
    return "over" if standing.will_block else "near"


def _sums(rows: Sequence[PreparedRow]) -> list[str]:
    """Cost, obtained and left over the table, unknown costs left out."""
    return [
        wording.euros_of_cents(sum(getattr(one.measures.totals, name) or 0 for one in rows))
        for name, _ in UNITS
    ]


def _targets(screen: Screen, totals: Mapping[int, ColumnTotals]) -> dict[str, Any]:
    figures = targets_of((one.measures for one in screen.rows), screen.target)
    return {
        "figures": figures,
        "cpo": figures.cpo,
        "ready": sum(1 for one in screen.rows if one.is_ready),
        "awaited": sum(one.awaited for one in totals.values()),
        "unasked": sum(len(one.measures.unasked) for one in screen.rows),
    }


def moved_html(screen: Screen, moved: Collection[int | None]) -> Markup:
    """The rows that moved, each to take the place of the one that has its name."""
    shown = screen.shown_ids
    parts = [one.html(shown) for one in screen.rows if one.row.id in moved]
    return Markup("".join(part.replace("<tr ", '<tr hx-swap-oob="true" ', 1) for part in parts))  # noqa: S704 - already escaped
