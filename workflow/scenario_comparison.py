# SPDX-License-Identifier: EUPL-1.2
"""Scenarios side by side: line by line what each gives, who gains, who loses, against one of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload, selectinload

from workflow.errors import InvalidInputError, UnknownReferenceError
from workflow.models import Dossier, FundingLine, Scenario, ScenarioAmount, Seance
from workflow.programme_facts import ZERO
from workflow.scenario_figures import Hypothesis, credit_order, hypotheses, living_lines

MOST = 4  # scenarios compared at once, beside the present proposals


@dataclass(frozen=True, slots=True)
class ComparedLine:
    """One line of one dossier: what each hypothesis gives, and its difference with the base."""

    dossier: Dossier
    line: FundingLine
    amounts: tuple[Decimal, ...]
    differences: tuple[Decimal, ...]

    @property
    def differs(self) -> bool:
        """True when one hypothesis at least says something else."""
        return any(self.differences)


@dataclass(frozen=True, slots=True)
class Movement:
    """What one hypothesis changes against the base, dossier by dossier."""

    winners: int
    gained: Decimal
    losers: int
    lost: Decimal


@dataclass(frozen=True, slots=True)
class Comparison:
    """The hypotheses; `base`: the rank of the one that the others are read against."""

    hypotheses: tuple[Hypothesis, ...]
    base: int
    lines: tuple[ComparedLine, ...]
    movements: tuple[Movement, ...]


def compare(
    db: Session, seance: Seance, scenarios: Sequence[Scenario], now: datetime, *, base: int | None = None
) -> Comparison:
    """The present proposals and these scenarios. `base`: the id of a scenario; None: the present proposals."""
    if len(scenarios) > MOST:
        raise InvalidInputError(
            f"On compare {MOST} scénarios au plus, à côté des propositions actuelles.", "s"
        )
    found = tuple(hypotheses(db, seance, scenarios, now))
    ranks = {one.scenario.id: rank for rank, one in enumerate(found) if one.scenario is not None}
    chosen = 0 if base is None else ranks.get(base, 0)
    lines = _lines(seance, found, chosen)
    return Comparison(found, chosen, lines, tuple(_movement(lines, rank) for rank in range(len(found))))


def _lines(seance: Seance, found: Sequence[Hypothesis], base: int) -> tuple[ComparedLine, ...]:
    rows = []
    for item in seance.items:
        for line in sorted(living_lines([item.dossier]), key=credit_order):
            amounts = tuple(one.amounts[line.id] for one in found)
            differences = tuple(amount - amounts[base] for amount in amounts)
            rows.append(ComparedLine(item.dossier, line, amounts, differences))
    return tuple(rows)


def _movement(lines: Sequence[ComparedLine], rank: int) -> Movement:
    by_dossier: dict[int, Decimal] = {}
    for one in lines:
        by_dossier[one.dossier.id] = by_dossier.get(one.dossier.id, ZERO) + one.differences[rank]
    gains = [amount for amount in by_dossier.values() if amount > 0]
    losses = [amount for amount in by_dossier.values() if amount < 0]
    return Movement(len(gains), sum(gains, ZERO), len(losses), sum(losses, ZERO))


# --- reading scenarios


@dataclass(frozen=True, slots=True)
class Summary:
    """A scenario in the list: its amounts counted, without reading them nor what the solver said."""

    scenario: Scenario
    is_computed: bool
    parent: str | None
    lines: int
    locked: int
    total: Decimal


def list_scenarios(db: Session, seance: Seance) -> list[Summary]:
    """Every scenario of the séance, the oldest first. Two queries."""
    sums = db.execute(
        select(
            ScenarioAmount.scenario_id,
            func.count(),
            func.count().filter(ScenarioAmount.locked),
            func.sum(ScenarioAmount.amount),
        )
        .join(Scenario, Scenario.id == ScenarioAmount.scenario_id)
        .where(Scenario.seance_id == seance.id)
        .group_by(ScenarioAmount.scenario_id)
    )
    counted = {id_: (lines, locked, total) for id_, lines, locked, total in sums}
    query = select(Scenario, Scenario.solution.is_not(None)).where(Scenario.seance_id == seance.id)
    rows = db.execute(query.order_by(Scenario.id)).all()
    names = {row.id: row.name for row, _ in rows}
    return [
        Summary(row, is_computed, names.get(row.parent_id or 0), *counted.get(row.id, (0, 0, ZERO)))
        for row, is_computed in rows
    ]


def scenario_named(db: Session, seance: Seance, name: str) -> Scenario:
    """The scenario of this name. Raises UnknownReferenceError."""
    found = db.scalar(select(Scenario).where(Scenario.seance_id == seance.id, Scenario.name == name))
    if found is None:
        raise UnknownReferenceError(f"Scénario inconnu dans cette séance\u00a0: «\u00a0{name}\u00a0».")
    return found


def get_scenarios(db: Session, seance: Seance, ids: Sequence[int]) -> list[Scenario]:
    """These scenarios of the séance with their amounts, in the order asked. Raises UnknownReferenceError."""
    rows = db.scalars(
        select(Scenario)
        .where(Scenario.seance_id == seance.id, Scenario.id.in_(ids))
        .options(joinedload(Scenario.seance), selectinload(Scenario.amounts))
    )
    found = {row.id: row for row in rows}
    if missing := [id_ for id_ in ids if id_ not in found]:
        raise UnknownReferenceError(f"Scénario inconnu dans cette séance\u00a0: n° {missing[0]}.")
    return [found[id_] for id_ in ids]
