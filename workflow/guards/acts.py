# SPDX-License-Identifier: EUPL-1.2
"""Guards of a financer's own act: complete, dated after the séance that retained the amount, at most that amount."""

from collections.abc import Iterable
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from rules.findings import Finding
from workflow.firing import PARIS, Firing, refusal
from workflow.models import FundingLine, Seance, SeanceAmount, SeanceItem
from workflow.stages import Decision

NAMES = {"authority": "l’autorité", "date": "la date", "number": "le numéro"}


def act_complete(firing: Firing) -> Iterable[Finding]:
    """Authority, date and number; the date neither to come nor before the séance that retained the amount."""
    names = NAMES | ({"amount": "le montant"} if firing.trigger == "grant" else {})
    missing = [label for name, label in names.items() if firing.details.get(name) in (None, "")]
    line: FundingLine = firing.subject
    if missing:
        yield refusal("guard.amount", "act", line=line.key, names=missing)
        return
    on: date = firing.details["date"]
    if on > firing.today:
        yield refusal("guard.amount", "future", line=line.key, on=on, field="date")
    held_on = _retained_on(firing.db, line)
    if held_on is not None and on < held_on:
        yield refusal("guard.amount", "early", line=line.key, on=on, held_on=held_on, field="date")


def act_grants(firing: Firing) -> Iterable[Finding]:
    """Something, and at most what the committee retained; nothing at all is a refusal, with its reason."""
    line, amount = firing.subject, firing.details.get("amount")
    if amount is None:
        return  # `act_complete` says so
    if amount <= 0:
        yield refusal("guard.amount", "nil", line=line.key, field="amount")
    if line.retained is not None and amount > line.retained:
        yield refusal("guard.ceiling", "retained", line=line.key, amount=amount, ceiling=line.retained)


def _retained_on(db: Session, line: FundingLine) -> date | None:
    """The day of the last séance that retained this line: its own, or that of its closing when it was held earlier."""
    query = (
        select(Seance.starts_at, SeanceItem.applied_at)
        .join(Seance, Seance.id == SeanceItem.seance_id)
        .join(SeanceAmount, SeanceAmount.item_id == SeanceItem.id)
        .where(SeanceAmount.line_id == line.id, SeanceAmount.amount > 0)
        .where(SeanceItem.applied_at.is_not(None), SeanceItem.decision == Decision.RETAINED.value)
        .order_by(SeanceItem.applied_at.desc(), SeanceItem.id.desc())
        .limit(1)
    )
    found = db.execute(query).first()
    return None if found is None else min(at.astimezone(PARIS).date() for at in found)
