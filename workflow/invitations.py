# SPDX-License-Identifier: EUPL-1.2
"""Who is called to a séance: members convoked, guests invited; whether they were told in time; who stays silent."""

import re
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from workflow.contracts import territory_of
from workflow.errors import InvalidInputError, NotAllowedHereError
from workflow.events import emit
from workflow.firing import PARIS
from workflow.guards.written import WRITTEN, answered, lines_asked
from workflow.models import Convocation, Dossier, FundingLine, Mandate, Organisation, Person, Seance
from workflow.permissions import Actor
from workflow.seance_rights import note, require_secretary
from workflow.stages import Role, SeanceStatus
from workflow.territory import EMAIL_PATTERN, Body

CONVOKED, INVITED = "convoked", "invited"
REMIND_BEFORE = timedelta(days=3)
SPEAKING = (Role.INSTRUCTOR, Role.FINANCER, Role.CITIZEN_COUNCIL, Role.PORTEUR)


def body_of(seance: Seance) -> Body | None:
    """The body that sits, as the contract describes it."""
    return territory_of(seance.contract).body_by_code.get(seance.body)


def due_on(seance: Seance) -> date:
    """The last day to tell the members, computed back from the date."""
    body = body_of(seance)
    return _day(seance.starts_at) - timedelta(days=body.lead_days if body else 0)


def days_late(seance: Seance) -> int:
    """How many days after that the members were told the present date; 0 in time, or not told yet."""
    return max(0, (_day(seance.told_at) - due_on(seance)).days) if seance.told_at else 0


def _day(at: datetime) -> date:
    return at.astimezone(PARIS).date()


def speaking_for(db: Session, contract_id: int, organisation: Organisation, on: date) -> Sequence[Person]:
    """Who may be heard for an organisation that does not sit: persons by their mandates, else its own address."""
    found = db.scalars(
        select(Person)
        .join(Mandate, Mandate.person_id == Person.id)
        .where(Mandate.organisation_id == organisation.id, Mandate.role.in_([str(r) for r in SPEAKING]))
        .where(or_(Mandate.contract_id == contract_id, Mandate.contract_id.is_(None)), Person.is_active)
        .where(Mandate.from_on <= on, or_(Mandate.to_on.is_(None), Mandate.to_on >= on))
        .order_by(Person.id)
    ).unique()
    persons = list(dict.fromkeys(found))
    if not persons and organisation.email:
        persons = [person_at(db, organisation.email, organisation.name)]
    return persons


def person_at(db: Session, address: str, name: str) -> Person:
    """The person of this address, else a new one, without account nor right."""
    email = address.strip().lower()
    found = db.scalar(select(Person).where(Person.email == email))
    if found is None:
        found = Person(email=email, name=name)
        db.add(found)
        db.flush()
    return found


def call_guests(db: Session, seance: Seance, on: date) -> list[str]:
    """Adds the guests that the contract names for this body; gives those nobody can be written to."""
    body = body_of(seance)
    unreachable = []
    for code in body.guests if body else ():
        organisation = db.scalar(select(Organisation).where(Organisation.code == code))
        persons = speaking_for(db, seance.contract_id, organisation, on) if organisation else ()
        if organisation is not None and not persons:
            unreachable.append(organisation.name)
        for person in persons:
            if organisation is not None:
                _add(seance, person, organisation)
    return unreachable


def _add(
    seance: Seance, person: Person, organisation: Organisation, dossier: Dossier | None = None
) -> Convocation | None:
    if any(c.person is person or c.person_id == person.id for c in seance.convocations):
        return None
    made = Convocation(person=person, organisation=organisation, kind=INVITED, heard_dossier=dossier)
    seance.convocations.append(made)
    return made


def invite(
    db: Session,
    seance: Seance,
    organisation: Organisation,
    actor: Actor,
    now: datetime,
    *,
    address: str = "",
    name: str = "",
    dossier: Dossier | None = None,
) -> list[Convocation]:
    """Invites an organisation's persons, or the one at `address`; `dossier`: heard on that item alone.

    Raises NotPermittedError, NotAllowedHereError, InvalidInputError.
    """
    require_secretary(seance.contract_id, seance.body, actor)
    if seance.status not in (SeanceStatus.PLANNED, SeanceStatus.CONVOKED):
        raise NotAllowedHereError("On invite à une séance à venir, avant son ouverture.")
    if dossier is not None and all(item.dossier_id != dossier.id for item in seance.items):
        raise InvalidInputError("Ce dossier n’est pas à l’ordre du jour.", "dossier")
    persons = _persons(db, seance, organisation, _day(now), address, name)
    added = [made for person in persons if (made := _add(seance, person, organisation, dossier)) is not None]
    if not added:
        raise InvalidInputError("Déjà convoqué ou invité à cette séance.", "organisation")
    convoked = seance.status == SeanceStatus.CONVOKED
    for made in added:
        made.called_at = now if convoked else None
    db.flush()
    note(db, seance, actor, "invite", now, {"persons": [made.person.email for made in added]})
    if convoked:
        payload = {"seance": seance.id, "sequence": seance.sequence}
        emit(db, seance.contract_id, "seance.invite", f"seance:{seance.id}", payload, now)
    return added


def _persons(
    db: Session, seance: Seance, organisation: Organisation, on: date, address: str, name: str
) -> Sequence[Person]:
    if address:
        if not re.fullmatch(EMAIL_PATTERN, address.strip()):
            raise InvalidInputError(f"Adresse illisible : « {address} ».", "address")
        return [person_at(db, address, name.strip() or organisation.name)]
    found = speaking_for(db, seance.contract_id, organisation, on)
    if not found:
        text = f"Aucune adresse connue pour {organisation.name} : donnez l’adresse de la personne à inviter."
        raise InvalidInputError(text, "address")
    return found


def silent(seance: Seance) -> list[Convocation]:
    """Who was called and has not answered, or not for the present date; in writing, whose lines still wait."""
    called = [c for c in seance.convocations if c.called_at is not None]
    if seance.mode == WRITTEN:
        return [c for c in called if c.is_member and lines_awaited(c)]
    return [c for c in called if c.current_answer is None]


def lines_awaited(convocation: Convocation) -> list[FundingLine]:
    """In writing, the lines of its organisation without an answer, in the order of the agenda."""
    seance, owner = convocation.seance, convocation.organisation_id
    if seance.mode != WRITTEN:
        return []
    return [
        line for line in lines_asked(seance) if line.credit.organisation_id == owner and not answered(line)
    ]


def to_remind(seance: Seance, now: datetime) -> list[Convocation]:
    """Those silent, not yet written to that day, be it of a new date: never two reminders on one subject the same day."""
    today = _day(now)
    return [
        c
        for c in silent(seance)
        if all(_day(at) != today for at in (c.called_at, c.reminded_at, seance.told_at) if at)
    ]


def reminder_due(seance: Seance, now: datetime) -> bool:
    """True from three days before, once: when somebody silent has had no reminder of the present date since then."""
    since = seance.starts_at - REMIND_BEFORE
    if seance.status != SeanceStatus.CONVOKED or not since <= now < seance.starts_at:
        return False
    since = max(since, seance.told_at or since)
    return any(c.reminded_at is None or c.reminded_at < since for c in to_remind(seance, now))
