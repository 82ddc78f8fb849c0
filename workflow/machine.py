# SPDX-License-Identifier: EUPL-1.2
"""The one door: `fire()`. Permission, allowed from here, guards, rows, journal, event, in one transaction of the caller.

It never commits and never sends. Nothing else assigns a state: the machines of `transitions` do it, here.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session
from transitions import Machine

from rules.findings import Finding
from workflow import journal
from workflow.contracts import body_codes, territory_of
from workflow.decisions import facts_of, record_decision
from workflow.errors import (
    ConflictError,
    InvalidInputError,
    NotAllowedHereError,
    NotPermittedError,
    RefusedError,
)
from workflow.events import emit
from workflow.firing import Firing, Subject, Table, Transition
from workflow.guards.commitment import only_by_closing
from workflow.guards.submission import shared
from workflow.models import Contract, Dossier, FundingLine, Journal, Opinion, Seance
from workflow.permissions import Actor, holds
from workflow.sight import sees_contract
from workflow.stages import STATE_LABELS, Role
from workflow.transitions import DOSSIER, LINE, OPINION, SEANCE, TABLES


def _build(table: Table) -> Machine:
    machine = Machine(
        model=None,
        states=[str(state) for state in table.states],  # plain text: the library reads enums by name
        initial=None,
        auto_transitions=False,
        send_event=True,
        model_attribute=table.attribute,
    )
    for row in table.rows:
        target = "=" if row.target is None else str(row.target)
        machine.add_transition(row.trigger, [str(source) for source in row.sources], target)
    return machine


MACHINES: Mapping[str, Machine] = {table.name: _build(table) for table in TABLES}
_TABLE_OF: Mapping[type, Table] = {Dossier: DOSSIER, Opinion: OPINION, FundingLine: LINE, Seance: SEANCE}


def table_of(subject: Subject) -> Table:
    """The table that rules this kind of subject."""
    return _TABLE_OF[type(subject)]


def fire(
    db: Session,
    subject: Subject,
    trigger: str,
    actor: Actor,
    reason: str | None,
    now: datetime,
    *,
    expected_version: int | None = None,
    **details: Any,
) -> Journal:
    """Fires one transition and gives its journal line.

    Raises InvalidInputError (unknown trigger), ConflictError (`expected_version` is not the present one),
    NotPermittedError, NotAllowedHereError, RefusedError with every finding that blocks, together. Nothing is written
    when it raises; the caller commits.
    """
    if expected_version is not None and subject.version != expected_version:
        raise ConflictError  # said first: what is impossible now was possible on the page that was read
    _check_not_told_by_refusal(subject, trigger, actor)
    row = _row(subject, trigger)
    if not permitted(subject, row, actor):
        raise NotPermittedError(f"« {row.label} » : vos mandats ne le permettent pas sur cet élément.")
    return _apply(db, subject, row, actor, reason, now, details)


def _check_not_told_by_refusal(subject: Subject, trigger: str, actor: Actor) -> None:
    """A porteur is told the stage by letters: what it may not do, or not now, is refused without naming it."""
    if not isinstance(subject, Dossier) or sees_contract(actor, subject.contract_id):
        return
    rows = [row for row in table_of(subject).rows if row.trigger == trigger]
    if rows and not any(permitted(subject, row, actor) for row in rows):
        raise NotPermittedError(f"« {rows[0].label} » : vos mandats ne le permettent pas sur cet élément.")
    if rows and table_of(subject).row(trigger, getattr(subject, table_of(subject).attribute)) is None:
        raise NotAllowedHereError(f"« {rows[0].label} » n’est plus possible à cette étape.")


def _row(subject: Subject, trigger: str) -> Transition:
    table = table_of(subject)
    if trigger not in table.triggers:
        known = ", ".join(table.triggers)
        raise InvalidInputError(
            f"Transition inconnue : « {trigger} ». Transitions connues : {known}.", "trigger"
        )
    state: str = getattr(subject, table.attribute)
    row = table.row(trigger, state)
    if row is None:
        label = next(r.label for r in table.rows if r.trigger == trigger)
        raise NotAllowedHereError(
            f"« {label} » n’est pas possible depuis l’état « {state_label(table, state)} »."
        )
    return row


def state_label(table: Table, state: str) -> str:
    """The French label of a state of this table."""
    return STATE_LABELS[table.name].get(state, state)


def permitted(subject: Subject, row: Transition, actor: Actor) -> bool:
    """True when one of the row's roles is held by the actor on this subject."""
    return any(_holds(subject, role, row, actor) for role in row.roles)


def _holds(subject: Subject, role: Role, row: Transition, actor: Actor) -> bool:
    if isinstance(subject, Seance):
        seats = actor.seats_for(subject.contract_id)
        return any(
            s.role is role and (s.body in (None, subject.body) or role is not Role.SECRETARY) for s in seats
        )
    dossier = subject if isinstance(subject, Dossier) else subject.dossier
    if isinstance(subject, Opinion) and role in (Role.INSTRUCTOR, Role.FINANCER, Role.CITIZEN_COUNCIL):
        return actor.speaks_for(subject.organisation.id, dossier.contract_id)
    if isinstance(subject, FundingLine) and role is Role.FINANCER:
        return actor.speaks_for(subject.credit.organisation_id, dossier.contract_id)
    bodies = None
    if role is Role.SECRETARY and row.secretary_of:
        territory_of(dossier.contract)
        bodies = body_codes(dossier.contract.settings_digest, frozenset(row.secretary_of))
    return holds(actor, role, dossier, bodies)


def findings_against(firing: Firing, row: Transition) -> list[Finding]:
    """What stops this firing: every guard asked, none skipped. Empty when it may go."""
    found = list(shared(firing, row))
    if row.closing_only:
        found.extend(only_by_closing(firing, row))
        if found:
            return found
    for guard in row.guards:
        found.extend(guard(firing))
    return found


def _apply(
    db: Session,
    subject: Subject,
    row: Transition,
    actor: Actor,
    reason: str | None,
    now: datetime,
    details: Mapping[str, Any],
) -> Journal:
    def cascade(other: Subject, trigger: str, *, reason: str | None = None, **more: Any) -> None:
        _apply(db, other, _row(other, trigger), actor, reason, now, more)

    firing = Firing(db, subject, row.trigger, actor, reason, now, details, cascade)
    if row.one_at_a_time:
        _wait_for_the_contract(firing)
    against = findings_against(firing, row)
    blocking = [finding for finding in against if finding.blocks]
    if blocking:
        raise RefusedError(f"« {row.label} » est refusé.", blocking)
    deciding = row.deciding and isinstance(subject, Dossier)
    facts = facts_of(firing) if deciding else {}  # as read, before anything moves
    if row.effect is not None:
        row.effect(firing)
    table = table_of(subject)
    before: str = getattr(subject, table.attribute)
    MACHINES[table.name].events[row.trigger].trigger(subject)
    if isinstance(subject, Dossier):
        subject.stage_since = now
    line = _record(firing, row, before, getattr(subject, table.attribute))
    if deciding:
        record_decision(firing, line, facts, firing.findings or list(details.get("kept_findings", ())))
    emit(db, firing.contract.id, f"{table.name}.{row.trigger}", chain_of(subject), firing.payload, now)
    return line


def _wait_for_the_contract(firing: Firing) -> None:
    """A second closing waits, then reads what the first has retained (on SQLite every writer waits already)."""
    held = select(Contract.id).where(Contract.id == firing.contract.id)
    firing.db.execute(held.with_for_update(key_share=True))
    kind, subject = type(firing.subject), firing.subject
    if firing.db.scalar(select(kind.version).where(kind.id == subject.id)) != subject.version:
        raise ConflictError  # moved while we waited: whatever the guards would say of it is about another state


def chain_of(subject: Subject) -> str:
    """The journal chain of a subject: its dossier's, or its séance's."""
    if isinstance(subject, Seance):
        return f"seance:{subject.id}"
    dossier = subject if isinstance(subject, Dossier) else subject.dossier
    return f"dossier:{dossier.id}"


def name_of(subject: Subject) -> str:
    """How the journal names the subject within its chain."""
    if isinstance(subject, FundingLine):
        return f"line:{subject.key}"
    if isinstance(subject, Opinion):
        return f"opinion:{subject.organisation.code or subject.organisation_id}:{subject.round}"
    return chain_of(subject)


def _record(firing: Firing, row: Transition, before: str, after: str) -> Journal:
    firing.payload["subject"] = name_of(firing.subject)
    return journal.record(
        firing.db,
        contract_id=firing.contract.id,
        chain=chain_of(firing.subject),
        subject=name_of(firing.subject),
        actor=firing.actor,
        trigger=row.trigger,
        now=firing.now,
        from_state=before,
        to_state=after,
        reason=firing.reason,
        details=firing.recorded,
    )
