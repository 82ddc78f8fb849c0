# SPDX-License-Identifier: EUPL-1.2
"""Guards of a financer's own act: complete, dated after the séance that retained the amount, at most that amount."""

from collections.abc import Iterable
from datetime import date

from sqlalchemy import func, select

from rules.findings import Finding
from workflow.firing import PARIS, Firing, refusal
from workflow.models import FundingLine, SeanceItem
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
    held_on = _retained_on(firing)
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


def _retained_on(firing: Firing) -> date | None:
    """The day of the last séance that retained the action."""
    query = select(func.max(SeanceItem.applied_at)).where(
        SeanceItem.dossier_id == firing.dossier.id, SeanceItem.decision == Decision.RETAINED.value
    )
    at = firing.db.scalar(query)
    return None if at is None else at.astimezone(PARIS).date()
