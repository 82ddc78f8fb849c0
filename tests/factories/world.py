# SPDX-License-Identifier: EUPL-1.2
"""The whole toy world: a contract, one person for each role, one per financer, a porteur, and a stranger."""

import pickle
from dataclasses import dataclass, replace
from typing import Any, cast

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from tests.factories import NOW, YEAR
from tests.factories.contract import FINANCERS, make_contract, toy_territory
from tests.factories.dossier import make_dossier
from tests.factories.people import make_porteur, mandate_row, person_row
from workflow.answer_links import draw_key
from workflow.db import session_factory
from workflow.models import Contract, Credit, Dossier, Organisation, Person
from workflow.stages import Role
from workflow.territory import Territory


@dataclass(slots=True)
class World:
    """What `make_world` built. `financers`: one person per financer code, also member of the bodies."""

    db: Session
    territory: Territory
    contract: Contract
    organisations: dict[str, Organisation]
    credits: dict[str, Credit]
    porteur: Organisation
    administrator: Person
    pilot: Person
    secretary: Person
    instructor: Person  # of the State
    colleague: Person  # instructor of the Région
    financers: dict[str, Person]
    citizen: Person
    bearer: Person  # acts for the porteur
    stranger: Person  # has every right, in another contract
    year: int = YEAR

    def dossier(self, **changes: Any) -> Dossier:
        """A complete dossier in draft (see `make_dossier`)."""
        return make_dossier(self.db, self.contract, changes.pop("porteur", self.porteur), **changes)


def make_world(db: Session, territory: Territory | None = None) -> World:
    """The toy contract with everybody in place; flushed, not committed."""
    territory = territory or toy_territory()
    contract = make_contract(db, territory)
    draw_key(db, NOW)  # as `init` does
    organisations = {org.code: org for org in db.scalars(select(Organisation)) if org.code}
    porteur = make_porteur(db)

    def person(email: str, name: str, organisation: Organisation, *roles: Role) -> Person:
        someone = person_row(email, name)
        db.add_all(mandate_row(someone, role, organisation, contract) for role in roles)
        return someone

    etat, epci = organisations["etat"], organisations["epci"]
    world = World(
        db=db,
        territory=territory,
        contract=contract,
        organisations=organisations,
        credits={c.code: c for c in db.scalars(select(Credit).where(Credit.contract_id == contract.id))},
        porteur=porteur,
        administrator=person("admin@epci.test", "Alix Admin", epci, Role.ADMINISTRATOR),
        pilot=person("pilote@epci.test", "Paule Pilote", epci, Role.PILOT),
        secretary=person("secretariat@epci.test", "Sacha Secrétaire", epci, Role.SECRETARY),
        instructor=person("instruction@etat.test", "Inès Instructrice", etat, Role.INSTRUCTOR),
        colleague=person(
            "collegue@region.test", "Camille Collègue", organisations["region"], Role.INSTRUCTOR
        ),
        financers={code: _financer(db, territory, contract, organisations[code]) for code in FINANCERS},
        citizen=person(
            "conseil@citoyen.test", "Coline Citoyenne", organisations["conseil-citoyen"], Role.CITIZEN_COUNCIL
        ),
        bearer=person("contact@ateliers.test", "Bérénice Porteuse", porteur, Role.PORTEUR),
        stranger=_stranger(db, epci),
    )
    db.flush()
    return world


def image_of_world(engine: Engine) -> bytes:
    """The toy world written in an empty database; its image, from which each test has its own (`world_from`)."""
    with session_factory(engine)() as db:
        world = make_world(db)
        db.commit()
        db.expunge_all()
        return pickle.dumps(replace(world, db=cast("Session", None)))


def world_from(image: bytes, db: Session) -> World:
    """The world of an image, in this session of a database where its rows are."""
    world: World = pickle.loads(image)
    world.db = db
    db.add_all([world.contract, world.porteur, *world.organisations.values(), *world.credits.values()])
    db.add_all([world.administrator, world.pilot, world.secretary, world.instructor, world.colleague])
    db.add_all([*world.financers.values(), world.citizen, world.bearer, world.stranger])
    return world


def _financer(db: Session, territory: Territory, contract: Contract, organisation: Organisation) -> Person:
    """Answers for the organisation's credits, and sits for it in each body where it has a seat."""
    someone = person_row(f"financeur@{organisation.code}.test", f"Financeur {organisation.name}")
    db.add(mandate_row(someone, Role.FINANCER, organisation, contract))
    for body in territory.bodies:
        if organisation.code in body.members:
            db.add(mandate_row(someone, Role.MEMBER, organisation, contract, body.code))
    return someone


def _stranger(db: Session, organisation: Organisation) -> Person:
    """Pilot, secretary, instructor and financer of another contract, for the same organisation."""
    elsewhere = make_contract(db, toy_territory(code="ailleurs", label="Contrat de ville d’Ailleurs"))
    someone = person_row("etranger@ailleurs.test", "Elsa Étrangère")
    for role in (Role.PILOT, Role.SECRETARY, Role.INSTRUCTOR, Role.FINANCER):
        db.add(mandate_row(someone, role, organisation, elsewhere))
    return someone
