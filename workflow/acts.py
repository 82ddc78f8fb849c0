# SPDX-License-Identifier: EUPL-1.2
"""The financers' own acts: the lines that wait for one, and several recorded at once under one authority, date, number."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, select
from sqlalchemy.orm import Session, joinedload

from rules.render import render
from workflow.effects.steering import VALIDATED
from workflow.errors import (
    ConflictError,
    InvalidInputError,
    RefusedError,
    UnknownReferenceError,
    WorkflowError,
)
from workflow.guards.book import GUARDS
from workflow.inputs import check_amount
from workflow.machine import fire
from workflow.models import Contract, Credit, Dossier, FundingLine, Organisation
from workflow.permissions import Actor
from workflow.recovery import ENDED_LINES, unspent
from workflow.stages import LineState, Role

AMOUNT, REASON, CHOSEN = "amount-", "reason-", "line-"  # fields of one line in a batch, by its number
MOST = 200  # lines of one batch
AWAITED = FundingLine.state == LineState.RETAINED
RECORDED = FundingLine.act.is_not(None)


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a batch: what the act gives it (nil: with a reason), as read at `version`."""

    line_id: int
    version: int | None
    amount: Decimal
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ActRow:
    """One line, with what its financer needs to record its act."""

    id: int
    version: int
    dossier_id: int
    reference: str
    title: str
    porteur: str
    porteur_id: int
    organisation_id: int
    financer: str
    credit: str
    key: str
    year: int
    state: str
    requested: Decimal | None
    retained: Decimal | None
    granted: Decimal | None
    paid: Decimal | None
    spent: Decimal | None
    forecast: Decimal | None
    expected_on: date | None
    since: datetime
    act: dict[str, Any] | None
    reason: str | None
    follow_up: dict[str, Any]

    @property
    def is_validated(self) -> bool:
        """True once a steering committee validated the programme that holds this action."""
        return VALIDATED in self.follow_up


@dataclass(frozen=True, slots=True)
class Act:
    """What identifies a financer's own act."""

    authority: str
    on: date
    number: str


def record_act(
    db: Session,
    line: FundingLine,
    act: Act,
    amount: Decimal,
    actor: Actor,
    now: datetime,
    *,
    reason: str | None = None,
    expected_version: int | None = None,
) -> None:
    """Records one act: the line is granted, or refused when it gives nothing, with a reason. Raises what `fire()` raises."""
    check_amount(amount, "Le montant accordé")
    details: dict[str, Any] = {"authority": act.authority, "date": act.on, "number": act.number}
    if amount > 0:
        details["amount"] = amount
    trigger = "grant" if amount > 0 else "deny"
    fire(db, line, trigger, actor, reason, now, expected_version=expected_version, **details)


def record_acts(
    db: Session,
    contract: Contract,
    entries: Sequence[Entry],
    authority: str,
    on: date | None,
    number: str,
    actor: Actor,
    now: datetime,
) -> int:
    """Several lines of one financer under one act; all of them, or none. Gives how many.

    Raises InvalidInputError naming each field that stops, ConflictError, UnknownReferenceError.
    """
    faults = _heading_faults(authority, on, number)
    if not entries:
        faults["lines"] = "Lignes : en cocher au moins une."
    if len(entries) > MOST:
        raise InvalidInputError(f"{MOST} lignes au plus à la fois.", "lines")
    if not faults and on is not None:
        faults = _record_each(db, contract, entries, Act(authority, on, number), actor, now)
    if faults:
        said = "Rien n’est enregistré : voir ce qui est signalé."
        raise InvalidInputError(said, next(iter(faults)), faults)
    db.flush()
    return len(entries)


def _record_each(
    db: Session, contract: Contract, entries: Sequence[Entry], act: Act, actor: Actor, now: datetime
) -> dict[str, str]:
    """Fires on each line; gives what stopped, by field. The caller undoes the others."""
    lines, faults = _lines(db, contract, [entry.line_id for entry in entries]), dict[str, str]()
    financers = sorted({line.credit.organisation.name for line in lines.values()})
    if len(financers) > 1:
        said = f"Lignes\u00a0: un acte est celui d’un seul financeur, et celles-ci relèvent de {', '.join(financers)}."
        return {"lines": f"{said} Enregistrer l’acte de chacun à part."}
    for entry in entries:
        line, reason = lines[entry.line_id], entry.reason or None
        try:
            record_act(db, line, act, entry.amount, actor, now, reason=reason, expected_version=entry.version)
        except ConflictError:
            raise
        except WorkflowError as error:
            faults |= _line_faults(line, error)
    return faults


def _heading_faults(authority: str, on: date | None, number: str) -> dict[str, str]:
    said = {
        "authority": ("Autorité", authority),
        "date": ("Date de l’acte", on),
        "number": ("Numéro", number),
    }
    return {name: f"{label} : à renseigner." for name, (label, value) in said.items() if not value}


def _lines(db: Session, contract: Contract, ids: Sequence[int]) -> dict[int, FundingLine]:
    query = (
        select(FundingLine)
        .join(FundingLine.dossier)
        .where(Dossier.contract_id == contract.id, FundingLine.id.in_(ids))
        .options(
            joinedload(FundingLine.credit).joinedload(Credit.organisation), joinedload(FundingLine.dossier)
        )
    )
    found = {line.id: line for line in db.scalars(query)}
    if len(found) != len(set(ids)):
        raise UnknownReferenceError("Une de ces lignes n’existe pas dans ce contrat.")
    return found


def _line_faults(line: FundingLine, error: WorkflowError) -> dict[str, str]:
    """Why one line stops the batch, beside the field that can cure it."""
    about = line.dossier.reference
    if not isinstance(error, RefusedError):
        return {f"{AMOUNT}{line.id}": f"{about} : {error.message}"}
    faults: dict[str, str] = {}
    for finding in error.findings:
        said = render(finding, GUARDS)["message"]
        if finding.rule == "guard.amount" and finding.facts.get("field") == "date":
            faults.setdefault("date", f"{about} : {said}")
        elif finding.rule == "guard.reason":
            faults[f"{REASON}{line.id}"] = f"{about} : un acte qui n’accorde rien demande un motif."
        else:
            faults.setdefault(f"{AMOUNT}{line.id}", f"{about} : {said}")
    return faults


# --- what waits, and what was recorded


def acting_for(actor: Actor, contract_id: int) -> frozenset[int] | None:
    """The organisations whose acts this person records; None for the pilot: all of them."""
    if actor.has(Role.PILOT, contract_id):
        return None
    return actor.voices(contract_id)


def _rows(
    contract: Contract, organisations: Collection[int] | None, kept: ColumnElement[bool]
) -> Select[*tuple[Any, ...]]:
    query = (
        select(
            FundingLine.id,
            FundingLine.version,
            FundingLine.dossier_id,
            Dossier.reference,
            Dossier.title,
            Organisation.name,
            Dossier.porteur_id,
            Credit.organisation_id,
            Credit.financer,
            Credit.label,
            FundingLine.key,
            FundingLine.year,
            FundingLine.state,
            FundingLine.requested,
            FundingLine.retained,
            FundingLine.granted,
            FundingLine.paid,
            FundingLine.spent,
            FundingLine.forecast,
            FundingLine.expected_on,
            Dossier.stage_since,
            FundingLine.act,
            FundingLine.reason,
            Dossier.follow_up,
        )
        .join(Dossier, Dossier.id == FundingLine.dossier_id)
        .join(Organisation, Organisation.id == Dossier.porteur_id)
        .join(Credit, Credit.id == FundingLine.credit_id)
        .where(Dossier.contract_id == contract.id, kept)
    )
    return query if organisations is None else query.where(Credit.organisation_id.in_(organisations))


def acts_awaited(db: Session, contract: Contract, organisations: Collection[int] | None) -> list[ActRow]:
    """Retained lines without act, the earliest expected first. One statement."""
    undated = case((FundingLine.expected_on.is_(None), 1), else_=0)
    query = _rows(contract, organisations, AWAITED)
    ordered = query.order_by(undated, FundingLine.expected_on, Dossier.reference, FundingLine.id)
    return [ActRow(*row) for row in db.execute(ordered)]


def acts_recorded(
    db: Session, contract: Contract, organisations: Collection[int] | None, year: int
) -> list[ActRow]:
    """Lines of that year whose act is recorded, the last recorded first. One statement."""
    query = _rows(contract, organisations, RECORDED).where(FundingLine.year == year)
    return [ActRow(*row) for row in db.execute(query.order_by(Dossier.reference, FundingLine.id))]


def financers_with_acts(db: Session, contract: Contract) -> list[tuple[str, str, int]]:
    """Financers with lines that wait for their act: code, name, how many."""
    query = (
        select(Credit.financer, Organisation.name, func.count())
        .join(FundingLine.credit)
        .join(FundingLine.dossier)
        .join(Organisation, Organisation.id == Credit.organisation_id)
        .where(Dossier.contract_id == contract.id, AWAITED)
        .group_by(Credit.financer, Organisation.name)
        .order_by(func.min(Credit.rank), Credit.financer)
    )
    return [(code, name, number) for code, name, number in db.execute(query)]


def sums_to_recover(
    db: Session, contract: Contract, organisations: Collection[int] | None
) -> list[tuple[ActRow, Decimal]]:
    """Lines released after a payment: what was paid and not spent comes back to their financer. One statement."""
    is_left = FundingLine.paid > func.coalesce(FundingLine.spent, 0)
    query = _rows(contract, organisations, FundingLine.state.in_(ENDED_LINES) & is_left).order_by(
        Dossier.reference, FundingLine.id
    )
    rows: Iterable[ActRow] = (ActRow(*row) for row in db.execute(query))
    return [(row, unspent(row)) for row in rows]
