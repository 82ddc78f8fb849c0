# SPDX-License-Identifier: EUPL-1.2
"""The form shared by the four machines: a table of transitions, and what guards and effects receive."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from rules.facts import DossierFacts
from rules.findings import Finding, Outcome, Severity
from workflow.contracts import territory_of
from workflow.models import Contract, Dossier, FundingLine, Opinion, Seance
from workflow.permissions import Actor
from workflow.stages import Role
from workflow.territory import BodyKind, Territory

PARIS = ZoneInfo("Europe/Paris")

Subject = Dossier | Opinion | FundingLine | Seance
Examined = Mapping[int, tuple[DossierFacts, list[Finding]]]  # by dossier id, as read on the day
InputKind = Literal["text", "date", "moment", "list", "amount", "person", "choice", "boolean", "integer"]


@dataclass(frozen=True, slots=True)
class Input:
    """A value a transition needs besides the reason; `kind` tells how it is typed."""

    name: str
    label: str
    kind: InputKind = "text"
    required: bool = False
    choices: tuple[str, ...] = ()


@dataclass(slots=True)
class Firing:
    """One firing: what guards read and effects change. `cascade` fires a dependent subject without asking again."""

    db: Session
    subject: Any
    trigger: str
    actor: Actor
    reason: str | None
    now: datetime
    details: Mapping[str, Any]
    cascade: Callable[..., None]
    findings: list[Finding] = field(default_factory=list)  # what guards found, kept with the decision
    recorded: dict[str, Any] = field(default_factory=dict)  # what the journal line says besides
    payload: dict[str, Any] = field(default_factory=dict)  # what the event says
    read: Examined = field(default_factory=dict)  # by a closing's guards: its effect does not examine again

    @property
    def contract(self) -> Contract:
        """The contract of the subject."""
        subject = self.subject
        contract: Contract = (
            subject.dossier.contract if isinstance(subject, (Opinion, FundingLine)) else subject.contract
        )
        return contract

    @property
    def territory(self) -> Territory:
        """The territory of the subject's contract."""
        return territory_of(self.contract)

    @property
    def dossier(self) -> Dossier:
        """The dossier concerned (the subject, or the one it hangs on)."""
        subject = self.subject
        if isinstance(subject, (Opinion, FundingLine)):
            return subject.dossier
        assert isinstance(subject, Dossier)
        return subject

    @property
    def today(self) -> date:
        """The legal day, in Paris."""
        return self.now.astimezone(PARIS).date()


Guard = Callable[[Firing], Iterable[Finding]]
Effect = Callable[[Firing], None]


@dataclass(frozen=True, slots=True)
class Transition:
    """One row of a table. `target` None: the state does not change (a rectification, a change of date)."""

    phase: str
    trigger: str
    sources: tuple[str, ...]
    target: str | None
    label: str
    roles: tuple[Role, ...]
    guards: tuple[Guard, ...] = ()
    effect: Effect | None = None
    inputs: tuple[Input, ...] = ()
    reason_required: bool = False
    closing_only: bool = False
    one_at_a_time: bool = False  # in its contract: it adds up what another firing of the same kind changes
    deciding: bool = False  # keeps the facts, the parameters' digest and the findings
    secretary_of: tuple[BodyKind, ...] = ()  # () : any secretary
    concerns: Callable[[Any], bool] | None = (
        None  # False: not even shown on that subject; its guards refuse it
    )


@dataclass(frozen=True, slots=True)
class Table:
    """The transitions of one kind of subject, the attribute that holds its state, and its states."""

    name: str
    attribute: str
    states: tuple[str, ...]
    rows: tuple[Transition, ...]

    def row(self, trigger: str, state: str) -> Transition | None:
        """The row that leaves from `state` by `trigger`, or None."""
        for row in self.rows:
            if row.trigger == trigger and state in row.sources:
                return row
        return None

    @property
    def triggers(self) -> tuple[str, ...]:
        """Every trigger once, in the order of the table."""
        return tuple(dict.fromkeys(row.trigger for row in self.rows))


def refusal(rule: str, variant: str = "", *, line: str | None = None, **facts: Any) -> Finding:
    """A guard's « no »: a blocking, violated finding."""
    return Finding(rule, Outcome.VIOLATED, Severity.BLOCKING, facts, variant, line)


def notice(rule: str, variant: str = "", **facts: Any) -> Finding:
    """Something a guard wants read, that stops nothing."""
    return Finding(rule, Outcome.VIOLATED, Severity.INFO, facts, variant)
