# SPDX-License-Identifier: EUPL-1.2
"""Funding lines that wait for their financer's answer, late first; the list, its progress, and the next one."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select
from sqlalchemy.orm import Session

from workflow.awaited import ANSWERING, answer_owed
from workflow.models import Contract, Credit, Dossier, FundingLine, Organisation
from workflow.names import key as name_key
from workflow.permissions import Actor
from workflow.stages import LineState, Stage
from workflow.territory import Nature

AWAITING_STAGES = (Stage.DISPATCHED, Stage.CO_INSTRUCTION, Stage.FINANCERS_CONFERENCE, Stage.COMMITMENT)
ANSWERED = (
    LineState.INDICATIVE,
    LineState.FIRM,
    LineState.IN_KIND,
    LineState.DECLINED,
    LineState.NOT_CONCERNED,
    LineState.NO_REPLY,
)
# An amount proposed on a specific credit is its financer's word: nothing more is awaited.
PROPOSES = and_(FundingLine.state == LineState.ASKED, Credit.nature == Nature.SPECIFIQUE)
IS_AWAITED = or_(answer_owed(), and_(PROPOSES, FundingLine.proposed.is_(None), Dossier.stage.in_(ANSWERING)))
IS_ANSWERED = or_(FundingLine.state.in_(ANSWERED), and_(PROPOSES, FundingLine.proposed.is_not(None)))


@dataclass(frozen=True, slots=True)
class AnswerFilters:
    """What the list keeps. `answered` None: awaited and answered. `late_on`: due before that day.

    `but`: porteurs whose dossiers are left to a colleague. What is owed is ordinary law, as `workflow/awaited.py` says;
    on a specific credit, an amount is proposed.
    """

    organisations: frozenset[int] | None = None  # None: every financer
    answered: bool | None = False
    late_on: date | None = None
    nature: str | None = Nature.DROIT_COMMUN  # None: both
    search: str = ""
    but: frozenset[int] = frozenset()


class AnswerRow(NamedTuple):
    """One line, with what its financer needs to choose it."""

    id: int
    dossier_id: int
    reference: str
    title: str
    porteur: str
    porteur_id: int
    stage: str
    financer: str
    credit: str
    nature: str
    state: str
    requested: Decimal | None
    promised: Decimal | None
    due_on: date | None


COLUMNS = (
    FundingLine.id,
    FundingLine.dossier_id,
    Dossier.reference,
    Dossier.title,
    Organisation.name,
    Dossier.porteur_id,
    Dossier.stage,
    Credit.financer,
    Credit.label,
    Credit.nature,
    FundingLine.state,
    FundingLine.requested,
    FundingLine.promised,
    Dossier.opinions_due_on,
)


def _kept(contract: Contract, filters: AnswerFilters) -> list[ColumnElement[bool]]:
    shown = {False: IS_AWAITED, True: IS_ANSWERED, None: or_(IS_AWAITED, IS_ANSWERED)}[filters.answered]
    kept = [
        Dossier.contract_id == contract.id,
        Dossier.stage.in_([stage.value for stage in AWAITING_STAGES]),
        shown,
    ]
    if filters.organisations is not None:
        kept.append(Credit.organisation_id.in_(filters.organisations))
    if filters.late_on is not None:
        kept.append(and_(IS_AWAITED, Dossier.opinions_due_on < filters.late_on))
    if filters.but:
        kept.append(Dossier.porteur_id.not_in(filters.but))
    if filters.nature:
        kept.append(Credit.nature == filters.nature)
    kept.extend(Dossier.search_key.contains(w, autoescape=True) for w in name_key(filters.search).split())
    return kept


def _rows(contract: Contract, filters: AnswerFilters) -> Select[*tuple[Any, ...]]:
    undated = case((Dossier.opinions_due_on.is_(None), 1), else_=0)
    return (
        select(*COLUMNS)
        .join(Dossier, Dossier.id == FundingLine.dossier_id)
        .join(Organisation, Organisation.id == Dossier.porteur_id)
        .join(Credit, Credit.id == FundingLine.credit_id)
        .where(*_kept(contract, filters))
        .order_by(
            case((IS_AWAITED, 0), else_=1),
            undated,
            Dossier.opinions_due_on,
            Dossier.reference,
            FundingLine.id,
        )
    )


def page_of_answers(
    db: Session, contract: Contract, filters: AnswerFilters, *, offset: int = 0, limit: int = 100
) -> list[AnswerRow]:
    """One page of the list: awaited first, by due date, so that the late come first."""
    return [AnswerRow(*row) for row in db.execute(_rows(contract, filters).offset(offset).limit(limit))]


def count_answers(db: Session, contract: Contract, filters: AnswerFilters, on: date) -> tuple[int, int, int]:
    """How many the list has whole, how many of them are answered, how many are late."""
    late = and_(IS_AWAITED, Dossier.opinions_due_on < on)
    query = (
        select(func.count(), func.sum(case((IS_AWAITED, 0), else_=1)), func.sum(case((late, 1), else_=0)))
        .select_from(FundingLine)
        .join(Dossier, Dossier.id == FundingLine.dossier_id)
        .join(Credit, Credit.id == FundingLine.credit_id)
        .where(*_kept(contract, filters))
    )
    total, answered, overdue = db.execute(query).one()
    return total, answered or 0, overdue or 0


def next_answer(db: Session, contract: Contract, actor: Actor, but: int = 0) -> AnswerRow | None:
    """The line this person should answer next, other than `but`."""
    mine = AnswerFilters(actor.voices(contract.id), but=actor.interests)
    row = db.execute(_rows(contract, mine).where(FundingLine.id != but).limit(1)).first()
    return AnswerRow(*row) if row else None
