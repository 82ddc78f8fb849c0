# SPDX-License-Identifier: EUPL-1.2
"""`account create`: a person, a password drawn and shown once, a mandate; the pages open accounts without password."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.passwords import check_password, generate_password, hash_password
from workflow.accounts import COMMAND_LINE, MandateRequest, open_account
from workflow.contracts import territory_of
from workflow.errors import UnknownReferenceError
from workflow.models import Contract, Organisation, Person


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
    now: datetime,
    organisation: str | None = None,
    body: str | None = None,
    name: str | None = None,
    password: str | None = None,
) -> Account:
    """A person with an account and this mandate; an existing person gains the mandate and keeps their password.

    `organisation` is a code of the contract, by default the pilot's. Raises InvalidInputError, UnknownReferenceError.
    """
    if password is not None:
        check_password(password)
    seat = _organisation(db, organisation or territory_of(contract).pilot)
    request = MandateRequest(role, seat, on, body=body)
    person, is_new, is_new_mandate = open_account(db, contract, email, name, request, COMMAND_LINE, now)
    generated = None
    if password or person.password_hash is None:
        generated = None if password else generate_password()
        person.password_hash = hash_password(password or generated or "")
    return Account(person, is_new, is_new_mandate, generated)


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
