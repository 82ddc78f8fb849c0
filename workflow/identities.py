# SPDX-License-Identifier: EUPL-1.2
"""Whose account an OpenID identity is: by subject; the first time, by the address its provider vouches for."""

from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from workflow.models import Identity, Mandate, Organisation, Person


def person_of_identity(db: Session, issuer: str, subject: str, email: str, now: datetime) -> Person | None:
    """The active person, or None. `email` is empty unless vouched for; nobody is created and no right is given.

    A person known there by another subject is not taken over: an address may be given to somebody else one day.
    """
    known = db.scalar(select(Identity).where(Identity.issuer == issuer, Identity.subject == subject))
    if known is not None:
        return known.person if known.person.is_active else None
    owner = select(Person).where(Person.email == email, Person.is_active).with_for_update()
    person = db.scalar(owner) if email else None  # held: another first sign-in of theirs waits here
    if person is None:
        return None
    mine = select(Identity.subject).where(Identity.issuer == issuer, Identity.person_id == person.id)
    subjects = set(db.scalars(mine))
    if subjects:
        return person if subject in subjects else None
    db.add(Identity(issuer=issuer, subject=subject, person_id=person.id, created_at=now))
    db.flush()
    return person


def is_of_another_organisation(db: Session, person: Person, siret: str, now: datetime) -> bool:
    """True when the person's organisations state their SIRET, and none has this one."""
    on = now.date()
    query = (
        select(Organisation.siret)
        .join(Mandate, Mandate.organisation_id == Organisation.id)
        .where(Mandate.person_id == person.id, Organisation.siret.is_not(None))
        .where(Mandate.from_on <= on, or_(Mandate.to_on.is_(None), Mandate.to_on >= on))
    )
    known = set(db.scalars(query))
    return bool(siret and known) and siret not in known
