# SPDX-License-Identifier: EUPL-1.2
"""Who acts, and by which mandates. Rights come from mandates alone; a declared interest gives none and takes some."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import bindparam, or_, select
from sqlalchemy.orm import Session

from workflow.errors import UnknownReferenceError
from workflow.models import Dossier, Mandate, Organisation, Person
from workflow.stages import Role

INTEREST = "interest"
SPEAKING = (Role.INSTRUCTOR, Role.FINANCER, Role.CITIZEN_COUNCIL)  # for their organisation


@dataclass(frozen=True, slots=True)
class Seat:
    """One mandate in force: a role in a contract (None: all) for an organisation, in a body if it is a seat."""

    role: Role
    organisation: str
    organisation_id: int
    contract_id: int | None
    body: str | None = None


@dataclass(frozen=True, slots=True)
class Actor:
    """Who fires: a person with mandates, or a named system actor. `interests`: organisations they hold a function in."""

    person_id: int | None
    name: str
    email: str
    seats: tuple[Seat, ...] = ()
    interests: frozenset[int] = field(default_factory=frozenset)
    declared: frozenset[int] = field(
        default_factory=frozenset
    )  # of these, by a declared interest, not by a mandate
    automatic: bool = False

    def seats_for(self, contract_id: int) -> tuple[Seat, ...]:
        """Mandates that count in this contract."""
        return tuple(seat for seat in self.seats if seat.contract_id in (None, contract_id))

    def has(self, role: Role, contract_id: int) -> bool:
        """True when a mandate gives this role in this contract."""
        return any(seat.role is role and seat.contract_id in (None, contract_id) for seat in self.seats)

    def voices(self, contract_id: int) -> frozenset[int]:
        """The organisations this actor instructs or answers for in this contract."""
        return frozenset(
            seat.organisation_id for seat in self.seats_for(contract_id) if seat.role in SPEAKING
        )

    def speaks_for(self, organisation_id: int, contract_id: int) -> bool:
        """True when the actor instructs or answers for this organisation in this contract."""
        return organisation_id in self.voices(contract_id)

    def is_concerned_by(self, organisation_id: int) -> bool:
        """True when the actor holds a mandate or a declared interest in this organisation: recusal applies."""
        return organisation_id in self.interests


IMPORT = Actor(None, "import", "import", (Seat(Role.SYSTEM, "", 0, None),), automatic=True)
SCHEDULER = Actor(None, "planificateur", "planificateur", (Seat(Role.SYSTEM, "", 0, None),), automatic=True)


def person_by_email(db: Session, email: str) -> Person:
    """The active person with this address. Raises UnknownReferenceError."""
    person = db.scalar(select(Person).where(Person.email == email.strip().lower(), Person.is_active))
    if person is None:
        raise UnknownReferenceError(f"Aucun compte actif pour l’adresse « {email} ».")
    return person


# Built once: each page asks it.
MANDATES_IN_FORCE = (
    select(Mandate.role, Organisation.code, Mandate.organisation_id, Mandate.contract_id, Mandate.body)
    .join(Organisation, Organisation.id == Mandate.organisation_id)
    .where(Mandate.person_id == bindparam("person"), Mandate.from_on <= bindparam("on"))
    .where(or_(Mandate.to_on.is_(None), Mandate.to_on >= bindparam("on")))
    .order_by(Mandate.id)
)


def actor_for(db: Session, person: Person, on: date) -> Actor:
    """The person as an actor, with the mandates in force on that day."""
    rows = db.execute(MANDATES_IN_FORCE, {"person": person.id, "on": on}).all()
    seats = tuple(
        Seat(Role(row.role), row.code or "", row.organisation_id, row.contract_id, row.body)
        for row in rows
        if row.role != INTEREST
    )
    held = frozenset(row.organisation_id for row in rows)
    declared = frozenset(row.organisation_id for row in rows if row.role == INTEREST)
    return Actor(person.id, person.name, person.email, seats, held, declared)


def holds(actor: Actor, role: Role, dossier: Dossier, body_codes: Iterable[str] | None = None) -> bool:
    """True when the actor holds this role on this dossier (its own porteur, its lead instructor, a line's financer).

    `body_codes`: a secretary of one body counts only for those; a secretary without body counts everywhere.
    """
    seats = actor.seats_for(dossier.contract_id)
    if role is Role.PORTEUR:
        return any(s.role is role and s.organisation_id == dossier.porteur_id for s in seats)
    if role is Role.LEAD_INSTRUCTOR:
        is_instructor = any(s.role is Role.INSTRUCTOR for s in seats)
        return is_instructor and dossier.lead_instructor_id in (None, actor.person_id)
    if role is Role.FINANCER:
        keys = {line.financer for line in dossier.lines}
        return any(s.role is role and s.organisation in keys for s in seats)
    if role is Role.SECRETARY and body_codes is not None:
        allowed = set(body_codes)
        return any(s.role is role and (s.body is None or s.body in allowed) for s in seats)
    return any(s.role is role for s in seats)
