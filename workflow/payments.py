# SPDX-License-Identifier: EUPL-1.2
"""What a granted line paid, payment by payment, and what the report says was spent of it; each with its history."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from workflow import journal
from workflow.errors import ConflictError, InvalidInputError, NotAllowedHereError, NotPermittedError
from workflow.firing import PARIS
from workflow.forecasts import may_set_forecast
from workflow.inputs import check_amount
from workflow.machine import chain_of, name_of
from workflow.models import FundingLine, Journal
from workflow.permissions import Actor
from workflow.recovery import ENDED_LINES
from workflow.stages import FUNDED_STAGES, LINE_LABELS, LineState

PAY, CORRECT_PAID, SPEND = "pay", "correct_paid", "record_spent"
FOLLOWED = (PAY, CORRECT_PAID, SPEND)
ZERO = Decimal(0)


def may_follow(actor: Actor, line: FundingLine) -> bool:
    """Whoever answers for the financer of the line, and the pilot."""
    return may_set_forecast(actor, line.credit)


def record_payment(
    db: Session,
    line: FundingLine,
    amount: Decimal,
    on: date,
    actor: Actor,
    now: datetime,
    *,
    mandate: str = "",
    expected_version: int | None = None,
) -> None:
    """One payment of a granted line, added to those before; never more than what was granted. Flushes."""
    _check(line, actor, expected_version)
    check_amount(amount, "Un versement")
    if amount <= 0:
        raise InvalidInputError("Montant versé : un montant positif est nécessaire.", "amount")
    if on > now.astimezone(PARIS).date():
        raise InvalidInputError("Date du versement : elle est à venir.", "on")
    granted_on = (line.act or {}).get("date")
    if granted_on and on < date.fromisoformat(granted_on):
        raise InvalidInputError("Date du versement : avant l’acte qui accorde la subvention.", "on")
    total = (line.paid or ZERO) + amount
    _check_within(line, total, "Les versements", "amount")
    details = {"amount": f"{amount:.2f}", "date": on.isoformat(), "number": mandate.strip() or None}
    _write(db, line, PAY, "paid", total, details, actor, now)


def correct_paid(
    db: Session,
    line: FundingLine,
    total: Decimal,
    reason: str,
    actor: Actor,
    now: datetime,
    *,
    expected_version: int | None = None,
) -> bool:
    """The sum paid so far, when a payment was typed wrong or came back; with its reason. False when nothing changed.

    On a line that ended it only goes down: what comes back is no more to be recovered.
    """
    _check(line, actor, expected_version, ended_too=True)
    check_amount(total, "Le total versé")
    if line.state in ENDED_LINES and total > (line.paid or ZERO):
        raise InvalidInputError("Total versé\u00a0: rien ne se verse plus sur cette ligne.", "total")
    _check_within(line, total, "Les versements", "total")
    return _correct(db, line, CORRECT_PAID, "paid", total, reason, actor, now)


def record_spent(
    db: Session,
    line: FundingLine,
    amount: Decimal,
    reason: str,
    actor: Actor,
    now: datetime,
    *,
    expected_version: int | None = None,
) -> bool:
    """What the report says was spent of this financer's part, corrected with a reason. False when nothing changed."""
    _check(line, actor, expected_version, ended_too=True)
    check_amount(amount, "Le montant réalisé")
    _check_within(line, amount, "Les dépenses", "spent")
    return _correct(db, line, SPEND, "spent", amount, reason, actor, now)


def follow_up_of(acts: Iterable[Journal], line: FundingLine) -> Sequence[Journal]:
    """The payments and corrections of one line, oldest first, out of its dossier's journal."""
    about = name_of(line)
    return [act for act in acts if act.subject == about and act.trigger in FOLLOWED]


def is_followed(line: FundingLine) -> bool:
    """Granted on a retained action, or ended after a payment: what was paid and spent of it may be corrected."""
    return _is_payable(line) or (line.state in ENDED_LINES and line.paid is not None)


def _is_payable(line: FundingLine) -> bool:
    return line.state == LineState.GRANTED and line.dossier.stage in FUNDED_STAGES


def _check(line: FundingLine, actor: Actor, expected_version: int | None, *, ended_too: bool = False) -> None:
    if not may_follow(actor, line):
        raise NotPermittedError(
            f"Les versements de cette ligne s’enregistrent par « {line.credit.organisation.name} » ou par le pilote."
        )
    if expected_version is not None and line.version != expected_version:
        raise ConflictError
    if not (is_followed(line) if ended_too else _is_payable(line)):
        label = LINE_LABELS[LineState(line.state)]
        raise NotAllowedHereError(f"La ligne {line.key} est « {label} » : rien n’y est versé ni dépensé.")


def _check_within(line: FundingLine, amount: Decimal, what: str, field: str) -> None:
    granted = line.granted or ZERO
    if amount > granted:
        raise InvalidInputError(f"{what} dépasseraient ce qui est accordé par l’acte du financeur.", field)


def _correct(
    db: Session,
    line: FundingLine,
    trigger: str,
    column: str,
    amount: Decimal,
    reason: str,
    actor: Actor,
    now: datetime,
) -> bool:
    before: Decimal | None = getattr(line, column)
    if before == amount:
        return False
    if not reason.strip():
        raise InvalidInputError("Motif : à renseigner, il est gardé au journal.", "reason")
    details = {"before": None if before is None else f"{before:.2f}", "after": f"{amount:.2f}"}
    _write(db, line, trigger, column, amount, details, actor, now, reason.strip())
    return True


def _write(
    db: Session,
    line: FundingLine,
    trigger: str,
    column: str,
    amount: Decimal,
    details: dict[str, Any],
    actor: Actor,
    now: datetime,
    reason: str | None = None,
) -> None:
    setattr(line, column, amount)
    journal.record(
        db,
        contract_id=line.dossier.contract_id,
        chain=chain_of(line),
        subject=name_of(line),
        actor=actor,
        trigger=trigger,
        now=now,
        reason=reason,
        details=details | {"total": f"{amount:.2f}"},
    )
    db.flush()
