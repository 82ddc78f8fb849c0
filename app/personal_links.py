# SPDX-License-Identifier: EUPL-1.2
"""Links sent to the person's own address, to choose a password or to sign in: good once, for a short time, hashed."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from urllib.parse import quote

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.orm import Session

from app.passwords import check_password, hash_password
from notifications.context import PersonalLink as PersonalLinkContext
from notifications.due.digest import recipient_of
from notifications.due.outgoing import forget_texts, message_values
from notifications.settings import MailSettings
from workflow.accounts import end_sessions
from workflow.contracts import territory_of
from workflow.errors import NotAllowedHereError
from workflow.models import Contract, Mandate, Message, Person, PersonalLink


@dataclass(frozen=True, slots=True)
class Purpose:
    """What a link is for: the kind of its message, where it leads, how long it lasts."""

    kind: str
    path: str
    lasts: timedelta


TO_CHOOSE_PASSWORD = Purpose("password_link", "/mot-de-passe/", timedelta(hours=1))
TO_SIGN_IN = Purpose("sign_in_link", "/connexion/lien/", timedelta(minutes=15))
PURPOSES = (TO_CHOOSE_PASSWORD, TO_SIGN_IN)
PER_HOUR = 3
EXPIRED = "Ce lien a déjà servi ou a expiré. Demandez-en un autre."


def send_link(
    db: Session, purpose: Purpose, person: Person, now: datetime, settings: MailSettings, *, wanted: str = ""
) -> bool:
    """Writes the message with a new link; False when too many were asked lately, or no contract is there to name.

    `wanted`: the page to open once signed in.
    """
    recent = select(func.count()).where(
        PersonalLink.person_id == person.id,
        PersonalLink.kind == purpose.kind,
        PersonalLink.created_at > now - timedelta(hours=1),
    )
    contract = _contract_of(db, person)
    if contract is None or (db.scalar(recent) or 0) >= PER_HOUR:
        return False
    token = secrets.token_urlsafe(32)
    link = PersonalLink(
        kind=purpose.kind,
        token_hash=_digest(token),
        person_id=person.id,
        created_at=now,
        expires_at=now + purpose.lasts,
    )
    db.add(link)
    db.flush()
    query = f"?suite={quote(wanted, safe='/')}" if wanted else ""
    context = PersonalLinkContext(
        contract=contract.label,
        pilot=_pilot(contract),
        recipient=person.name,
        link=f"{settings.base_address.rstrip('/')}{purpose.path}{token}{query}",
        address=person.email,
        expires_at=link.expires_at,
    )
    key, to = f"{purpose.kind}:{person.id}:{link.id}", recipient_of(person)
    db.add(Message(**message_values(key, purpose.kind, context, to, settings, now, contract_id=contract.id)))
    db.flush()
    return True


def _contract_of(db: Session, person: Person) -> Contract | None:
    held = select(Contract).join(
        Mandate, or_(Mandate.contract_id == Contract.id, Mandate.contract_id.is_(None))
    )
    query = held.where(Mandate.person_id == person.id, Contract.closed_on.is_(None))
    return db.scalars(query.order_by(Contract.id).limit(1)).first()


def _pilot(contract: Contract) -> str:
    territory = territory_of(contract)
    found = territory.organisation_by_code.get(territory.pilot)
    return found.name if found else contract.label


def _digest(token: str) -> str:
    return sha256(token.encode()).hexdigest()


def person_of_token(db: Session, purpose: Purpose, token: str, now: datetime) -> Person:
    """Whose living link this is. Raises NotAllowedHereError."""
    return _link(db, purpose, token, now).person


def _link(db: Session, purpose: Purpose, token: str, now: datetime) -> PersonalLink:
    query = select(PersonalLink).where(
        PersonalLink.kind == purpose.kind, PersonalLink.token_hash == _digest(token)
    )
    found = db.scalars(query.with_for_update()).first()
    if found is None or found.used_at is not None or found.expires_at <= now or not found.person.is_active:
        raise NotAllowedHereError(EXPIRED)
    return found


def use_link(db: Session, purpose: Purpose, token: str, now: datetime) -> Person:
    """The person; the link has served, and so has every other one of theirs for the same purpose.

    Raises NotAllowedHereError.
    """
    person = _link(db, purpose, token, now).person
    unused = update(PersonalLink).where(
        PersonalLink.person_id == person.id, PersonalLink.kind == purpose.kind, PersonalLink.used_at.is_(None)
    )
    db.execute(unused.values(used_at=now).execution_options(synchronize_session=False))
    return person


def choose_password(db: Session, token: str, password: str, now: datetime) -> Person:
    """The new password; every open session of the person ends. Raises InvalidInputError, NotAllowedHereError."""
    check_password(password)
    person = use_link(db, TO_CHOOSE_PASSWORD, token, now)
    person.password_hash = hash_password(password)
    end_sessions(db, person)
    return person


def forget_links(db: Session, now: datetime) -> None:
    """Empties the messages whose link has expired: sent or not, nobody needs their text any more."""
    for purpose in PURPOSES:
        forget_texts(db, purpose.kind, now - purpose.lasts, "lien expiré avant l’envoi")
    db.execute(delete(PersonalLink).where(PersonalLink.expires_at < now - timedelta(days=1)))
