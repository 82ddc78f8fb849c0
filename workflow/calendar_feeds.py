# SPDX-License-Identifier: EUPL-1.2
"""Secret calendar addresses: issued, renewed and revoked by who owns them, and what each one lets read."""

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from workflow import journal
from workflow.contracts import territory_of
from workflow.errors import InvalidInputError, NotAllowedHereError, NotPermittedError, UnknownReferenceError
from workflow.firing import PARIS
from workflow.models import CalendarFeed, Contract, Convocation, Dossier, Journal, Person, Seance, SeanceItem
from workflow.permissions import Actor, actor_for
from workflow.queries import list_seances
from workflow.sight import sees_contract
from workflow.stages import Role

ALREADY_ISSUED = (
    "Une adresse a été créée depuis que cette page est ouverte : elle reste valable. "
    "Pour en changer encore, rouvrez le calendrier et renouvelez-la."
)


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """One séance of a calendar: its number of dossiers, their names where the calendar may say them, its last change."""

    seance: Seance
    dossiers: int
    changed_at: datetime
    agenda: tuple[str, ...] = ()


def issue_feed(
    db: Session,
    contract: Contract,
    actor: Actor,
    now: datetime,
    *,
    body: str | None = None,
    newest: int | None = None,
) -> tuple[CalendarFeed, str]:
    """A new address, of the actor or of a body it keeps, and its token, told once. The former address stops working.

    `newest`: the last address that the asking page showed; a form sent twice must not revoke what it just created.
    """
    if newest is not None and any(feed.id > newest for feed in feeds_of(db, contract, actor)):
        raise NotAllowedHereError(ALREADY_ISSUED)
    if body is None and (actor.person_id is None or not sees_contract(actor, contract.id)):
        raise NotPermittedError("Vos mandats ne donnent pas accès au calendrier de ce contrat.")
    if body is not None and body not in territory_of(contract).body_by_code:
        codes = ", ".join(territory_of(contract).body_by_code)
        raise InvalidInputError(f"Instance inconnue : « {body} ». Instances du contrat : {codes}.", "body")
    if body is not None and not keeps_body(actor, contract.id, body):
        raise NotPermittedError("Seul le secrétariat de l’instance donne l’adresse de son calendrier.")
    owner = {"body": body} if body is not None else {"person_id": actor.person_id}
    for former in db.scalars(_living(contract.id).filter_by(**owner)):
        _revoke(db, former, actor, now)
    token = secrets.token_urlsafe(32)
    feed = CalendarFeed(contract_id=contract.id, token_hash=digest(token), created_at=now, **owner)
    db.add(feed)
    db.flush()
    _note(db, feed, actor, "issue_feed", now)
    return feed, token


def revoke_feed(db: Session, contract: Contract, feed_id: int, actor: Actor, now: datetime) -> CalendarFeed:
    """The address stops working at once. Raises UnknownReferenceError for one the actor does not own."""
    feed = db.scalar(_living(contract.id).where(CalendarFeed.id == feed_id))
    if feed is None or not owns(actor, feed):
        raise UnknownReferenceError("Cette adresse de calendrier n’existe pas, ou elle est déjà révoquée.")
    _revoke(db, feed, actor, now)
    return feed


def feeds_of(db: Session, contract: Contract, actor: Actor) -> list[CalendarFeed]:
    """The living addresses that the actor owns: their own, and those of the bodies they keep."""
    return [feed for feed in db.scalars(_living(contract.id).order_by(CalendarFeed.id)) if owns(actor, feed)]


def owns(actor: Actor, feed: CalendarFeed) -> bool:
    """True for the person of the address, and for who keeps its body."""
    if feed.body is None:
        return feed.person_id == actor.person_id
    return keeps_body(actor, feed.contract_id, feed.body)


def keeps_body(actor: Actor, contract_id: int, body: str) -> bool:
    """True for the secretary of this body and for the pilot."""
    return any(
        seat.role is Role.PILOT or (seat.role is Role.SECRETARY and seat.body in (None, body))
        for seat in actor.seats_for(contract_id)
    )


def digest(token: str) -> str:
    """What the database keeps of a token."""
    return sha256(token.encode()).hexdigest()


def find_feed(db: Session, token: str) -> CalendarFeed | None:
    """The living address of this token, in a contract that runs and of an active person; None otherwise."""
    feed = db.scalar(
        select(CalendarFeed)
        .join(Contract, Contract.id == CalendarFeed.contract_id)
        .where(CalendarFeed.token_hash == digest(token), CalendarFeed.revoked_at.is_(None))
        .where(Contract.closed_on.is_(None))
    )
    return None if feed is None or (feed.person is not None and not feed.person.is_active) else feed


def entries_of_feed(db: Session, feed: CalendarFeed, now: datetime) -> list[FeedEntry] | None:
    """What the address lets read today; None when its person sees the contract no more.

    A body's calendar never names a dossier. A person's holds the séances of the bodies where they sit or which they
    keep, and those that convoke them; the whole contract's for who does neither.
    """
    if feed.body is not None:
        return entries(db, list_seances(db, feed.contract, body=feed.body))
    person = feed.person
    actor = actor_for(db, person, now.astimezone(PARIS).date()) if person is not None else None
    if actor is None or person is None or not sees_contract(actor, feed.contract_id):
        return None
    rows = list_seances(db, feed.contract)
    return entries(db, _concerning(db, rows, person, actor), with_agenda=True)


def _concerning(
    db: Session, rows: Sequence[tuple[Seance, int]], person: Person, actor: Actor
) -> list[tuple[Seance, int]]:
    convoked = set(db.scalars(select(Convocation.seance_id).where(Convocation.person_id == person.id)))
    own = [
        (row, count)
        for row, count in rows
        if row.id in convoked
        or keeps_body(actor, row.contract_id, row.body)
        or any(s.role is Role.MEMBER and s.body == row.body for s in actor.seats_for(row.contract_id))
    ]
    seats = [seat for row, _ in rows[:1] for seat in actor.seats_for(row.contract_id)]
    sits = any(seat.role in (Role.MEMBER, Role.SECRETARY, Role.PILOT) for seat in seats)
    return own if own or sits else list(rows)


def entries(db: Session, rows: Iterable[tuple[Seance, int]], *, with_agenda: bool = False) -> list[FeedEntry]:
    """The séances with their last change, read in the journal; two statements whatever their number."""
    found = list(rows)
    ids = [seance.id for seance, _ in found]
    query = (
        select(Journal.chain, func.max(Journal.at))
        .where(Journal.chain.in_([f"seance:{number}" for number in ids]))
        .group_by(Journal.chain)
    )
    changed = {row[0]: row[1] for row in db.execute(query)}
    agendas = _agendas(db, ids) if with_agenda else {}
    return [
        FeedEntry(
            seance, count, changed.get(f"seance:{seance.id}", seance.starts_at), agendas.get(seance.id, ())
        )
        for seance, count in found
    ]


def _agendas(db: Session, ids: Sequence[int]) -> dict[int, tuple[str, ...]]:
    rows = db.execute(
        select(SeanceItem.seance_id, Dossier.reference, Dossier.title)
        .join(Dossier, Dossier.id == SeanceItem.dossier_id)
        .where(SeanceItem.seance_id.in_(ids))
        .order_by(SeanceItem.seance_id, SeanceItem.rank, SeanceItem.id)
    )
    found: dict[int, tuple[str, ...]] = {}
    for number, reference, title in rows:
        found[number] = (*found.get(number, ()), f"{reference} – {title}")
    return found


def _living(contract_id: int) -> Select[CalendarFeed]:
    return select(CalendarFeed).where(
        CalendarFeed.contract_id == contract_id, CalendarFeed.revoked_at.is_(None)
    )


def _revoke(db: Session, feed: CalendarFeed, actor: Actor, now: datetime) -> None:
    feed.revoked_at = now
    _note(db, feed, actor, "revoke_feed", now)


def _note(db: Session, feed: CalendarFeed, actor: Actor, trigger: str, now: datetime) -> None:
    journal.record(
        db,
        contract_id=feed.contract_id,
        chain=f"calendar_feed:{feed.id}",
        actor=actor,
        trigger=trigger,
        now=now,
        details={"body": feed.body} if feed.body else {},
    )
