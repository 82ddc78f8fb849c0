# SPDX-License-Identifier: EUPL-1.2
"""What is awaited and from whom, with its date: opinions, ordinary-law answers, missing pieces, reports, conventions."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import TypeVar, TypeVarTuple

from sqlalchemy import Select, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from notifications.due.rhythm import NOTHING, Rhythm, Step, Told, next_step
from notifications.wording import PARIS
from rules.themes.renewal import RECEIVED, final_report_on, interim_report_on
from workflow.contracts import territory_of
from workflow.examination import parameters_of
from workflow.models import Contract, Credit, Dossier, FundingLine, Notice, Opinion
from workflow.previous_year import RunningCpo
from workflow.stages import LineState, OpinionState, Stage
from workflow.territory import Nature, Reminders

OPINION, ANSWER, COMPLETION, REPORT, CONVENTION = "opinion", "answer", "completion", "report", "convention"
INTERIM = "interim_report"
ANSWERING = (Stage.CO_INSTRUCTION, Stage.FINANCERS_CONFERENCE)
CHUNK = 500
# What is asked for the first time; the dated kinds remind of it.
REQUESTS = ("opinion_requested", "droit_commun_solicited")
Value = TypeVar("Value")
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


@dataclass(frozen=True, slots=True)
class Due:
    """A thing awaited, what was said of it, and its next reminder."""

    item: Awaited
    told: Told
    next: Step


def rhythm_of(about: str, reminders: Reminders) -> Rhythm:
    """The contract's rhythm for this kind of thing."""
    return {
        OPINION: Rhythm(reminders.opinion_days_before, reminders.opinion_late_every),
        ANSWER: Rhythm(reminders.opinion_days_before, reminders.opinion_late_every),
        COMPLETION: Rhythm(reminders.completion_days_before, reminders.completion_late_every),
        REPORT: Rhythm(reminders.report_days_before, reminders.report_late_every),
        INTERIM: Rhythm(reminders.report_days_before, reminders.report_late_every),
        CONVENTION: Rhythm(None, reminders.convention_every),
    }[about]


def reminders_of_dossier(db: Session, dossier: Dossier, today: date) -> list[Due]:
    """Everything awaited on one dossier, with its last and its next reminder; for its page."""
    return _with_steps(db, dossier.contract, list(_all(db, dossier.contract, today, dossier.id)), today)


def due_today(db: Session, contract: Contract, today: date) -> list[Due]:
    """Everything whose reminder is due today, in a constant number of queries on indexed columns."""
    found = _with_steps(db, contract, list(_all(db, contract, today, None)), today)
    return [due for due in found if due.next.on <= today]


def _all(db: Session, contract: Contract, today: date, dossier_id: int | None) -> Iterator[Awaited]:
    reminders = territory_of(contract).reminders
    horizon = None if dossier_id else today + timedelta(days=reminders.opinion_days_before)
    for id_, its_dossier, owner, due_on, at in db.execute(_one(_opinions(contract.id, horizon), dossier_id)):
        yield Awaited(OPINION, id_, its_dossier, owner, due_on, at.astimezone(PARIS).date())
    for id_, its_dossier, owner, date_given, at in db.execute(
        _one(_answers(contract.id, horizon), dossier_id)
    ):
        if date_given is not None:
            yield Awaited(ANSWER, id_, its_dossier, owner, date_given, at.astimezone(PARIS).date())
    yield from _completions(db, contract, dossier_id)
    yield from _reports(db, contract, today, dossier_id, reminders.report_days_before)
    yield from _interim_reports(db, contract, today, dossier_id, reminders.report_days_before)
    yield from _conventions(db, contract, dossier_id)


def _one(query: Select[*Columns], dossier_id: int | None) -> Select[*Columns]:
    return query if dossier_id is None else query.where(Dossier.id == dossier_id)


def _opinions(contract_id: int, horizon: date | None) -> Select[int, int, int, date, datetime]:
    """Opinions asked in the present co-instruction; once their lateness is noted, nobody is reminded any more."""
    query = (
        select(Opinion.id, Opinion.dossier_id, Opinion.organisation_id, Opinion.due_on, Opinion.requested_at)
        .join(Opinion.dossier)
        .where(Opinion.state == OpinionState.REQUESTED, Opinion.overdue_noted_by.is_(None))
        .where(Dossier.contract_id == contract_id, Dossier.stage == Stage.CO_INSTRUCTION)
        .order_by(Opinion.id)
    )
    return query if horizon is None else query.where(Opinion.due_on <= horizon)


def _answers(contract_id: int, horizon: date | None) -> Select[int, int, int, date | None, datetime]:
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
        .where(Dossier.contract_id == contract_id, Dossier.stage.in_(ANSWERING))
        .where(Dossier.opinions_due_on.is_not(None), Credit.organisation_id != Dossier.porteur_id)
        .where(FundingLine.state == LineState.ASKED, Credit.nature == Nature.DROIT_COMMUN)
        .order_by(FundingLine.id)
    )
    return query if horizon is None else query.where(Dossier.opinions_due_on <= horizon)


def _completions(db: Session, contract: Contract, dossier_id: int | None) -> Iterator[Awaited]:
    """Pieces asked of the porteur, by the date given."""
    query = (
        select(Dossier.id, Dossier.porteur_id, Dossier.completion)
        .where(Dossier.contract_id == contract.id, Dossier.stage == Stage.INCOMPLETE)
        .order_by(Dossier.id)
    )
    for id_, porteur_id, asked in db.execute(_one(query, dossier_id)):
        if asked and asked.get("due"):
            since = date.fromisoformat(asked["requested_on"]) if asked.get("requested_on") else None
            yield Awaited(COMPLETION, id_, id_, porteur_id, date.fromisoformat(asked["due"]), since)


def _reports(
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
    for id_, porteur_id, year in db.execute(_one(query.where(Dossier.year <= last_year), dossier_id)):
        due_on = dates[year] = dates.get(year) or final_report_on(year, parameters)
        if due_on and (dossier_id or due_on <= today + timedelta(days=before)):
            yield Awaited(REPORT, id_, id_, porteur_id, due_on)


def _interim_reports(
    db: Session, contract: Contract, today: date, dossier_id: int | None, before: int
) -> Iterator[Awaited]:
    """Interim reports of actions whose CPO runs on next year, until one is recorded or the final one is asked for."""
    parameters, ahead = parameters_of(contract, today), timedelta(days=before)
    renewed = aliased(Dossier)
    declared = exists().where(
        renewed.action_id == Dossier.action_id,
        renewed.year == Dossier.year + 1,
        renewed.previous_report == RECEIVED,
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
        running = RunningCpo(db, contract, year + 1)
        for id_, porteur_id, action_id, follow_up in db.execute(_one(query, dossier_id)):
            if running.since(action_id) is not None and not follow_up.get("interim_report_on"):
                yield Awaited(INTERIM, id_, id_, porteur_id, due_on)


def _conventions(db: Session, contract: Contract, dossier_id: int | None) -> Iterator[Awaited]:
    """Committed dossiers whose every retained line has its act: a convention may be signed; the date is the last act's."""
    other = aliased(FundingLine)
    waiting = exists().where(other.dossier_id == Dossier.id, other.state == LineState.RETAINED)
    query = (
        select(Dossier.id, Dossier.porteur_id, Dossier.follow_up, FundingLine.act)
        .join(Dossier.lines)
        .where(Dossier.contract_id == contract.id, Dossier.stage == Stage.COMMITTED, ~waiting)
        .where(FundingLine.state == LineState.GRANTED, FundingLine.granted > 0)
        .order_by(Dossier.id)
    )
    acts: defaultdict[tuple[int, int], list[date]] = defaultdict(list)
    for id_, porteur_id, follow_up, act in db.execute(_one(query, dossier_id)):
        if act and act.get("date") and not follow_up.get("convention"):
            acts[id_, porteur_id].append(date.fromisoformat(act["date"]))
    for (id_, porteur_id), dates in acts.items():
        yield Awaited(CONVENTION, id_, id_, porteur_id, max(dates))


def _with_steps(db: Session, contract: Contract, items: Sequence[Awaited], today: date) -> list[Due]:
    reminders = territory_of(contract).reminders
    told = _told(db, items)
    found = []
    for item in items:
        said = told.get((item.about, item.about_id, item.due_on), NOTHING)
        asked = told.get((item.about, item.about_id, None))
        if asked is not None:
            said = replace(said, asked=asked.before)
        rhythm = rhythm_of(item.about, reminders)
        found.append(Due(item, said, next_step(item.due_on, rhythm, today, since=item.since, told=said)))
    return found


def in_chunks(values: Sequence[Value], size: int) -> Iterator[Sequence[Value]]:
    """The values, that many at a time: what one statement may carry."""
    for start in range(0, len(values), size):
        yield values[start : start + size]


def _told(db: Session, items: Iterable[Awaited]) -> Mapping[tuple[str, int, date | None], Told]:
    """What was already said of each date, whoever heard it; under no date, the day a digest first asked for it."""
    by_about: defaultdict[str, list[int]] = defaultdict(list)
    for item in items:
        by_about[item.about].append(item.about_id)
    found: dict[tuple[str, int, date | None], Told] = {}
    for about, ids in by_about.items():
        for some in in_chunks(ids, CHUNK):
            query = (
                select(Notice.about_id, Notice.due_on, Notice.rank, func.max(Notice.on))
                .where(Notice.about == about, Notice.about_id.in_(some))
                .where(or_(Notice.due_on.is_not(None), Notice.kind.in_(REQUESTS)))
                .group_by(Notice.about_id, Notice.due_on, Notice.rank)
                .order_by(Notice.rank)
            )
            for id_, due_on, rank, on in db.execute(query):
                before = found.get((about, id_, due_on), NOTHING)
                said = Told(on) if rank == 0 else Told(before.before, on, rank)
                found[about, id_, due_on] = said
    return found
