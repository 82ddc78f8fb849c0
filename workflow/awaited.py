# SPDX-License-Identifier: EUPL-1.2
"""What is awaited and from whom, with its date: opinions, ordinary-law answers, missing pieces, reports, conventions.

The one definition of what is owed, read by the reminders and by the page of the day.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypeVarTuple

from sqlalchemy import ColumnElement, Select, and_, exists, select
from sqlalchemy.orm import Session, aliased

from rules.themes.renewal import RECEIVED, final_report_on, interim_report_on
from workflow.examination import parameters_of
from workflow.models import Contract, Credit, Dossier, FundingLine, Opinion
from workflow.previous_year import RunningCpo
from workflow.stages import LineState, OpinionState, Stage
from workflow.territory import Nature

OPINION, ANSWER, COMPLETION, REPORT, CONVENTION = "opinion", "answer", "completion", "report", "convention"
INTERIM = "interim_report"
ANSWERING = (Stage.CO_INSTRUCTION, Stage.FINANCERS_CONFERENCE)
STAGES_AWAITING = {
    OPINION: (Stage.CO_INSTRUCTION,),
    ANSWER: ANSWERING,
    COMPLETION: (Stage.INCOMPLETE,),
    REPORT: (Stage.CONTRACTED,),
    INTERIM: (Stage.CONTRACTED,),
    CONVENTION: (Stage.COMMITTED,),
}  # where a dossier must stand for the thing to be awaited of it
RENEWED, OTHER = aliased(Dossier), aliased(FundingLine)
Columns = TypeVarTuple("Columns")


@dataclass(frozen=True, slots=True)
class Awaited:
    """One thing awaited: `about_id` is an opinion, a line or the dossier; `owner` the organisation that owes it."""

    about: str
    about_id: int
    dossier_id: int
    owner: int
    due_on: date
    since: date | None = None


def one_dossier(query: Select[*Columns], dossier_id: int | None) -> Select[*Columns]:
    """The query kept to one dossier when it is named."""
    return query if dossier_id is None else query.where(Dossier.id == dossier_id)


def awaited_opinions(contract_id: int, horizon: date | None) -> Select[int, int, int, date, datetime]:
    """Opinions asked in the present co-instruction; once their lateness is noted, nobody is reminded any more."""
    query = (
        select(Opinion.id, Opinion.dossier_id, Opinion.organisation_id, Opinion.due_on, Opinion.requested_at)
        .join(Opinion.dossier)
        .where(Dossier.contract_id == contract_id, opinion_owed())
        .order_by(Opinion.id)
    )
    return query if horizon is None else query.where(Opinion.due_on <= horizon)


def answer_owed() -> ColumnElement[bool]:
    """True of an ordinary-law line asked and not answered, of its dossier and of its credit; never the porteur's own."""
    return and_(
        FundingLine.state == LineState.ASKED,
        Credit.nature == Nature.DROIT_COMMUN,
        Credit.organisation_id != Dossier.porteur_id,
        Dossier.stage.in_(ANSWERING),
        Dossier.opinions_due_on.is_not(None),
    )


def opinion_owed() -> ColumnElement[bool]:
    """True of an opinion asked in the present co-instruction, and of its dossier, while nobody noted its lateness."""
    return and_(
        Opinion.state == OpinionState.REQUESTED,
        Opinion.overdue_noted_by.is_(None),
        Dossier.stage == Stage.CO_INSTRUCTION,
    )


def is_owed(opinion: Opinion, dossier: Dossier) -> bool:
    """The same of an opinion already read, of the present round of its dossier."""
    is_running = opinion.round == dossier.round and dossier.stage == Stage.CO_INSTRUCTION
    return is_running and opinion.state == OpinionState.REQUESTED and opinion.overdue_noted_by is None


def awaited_answers(contract_id: int, horizon: date | None) -> Select[int, int, int, date | None, datetime]:
    """Ordinary-law lines asked and not answered; never the porteur's own."""
    query = (
        select(
            FundingLine.id,
            FundingLine.dossier_id,
            Credit.organisation_id,
            Dossier.opinions_due_on,
            Dossier.stage_since,
        )
        .join(FundingLine.dossier)
        .join(FundingLine.credit)
        .where(Dossier.contract_id == contract_id, answer_owed())
        .order_by(FundingLine.id)
    )
    return query if horizon is None else query.where(Dossier.opinions_due_on <= horizon)


def with_ordinary_law_asked() -> ColumnElement[bool]:
    """True of a dossier while one of its ordinary-law holders, other than its porteur, has not answered."""
    return (
        select(FundingLine.id)
        .join(FundingLine.credit)
        .where(FundingLine.dossier_id == Dossier.id, FundingLine.state == LineState.ASKED)
        .where(Credit.nature == Nature.DROIT_COMMUN, Credit.organisation_id != Dossier.porteur_id)
        .correlate(Dossier)
        .exists()
    )


def awaited_completions(db: Session, contract: Contract, dossier_id: int | None) -> Iterator[Awaited]:
    """Pieces asked of the porteur, by the date given."""
    query = (
        select(Dossier.id, Dossier.porteur_id, Dossier.completion)
        .where(Dossier.contract_id == contract.id, Dossier.stage == Stage.INCOMPLETE)
        .order_by(Dossier.id)
    )
    for id_, porteur_id, asked in db.execute(one_dossier(query, dossier_id)):
        if asked and asked.get("due"):
            since = date.fromisoformat(asked["requested_on"]) if asked.get("requested_on") else None
            yield Awaited(COMPLETION, id_, id_, porteur_id, date.fromisoformat(asked["due"]), since)


def awaited_reports(
    db: Session, contract: Contract, today: date, dossier_id: int | None, before: int
) -> Iterator[Awaited]:
    """Final reports of the years already over; a contracted dossier owes one until it is recorded."""
    query = (
        select(Dossier.id, Dossier.porteur_id, Dossier.year)
        .where(Dossier.contract_id == contract.id, Dossier.stage == Stage.CONTRACTED)
        .order_by(Dossier.id)
    )
    parameters = parameters_of(contract, today)
    last_year = today.year if dossier_id else (today + timedelta(days=before)).year - 1
    dates: dict[int, date | None] = {}
    for id_, porteur_id, year in db.execute(one_dossier(query.where(Dossier.year <= last_year), dossier_id)):
        due_on = dates[year] = dates.get(year) or final_report_on(year, parameters)
        if due_on and (dossier_id or due_on <= today + timedelta(days=before)):
            yield Awaited(REPORT, id_, id_, porteur_id, due_on)


def awaited_interim_reports(
    db: Session, contract: Contract, today: date, dossier_id: int | None, before: int
) -> Iterator[Awaited]:
    """Interim reports of actions whose CPO runs on next year, until one is recorded or the final one is asked for."""
    parameters, ahead = parameters_of(contract, today), timedelta(days=before)
    declared = exists().where(
        RENEWED.action_id == Dossier.action_id,
        RENEWED.year == Dossier.year + 1,
        RENEWED.previous_report == RECEIVED,
    )
    years = range(today.year - 1, (today + ahead).year + 1)
    for year in years if dossier_id is None else (*years, today.year + 1):
        due_on, final = interim_report_on(year, parameters), final_report_on(year, parameters)
        is_over = final is not None and today >= final - ahead
        if due_on is None or is_over or (dossier_id is None and due_on > today + ahead):
            continue
        query = (
            select(Dossier.id, Dossier.porteur_id, Dossier.action_id, Dossier.follow_up)
            .where(Dossier.contract_id == contract.id, Dossier.year == year)
            .where(Dossier.stage == Stage.CONTRACTED, ~declared)
            .order_by(Dossier.id)
        )
        contracted = db.execute(one_dossier(query, dossier_id)).all()
        if not contracted:
            continue
        running = RunningCpo(db, contract, year + 1)
        for id_, porteur_id, action_id, follow_up in contracted:
            if running.since(action_id) is not None and not follow_up.get("interim_report_on"):
                yield Awaited(INTERIM, id_, id_, porteur_id, due_on)


def awaited_conventions(db: Session, contract: Contract, dossier_id: int | None) -> Iterator[Awaited]:
    """Committed dossiers whose every retained line has its act: a convention may be signed; the date is the last act's."""
    waiting = exists().where(OTHER.dossier_id == Dossier.id, OTHER.state == LineState.RETAINED)
    query = (
        select(Dossier.id, Dossier.porteur_id, Dossier.follow_up, FundingLine.act)
        .join(Dossier.lines)
        .where(Dossier.contract_id == contract.id, Dossier.stage == Stage.COMMITTED, ~waiting)
        .where(FundingLine.state == LineState.GRANTED, FundingLine.granted > 0)
        .order_by(Dossier.id)
    )
    acts: defaultdict[tuple[int, int], list[date]] = defaultdict(list)
    for id_, porteur_id, follow_up, act in db.execute(one_dossier(query, dossier_id)):
        if act and act.get("date") and not follow_up.get("convention"):
            acts[id_, porteur_id].append(date.fromisoformat(act["date"]))
    for (id_, porteur_id), dates in acts.items():
        yield Awaited(CONVENTION, id_, id_, porteur_id, max(dates))
