# SPDX-License-Identifier: EUPL-1.2
"""Persons, their mandates, and porteurs."""

from datetime import date

from sqlalchemy.orm import Session

from workflow.models import Contract, Mandate, Organisation, Person
from workflow.names import key
from workflow.stages import Role

SINCE = date(2024, 1, 1)
SIRETS = ("90010001700012", "90010002500015", "90010003300019", "90010004100012")  # valid keys, nobody’s


def make_person(db: Session, email: str, name: str | None = None, password_hash: str | None = None) -> Person:
    """Someone without any mandate."""
    person = person_row(email, name)
    person.password_hash = password_hash
    db.add(person)
    db.flush()
    return person


def person_row(email: str, name: str | None = None) -> Person:
    """Someone not yet in the database."""
    return Person(email=email, name=name or email.partition("@")[0].title())


def give_mandate(
    db: Session,
    person: Person,
    role: Role | str,
    organisation: Organisation,
    contract: Contract | None,
    *,
    body: str | None = None,
    from_on: date = SINCE,
    to_on: date | None = None,
) -> Mandate:
    """A right of this person; role `interest` declares an interest instead."""
    mandate = mandate_row(person, role, organisation, contract, body)
    mandate.from_on, mandate.to_on = from_on, to_on
    db.add(mandate)
    db.flush()
    return mandate


def mandate_row(
    person: Person,
    role: Role | str,
    organisation: Organisation,
    contract: Contract | None,
    body: str | None = None,
) -> Mandate:
    """A right not yet in the database, for ever since 2024."""
    return Mandate(
        person=person,
        organisation=organisation,
        contract_id=contract.id if contract else None,
        role=str(role),
        body=body,
        from_on=SINCE,
    )


def make_porteur(
    db: Session,
    name: str = "Les Ateliers du Pont",
    *,
    siret: str | None = SIRETS[0],
    legal_form: str = "association",
    email: str | None = "contact@ateliers.test",
    is_small_association: bool | None = False,
) -> Organisation:
    """An organisation that files dossiers."""
    porteur = Organisation(
        name=name,
        name_key=key(name),
        kind="porteur",
        legal_form=legal_form,
        siret=siret,
        email=email,
        is_small_association=is_small_association,
    )
    db.add(porteur)
    db.flush()
    return porteur
