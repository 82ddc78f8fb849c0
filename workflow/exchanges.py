# SPDX-License-Identifier: EUPL-1.2
"""The thread of a dossier: notes between partners that no porteur reads, and messages both sides read. Nothing is deleted."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session, joinedload

from workflow.completion import STAFF
from workflow.contents import Received
from workflow.errors import InvalidInputError, NotAllowedHereError, NotPermittedError, UnknownReferenceError
from workflow.events import emit
from workflow.models import Dossier, Exchange, Mandate
from workflow.permissions import Actor, holds
from workflow.pieces import keep_document
from workflow.sight import sees_contract
from workflow.stages import Role

INTERNAL, PORTEUR = "internal", "porteur"
KIND = "exchange"  # of the documents joined
LONGEST = 5_000
CORRECTABLE = timedelta(minutes=15)
REPEATED = timedelta(minutes=10)  # the same words again within this time are the same sending


def reads_internal(dossier: Dossier, actor: Actor) -> bool:
    """Whoever sees the contract, unless they file this very dossier."""
    return sees_contract(actor, dossier.contract_id) and not holds(actor, Role.PORTEUR, dossier)


def may_write(dossier: Dossier, actor: Actor, audience: str) -> bool:
    """An internal note: whoever reads them. To the porteur: instructors, secretary and pilot; and the porteur itself."""
    if audience == INTERNAL:
        return reads_internal(dossier, actor)
    return holds(actor, Role.PORTEUR, dossier) or any(holds(actor, role, dossier) for role in STAFF)


def write_message(
    db: Session,
    dossier: Dossier,
    audience: str,
    text: str,
    actor: Actor,
    now: datetime,
    *,
    joined: Received | None = None,
) -> tuple[Exchange, bool]:
    """Adds a message and tells the other side; (the first one, False) when the same words are sent twice."""
    if audience not in (INTERNAL, PORTEUR):
        raise InvalidInputError("Destinataires : à choisir.", "audience")
    if actor.person_id is None or not may_write(dossier, actor, audience):
        raise NotPermittedError("Vos mandats ne permettent pas d’écrire ici sur ce dossier.")
    text = _checked(text)
    db.execute(select(Dossier.id).where(Dossier.id == dossier.id).with_for_update())
    again = _repeated(db, dossier, audience, text, actor, now)
    if again is not None:
        return again, False
    message = Exchange(
        dossier=dossier,
        person_id=actor.person_id,
        author=actor.name,
        from_porteur=holds(actor, Role.PORTEUR, dossier),
        audience=audience,
        text=text,
        at=now,
        document=keep_document(db, dossier, KIND, joined, now) if joined else None,
    )
    db.add(message)
    db.flush()
    _tell(db, message, now)
    return message, True


def _checked(text: str) -> str:
    if not text:
        raise InvalidInputError("Message : à écrire.", "text")
    if len(text) > LONGEST:
        raise InvalidInputError(
            f"Message : {LONGEST} signes au plus (ici {len(text)}) ; joignez un document pour le reste.",
            "text",
        )
    return text


def _repeated(
    db: Session, dossier: Dossier, audience: str, text: str, actor: Actor, now: datetime
) -> Exchange | None:
    recent = select(Exchange).where(Exchange.dossier_id == dossier.id, Exchange.at > now - REPEATED)
    same = recent.where(
        Exchange.person_id == actor.person_id, Exchange.audience == audience, Exchange.text == text
    )
    return db.scalars(same.order_by(Exchange.id)).first()


def _tell(db: Session, message: Exchange, now: datetime) -> None:
    """The porteur at once; its own messages and the notes, in the digest of who follows the dossier."""
    kind = (
        INTERNAL if message.audience == INTERNAL else "from_porteur" if message.from_porteur else "to_porteur"
    )
    payload: dict[str, object] = {"exchange": message.id}
    if kind != "to_porteur":
        payload["tell"] = _followers(db, message)
    subject = f"dossier:{message.dossier_id}"
    emit(db, message.dossier.contract_id, f"exchange.{kind}", subject, payload, now)


def _followers(db: Session, message: Exchange) -> list[int]:
    """The lead instructor and the agents who wrote before; on a dossier nobody follows yet, its secretaries and pilots."""
    wrote = select(Exchange.person_id).where(
        Exchange.dossier_id == message.dossier_id, Exchange.from_porteur.is_(False)
    )
    lead = message.dossier.lead_instructor_id
    persons = {*db.scalars(wrote.distinct()), *((lead,) if lead else ())} - {message.person_id}
    if persons or message.audience == INTERNAL:
        return sorted(persons)
    today = message.at.date()
    organisers = select(Mandate.person_id).where(
        Mandate.contract_id == message.dossier.contract_id,
        Mandate.role.in_((Role.SECRETARY, Role.PILOT)),
        Mandate.from_on <= today,
        or_(Mandate.to_on.is_(None), Mandate.to_on >= today),
    )
    return sorted(set(db.scalars(organisers)))


def may_correct(message: Exchange, actor: Actor, now: datetime) -> bool:
    """One's own message, for a quarter of an hour."""
    return actor.person_id == message.person_id and now - message.at <= CORRECTABLE


def correct_message(db: Session, message: Exchange, text: str, actor: Actor, now: datetime) -> bool:
    """New words for one's own recent message, which says so; False when nothing changed."""
    if actor.person_id != message.person_id:
        raise NotPermittedError("Chacun ne corrige que ses propres messages.")
    if not may_correct(message, actor, now):
        minutes = int(CORRECTABLE.total_seconds() // 60)
        raise NotAllowedHereError(f"Un message se corrige pendant {minutes} minutes : écrivez-en un nouveau.")
    text = _checked(text)
    if text == message.text:
        return False
    message.text, message.corrected_at = text, now
    db.flush()
    return True


def _readable(dossier: Dossier, actor: Actor) -> Select[Exchange]:
    """What this person may read of the thread: the porteur's side never meets an internal note."""
    query = select(Exchange).where(Exchange.dossier_id == dossier.id).options(joinedload(Exchange.document))
    return query if reads_internal(dossier, actor) else query.where(Exchange.audience == PORTEUR)


def thread_of(db: Session, dossier: Dossier, actor: Actor) -> Sequence[Exchange]:
    """The thread as this person may read it, oldest first: one statement."""
    return db.scalars(_readable(dossier, actor).order_by(Exchange.id)).all()


def message_of(db: Session, dossier: Dossier, message_id: int, actor: Actor) -> Exchange:
    """One message that this person may read. Raises UnknownReferenceError."""
    found = db.scalars(_readable(dossier, actor).where(Exchange.id == message_id)).first()
    if found is None:
        raise UnknownReferenceError("Ce message n’est pas de ce dossier.")
    return found
