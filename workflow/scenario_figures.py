# SPDX-License-Identifier: EUPL-1.2
"""What a séance's proposals, and each of its scenarios, would make of the year: credits, targets, dossiers served.

The figures are the programme's own rules on the same rows, read once; a scenario only changes the amounts.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from sqlalchemy.orm import Session

from rules.facts import ProgrammeFacts
from rules.programme import ProgrammeFigures, programme_figures
from workflow.arbitration.problem import Envelope
from workflow.arbitration.served import Served, served_of
from workflow.arbitration_envelopes import available_envelopes
from workflow.envelope_facts import DEAD
from workflow.examination import parameters_of
from workflow.exercise import exercise_of
from workflow.facts import territory_facts
from workflow.firing import PARIS
from workflow.models import Dossier, FundingLine, Scenario, Seance
from workflow.programme_facts import ZERO, ProgrammeRows, amount_of, read_programme
from workflow.territory import Nature


@dataclass(frozen=True, slots=True)
class CreditTotal:
    """One credit: its envelope if it is known, what is committed already, what the séance adds, what is left."""

    credit: str
    status: str
    amount: Decimal | None
    committed: Decimal
    total: Decimal

    @property
    def left(self) -> Decimal | None:
        """What is left of the envelope; None without one."""
        return None if self.amount is None else self.amount - self.committed - self.total

    @property
    def is_over(self) -> bool:
        """True when the envelope would be exceeded."""
        return self.left is not None and self.left < 0


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """One column of the comparison: the present proposals (`scenario` None) or a scenario."""

    scenario: Scenario | None
    amounts: Mapping[int, Decimal]  # each living line of the agenda → what it brings
    total: Decimal
    credits: tuple[CreditTotal, ...]
    served: Mapping[int, Served]  # dossier → how far
    figures: ProgrammeFigures

    @property
    def counts(self) -> Counter[Served]:
        """How many dossiers are served, and how far."""
        return Counter(self.served.values())


def hypotheses(db: Session, seance: Seance, scenarios: Sequence[Scenario], now: datetime) -> list[Hypothesis]:
    """The present proposals, then each scenario: a constant number of queries, whatever their number."""
    year = exercise_of((item.dossier for item in seance.items), now)
    rows = read_programme(db, seance.contract, year)
    lines = living_lines(item.dossier for item in seance.items)
    shared = {line.id for line in lines if _is_new(line)}
    envelopes = {one.credit: one for one in available_envelopes(db, seance.contract, year, shared)}
    present = rows.facts()
    return [_hypothesis(seance, rows, present, envelopes, one, now) for one in (None, *scenarios)]


def living_lines(dossiers: Iterable[Dossier]) -> list[FundingLine]:
    """The lines of their own year that may bring money."""
    return [
        line
        for dossier in dossiers
        for line in dossier.lines
        if line.state not in DEAD and line.year == dossier.year
    ]


def _is_new(line: FundingLine) -> bool:
    """True for a line on which no committee has retained anything yet."""
    return line.retained is None and line.granted is None


def _hypothesis(
    seance: Seance,
    rows: ProgrammeRows,
    present: ProgrammeFacts,
    envelopes: Mapping[str, Envelope],
    scenario: Scenario | None,
    now: datetime,
) -> Hypothesis:
    simulated = {one.line_id: one.amount for one in scenario.amounts} if scenario else {}
    dossiers = [item.dossier for item in seance.items]
    lines = living_lines(dossiers)
    amounts = {line.id: amount_of(line, simulated.get(line.id)) for line in lines}
    figures = _figures(seance, rows, present, simulated, now)
    return Hypothesis(
        scenario=scenario,
        amounts=amounts,
        total=sum(amounts.values(), ZERO),
        credits=_credits([line for line in lines if line.year == rows.year], amounts, envelopes),
        served={dossier.id: _served(dossier, amounts) for dossier in dossiers},
        figures=figures,
    )


def _figures(
    seance: Seance,
    rows: ProgrammeRows,
    present: ProgrammeFacts,
    simulated: Mapping[int, Decimal],
    now: datetime,
) -> ProgrammeFigures:
    """The programme of the year, `present` but for what is simulated, with the dossiers of the agenda that would receive something counted as retained."""
    facts = rows.facts(simulated, known=present)
    agenda = {item.dossier.reference for item in seance.items if item.dossier.year == rows.year}
    actions = tuple(
        replace(action, projected=False)
        if action.source == "dossier" and action.reference in agenda and action.granted > 0
        else action
        for action in facts.actions
    )
    parameters = parameters_of(seance.contract, now.astimezone(PARIS).date())
    return programme_figures(replace(facts, actions=actions), territory_facts(seance.contract), parameters)


def _credits(
    lines: Sequence[FundingLine], amounts: Mapping[int, Decimal], envelopes: Mapping[str, Envelope]
) -> tuple[CreditTotal, ...]:
    """Each credit of the exercise on the agenda, ordinary law first; what a committee has retained is committed, not added."""
    found: dict[str, Decimal] = {}
    for line in sorted(lines, key=credit_order):
        found[line.key] = found.get(line.key, ZERO) + (amounts[line.id] if _is_new(line) else ZERO)
    unknown = Envelope("", "none", None)
    totals = []
    for credit, total in found.items():
        envelope = envelopes.get(credit, unknown)
        totals.append(CreditTotal(credit, envelope.status, envelope.amount, envelope.committed, total))
    return tuple(totals)


def credit_order(line: FundingLine) -> tuple[bool, int]:
    """Ordinary law before specific credits, then in the order of the configuration."""
    return line.nature != Nature.DROIT_COMMUN, line.credit_id


def _served(dossier: Dossier, amounts: Mapping[int, Decimal]) -> Served:
    """Specific credits against what was asked of them, within what the other resources leave to fund."""
    specific = [line for line in living_lines([dossier]) if line.nature != Nature.DROIT_COMMUN]
    given = sum((amounts[line.id] for line in specific), ZERO)
    asked = (line.requested or ZERO for line in specific)
    return served_of(given, asked, None if dossier.total_cost is None else _remainder(dossier, amounts))


def _remainder(dossier: Dossier, amounts: Mapping[int, Decimal]) -> Decimal:
    ordinary = sum(
        (amounts[line.id] for line in living_lines([dossier]) if line.nature == Nature.DROIT_COMMUN), ZERO
    )
    known = (dossier.total_cost or ZERO) - (dossier.own_resources or ZERO) - (dossier.other_resources or ZERO)
    return max(ZERO, known - ordinary)
