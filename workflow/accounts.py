# SPDX-License-Identifier: EUPL-1.2
"""Accounts and mandates: who may sign in, and what for. Each act is a line of the contract's administration journal."""

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from workflow.contracts import territory_of
from workflow.errors import (
    InvalidInputError,
    NotAllowedHereError,
    NotPermittedError,
    UnknownReferenceError,
)
from workflow.events import emit
from workflow.journal import record
from workflow.models import Contract, LoginSession, Mandate, Organisation, Person
from workflow.permissions import INTEREST, Actor, Seat
from workflow.stages import Role
from workflow.territory import EMAIL_PATTERN, OrganisationKind

NOT_GIVEN = (Role.LEAD_INSTRUCTOR, Role.SYSTEM)  # named on the dossier; acts without a person
GIVEN = (*(role for role in Role if role not in NOT_GIVEN), INTEREST)
SEATED = (Role.SECRETARY, Role.MEMBER)  # a secretary without body keeps them all; a member sits in one
FOR_ANYBODY = (Role.PORTEUR, INTEREST)  # the others are held for an organisation that config names
COMMAND_LINE = Actor(
    None, "ligne de commande", "ligne de commande", (Seat(Role.SYSTEM, "", 0, None),), automatic=True
)
LONGEST_NAME, LONGEST_EMAIL = 200, 254


@dataclass(frozen=True, slots=True)
class MandateRequest:
    """A mandate to give: the role (or a declared interest), for whom, in which body, between which days."""

    role: str
    organisation: Organisation
    from_on: date
    to_on: date | None = None
    body: str | None = None
    title: str | None = None  # of an interest: the function held


def administers(actor: Actor, contract_id: int) -> bool:
    """True for the administrators of the contract, and for the command line of the machine."""
    return actor.has(Role.ADMINISTRATOR, contract_id) or actor.has(Role.SYSTEM, contract_id)


def _require(actor: Actor, contract: Contract) -> None:
    if not administers(actor, contract.id):
        raise NotPermittedError("Les comptes et les mandats sont tenus par l’administrateur du contrat.")


def _note(
    db: Session, contract: Contract, actor: Actor, trigger: str, person: Person, now: datetime, **details: Any
) -> None:
    record(
        db,
        contract_id=contract.id,
        chain=f"administration:{contract.id}",
        subject=f"person:{person.id}",
        actor=actor,
        trigger=trigger,
        now=now,
        details={"person": person.email} | details,
    )


def open_account(
    db: Session,
    contract: Contract,
    email: str,
    name: str | None,
    request: MandateRequest,
    actor: Actor,
    now: datetime,
) -> tuple[Person, bool, bool]:
    """The person of this address with this mandate, and whether each is new. A new person is told by message.

    Raises InvalidInputError, NotPermittedError, UnknownReferenceError.
    """
    _require(actor, contract)
    email = read_email(email)
    check_mandate(contract, request)
    person = db.scalar(select(Person).where(Person.email == email))
    is_new = person is None
    if person is None:
        person = Person(email=email, name=_name(name or email.partition("@")[0]))
        db.add(person)
        db.flush()
        _note(db, contract, actor, "account.create", person, now, name=person.name)
        emit(db, contract.id, "account.created", f"person:{person.id}", {"role": request.role}, now)
    return person, is_new, give_mandate(db, contract, person, request, actor, now)


def give_mandate(
    db: Session, contract: Contract, person: Person, request: MandateRequest, actor: Actor, now: datetime
) -> bool:
    """Adds the mandate; False when the person holds the same one already. Raises as `open_account`."""
    _require(actor, contract)
    check_mandate(contract, request)
    same = select(Mandate.id).where(
        Mandate.person_id == person.id,
        Mandate.role == request.role,
        Mandate.organisation_id == request.organisation.id,
        Mandate.contract_id == contract.id,
        Mandate.body == request.body if request.body else Mandate.body.is_(None),
        or_(Mandate.to_on.is_(None), Mandate.to_on >= request.from_on),
    )
    if db.scalar(same.limit(1)) is not None:
        return False
    mandate = Mandate(
        person=person,
        organisation=request.organisation,
        contract_id=contract.id,
        role=str(request.role),
        body=request.body,
        title=request.title,
        from_on=request.from_on,
        to_on=request.to_on,
    )
    db.add(mandate)
    db.flush()
    _note(db, contract, actor, "mandate.give", person, now, **_told(mandate))
    return True


def _told(mandate: Mandate) -> dict[str, Any]:
    return {
        "mandate": mandate.id,
        "role": mandate.role,
        "organisation": mandate.organisation.name,
        "body": mandate.body,
        "from": mandate.from_on.isoformat(),
        "to": mandate.to_on.isoformat() if mandate.to_on else None,
    }


def check_mandate(contract: Contract, request: MandateRequest) -> None:
    """Raises InvalidInputError, or UnknownReferenceError for a body that is not of the contract."""
    if request.role not in GIVEN:
        choices = ", ".join(str(role) for role in GIVEN)
        raise InvalidInputError(f"Rôle inconnu : « {request.role} ». Rôles : {choices}.", "role")
    known = territory_of(contract).body_by_code
    if request.body is not None and request.body not in known:
        raise UnknownReferenceError(
            f"Instance inconnue : « {request.body} ». Instances : {', '.join(known)}."
        )
    if request.body is not None and request.role not in SEATED:
        raise InvalidInputError(
            "Instance : seulement pour un secrétaire ou un membre ; les autres rôles valent pour tout le contrat.",
            "body",
        )
    if request.role == Role.MEMBER and request.body is None:
        raise InvalidInputError("Instance : à choisir, un membre siège dans une instance.", "body")
    if request.organisation.code is None and request.role not in FOR_ANYBODY:
        raise InvalidInputError(
            f"Organisation : « {request.organisation.name} » n’est pas une organisation du contrat ; elle ne peut avoir "
            "que des porteurs et des intérêts déclarés.",
            "organisation",
        )
    is_council = request.organisation.kind == OrganisationKind.CONSEIL_CITOYEN
    if request.role == Role.CITIZEN_COUNCIL and not is_council:
        raise InvalidInputError("Organisation : à choisir parmi les conseils citoyens.", "organisation")
    if request.to_on is not None and request.to_on < request.from_on:
        raise InvalidInputError("Fin : elle précède le début du mandat.", "to_on")


def close_mandate(
    db: Session, contract: Contract, mandate: Mandate, actor: Actor, now: datetime, on: date
) -> None:
    """The mandate ends the day before `on`, so that it gives nothing any more; kept, because past acts name it.

    Raises NotPermittedError, NotAllowedHereError.
    """
    _require(actor, contract)
    last_day = date.fromordinal(on.toordinal() - 1)
    if mandate.contract_id != contract.id:
        raise NotAllowedHereError(
            "Ce mandat vaut pour tous les contrats : il se retire par la ligne de commande de la machine."
        )
    if mandate.to_on is not None and mandate.to_on <= last_day:
        raise NotAllowedHereError("Ce mandat est déjà clos.")
    if mandate.role == Role.ADMINISTRATOR:
        if mandate.person_id == actor.person_id:
            raise NotAllowedHereError(
                "Vous ne pouvez pas clore votre propre mandat d’administrateur : demandez à un autre administrateur."
            )
        _keep_one_administrator(db, contract, mandate.person_id, on)
    mandate.to_on = last_day
    db.flush()
    _note(db, contract, actor, "mandate.close", mandate.person, now, **_told(mandate))


def deactivate(
    db: Session, contract: Contract, person: Person, actor: Actor, now: datetime, on: date
) -> None:
    """The person no longer signs in; their sessions end, their mandates and past acts stay.

    Raises NotPermittedError, NotAllowedHereError.
    """
    _require(actor, contract)
    _require_alone(db, contract, person, actor, on)
    if not person.is_active:
        raise NotAllowedHereError("Ce compte est déjà désactivé.")
    if person.id == actor.person_id:
        raise NotAllowedHereError("Vous ne pouvez pas désactiver votre propre compte.")
    _keep_one_administrator(db, contract, person.id, on)
    person.is_active = False
    end_sessions(db, person)
    _note(db, contract, actor, "account.deactivate", person, now)


def reactivate(
    db: Session, contract: Contract, person: Person, actor: Actor, now: datetime, on: date
) -> None:
    """The person may sign in again, with the mandates still in force. Raises as `deactivate`."""
    _require(actor, contract)
    _require_alone(db, contract, person, actor, on)
    if person.is_active:
        raise NotAllowedHereError("Ce compte est déjà actif.")
    person.is_active = True
    _note(db, contract, actor, "account.reactivate", person, now)


def sign_out_everywhere(db: Session, contract: Contract, person: Person, actor: Actor, now: datetime) -> None:
    """Ends the person's sessions: a computer lost, a doubt. Raises NotPermittedError."""
    _require(actor, contract)
    end_sessions(db, person)
    _note(db, contract, actor, "account.end_sessions", person, now)


def end_sessions(db: Session, person: Person, *, but: str = "") -> None:
    """Ends the open sessions of this person, except the one whose token has this digest."""
    db.execute(
        delete(LoginSession).where(LoginSession.person_id == person.id, LoginSession.token_hash != but)
    )


def _require_alone(db: Session, contract: Contract, person: Person, actor: Actor, on: date) -> None:
    """An account is shared by all contracts: whoever works in another one is not shut out from this one."""
    elsewhere = _in_force(on).where(
        Mandate.person_id == person.id,
        Mandate.role != INTEREST,
        or_(Mandate.contract_id.is_(None), Mandate.contract_id != contract.id),
    )
    others = [row for row in db.scalars(elsewhere) if not administers(actor, row.contract_id or 0)]
    if others:
        raise NotAllowedHereError(
            "Cette personne a des mandats dans un autre contrat : closez ceux du vôtre ; son compte reste ouvert ailleurs."
        )


def _keep_one_administrator(db: Session, contract: Contract, leaving_id: int, on: date) -> None:
    staying = (
        _in_force(on)
        .join(Mandate.person)
        .where(
            Mandate.role == Role.ADMINISTRATOR,
            or_(Mandate.contract_id.is_(None), Mandate.contract_id == contract.id),
            Person.is_active,
        )
    )
    holders = {row.person_id for row in db.scalars(staying)}
    if leaving_id in holders and holders == {leaving_id}:
        raise NotAllowedHereError(
            "C’est le dernier administrateur du contrat : donnez d’abord ce rôle à une autre personne."
        )


def _in_force(on: date) -> Any:
    return select(Mandate).where(Mandate.from_on <= on, or_(Mandate.to_on.is_(None), Mandate.to_on >= on))


def read_email(email: str) -> str:
    """The address as it is kept. Raises InvalidInputError."""
    email = email.strip().lower()
    if not re.fullmatch(EMAIL_PATTERN, email) or len(email) > LONGEST_EMAIL or not email.isprintable():
        raise InvalidInputError(f"Adresse électronique incorrecte : « {email[:80]} ».", "email")
    return email


def _name(name: str) -> str:
    name = " ".join(name.split())
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise InvalidInputError(f"Nom : à renseigner, en {LONGEST_NAME} signes au plus.", "name")
    return name
