# SPDX-License-Identifier: EUPL-1.2
"""Opinions to give, late first: the list of a partner or of everybody, its progress, and the next one. Rows, no objects."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, case, func, select
from sqlalchemy.orm import Session, aliased

from workflow.awaited import opinion_owed
from workflow.guards.co_instruction import ANSWERING_STAGES
from workflow.models import Contract, Dossier, Opinion, OpinionDraft, Organisation
from workflow.names import key as name_key
from workflow.permissions import Actor
from workflow.stages import OpinionState

CONSULTED = aliased(Organisation)


@dataclass(frozen=True, slots=True)
class OpinionFilters:
    """What the list keeps. `given` None: awaited, given, or awaited no more. `late_on`: due before that day."""

    organisations: frozenset[int] | None = None  # None: every organisation
    given: bool | None = False
    late_on: date | None = None
    theme: str | None = None
    search: str = ""
    but: frozenset[int] = frozenset()  # porteurs whose dossiers are left to a colleague


class OpinionRow(NamedTuple):
    """One opinion of a running round."""

    id: int
    dossier_id: int
    reference: str
    title: str
    porteur: str
    porteur_id: int
    theme: str | None
    qpv: list[str] | None
    organisation: str
    state: str
    value: str | None
    due_on: date
    given_at: datetime | None
    overdue_noted_by: str | None
    round: int
    is_owed: bool


class OpinionCount(NamedTuple):
    """How many the list has whole; of these, how many are given, still owed, late."""

    total: int
    given: int
    owed: int
    late: int


COLUMNS = (
    Opinion.id,
    Opinion.dossier_id,
    Dossier.reference,
    Dossier.title,
    Organisation.name.label("porteur"),
    Dossier.porteur_id,
    Dossier.theme,
    Dossier.qpv,
    CONSULTED.name.label("consulted"),
    Opinion.state,
    Opinion.value,
    Opinion.due_on,
    Opinion.given_at,
    Opinion.overdue_noted_by,
    Opinion.round,
    opinion_owed(),
)
IS_GIVEN = Opinion.state == OpinionState.GIVEN


def _running(contract: Contract, filters: OpinionFilters) -> list[ColumnElement[bool]]:
    kept = [
        Dossier.contract_id == contract.id,
        Dossier.stage.in_([stage.value for stage in ANSWERING_STAGES]),
        Opinion.round == Dossier.round,
        Opinion.state != OpinionState.CANCELLED,
    ]
    if filters.organisations is not None:
        kept.append(Opinion.organisation_id.in_(filters.organisations))
    if filters.given is not None:
        kept.append(IS_GIVEN if filters.given else opinion_owed())
    if filters.late_on is not None:
        kept.append(and_(opinion_owed(), Opinion.due_on < filters.late_on))
    if filters.but:
        kept.append(Dossier.porteur_id.not_in(filters.but))
    if filters.theme:
        kept.append(Dossier.theme == filters.theme)
    kept.extend(Dossier.search_key.contains(w, autoescape=True) for w in name_key(filters.search).split())
    return kept


def _rows(contract: Contract, filters: OpinionFilters) -> Select[*tuple[Any, ...]]:
    return (
        select(*COLUMNS)
        .join(Dossier, Dossier.id == Opinion.dossier_id)
        .join(Organisation, Organisation.id == Dossier.porteur_id)
        .join(CONSULTED, CONSULTED.id == Opinion.organisation_id)
        .where(*_running(contract, filters))
        .order_by(IS_GIVEN, Opinion.due_on, Dossier.reference, Opinion.id)
    )


def page_of_opinions(
    db: Session, contract: Contract, filters: OpinionFilters, *, offset: int = 0, limit: int = 100
) -> list[OpinionRow]:
    """One page of the list: to give first, by due date, so that the late come first."""
    query = _rows(contract, filters).offset(offset).limit(limit)
    return [OpinionRow(*row) for row in db.execute(query)]


def count_opinions(db: Session, contract: Contract, filters: OpinionFilters, on: date) -> OpinionCount:
    """What the list counts."""
    late = and_(opinion_owed(), Opinion.due_on < on)
    sums = (func.sum(case((condition, 1), else_=0)) for condition in (IS_GIVEN, opinion_owed(), late))
    query = (
        select(func.count(), *sums)
        .select_from(Opinion)
        .join(Dossier, Dossier.id == Opinion.dossier_id)
        .where(*_running(contract, filters))
    )
    return OpinionCount(*(number or 0 for number in db.execute(query).one()))


def next_opinion(db: Session, contract: Contract, actor: Actor, but: int = 0) -> OpinionRow | None:
    """The one this person should give next, other than `but`; a porteur they are concerned by is left to a colleague."""
    mine = OpinionFilters(actor.voices(contract.id), but=actor.interests)
    row = db.execute(_rows(contract, mine).where(Opinion.id != but).limit(1)).first()
    return OpinionRow(*row) if row else None


def own_drafts(db: Session, person_id: int | None, subjects: Iterable[str]) -> dict[str, datetime]:
    """When this person last saved a draft of each of these subjects."""
    query = select(OpinionDraft.subject, OpinionDraft.saved_at).where(
        OpinionDraft.person_id == person_id, OpinionDraft.subject.in_(list(subjects))
    )
    return {row[0]: row[1] for row in db.execute(query)}


def previous_dossier(db: Session, dossier: Dossier) -> Dossier | None:
    """The last dossier of the same action in an earlier year."""
    query = select(Dossier).where(Dossier.action_id == dossier.action_id, Dossier.year < dossier.year)
    return db.scalar(query.order_by(Dossier.year.desc()).limit(1))
