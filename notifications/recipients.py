# SPDX-License-Identifier: EUPL-1.2
"""Who receives what: persons by their mandates, else the organisation's own address, else nobody with a reason."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, contains_eager, joinedload

from workflow.models import Mandate, Organisation, Person, Seance
from workflow.stages import Role
from workflow.territory import Territory

SPEAKING = (Role.INSTRUCTOR, Role.FINANCER, Role.CITIZEN_COUNCIL)


@dataclass(frozen=True, slots=True)
class Recipient:
    """One address; `code` is the end of the message's key (`17` a person, `o45` an organisation)."""

    code: str
    name: str
    address: str | None
    person_id: int | None
    organisation: str


def of_person(person: Person, organisation: Organisation) -> Recipient:
    """A person, for an organisation."""
    address = person.email if person.is_active else None
    return Recipient(str(person.id), person.name, address, person.id, organisation.name)


def of_organisation(organisation: Organisation) -> Recipient:
    """The organisation's own address, which may be missing."""
    return Recipient(f"o{organisation.id}", organisation.name, organisation.email, None, organisation.name)


def in_force(db: Session, contract_id: int, roles: Iterable[Role], on: date) -> Sequence[Mandate]:
    """Mandates of these roles in this contract on that day, with active persons."""
    return db.scalars(
        select(Mandate)
        .join(Mandate.person)
        .where(or_(Mandate.contract_id == contract_id, Mandate.contract_id.is_(None)))
        .where(Mandate.role.in_([str(role) for role in roles]), Person.is_active)
        .where(Mandate.from_on <= on, or_(Mandate.to_on.is_(None), Mandate.to_on >= on))
        .options(contains_eager(Mandate.person), joinedload(Mandate.organisation))
        .order_by(Mandate.id)
    ).all()


def speakers(db: Session, contract_id: int, organisation: Organisation, on: date) -> list[Recipient]:
    """Those who instruct or answer for this organisation, once each; without them, the organisation itself."""
    mandates = in_force(db, contract_id, SPEAKING, on)
    persons = {m.person_id: m.person for m in mandates if m.organisation_id == organisation.id}
    return [of_person(person, organisation) for person in persons.values()] or [of_organisation(organisation)]


def keepers(db: Session, seance: Seance, on: date) -> list[Recipient]:
    """Who keeps the séance: the secretaries of its body, else every secretary, else the pilots."""
    secretaries = in_force(db, seance.contract_id, (Role.SECRETARY,), on)
    own = [m for m in secretaries if m.body == seance.body] or [m for m in secretaries if m.body is None]
    found = own or in_force(db, seance.contract_id, (Role.PILOT,), on)
    return list({m.person_id: of_person(m.person, m.organisation) for m in found}.values())


def organiser_of(db: Session, seance: Seance, territory: Territory, on: date) -> tuple[str, str] | None:
    """Name and address of who calls the séance: its body's secretary, else a secretary, a pilot, the pilot's address."""
    secretaries = in_force(db, seance.contract_id, (Role.SECRETARY,), on)
    own = [m for m in secretaries if m.body == seance.body]
    general = [m for m in secretaries if m.body is None]
    for mandate in (*own, *general, *in_force(db, seance.contract_id, (Role.PILOT,), on)):
        return mandate.person.name, mandate.person.email
    pilot = territory.organisation_by_code.get(territory.pilot)
    return (pilot.name, pilot.email) if pilot and pilot.email else None
