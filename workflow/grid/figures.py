# SPDX-License-Identifier: EUPL-1.2
"""What the grid adds up: each row, each column against its envelope, the targets of the whole; and what still stops a row."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from rules.cpo_figures import CpoFigures, cpo_figures
from rules.engine import evaluate
from rules.facts import ActionFacts, DossierFacts, EnvelopeFacts, LineFacts, TerritoryFacts
from rules.findings import Finding
from rules.parameters import ParametersOfDay
from rules.programme_year import STATE, STATE_SPECIFIC, Leverage, leverage_of
from workflow.grid.rows import GridColumn, GridLine, GridRow, RowTotals, euros_of, known_euros
from workflow.guards.conference import against_commitment, unsettled
from workflow.stages import FUNDED_STAGES, OPEN_STAGES, LineState, Stage

ALIVE = frozenset(stage.value for stage in FUNDED_STAGES | OPEN_STAGES)
STAGE_OF_RULES = "commitment"


class RowMeasures(NamedTuple):
    """What one row adds, in cents: by column in their order, then in all. `action`: what it is to the targets, if it gets anything."""

    requested: tuple[int, ...]
    brought: tuple[int, ...]
    expected: tuple[int, ...]  # of each envelope
    awaited: tuple[int, ...]  # 1 where an ordinary-law holder owes its answer
    unasked: frozenset[str]  # credits of ordinary law concerned whose holder nobody has asked
    totals: RowTotals
    ordinary: int
    action: ActionFacts | None


def measure_row(row: GridRow, columns: Sequence[GridColumn], since: int | None) -> RowMeasures:
    """The sums of one row. `since`: an earlier CPO covers it. The porteur's own share is among its own resources."""
    requested, brought, expected, awaited = ([0] * len(columns) for _ in range(4))
    granted: dict[str, int] = {}
    ordinary, counts, lines = 0, row.stage in ALIVE, row.lines
    for rank, column in enumerate(columns):
        line = lines.get(column.id)
        if line is None:
            continue
        amount, is_ordinary = line.brought or 0, column.is_ordinary
        requested[rank], brought[rank] = line.requested or 0, amount
        if counts and amount:  # what takes of an envelope is brought
            expected[rank] = line.expected
        if is_ordinary and line.state == LineState.ASKED:
            awaited[rank] = 1
        if amount and not row.is_own_share(column):
            granted[column.key] = amount
            ordinary += amount if is_ordinary else 0
    obtained = (row.own or 0) + (row.other or 0) + sum(granted.values())
    return RowMeasures(
        tuple(requested),
        tuple(brought),
        tuple(expected),
        tuple(awaited),
        unasked_holders(row),
        RowTotals(row.total_cost, obtained, None if row.total_cost is None else row.total_cost - obtained),
        ordinary,
        _action(row, granted, since) if granted else None,
    )


def _action(row: GridRow, granted: Mapping[str, int], since: int | None) -> ActionFacts:
    """The row as the programme's rules would read it, if the table were followed. `granted`: by credit."""
    state = sum(amount for key, amount in granted.items() if key.startswith(f"{STATE}:"))
    return ActionFacts(
        reference=row.reference,
        title=row.title,
        porteur=row.porteur,
        granted=euros_of(sum(granted.values())),
        cpo=True if since is not None else row.cpo,
        cpo_from=None if row.cpo else since,
        specific=euros_of(granted.get(STATE_SPECIFIC, 0)),
        by_financer=((STATE, euros_of(state)),),
    )


class ColumnTotals(NamedTuple):
    """What the agenda asks of one credit, what it brings, takes from the envelope, and the answers still awaited; in cents."""

    requested: int = 0
    brought: int = 0
    expected: int = 0
    awaited: int = 0


def column_totals(measures: Sequence[RowMeasures], columns: Sequence[GridColumn]) -> dict[int, ColumnTotals]:
    """By credit, over these rows."""
    if not measures:
        return {column.id: ColumnTotals() for column in columns}
    kinds = ("requested", "brought", "expected", "awaited")
    sums = [map(sum, zip(*(getattr(one, kind) for one in measures), strict=True)) for kind in kinds]
    return {
        column.id: ColumnTotals(*found)
        for column, found in zip(columns, zip(*sums, strict=True), strict=True)
    }


def totals_after(
    totals: Mapping[int, ColumnTotals], columns: Sequence[GridColumn], before: RowMeasures, after: RowMeasures
) -> dict[int, ColumnTotals]:
    """The same totals once one row has changed: what it added is taken off, what it adds is added."""
    gained = column_totals([after], columns)
    lost = column_totals([before], columns)
    return {
        id_: ColumnTotals(
            *(have - less + more for have, less, more in zip(one, lost[id_], gained[id_], strict=True))
        )
        for id_, one in totals.items()
    }


class Standing(NamedTuple):
    """One envelope against what the whole year's programme would take from it, in euros."""

    status: str
    amount: Decimal | None
    taken: Decimal
    left: Decimal | None

    @property
    def is_exceeded(self) -> bool:
        """More is proposed than the envelope holds."""
        return self.left is not None and self.left < 0

    @property
    def will_block(self) -> bool:
        """Only a notified envelope stops, and only the closing of the committee."""
        return self.is_exceeded and self.status == "notified"


def standing_of(envelope: EnvelopeFacts, elsewhere: Decimal, here: int) -> Standing:
    """Where one envelope stands: what the rest of the programme takes from it, and what this table does (in cents)."""
    amount = envelope.amount if envelope.status != "none" else None
    taken = elsewhere + euros_of(here)
    return Standing(envelope.status, amount, taken, None if amount is None else amount - taken)


@dataclass(frozen=True, slots=True)
class Targets:
    """The agenda as if it were followed: CPO in number and in euros, ordinary law's share, leverage, rows ready."""

    cpo: CpoFigures
    brought: Decimal
    ordinary: Decimal
    leverage: Leverage

    @property
    def ordinary_share(self) -> float | None:
        """The share of ordinary law in what is brought."""
        return float(self.ordinary / self.brought) if self.brought else None


def targets_of(measures: Iterable[RowMeasures], target: Decimal | None) -> Targets:
    """The targets over these dossiers; only an action that gets something counts."""
    actions, ordinary = [], 0
    for one in measures:
        ordinary += one.ordinary
        if one.action is not None:
            actions.append(one.action)
    cpo = cpo_figures(actions, target)
    return Targets(cpo, cpo.total_granted, euros_of(ordinary), leverage_of(actions))


def reasons_of(
    row: GridRow,
    columns: Mapping[int, GridColumn],
    territory: TerritoryFacts,
    parameters: ParametersOfDay,
) -> list[Finding]:
    """Why the row cannot go to the committee yet, by the committee's own rules; empty when it may, or is already there."""
    if row.stage != Stage.FINANCERS_CONFERENCE:
        return []
    facts = _facts(row, columns)
    findings = evaluate(facts, territory, parameters, stage=STAGE_OF_RULES)
    return [*against_commitment(findings, facts), *unsettled(row.lines.values())]


def _facts(row: GridRow, columns: Mapping[int, GridColumn]) -> DossierFacts:
    """What the rules of the committee read of a dossier, from the columns of the grid."""
    return DossierFacts(
        reference=row.reference,
        year=row.year,
        stage=row.stage,
        objectives=row.objectives,
        total_cost=known_euros(row.total_cost),
        own_resources=known_euros(row.own),
        other_resources=known_euros(row.other),
        lines=tuple(_line_facts(line, row, columns) for line in row.lines.values()),
        holders_concerned=tuple(sorted(row.holders)),
        settlements=row.settlements,
    )


def _line_facts(line: GridLine, row: GridRow, columns: Mapping[int, GridColumn]) -> LineFacts:
    financer, nature = _parts(line.key)
    column = columns.get(line.credit_id)
    return LineFacts(
        line.key,
        financer,
        nature,
        line.state,
        requested=known_euros(line.requested),
        proposed=known_euros(line.proposed),
        retained=known_euros(line.retained),
        granted=known_euros(line.granted),
        promised=known_euros(line.promised),
        is_own_share=column is not None and column.organisation_id == row.porteur_id,
        condition_confirmed=line.condition_confirmed,
        reason=line.reason,
    )


@lru_cache(maxsize=1024)
def _parts(key: str) -> tuple[str, str]:
    financer, _, nature = key.partition(":")
    return financer, nature


def unasked_holders(row: GridRow) -> frozenset[str]:
    """Ordinary-law credits that concern the action and that nobody has asked."""
    return row.holders - {line.key for line in row.lines.values() if line.state != LineState.NOT_ASKED}
