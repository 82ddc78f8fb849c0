# SPDX-License-Identifier: EUPL-1.2
"""Organisations of a contract, and what each has asked and received: a constant number of statements."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session, joinedload

from workflow.contracts import territory_of
from workflow.errors import UnknownReferenceError
from workflow.models import Award, Contract, Dossier, FundingLine, Mandate, Organisation, Person
from workflow.names import key as name_key
from workflow.page_starts import page_start


@dataclass(frozen=True, slots=True)
class OrganisationFilters:
    """What the list keeps: words of the name, or the first digits of a SIRET; a kind."""

    search: str = ""
    kind: str = ""


class OrganisationRow(NamedTuple):
    """One organisation of the list, with what it has filed in the contract."""

    id: int
    name: str
    kind: str
    legal_form: str | None
    siret: str | None
    dossiers: int
    first_year: int | None
    last_year: int | None


@dataclass(frozen=True, slots=True)
class FiledLine:
    """One funding line of one dossier of an organisation; `key` is None for a dossier that asks nothing."""

    dossier_id: int
    reference: str
    year: int
    stage: str
    title: str
    key: str | None
    state: str | None
    requested: Decimal | None
    retained: Decimal | None
    granted: Decimal | None


@dataclass(frozen=True, slots=True)
class CreditYear:
    """One credit of a financer in one year, over every dossier of the contract."""

    year: int
    key: str
    lines: int
    requested: Decimal | None
    retained: Decimal | None
    granted: Decimal | None


def _known_in(contract: Contract) -> ColumnElement[bool]:
    """The organisations of its configuration, those added from its pages, and whoever files or holds mandates in it."""
    codes = list(territory_of(contract).organisation_by_code)
    filed = select(Dossier.porteur_id).where(Dossier.contract_id == contract.id)
    held = select(Mandate.organisation_id).where(Mandate.contract_id == contract.id)
    return or_(
        Organisation.code.in_(codes),
        Organisation.id.in_(filed),
        Organisation.id.in_(held),
        Organisation.added_in == contract.id,
    )


def list_organisations(
    db: Session, contract: Contract, filters: OrganisationFilters, *, offset: int = 0, limit: int = 100
) -> tuple[Sequence[OrganisationRow], int]:
    """One page of organisations, by name, and how many there are in all."""
    kept = _conditions(contract, filters)
    total = db.scalar(select(func.count(Organisation.id)).where(*kept)) or 0
    query = (
        select(
            Organisation.id,
            Organisation.name,
            Organisation.kind,
            Organisation.legal_form,
            Organisation.siret,
            func.count(Dossier.id),
            func.min(Dossier.year),
            func.max(Dossier.year),
        )
        .outerjoin(Dossier, and_(Dossier.porteur_id == Organisation.id, Dossier.contract_id == contract.id))
        .where(*kept)
        .group_by(Organisation.id)
        .order_by(Organisation.name_key, Organisation.id)
    )
    start = page_start(offset, total, limit)
    return [OrganisationRow(*row) for row in db.execute(query.offset(start).limit(limit))], total


def _conditions(contract: Contract, filters: OrganisationFilters) -> list[ColumnElement[bool]]:
    kept = [_known_in(contract), Organisation.closed_on.is_(None)]
    if filters.kind:
        kept.append(Organisation.kind == filters.kind)
    digits = "".join(filters.search.split())
    if digits.isdecimal() and len(digits) >= 3:
        kept.append(Organisation.siret.startswith(digits, autoescape=True))
    else:
        words = name_key(filters.search).split()
        kept.extend(Organisation.name_key.contains(word, autoescape=True) for word in words)
    return kept


def get_organisation(db: Session, contract: Contract, organisation_id: int) -> Organisation:
    """An organisation known in this contract. Raises UnknownReferenceError."""
    query = select(Organisation).where(Organisation.id == organisation_id, _known_in(contract))
    found = db.scalar(query)
    if found is None:
        raise UnknownReferenceError("Cette organisation n’existe pas, ou elle n’est pas de ce contrat.")
    return found


def filed_by(db: Session, contract: Contract, organisation: Organisation) -> Sequence[FiledLine]:
    """Every funding line of its dossiers, newest year first."""
    query: Select[*tuple[object, ...]] = (
        select(
            Dossier.id,
            Dossier.reference,
            Dossier.year,
            Dossier.stage,
            Dossier.title,
            FundingLine.key,
            FundingLine.state,
            FundingLine.requested,
            FundingLine.retained,
            FundingLine.granted,
        )
        .outerjoin(FundingLine, FundingLine.dossier_id == Dossier.id)
        .where(Dossier.contract_id == contract.id, Dossier.porteur_id == organisation.id)
        .order_by(Dossier.year.desc(), Dossier.reference, FundingLine.id)
    )
    return [FiledLine(*row) for row in db.execute(query)]  # type: ignore[arg-type]


def answered_by(db: Session, contract: Contract, organisation: Organisation) -> Sequence[CreditYear]:
    """What a financer was asked, retains and grants on its own credits, newest year first."""
    if organisation.code is None:
        return []
    query = (
        select(
            Dossier.year,
            FundingLine.key,
            func.count(FundingLine.id),
            func.sum(FundingLine.requested),
            func.sum(FundingLine.retained),
            func.sum(FundingLine.granted),
        )
        .join(Dossier, FundingLine.dossier_id == Dossier.id)
        .where(
            Dossier.contract_id == contract.id,
            FundingLine.key.startswith(f"{organisation.code}:", autoescape=True),
        )
        .group_by(Dossier.year, FundingLine.key)
        .order_by(Dossier.year.desc(), FundingLine.key)
    )
    return [CreditYear(*row) for row in db.execute(query)]


def awards_of(db: Session, contract: Contract, organisation: Organisation) -> Sequence[Award]:
    """The published awards of its SIREN that no dossier accounts for, newest first."""
    siren = (organisation.siret or "")[:9]
    if len(siren) < 9:
        return []
    query = select(Award).where(
        Award.contract_id == contract.id, Award.siren == siren, Award.dossier_id.is_(None)
    )
    return db.scalars(query.order_by(Award.year.desc(), Award.id)).all()


def people_of(db: Session, contract: Contract, organisation: Organisation, on: date) -> Sequence[Mandate]:
    """The mandates in force for this organisation in this contract, with their active persons, by name."""
    query = (
        select(Mandate)
        .join(Mandate.person)
        .where(
            Mandate.organisation_id == organisation.id,
            or_(Mandate.contract_id == contract.id, Mandate.contract_id.is_(None)),
            Mandate.from_on <= on,
            or_(Mandate.to_on.is_(None), Mandate.to_on >= on),
            Person.is_active,
        )
        .options(joinedload(Mandate.person), joinedload(Mandate.organisation))
    )
    return db.scalars(query.order_by(Person.name, Mandate.id)).all()
