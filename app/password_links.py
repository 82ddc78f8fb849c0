# SPDX-License-Identifier: EUPL-1.2
"""Links to choose a password: sent to the person's own address, good once and for an hour, hashed in the database."""

import secrets
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.orm import Session

from app.passwords import SHORTEST, hash_password
from notifications.context import PasswordLink as PasswordLinkContext
from notifications.due.digest import recipient_of
from notifications.due.outgoing import forget_texts, message_values
from notifications.settings import MailSettings
from workflow.contracts import territory_of
from workflow.errors import InvalidInputError, NotAllowedHereError
from workflow.models import Contract, LoginSession, Mandate, Message, PasswordLink, Person

KIND = "password_link"
LASTS, PER_HOUR = timedelta(hours=1), 3
EXPIRED = "Ce lien a déjà servi ou a expiré. Demandez-en un autre."


def send_password_link(db: Session, person: Person, now: datetime, settings: MailSettings) -> bool:
    """Writes the message with a new link; False when too many were asked lately, or no contract is there to name."""
    recent = select(func.count()).where(
        PasswordLink.person_id == person.id, PasswordLink.created_at > now - timedelta(hours=1)
    )
    contract = _contract_of(db, person)
    if contract is None or (db.scalar(recent) or 0) >= PER_HOUR:
        return False
    token = secrets.token_urlsafe(32)
    link = PasswordLink(
        token_hash=_digest(token), person_id=person.id, created_at=now, expires_at=now + LASTS
    )
    db.add(link)
    db.flush()
    context = PasswordLinkContext(
        contract=contract.label,
        pilot=_pilot(contract),
        recipient=person.name,
        link=f"{settings.base_address.rstrip('/')}/mot-de-passe/{token}",
        address=person.email,
        expires_at=link.expires_at,
    )
    key, to = f"{KIND}:{person.id}:{link.id}", recipient_of(person)
    db.add(Message(**message_values(key, KIND, context, to, settings, now, contract_id=contract.id)))
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


def person_of_token(db: Session, token: str, now: datetime) -> Person:
    """Whose living link this is. Raises NotAllowedHereError."""
    return _link(db, token, now).person


def _link(db: Session, token: str, now: datetime) -> PasswordLink:
    query = select(PasswordLink).where(PasswordLink.token_hash == _digest(token))
    found = db.scalars(query.with_for_update()).first()
    if found is None or found.used_at is not None or found.expires_at <= now or not found.person.is_active:
        raise NotAllowedHereError(EXPIRED)
    return found


def check_password(password: str) -> None:
    """Raises InvalidInputError for a password that is too short."""
    if len(password) < SHORTEST:
        raise InvalidInputError(f"Mot de passe trop court : {SHORTEST} signes au moins.", "password")


def choose_password(db: Session, token: str, password: str, now: datetime) -> Person:
    """The new password; the link has served, every other link and every open session of the person ends.

    Raises InvalidInputError, NotAllowedHereError.
    """
    check_password(password)
    person = _link(db, token, now).person
    person.password_hash = hash_password(password)
    unused = update(PasswordLink).where(PasswordLink.person_id == person.id, PasswordLink.used_at.is_(None))
    db.execute(unused.values(used_at=now).execution_options(synchronize_session=False))
    db.execute(delete(LoginSession).where(LoginSession.person_id == person.id))
    return person


def forget_password_links(db: Session, now: datetime) -> None:
    """Empties the messages whose link has expired: sent or not, nobody needs their text any more."""
    forget_texts(db, KIND, now - LASTS, "lien expiré avant l’envoi")
    db.execute(delete(PasswordLink).where(PasswordLink.expires_at < now - timedelta(days=1)))
