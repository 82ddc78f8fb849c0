# SPDX-License-Identifier: EUPL-1.2
"""Running totals of a séance in session: each credit against its envelope, and the CPO target, with what is being typed."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from reports.summary.words import Words
from rules.cpo_figures import CpoFigures
from rules.programme import ProgrammeFigures
from rules.themes.envelope import DEPARTEMENT
from workflow.envelope_facts import envelope_facts
from workflow.models import FundingLine, Seance, SeanceItem
from workflow.previous_year import RunningCpo
from workflow.queries_session import Joining, items_retained, joining, typed_by_credit
from workflow.stages import Decision
from workflow.typed_amounts import Typed

ZERO = Decimal(0)
WIDTH = 200
STATUSES = {"none": "inconnue", "provisional": "provisoire", "notified": "notifiée"}


@dataclass(frozen=True, slots=True)
class Trial:
    """What is being typed on one item, not saved yet."""

    item: SeanceItem
    decision: str
    amounts: Mapping[int, Decimal]  # by line


def totals_view(
    db: Session, seance: Seance, year: int, words: Words, base: ProgrammeFigures, trial: Trial | None = None
) -> dict[str, Any]:
    """The totals as saved, or as they would be with the trial."""
    without = trial.item.id if trial else None
    typed = typed_by_credit(db, seance.id, without=without, trial=_tried(trial) if trial else ())
    running = RunningCpo(db, seance.contract, year)
    items = items_retained(db, seance.id, year, running, without=without)
    if trial is not None and trial.decision == Decision.RETAINED and trial.item.dossier.year == year:
        items.append(joining(trial.item.dossier, _tried(trial), running))
    envelopes = [_envelope(facts, typed, words) for facts in envelope_facts(db, seance.contract, year)]
    known = {one["key"] for one in envelopes}
    others = [
        _bare(key, one, words)
        for (key, of_year), one in sorted(typed.items())
        if of_year == year and key not in known
    ]
    return {
        "year": year,
        "credits": [*(one for one in envelopes if one["typed"] or one["amount"] is not None), *others],
        "retained": sum((one.amount for one in typed.values()), ZERO),
        "cpo": _cpo(base.cpo, items),
        "ordinary": _ordinary(base, items),
        "is_trial": trial is not None,
    }


def _tried(trial: Trial) -> Iterator[tuple[FundingLine, Decimal]]:
    """What the trial would retain: nothing unless the item is retained."""
    if trial.decision == Decision.RETAINED:
        lines = trial.item.dossier.lines
        yield from ((line, trial.amounts[line.id]) for line in lines if line.id in trial.amounts)


def _envelope(facts: Any, typed: Mapping[tuple[str, int], Typed], words: Words) -> dict[str, Any]:
    """Committed before, typed here, what is left; an envelope of the département is nobody's limit."""
    one = typed.get((facts.credit, facts.year), Typed())
    amount = None if facts.status == "none" or facts.held_by == DEPARTEMENT else facts.amount
    committed = (facts.committed or ZERO) - one.replaced
    left = None if amount is None else amount - committed - one.amount
    is_over = left is not None and left < 0
    blocks = is_over and facts.status == "notified" and one.added > 0  # as the closing asks it
    return {
        "key": facts.credit,
        "label": words.line(facts.credit),
        "status": STATUSES.get(facts.status, facts.status),
        "amount": amount,
        "committed": committed,
        "typed": one.amount,
        "left": left,
        "bar": _length(committed + one.amount, amount),
        "tone": "bad" if blocks else "wait" if is_over else "plain",
        "said": _said(facts.status, blocks=blocks) if is_over else "",
    }


def _said(status: str, *, blocks: bool) -> str:
    if blocks:
        return "dépassée\u00a0: la clôture sera refusée"
    return (
        "dépassée sans cette séance" if status == "notified" else f"dépassée ({STATUSES.get(status, status)})"
    )


def _bare(key: str, one: Typed, words: Words) -> dict[str, Any]:
    return {
        "key": key,
        "label": words.line(key),
        "status": "inconnue",
        "amount": None,
        "committed": None,
        "typed": one.amount,
        "left": None,
        "bar": 0,
        "tone": "plain",
        "said": "",
    }


def _length(part: Decimal, whole: Decimal | None) -> int:
    if not whole or whole <= 0:
        return 0
    return min(WIDTH, max(0, round(float(part / whole) * WIDTH)))


def _cpo(base: CpoFigures, items: Sequence[Joining]) -> dict[str, Any]:
    """The share of actions in CPO, in number and in euros, once what is retained here joins the programme."""
    actions = base.total + sum(one.is_new for one in items)
    covered = base.actions + sum(one.is_new and one.is_cpo for one in items)
    money = base.total_granted + sum((one.added for one in items), ZERO)
    share = covered / actions if actions else None
    target = base.target
    met = None if share is None or target is None else share > target
    return {
        "actions": actions,
        "covered": covered,
        "share": share,
        "share_euros": _share(base.granted + sum((one.added for one in items if one.is_cpo), ZERO), money),
        "target": target,
        "met": met,
        "tone": {True: "good", False: "bad", None: "quiet"}[met],
        "bar": 0 if share is None else min(WIDTH, round(share * WIDTH)),
        "mark": 0 if target is None else round(target * WIDTH),
    }


def _ordinary(base: ProgrammeFigures, items: Sequence[Joining]) -> dict[str, Any]:
    """What ordinary law brings to the programme with what is retained here, and its share."""
    amount = base.ordinary + sum((one.ordinary for one in items), ZERO)
    return {"amount": amount, "share": _share(amount, base.granted + sum((one.added for one in items), ZERO))}


def _share(part: Decimal, whole: Decimal) -> float | None:
    return float(part / whole) if whole > 0 else None
