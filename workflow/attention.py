# SPDX-License-Identifier: EUPL-1.2
"""What changed on a dossier since somebody last looked, and who has it open now.

A visit lasts as long as its pages follow each other: reading again during it shows the same news. The journal says what
changed; the thread adds its messages. A porteur is told only of what a porteur may read.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, String, and_, cast, exists, literal, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from workflow.exchanges import PORTEUR
from workflow.models import Dossier, DossierVisit, Exchange, Journal, Person, Presence
from workflow.permissions import Actor
from workflow.pieces import ADD
from workflow.sight import own_porteurs, sees_contract

SAME_VISIT = timedelta(minutes=30)
GONE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Seen:
    """Up to where a person had read before this visit; `at` None: never."""

    at: datetime | None
    seq: int = 0
    exchange: int = 0


@dataclass(frozen=True, slots=True)
class Present:
    """An agent who has the dossier open."""

    name: str
    since: datetime
    doing: str


def seen_before(db: Session, dossier_id: int, actor: Actor, now: datetime) -> Seen:
    """What this person knew before the present visit."""
    return _known(_visit_of(db, dossier_id, actor), now)


def _known(found: DossierVisit | None, now: datetime) -> Seen:
    if found is None:
        return Seen(None)
    if now - found.seen_at > SAME_VISIT:
        return Seen(found.seen_at, found.seen_seq, found.seen_exchange)
    return Seen(found.since_at, found.since_seq, found.since_exchange)


def _visit_of(db: Session, dossier_id: int, actor: Actor) -> DossierVisit | None:
    query = select(DossierVisit).where(
        DossierVisit.dossier_id == dossier_id, DossierVisit.person_id == actor.person_id
    )
    return db.scalars(query).first()


def note_visit(db: Session, dossier_id: int, actor: Actor, now: datetime, seq: int, exchange: int) -> None:
    """This person has just been shown the dossier up to there. A page loaded late never takes back what was seen."""
    found = _visit_of(db, dossier_id, actor)
    before = _known(found, now)
    values = {
        "person_id": actor.person_id,
        "dossier_id": dossier_id,
        "seen_at": now,
        "seen_seq": max(seq, found.seen_seq if found else 0),
        "seen_exchange": max(exchange, found.seen_exchange if found else 0),
        "since_at": before.at,
        "since_seq": before.seq,
        "since_exchange": before.exchange,
    }
    _put(db, DossierVisit, values, ("person_id", "dossier_id"))


def note_presence(db: Session, dossier_id: int, actor: Actor, now: datetime, doing: str = "") -> None:
    """This agent has the dossier open; after a minute without a sign, coming back counts as arriving."""
    found = db.scalars(
        select(Presence).where(Presence.dossier_id == dossier_id, Presence.person_id == actor.person_id)
    ).first()
    since = found.since if found and now - found.seen_at <= GONE else now
    values = {
        "dossier_id": dossier_id,
        "person_id": actor.person_id,
        "since": since,
        "seen_at": now,
        "doing": doing,
    }
    _put(db, Presence, values, ("dossier_id", "person_id"))


def present_on(db: Session, dossier_id: int, actor: Actor, now: datetime) -> Sequence[Present]:
    """The other agents who have this dossier open, the first to come first."""
    rows = db.execute(
        select(Person.name, Presence.since, Presence.doing)
        .join(Person, Person.id == Presence.person_id)
        .where(Presence.dossier_id == dossier_id, Presence.seen_at >= now - GONE)
        .where(Presence.person_id != actor.person_id)
        .order_by(Presence.since, Presence.id)
    )
    return [Present(name, since, doing) for name, since, doing in rows]


def last_act_since(db: Session, dossier_id: int, seq: int, actor: Actor) -> Journal | None:
    """The newest act of somebody else after this line of the dossier's journal."""
    query = select(Journal).where(
        Journal.chain == f"dossier:{dossier_id}", Journal.seq > seq, Journal.actor != actor.email
    )
    return db.scalars(query.order_by(Journal.seq.desc()).limit(1)).first()


def _put(
    db: Session, model: type[DossierVisit | Presence], values: Mapping[str, object], key: tuple[str, ...]
) -> None:
    """One row by key, whoever comes first: no error when two pages of the same person load at once."""
    dialect = sqlite if db.get_bind().dialect.name == "sqlite" else postgresql
    changed = {name: value for name, value in values.items() if name not in key}
    statement = dialect.insert(model).values(**values)
    db.execute(statement.on_conflict_do_update(index_elements=list(key), set_=changed))


def unread_by(actor: Actor, contract_id: int) -> ColumnElement[bool]:
    """True of a dossier where somebody else did something that this person has not seen, or that they never opened.

    The indexes on (chain, seq) and on the thread answer it, whatever the number of acts.
    """
    news = (_acts(actor, contract_id), _messages(actor, contract_id))
    read_whole = (
        select(DossierVisit.id)
        .where(DossierVisit.dossier_id == Dossier.id, DossierVisit.person_id == actor.person_id)
        .where(*(~exists().where(*new).correlate(Dossier, DossierVisit) for new in news))
        .correlate(Dossier)
    )
    return ~read_whole.exists()


def _acts(actor: Actor, contract_id: int) -> list[ColumnElement[bool]]:
    conditions = [
        Journal.chain == literal("dossier:") + cast(Dossier.id, String),
        Journal.seq > DossierVisit.seen_seq,
        Journal.actor != actor.email,
    ]
    if not sees_contract(actor, contract_id):
        conditions += [Dossier.porteur_id.in_(own_porteurs(actor, contract_id)), shown_to_porteur()]
    return conditions


def _messages(actor: Actor, contract_id: int) -> list[ColumnElement[bool]]:
    own = own_porteurs(actor, contract_id)
    open_to = Exchange.audience == PORTEUR
    if sees_contract(actor, contract_id):
        open_to = or_(open_to, Dossier.porteur_id.not_in(own))
    return [
        Exchange.dossier_id == Dossier.id,
        Exchange.id > DossierVisit.seen_exchange,
        Exchange.person_id != actor.person_id,
        open_to,
    ]


def shown_to_porteur() -> ColumnElement[bool]:
    """The acts of the journal that the porteur's own page shows: stages, and pieces received."""
    stage = and_(
        Journal.subject == Journal.chain,
        Journal.to_state.is_not(None),
        Journal.from_state != Journal.to_state,
    )
    return or_(stage, Journal.trigger == ADD)
