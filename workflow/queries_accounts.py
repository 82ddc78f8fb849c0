# SPDX-License-Identifier: EUPL-1.2
"""Accounts and mandates as pages read them: a constant number of statements whatever the number of people."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from workflow.errors import UnknownReferenceError
from workflow.models import Contract, Journal, LoginSession, Mandate, Organisation, Person
from workflow.page_starts import page_start


@dataclass(frozen=True, slots=True)
class AccountFilters:
    """What the list keeps: words of the name or address, a role held that day, active accounts or not (None: both)."""

    search: str = ""
    role: str = ""
    active: bool | None = True


def accounts_query(contract: Contract, filters: AccountFilters, on: date) -> Select[Person]:
    """The people who hold or held a mandate in the contract, or hold none anywhere; sorted by name."""
    held = exists().where(Mandate.person_id == Person.id)
    query = select(Person).where(or_(held.where(_of(contract)), ~held))
    for word in filters.search.lower().split():
        query = query.where(
            or_(
                func.lower(Person.name).contains(word, autoescape=True),
                Person.email.contains(word, autoescape=True),
            )
        )
    if filters.role:
        query = query.where(held.where(_of(contract), Mandate.role == filters.role, _in_force(on)))
    if filters.active is not None:
        query = query.where(Person.is_active == filters.active)
    return query.order_by(func.lower(Person.name), Person.id)


def _of(contract: Contract) -> ColumnElement[bool]:
    return or_(Mandate.contract_id == contract.id, Mandate.contract_id.is_(None))


def _in_force(on: date) -> ColumnElement[bool]:
    return and_(Mandate.from_on <= on, or_(Mandate.to_on.is_(None), Mandate.to_on >= on))


def list_accounts(
    db: Session,
    contract: Contract,
    filters: AccountFilters,
    on: date,
    *,
    offset: int = 0,
    limit: int | None = 100,
) -> tuple[Sequence[Person], int]:
    """One page of accounts with their mandates, and how many there are in all."""
    query = accounts_query(contract, filters, on)
    total = db.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0
    with_mandates = selectinload(Person.mandates).joinedload(Mandate.organisation)
    start = page_start(offset, total, limit)
    return db.scalars(query.options(with_mandates).offset(start).limit(limit)).all(), total


def get_account(db: Session, contract: Contract, person_id: int, on: date) -> Person:
    """The person, if the contract's administrator may see them. Raises UnknownReferenceError."""
    query = accounts_query(contract, AccountFilters(active=None), on).where(Person.id == person_id)
    found = db.scalar(query.options(selectinload(Person.mandates).joinedload(Mandate.organisation)))
    if found is None:
        raise UnknownReferenceError("Ce compte n’existe pas, ou il n’est pas de ce contrat.")
    return found


def account_by_email(db: Session, email: str) -> Person:
    """The person of this address, active or not. Raises UnknownReferenceError."""
    found = db.scalar(select(Person).where(Person.email == email.strip().lower()))
    if found is None:
        raise UnknownReferenceError(f"Aucun compte pour l’adresse « {email} ».")
    return found


def get_mandate(person: Person, mandate_id: int) -> Mandate:
    """A mandate of this person. Raises UnknownReferenceError."""
    found = next((mandate for mandate in person.mandates if mandate.id == mandate_id), None)
    if found is None:
        raise UnknownReferenceError("Ce mandat n’est pas de cette personne.")
    return found


def mandates_of(db: Session, person: Person) -> Sequence[Mandate]:
    """Every mandate of this person, with its organisation."""
    query = select(Mandate).where(Mandate.person_id == person.id).options(joinedload(Mandate.organisation))
    return db.scalars(query.order_by(Mandate.id)).all()


def contracts_named(db: Session, mandates: Iterable[Mandate]) -> dict[int, Contract]:
    """The contracts that these mandates name, by number."""
    wanted = {mandate.contract_id for mandate in mandates if mandate.contract_id is not None}
    if not wanted:
        return {}
    return {row.id: row for row in db.scalars(select(Contract).where(Contract.id.in_(wanted)))}


def open_sessions(db: Session, persons: Iterable[Person], now: datetime) -> dict[int, tuple[int, datetime]]:
    """How many sessions each person has open, and when the last was seen."""
    ids = [person.id for person in persons]
    query = (
        select(LoginSession.person_id, func.count(), func.max(LoginSession.seen_at))
        .where(LoginSession.person_id.in_(ids), LoginSession.expires_at > now)
        .group_by(LoginSession.person_id)
    )
    return {row[0]: (row[1], row[2]) for row in db.execute(query)}


def seats_to_offer(db: Session) -> Sequence[Organisation]:
    """The organisations a mandate may be held for: those of the configuration first, then porteurs."""
    query = select(Organisation).where(Organisation.closed_on.is_(None))
    return db.scalars(query.order_by(Organisation.code.is_(None), Organisation.name_key)).all()


def administration_journal(db: Session, contract: Contract, *, limit: int = 50) -> Sequence[Journal]:
    """What administrators did, newest first."""
    query = select(Journal).where(Journal.chain == f"administration:{contract.id}")
    return db.scalars(query.order_by(Journal.seq.desc()).limit(limit)).all()
