# SPDX-License-Identifier: EUPL-1.2
"""The lines that a scenario may speak of, and why one cannot carry an amount."""

from collections.abc import Mapping
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from rules import wording
from rules.render import render
from workflow.errors import InvalidInputError
from workflow.guards.book import GUARDS
from workflow.guards.conference import above_ceiling
from workflow.inputs import check_amount
from workflow.models import FundingLine, Seance, SeanceItem
from workflow.round_table import PROPOSABLE
from workflow.stages import LINE_LABELS, LineState

SHOWN_FAULTS = 5  # of a long list: the sentence stays readable


def agenda_lines(db: Session, seance: Seance) -> dict[int, FundingLine]:
    """Every line of the dossiers on the agenda, with its dossier and its credit: one query."""
    rows = db.scalars(
        select(FundingLine)
        .join(SeanceItem, SeanceItem.dossier_id == FundingLine.dossier_id)
        .where(SeanceItem.seance_id == seance.id)
        .options(joinedload(FundingLine.dossier), joinedload(FundingLine.credit))
        .order_by(SeanceItem.rank, FundingLine.id)
    )
    return {line.id: line for line in rows}


def faults_of(lines: Mapping[int, FundingLine], amounts: Mapping[int, Decimal | None]) -> dict[int, str]:
    """Why these lines cannot carry these amounts, in French, by line. Empty when they can."""
    faults = {}
    for line_id, amount in amounts.items():
        line = lines.get(line_id)
        if line is None:
            faults[line_id] = f"la ligne n° {line_id} n’est pas d’un dossier inscrit à cette séance."
        elif amount is not None and (fault := _fault_of(line, amount)):
            faults[line_id] = f"{label_of(line)}\u00a0: {fault}"
    return faults


def _fault_of(line: FundingLine, amount: Decimal) -> str | None:
    try:
        check_amount(amount, "Un montant simulé")
    except InvalidInputError as error:
        return error.message
    if line.state not in PROPOSABLE:
        label = LINE_LABELS[LineState(line.state)]
        return f"la ligne est «\u00a0{label}\u00a0», aucun montant ne peut y être proposé."
    if line.forecast is not None and amount not in (line.forecast, line.proposed, line.promised):
        return "montant promis par une CPO, qui se change ligne par ligne, avec un motif."
    return next((str(render(finding, GUARDS)["message"]) for finding in above_ceiling(line, amount)), None)


def label_of(line: FundingLine) -> str:
    """A line among those of many dossiers: its dossier and its credit."""
    return f"{line.dossier.reference}, {wording.credit(line.key)}"


def refuse_faults(faults: Mapping[int, str]) -> None:
    """Raises InvalidInputError with each fault at its field (`amount-<line>`)."""
    if not faults:
        return
    shown = list(faults.values())[:SHOWN_FAULTS]
    rest = len(faults) - len(shown)
    message = " ".join(shown) + (f" Et {rest} autres." if rest else "")
    fields = {f"amount-{line_id}": fault for line_id, fault in faults.items()}
    raise InvalidInputError(message[:1].upper() + message[1:], next(iter(fields)), fields)
