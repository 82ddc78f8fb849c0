# SPDX-License-Identifier: EUPL-1.2
"""Accounts and mandates, created from the command line: who may sign in, and what for."""

import re
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.passwords import SHORTEST, generate_password, hash_password
from workflow.contracts import territory_of
from workflow.errors import InvalidInputError, UnknownReferenceError
from workflow.models import Contract, Mandate, Organisation, Person
from workflow.permissions import INTEREST
from workflow.stages import Role
from workflow.territory import EMAIL_PATTERN

NOT_GIVEN = (Role.LEAD_INSTRUCTOR, Role.SYSTEM)  # named on the dossier; acts without a person


@dataclass(frozen=True, slots=True)
class Account:
    """What `account create` did. `password` is the generated one, to show once."""

    person: Person
    is_new: bool
    is_new_mandate: bool
    password: str | None


def create_account(
    db: Session,
    contract: Contract,
    *,
    email: str,
    role: str,
    on: date,
    organisation: str | None = None,
    body: str | None = None,
    name: str | None = None,
    password: str | None = None,
) -> Account:
    """A person with an account and this mandate; an existing person gains the mandate and keeps their password.

    `organisation` is a code of the contract, by default the pilot's. Raises InvalidInputError, UnknownReferenceError.
    """
    email = _email(email)
    chosen, body = _role(role), _body(contract, body)
    seat = _organisation(db, organisation or territory_of(contract).pilot)
    if password is not None and len(password) < SHORTEST:
        raise InvalidInputError(f"Mot de passe trop court : {SHORTEST} signes au moins.", "password")
    person = db.scalar(select(Person).where(Person.email == email))
    is_new = person is None
    if person is None:
        person = Person(email=email, name=name or email.partition("@")[0])
        db.add(person)
    generated = None
    if password or person.password_hash is None:
        generated = None if password else generate_password()
        person.password_hash = hash_password(password or generated or "")
    db.flush()
    is_new_mandate = _give(db, person, chosen, seat, contract, body, on)
    return Account(person, is_new, is_new_mandate, generated)


def _give(
    db: Session,
    person: Person,
    role: str,
    seat: Organisation,
    contract: Contract,
    body: str | None,
    on: date,
) -> bool:
    same = select(Mandate.id).where(
        Mandate.person_id == person.id,
        Mandate.role == role,
        Mandate.organisation_id == seat.id,
        Mandate.contract_id == contract.id,
        Mandate.body == body if body else Mandate.body.is_(None),
        Mandate.to_on.is_(None),
    )
    if db.scalar(same) is not None:
        return False
    db.add(
        Mandate(person=person, organisation=seat, contract_id=contract.id, role=role, body=body, from_on=on)
    )
    db.flush()
    return True


def _email(email: str) -> str:
    email = email.strip().lower()
    if not re.fullmatch(EMAIL_PATTERN, email) or len(email) > 254:
        raise InvalidInputError(f"Adresse électronique incorrecte : « {email} ».", "email")
    return email


def _role(role: str) -> str:
    choices = [*(str(known) for known in Role if known not in NOT_GIVEN), INTEREST]
    if role not in choices:
        raise InvalidInputError(f"Rôle inconnu : « {role} ». Rôles : {', '.join(choices)}.", "role")
    return role


def _body(contract: Contract, body: str | None) -> str | None:
    known = territory_of(contract).body_by_code
    if body is not None and body not in known:
        raise UnknownReferenceError(f"Instance inconnue : « {body} ». Instances : {', '.join(known)}.")
    return body


def _organisation(db: Session, code: str) -> Organisation:
    """An organisation by its code, else by the name or SIRET of a porteur."""
    found = db.scalar(select(Organisation).where(Organisation.code == code))
    found = found or db.scalar(select(Organisation).where(Organisation.siret == code))
    if found is None:
        known = db.scalars(
            select(Organisation.code).where(Organisation.code.is_not(None)).order_by(Organisation.id)
        )
        raise UnknownReferenceError(
            f"Organisation inconnue : « {code} ». Organisations : {', '.join(str(c) for c in known)} "
            "(ou le SIRET d’un porteur)."
        )
    return found
