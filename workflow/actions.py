# SPDX-License-Identifier: EUPL-1.2
"""What may be done now, and why not: the same guards as `fire()`, asked without firing."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from rules.findings import Finding
from rules.themes.convention import REQUIRED
from workflow.firing import Firing, Input, Subject, Transition
from workflow.machine import findings_against, permitted, table_of
from workflow.permissions import Actor


@dataclass(frozen=True, slots=True)
class AvailableAction:
    """One transition that leaves from the present state: allowed now, or the findings that stop it.

    `permitted` False: the actor has no mandate for it. Inputs and reason are not asked here: they are typed with it.
    """

    trigger: str
    label: str
    allowed: bool
    permitted: bool
    findings: list[Finding] = field(default_factory=list)
    inputs: tuple[Input, ...] = ()
    reason_required: bool = False
    closing_only: bool = False


def list_actions(
    db: Session, subject: Subject, actor: Actor, now: datetime, skip: frozenset[str] = frozenset()
) -> list[AvailableAction]:
    """Every transition of the table that leaves from here and concerns this subject, in its order.

    The guards of those to `skip` are not asked.
    """
    table = table_of(subject)
    state: str = getattr(subject, table.attribute)
    leaving = (row for row in table.rows if state in row.sources and row.trigger not in skip)
    concerned = (row for row in leaving if row.concerns is None or row.concerns(subject))
    return [_view(db, subject, row, actor, now) for row in concerned]


def available(
    db: Session, subject: Subject, trigger: str, actor: Actor, now: datetime
) -> AvailableAction | None:
    """One transition, as `list_actions` gives it; None when it does not leave from here."""
    table = table_of(subject)
    row = table.row(trigger, getattr(subject, table.attribute))
    return None if row is None else _view(db, subject, row, actor, now)


# What is typed together with the transition; a button is not off because the form behind it is still empty.
TYPED = frozenset({"guard.reason", "guard.input", "guard.amount", "guard.promise"})


def _view(db: Session, subject: Subject, row: Transition, actor: Actor, now: datetime) -> AvailableAction:
    firing = Firing(db, subject, row.trigger, actor, None, now, {}, _never)
    against = [f for f in findings_against(firing, row) if f.rule not in TYPED and not _asks_input(f, row)]
    may = permitted(subject, row, actor)
    blocked = any(finding.blocks for finding in against)
    return AvailableAction(
        trigger=row.trigger,
        label=row.label,
        allowed=may and not blocked,
        permitted=may,
        findings=against,
        inputs=row.inputs,
        reason_required=row.reason_required,
        closing_only=row.closing_only,
    )


def _asks_input(finding: Finding, row: Transition) -> bool:
    """True for a refusal that only says that the form is not filled yet."""
    if finding.rule in (
        "guard.partners",
        "guard.reports",
        "guard.revised_plan",
        "guard.unspent",
        REQUIRED,
    ):
        return bool(row.inputs)
    return False


def _never(*_args: Any, **_kwargs: Any) -> None:
    raise AssertionError("une lecture ne déclenche rien")
