# SPDX-License-Identifier: EUPL-1.2
"""What is awaited (`workflow.awaited`), what was said of it, and when to remind of it."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TypeVar

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from notifications.due.rhythm import NOTHING, Rhythm, Step, Told, next_step
from notifications.wording import PARIS
from workflow.awaited import (
    ANSWER,
    COMPLETION,
    CONVENTION,
    INTERIM,
    OPINION,
    REPORT,
    STAGES_AWAITING,
    Awaited,
    awaited_answers,
    awaited_completions,
    awaited_conventions,
    awaited_interim_reports,
    awaited_opinions,
    awaited_reports,
    one_dossier,
)
from workflow.contracts import territory_of
from workflow.models import Contract, Dossier, Notice
from workflow.territory import Reminders

CHUNK = 500
# What is asked for the first time; the dated kinds remind of it.
REQUESTS = ("opinion_requested", "droit_commun_solicited")
Value = TypeVar("Value")


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
    return _with_steps(db, dossier.contract, list(_all(db, dossier.contract, today, dossier)), today)


def due_today(db: Session, contract: Contract, today: date) -> list[Due]:
    """Everything whose reminder is due today, in a constant number of queries on indexed columns."""
    found = _with_steps(db, contract, list(_all(db, contract, today, None)), today)
    return [due for due in found if due.next.on <= today]


def _all(db: Session, contract: Contract, today: date, dossier: Dossier | None) -> Iterator[Awaited]:
    """In the order of their kinds; of one dossier, those that its stage lets one await."""
    reminders, dossier_id = territory_of(contract).reminders, None if dossier is None else dossier.id
    before = reminders.report_days_before
    of_kind: dict[str, Callable[[], Iterator[Awaited]]] = {
        OPINION: lambda: _opinions(db, contract, today, dossier_id),
        ANSWER: lambda: _answers(db, contract, today, dossier_id),
        COMPLETION: lambda: awaited_completions(db, contract, dossier_id),
        REPORT: lambda: awaited_reports(db, contract, today, dossier_id, before),
        INTERIM: lambda: awaited_interim_reports(db, contract, today, dossier_id, before),
        CONVENTION: lambda: awaited_conventions(db, contract, dossier_id),
    }
    for about, read in of_kind.items():
        if dossier is None or dossier.stage in STAGES_AWAITING[about]:
            yield from read()


def _horizon(contract: Contract, today: date, dossier_id: int | None) -> date | None:
    days = territory_of(contract).reminders.opinion_days_before
    return None if dossier_id else today + timedelta(days=days)


def _opinions(db: Session, contract: Contract, today: date, dossier_id: int | None) -> Iterator[Awaited]:
    query = awaited_opinions(contract.id, _horizon(contract, today, dossier_id))
    for id_, its_dossier, owner, due_on, at in db.execute(one_dossier(query, dossier_id)):
        yield Awaited(OPINION, id_, its_dossier, owner, due_on, at.astimezone(PARIS).date())


def _answers(db: Session, contract: Contract, today: date, dossier_id: int | None) -> Iterator[Awaited]:
    query = awaited_answers(contract.id, _horizon(contract, today, dossier_id))
    for id_, its_dossier, owner, date_given, at in db.execute(one_dossier(query, dossier_id)):
        if date_given is not None:
            yield Awaited(ANSWER, id_, its_dossier, owner, date_given, at.astimezone(PARIS).date())


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
