# SPDX-License-Identifier: EUPL-1.2
"""What waits for somebody, pile by pile, the late first: one statement a pile, cut to what a page shows, counted whole."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, case, func, select
from sqlalchemy.orm import Session, joinedload

from workflow.awaited import (
    CONVENTION,
    Awaited,
    awaited_answers,
    awaited_completions,
    awaited_conventions,
    awaited_opinions,
    awaited_reports,
    with_ordinary_law_asked,
)
from workflow.models import (
    Contract,
    Convocation,
    Credit,
    Dossier,
    FundingLine,
    Message,
    Opinion,
    Organisation,
    Seance,
    SeanceItem,
)
from workflow.stages import OPEN_STAGES, LineState, OpinionState, SeanceStatus, Stage

SHOWN = 12  # things of one pile that the page lists; its count says how many there are
AHEAD = timedelta(days=60)
MINUTES_WITHIN = timedelta(days=90)


class Thing(NamedTuple):
    """One thing that waits. `id`: an opinion, a line, a message or the dossier; `who`: the organisation it is about."""

    id: int
    dossier_id: int
    reference: str
    title: str
    who: str
    due_on: date | None
    since: datetime | date | None


class Led(NamedTuple):
    """A dossier one leads, and what it waits for: the organisations that have not spoken yet."""

    id: int
    reference: str
    title: str
    stage: str
    stage_since: datetime
    due_on: date | None
    has_synthesis: bool
    missing: tuple[str, ...]
    seance_at: datetime | None


class Told(NamedTuple):
    """A message, and the dossier it is about when it is about one."""

    id: int
    kind: str
    recipient: str
    title: str
    created_at: datetime
    reference: str
    action: str


@dataclass(frozen=True, slots=True)
class Pile:
    """Things of one kind: those shown, how many in all, how many of them are late."""

    shown: tuple[Any, ...] = ()
    total: int = 0
    late: int = 0


def opinions_to_give(
    db: Session, contract: Contract, organisations: Collection[int], recused: Collection[int], today: date
) -> Pile:
    """Opinions asked of these organisations; not on the dossiers of a porteur one is concerned by."""
    query = (
        _about(awaited_opinions(contract.id, None))
        .join(Organisation, Organisation.id == Opinion.organisation_id)
        .where(Opinion.organisation_id.in_(organisations), Dossier.porteur_id.not_in(recused))
        .with_only_columns(*_thing(Opinion.id, Organisation.name, Opinion.due_on, Opinion.requested_at))
    )
    return _things(db, query, Opinion.due_on, today)


def answers_to_give(
    db: Session, contract: Contract, organisations: Collection[int], recused: Collection[int], today: date
) -> Pile:
    """Ordinary-law lines asked of these organisations."""
    due = Dossier.opinions_due_on
    query = (
        _about(awaited_answers(contract.id, None))
        .join(Organisation, Organisation.id == Credit.organisation_id)
        .where(Credit.organisation_id.in_(organisations), Dossier.porteur_id.not_in(recused))
        .with_only_columns(*_thing(FundingLine.id, Organisation.name, due, Dossier.stage_since))
    )
    return _things(db, query, due, today)


def requests_received(db: Session, contract: Contract) -> Pile:
    """Requests to examine, each with True when it came back completed; those come first."""
    completed = case((func.json_array_length(Dossier.completions) > 0, 0), else_=1)
    query = (
        select(
            *_thing(Dossier.id, Organisation.name, Dossier.opinions_due_on, Dossier.stage_since),
            completed.label("fresh"),
        )
        .join(Organisation, Organisation.id == Dossier.porteur_id)
        .where(Dossier.contract_id == contract.id, Dossier.stage == Stage.SUBMITTED)
        .add_columns(func.count().over())
        .order_by(completed, Dossier.stage_since, Dossier.reference)
        .limit(SHOWN)
    )
    rows = db.execute(query).all()
    things = tuple((Thing(*row[:7]), row[7] == 0) for row in rows)
    return Pile(things, rows[0][-1] if rows else 0)


def dossiers_at(db: Session, contract: Contract, stage: Stage, *conditions: ColumnElement[bool]) -> Pile:
    """Dossiers at this stage that meet these conditions, the longest there first."""
    query = (
        select(*_thing(Dossier.id, Organisation.name, Dossier.opinions_due_on, Dossier.stage_since))
        .join(Organisation, Organisation.id == Dossier.porteur_id)
        .where(Dossier.contract_id == contract.id, Dossier.stage == stage, *conditions)
        .add_columns(func.count().over())
        .order_by(Dossier.stage_since, Dossier.reference)
        .limit(SHOWN)
    )
    rows = db.execute(query).all()
    return Pile(tuple(Thing(*row[:7]) for row in rows), rows[0][-1] if rows else 0)


def ready_for_commitment(db: Session, contract: Contract) -> Pile:
    """Dossiers of the conference whose ordinary-law holders have all answered."""
    return dossiers_at(db, contract, Stage.FINANCERS_CONFERENCE, ~with_ordinary_law_asked())


def acts_to_record(
    db: Session, contract: Contract, organisations: Collection[int] | None, today: date
) -> Pile:
    """Retained lines that wait for their financer's own act; `organisations` None: of every financer."""
    due = FundingLine.expected_on
    query = (
        select(*_thing(FundingLine.id, Organisation.name, due, Dossier.stage_since))
        .join(FundingLine.dossier)
        .join(FundingLine.credit)
        .join(Organisation, Organisation.id == Credit.organisation_id)
        .where(Dossier.contract_id == contract.id, FundingLine.state == LineState.RETAINED)
    )
    if organisations is not None:
        query = query.where(Credit.organisation_id.in_(organisations))
    return _things(db, query, due, today)


def owed_by_porteurs(db: Session, contract: Contract, today: date) -> tuple[Pile, Pile, Pile]:
    """Missing pieces, reports due and conventions to record, each late first; one more statement names what is shown."""
    found = [
        sorted(items, key=lambda item: (item.due_on, item.dossier_id))
        for items in (
            awaited_completions(db, contract, None),
            awaited_reports(db, contract, today, None, 0),
            awaited_conventions(db, contract, None),
        )
    ]
    named = _named(db, [item.dossier_id for items in found for item in items[:SHOWN]])
    completions, reports, conventions = (
        Pile(
            tuple(_thing_of(item, named) for item in items[:SHOWN]),
            len(items),
            sum(item.due_on < today for item in items if item.about != CONVENTION),
        )
        for items in found
    )
    return completions, reports, conventions


def dossiers_led(db: Session, contract: Contract, person_id: int, today: date) -> Pile:
    """The open dossiers this person leads, with who has not spoken yet and the next committee that reads them."""
    rows = db.execute(_led(contract, person_id, today)).all()
    missing, seances = _missing(db, rows), _next_seances(db, [row.id for row in rows])
    shown = tuple(
        Led(
            row.id,
            row.reference,
            row.title,
            row.stage,
            row.stage_since,
            row.due_on,
            bool(row.synthesis) and row.synthesis.get("round") == row.round,
            tuple(missing.get(row.id, ())),
            seances.get(row.id),
        )
        for row in rows
    )
    return Pile(shown, rows[0].total if rows else 0, rows[0].late if rows else 0)


def _led(contract: Contract, person_id: int, today: date) -> Select[*tuple[Any, ...]]:
    opinions = (
        select(Opinion.id)
        .where(Opinion.dossier_id == Dossier.id, Opinion.state == OpinionState.REQUESTED)
        .where(Opinion.overdue_noted_by.is_(None))
        .exists()
    )
    waits = case(
        (Dossier.stage == Stage.CO_INSTRUCTION, opinions),
        (Dossier.stage == Stage.FINANCERS_CONFERENCE, with_ordinary_law_asked()),
        else_=False,
    )
    due = case((waits, Dossier.opinions_due_on), else_=None)
    mine = (
        select(Dossier.id, due.label("due_on"))
        .where(Dossier.contract_id == contract.id, Dossier.lead_instructor_id == person_id)
        .where(Dossier.stage.in_(OPEN_STAGES))
        .subquery()
    )
    return (
        select(
            Dossier.id,
            Dossier.reference,
            Dossier.title,
            Dossier.stage,
            Dossier.stage_since,
            Dossier.synthesis,
            Dossier.round,
            mine.c.due_on,
            func.count().over().label("total"),
            _sum_of(mine.c.due_on < today).over().label("late"),
        )
        .join(mine, mine.c.id == Dossier.id)
        .order_by(mine.c.due_on.is_(None), mine.c.due_on, Dossier.stage_since, Dossier.reference)
        .limit(SHOWN)
    )


def _missing(db: Session, rows: Iterable[Any]) -> dict[int, list[str]]:
    """Who has not spoken yet: partners during the co-instruction, ordinary-law holders during the conference."""
    waiting = {row.id: row.stage for row in rows if row.due_on is not None}
    found: defaultdict[int, list[str]] = defaultdict(list)
    partners = (
        select(Opinion.dossier_id, Organisation.name)
        .join(Organisation, Organisation.id == Opinion.organisation_id)
        .where(Opinion.dossier_id.in_(waiting), Opinion.state == OpinionState.REQUESTED)
        .where(Opinion.overdue_noted_by.is_(None))
        .order_by(Opinion.id)
    )
    holders = (
        select(FundingLine.dossier_id, Organisation.name)
        .join(FundingLine.credit)
        .join(Organisation, Organisation.id == Credit.organisation_id)
        .where(FundingLine.dossier_id.in_(waiting), FundingLine.state == LineState.ASKED)
        .where(Credit.nature == "droit_commun")
        .order_by(FundingLine.id)
    )
    for stage, query in ((Stage.CO_INSTRUCTION, partners), (Stage.FINANCERS_CONFERENCE, holders)):
        for dossier_id, name in db.execute(query):
            if waiting[dossier_id] == stage:
                found[dossier_id].append(name)
    return found


def _next_seances(db: Session, ids: Sequence[int]) -> dict[int, datetime]:
    """The next séance whose agenda carries each dossier."""
    ahead = (SeanceStatus.PLANNED, SeanceStatus.CONVOKED, SeanceStatus.OPEN)
    query = (
        select(SeanceItem.dossier_id, func.min(Seance.starts_at))
        .join(SeanceItem.seance)
        .where(SeanceItem.dossier_id.in_(ids), Seance.status.in_(ahead))
        .group_by(SeanceItem.dossier_id)
    )
    return dict(db.execute(query).all())


def seances_to_keep(
    db: Session, contract: Contract, bodies: Collection[str] | None, now: datetime
) -> list[tuple[Seance, int]]:
    """What a secretary has to convoke, hold, close or release, in order of date, with the number of dossiers."""
    counts = select(func.count()).where(SeanceItem.seance_id == Seance.id).scalar_subquery()
    coming = and_(
        Seance.status.in_((SeanceStatus.PLANNED, SeanceStatus.CONVOKED)), Seance.starts_at <= now + AHEAD
    )
    told = and_(
        Seance.status == SeanceStatus.CLOSED,
        Seance.minutes_released_at.is_(None),
        Seance.closed_at >= now - MINUTES_WITHIN,
    )
    query = (
        select(Seance, counts)
        .where(Seance.contract_id == contract.id)
        .where(coming | (Seance.status == SeanceStatus.OPEN) | told)
        .options(joinedload(Seance.contract))
        .order_by(Seance.starts_at, Seance.id)
        .limit(SHOWN)
    )
    rows = db.execute(query if bodies is None else query.where(Seance.body.in_(bodies)))
    return [(seance, number) for seance, number in rows]


def my_convocations(db: Session, contract: Contract, person_id: int, now: datetime) -> Sequence[Convocation]:
    """The séances ahead or open to which this person is called, with the séance."""
    query = (
        select(Convocation)
        .join(Convocation.seance)
        .where(Convocation.person_id == person_id, Convocation.called_at.is_not(None))
        .where(Seance.contract_id == contract.id)
        .where(
            (Seance.status == SeanceStatus.OPEN)
            | and_(Seance.status == SeanceStatus.CONVOKED, Seance.starts_at >= now)
        )
        .options(
            joinedload(Convocation.seance),
            joinedload(Convocation.proxy),
            joinedload(Convocation.organisation),
        )
        .order_by(Seance.starts_at, Convocation.id)
        .limit(SHOWN)
    )
    return db.scalars(query).all()


def messages_in(db: Session, contract: Contract, state: str) -> Pile:
    """Messages in one state, the oldest first; one more statement names the dossiers of those shown."""
    query = (
        select(
            Message.id,
            Message.kind,
            Message.recipient,
            Message.title,
            Message.created_at,
            Message.subject_ref,
            func.count().over(),
        )
        .where(Message.contract_id == contract.id, Message.state == state)
        .order_by(Message.id)
        .limit(SHOWN)
    )
    rows = db.execute(query).all()
    about = {row.id: _dossier_of(row.subject_ref) for row in rows}
    named = _named(db, [id_ for id_ in about.values() if id_ is not None])
    shown = (Told(*row[:5], *named.get(about[row.id] or 0, ("", ""))[:2]) for row in rows)
    return Pile(tuple(shown), rows[0][-1] if rows else 0)


def _dossier_of(subject: str | None) -> int | None:
    kind, _, number = (subject or "").partition(":")
    return int(number) if kind == "dossier" and number.isdigit() else None


def _about(query: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    return query.order_by(None)


def _thing(id_: Any, who: Any, due: Any, since: Any) -> tuple[Any, ...]:
    return id_, Dossier.id, Dossier.reference, Dossier.title, who, due, since


def _sum_of(condition: ColumnElement[bool]) -> Any:
    return func.sum(case((condition, 1), else_=0))


def _things(db: Session, query: Select[*tuple[Any, ...]], due: Any, today: date) -> Pile:
    counted = query.add_columns(func.count().over(), _sum_of(due < today).over())
    rows = db.execute(counted.order_by(due.is_(None), due, Dossier.reference).limit(SHOWN)).all()
    return Pile(tuple(Thing(*row[:7]) for row in rows), *(rows[0][7:] if rows else (0, 0)))


def _named(db: Session, ids: Sequence[int]) -> dict[int, tuple[str, str, str]]:
    query = (
        select(Dossier.id, Dossier.reference, Dossier.title, Organisation.name)
        .join(Organisation, Organisation.id == Dossier.porteur_id)
        .where(Dossier.id.in_(ids))
    )
    return {id_: (reference, title, porteur) for id_, reference, title, porteur in db.execute(query)}


def _thing_of(item: Awaited, named: dict[int, tuple[str, str, str]]) -> Thing:
    reference, title, porteur = named[item.dossier_id]
    return Thing(item.about_id, item.dossier_id, reference, title, porteur, item.due_on, item.since)
