# SPDX-License-Identifier: EUPL-1.2
"""Named queries: what lists, screens and commands read. Each one costs a constant number of statements."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from workflow.errors import UnknownReferenceError
from workflow.facts import WITH_FACTS_OF_ONE
from workflow.models import (
    Contract,
    Convocation,
    Credit,
    Dossier,
    FundingLine,
    Journal,
    Mandate,
    Organisation,
    Person,
    Seance,
    SeanceItem,
)
from workflow.permissions import SPEAKING
from workflow.queries_board import BoardFilters, kept
from workflow.stages import Role, Stage


def find_dossier(db: Session, contract: Contract, reference: str, year: int | None = None) -> Dossier:
    """The dossier of this reference (or Dauphin number), the newest year if several. Raises UnknownReferenceError."""
    query = (
        select(Dossier)
        .where(Dossier.contract_id == contract.id)
        .where(or_(Dossier.reference == reference, Dossier.dauphin_number == reference))
        .options(*WITH_FACTS_OF_ONE)
        .order_by(Dossier.year.desc())
        .limit(1)
    )
    found = db.scalar(query if year is None else query.where(Dossier.year == year))
    if found is None:
        raise UnknownReferenceError(f"Dossier inconnu : « {reference} » dans le contrat {contract.code}.")
    return found


def get_dossier(db: Session, id_: int) -> Dossier:
    """The dossier with all that its page reads. Raises UnknownReferenceError."""
    found = db.scalar(select(Dossier).where(Dossier.id == id_).options(*WITH_FACTS_OF_ONE))
    if found is None:
        raise UnknownReferenceError(f"Dossier inconnu : n° {id_}.")
    return found


def list_dossiers(db: Session, contract: Contract, filters: BoardFilters) -> Sequence[Dossier]:
    """The dossiers with porteur, lines and lead instructor: three statements."""
    query = select(Dossier).where(*kept(contract, filters)).order_by(Dossier.year.desc(), Dossier.reference)
    return db.scalars(
        query.options(
            joinedload(Dossier.porteur), joinedload(Dossier.lead_instructor), selectinload(Dossier.lines)
        )
    ).all()


def journal_of(db: Session, chain: str) -> Sequence[Journal]:
    """The lines of one chain, oldest first."""
    return db.scalars(select(Journal).where(Journal.chain == chain).order_by(Journal.seq)).all()


def years_of(db: Session, contract: Contract) -> list[int]:
    """Years that have filed dossiers, newest first: a draft begun for next year changes nobody's board."""
    query = (
        select(Dossier.year)
        .where(Dossier.contract_id == contract.id, Dossier.stage != Stage.DRAFT.value)
        .distinct()
        .order_by(Dossier.year.desc())
    )
    return list(db.scalars(query))


def current_exercise(years: Sequence[int], today: date) -> int:
    """The year shown when none is asked, on every page: the civil year, else the nearest of those of `years_of`.

    A request filed in November for next year moves nobody's pages.
    """
    return min(years or [today.year], key=lambda year: (abs(year - today.year), year))


def seated_persons(db: Session, contract_id: int, body: str, on: date) -> list[tuple[Person, Organisation]]:
    """Persons seated in a body that day, each with the organisation they sit for."""
    rows = db.execute(
        select(Person, Organisation)
        .join(Mandate, Mandate.person_id == Person.id)
        .join(Organisation, Organisation.id == Mandate.organisation_id)
        .where(Mandate.contract_id == contract_id, Mandate.body == body, Mandate.role == Role.MEMBER)
        .where(Mandate.from_on <= on, or_(Mandate.to_on.is_(None), Mandate.to_on >= on), Person.is_active)
        .order_by(Mandate.id)
    )
    return [(person, organisation) for person, organisation in rows]


def instructors_of(db: Session, contract: Contract, on: date) -> Sequence[Person]:
    """Persons who may lead an instruction in this contract."""
    return db.scalars(
        select(Person)
        .join(Mandate, Mandate.person_id == Person.id)
        .where(Mandate.role == Role.INSTRUCTOR, Person.is_active)
        .where(or_(Mandate.contract_id.is_(None), Mandate.contract_id == contract.id))
        .where(Mandate.from_on <= on, or_(Mandate.to_on.is_(None), Mandate.to_on >= on))
        .distinct()
        .order_by(Person.name)
    ).all()


def may_speak_instead(db: Session, dossier: Dossier, organisation_id: int, on: date) -> Sequence[Person]:
    """Who may give this organisation's opinion or answer: its people who hold nothing at the porteur's."""
    in_force = and_(Mandate.from_on <= on, or_(Mandate.to_on.is_(None), Mandate.to_on >= on))
    concerned = select(Mandate.person_id).where(Mandate.organisation_id == dossier.porteur_id, in_force)
    return db.scalars(
        select(Person)
        .join(Mandate, Mandate.person_id == Person.id)
        .where(Mandate.organisation_id == organisation_id, Mandate.role.in_(SPEAKING), in_force)
        .where(or_(Mandate.contract_id.is_(None), Mandate.contract_id == dossier.contract_id))
        .where(Person.is_active, Person.id.not_in(concerned))
        .distinct()
        .order_by(Person.name)
    ).all()


WITH_AGENDA = (
    joinedload(Seance.contract),
    selectinload(Seance.items).selectinload(SeanceItem.dossier).selectinload(Dossier.porteur),
    selectinload(Seance.items)
    .selectinload(SeanceItem.dossier)
    .selectinload(Dossier.lines)
    .selectinload(FundingLine.credit)
    .selectinload(Credit.organisation),
    selectinload(Seance.items).selectinload(SeanceItem.amounts),
)


def get_seance(db: Session, id_: int) -> Seance:
    """The séance with its agenda and its convocations. Raises UnknownReferenceError."""
    found = db.scalar(
        select(Seance)
        .where(Seance.id == id_)
        .options(
            *WITH_AGENDA,
            selectinload(Seance.convocations).options(
                joinedload(Convocation.person).selectinload(Person.mandates),
                joinedload(Convocation.organisation),
            ),
        )
    )
    if found is None:
        raise UnknownReferenceError(f"Séance inconnue : n° {id_}.")
    return found


def list_seances(db: Session, contract: Contract, *, body: str | None = None) -> list[tuple[Seance, int]]:
    """Séances in order of date, each with its number of dossiers."""
    counts = select(SeanceItem.seance_id, func.count().label("n")).group_by(SeanceItem.seance_id).subquery()
    query = (
        select(Seance, func.coalesce(counts.c.n, 0))
        .outerjoin(counts, counts.c.seance_id == Seance.id)
        .where(Seance.contract_id == contract.id)
        .order_by(Seance.starts_at, Seance.id)
    )
    rows = db.execute(query if body is None else query.where(Seance.body == body))
    return [(seance, count) for seance, count in rows]
