# SPDX-License-Identifier: EUPL-1.2
"""Who works in the demonstration: invented persons, their accounts and their mandates."""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.passwords import hash_password
from workflow.models import Contract, Dossier, Mandate, Organisation, Person
from workflow.permissions import INTEREST, Actor, actor_for
from workflow.stages import Role
from workflow.territory import OrganisationKind, Territory

PASSWORD = "demo-2030"  # noqa: S105 - printed on the terminal on purpose: a demonstration on one machine
SINCE = date(2024, 1, 1)
R = Role
SPEAKING = frozenset({R.INSTRUCTOR, R.FINANCER, R.CITIZEN_COUNCIL})


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """One invented person. `code`: organisation; `roles` in the contract; `sits`: member where its organisation sits."""

    email: str
    name: str
    code: str
    roles: tuple[Role, ...]
    sits: bool = False
    what: str = ""  # said on the terminal, for the accounts to try first


PEOPLE = (
    DemoPerson("pilote@epci.demo", "Paule Lemaire", "epci", (R.PILOT, R.ADMINISTRATOR), what="pilote du contrat"),
    DemoPerson("copilote@etat.demo", "Diane Leroux", "etat", (R.PILOT,), what="copilote du contrat, État"),
    DemoPerson("secretariat@epci.demo", "Sacha Dubois", "epci", (R.SECRETARY,), what="secrétariat des instances"),
    DemoPerson("instruction@etat.demo", "Inès Carlier", "etat", (R.INSTRUCTOR, R.FINANCER), what="instructrice, État"),
    DemoPerson("instruction@region.demo", "Karim Wattel", "region", (R.INSTRUCTOR, R.FINANCER), True),
    DemoPerson("instruction@departement.demo", "Odile Fontaine", "departement", (R.INSTRUCTOR, R.FINANCER), True),
    DemoPerson("instruction@epci.demo", "Nadia Delattre", "epci", (R.INSTRUCTOR, R.FINANCER), what="instructrice, EPCI"),
    DemoPerson("instruction@caf.demo", "Marc Vasseur", "caf", (R.INSTRUCTOR, R.FINANCER), True),
    DemoPerson("suppleance@caf.demo", "Julie Carpentier", "caf", (R.FINANCER,)),
    DemoPerson("instruction@ars.demo", "Leïla Bonnet", "ars", (R.INSTRUCTOR, R.FINANCER), True),
    DemoPerson("sous-prefecture@etat.demo", "Henri Masson", "etat", (), True, what="membre du comité, État"),
    DemoPerson("presidence@epci.demo", "Lucie Hennebelle", "epci", (), True),
    DemoPerson("elu@aniche.demo", "Georges Prévost", "commune-aniche", (R.FINANCER,), True),
    DemoPerson("elu@auberchicourt.demo", "Sylvie Caron", "commune-auberchicourt", (R.FINANCER,), True),
    DemoPerson("elu@ecaillon.demo", "Denis Roussel", "commune-ecaillon", (R.FINANCER,), True),
    DemoPerson("elu@hornaing.demo", "Fatima Legrand", "commune-hornaing", (R.FINANCER,), True),
    DemoPerson("elu@masny.demo", "Bruno Flament", "commune-masny", (R.FINANCER,), True),
    DemoPerson("elu@montigny.demo", "Claire Wagner", "commune-montigny-en-ostrevent", (R.FINANCER,), True),
    DemoPerson("elu@pecquencourt.demo", "Jean Kaczmarek", "commune-pecquencourt", (R.FINANCER,), True),
    DemoPerson("elu@somain.demo", "Anne Delvallée", "commune-somain", (R.FINANCER,), True, what="élue, commune de Somain"),
    DemoPerson("contact@cpam.demo", "Rémi Lefèvre", "cpam", (R.FINANCER,), True),
    DemoPerson("contact@france-travail.demo", "Sonia Marchand", "france-travail", (R.FINANCER,), True),
    DemoPerson("contact@mission-locale.demo", "Yann Picard", "mission-locale", (R.FINANCER,), True),
    DemoPerson("contact@education.demo", "Hélène Rivière", "education-nationale", (R.FINANCER,), True),
    DemoPerson("contact@parquet.demo", "Victor Armand", "parquet", (R.FINANCER,), True),
    DemoPerson("contact@maisons-et-cites.demo", "Elsa Nowak", "bailleur-maisons-et-cites", (R.FINANCER,), True),
    DemoPerson("contact@sia.demo", "Paul Hochart", "bailleur-sia", (R.FINANCER,), True),
    DemoPerson("contact@partenord.demo", "Aude Bailleul", "bailleur-partenord", (), True),
    DemoPerson("contact@norevie.demo", "Tom Deschamps", "bailleur-norevie", (), True),
    DemoPerson("contact@sigh.demo", "Iris Gallois", "bailleur-sigh", (), True),
    DemoPerson("conseil@somain.demo", "Coline Petit", "conseil-citoyen-somain", (R.CITIZEN_COUNCIL,), what="conseil citoyen de Somain"),
    DemoPerson("inter-conseils@demo.demo", "Mehdi Brunel", "inter-conseils-citoyens", (R.CITIZEN_COUNCIL,), True),
)  # fmt: skip

# People of porteurs: e-mail, name, name of the porteur.
BEARERS = (
    ("porteur@ressort-emploi.demo", "Bérénice Tison", "Ressort Emploi"),
    ("porteur@jardins.demo", "Alain Mercier", "Les Jardins de la Fosse Bleue"),
    ("porteur@quartier-en-fete.demo", "Zoé Lambert", "Quartier en Fête"),
)
# Declared interests: who, in which porteur.
INTERESTS = (
    ("instruction@caf.demo", "La Passerelle des Parents", "administrateur bénévole"),
    ("presidence@epci.demo", "Recyclerie des Deux Chevalets", "représentante au conseil d’administration"),
)


@lru_cache(maxsize=1)
def password_hash() -> str:
    """One hash for every account: hashing is slow on purpose."""
    return hash_password(PASSWORD)


def open_accounts(db: Session, contract: Contract, territory: Territory) -> None:
    """Every person with an account and mandates, and a member for each seat of each body."""
    organisations = {
        row.code: row for row in db.scalars(select(Organisation).where(Organisation.code.is_not(None)))
    }
    for demo in PEOPLE:
        if demo.code not in organisations:
            continue
        person = _person(db, demo.email, demo.name)
        own = organisations[demo.code]
        db.add_all(_mandate(person, role, own, contract) for role in demo.roles)
        if demo.sits:
            bodies = [body.code for body in territory.bodies if demo.code in body.members]
            db.add_all(_mandate(person, R.MEMBER, own, contract, body) for body in bodies)
    db.flush()


def open_porteur_accounts(db: Session, contract: Contract) -> None:
    """People of porteurs, once their organisations are known, and the interests declared."""
    porteurs = select(Organisation).where(Organisation.kind == OrganisationKind.PORTEUR.value)
    by_name = {row.name: row for row in db.scalars(porteurs)}
    for email, name, porteur in BEARERS:
        db.add(_mandate(_person(db, email, name), R.PORTEUR, by_name[porteur], contract))
    for email, porteur, title in INTERESTS:
        declare_interest(db, email, by_name[porteur], contract, SINCE, title)
    db.flush()


def declare_interest(
    db: Session, email: str, organisation: Organisation, contract: Contract, since: date, title: str
) -> None:
    """A seat or function held in a porteur: no right, and a recusal."""
    person = db.scalars(select(Person).where(Person.email == email)).one()
    mandate = _mandate(person, INTEREST, organisation, contract)
    mandate.from_on, mandate.title = since, title
    db.add(mandate)


def _person(db: Session, email: str, name: str) -> Person:
    person = Person(email=email, name=name, password_hash=password_hash())
    db.add(person)
    return person


def _mandate(
    person: Person, role: str, organisation: Organisation, contract: Contract, body: str | None = None
) -> Mandate:
    return Mandate(
        person=person,
        organisation=organisation,
        contract_id=contract.id,
        role=str(role),
        body=body,
        from_on=SINCE,
    )


class Cast:
    """The persons as actors, by address and by the organisation they speak for; read once."""

    def __init__(self, db: Session, contract: Contract, on: date) -> None:
        people = db.scalars(select(Person).order_by(Person.id)).all()
        self.by_email: dict[str, Actor] = {person.email: actor_for(db, person, on) for person in people}
        self._speakers: dict[str, list[Actor]] = {}
        for demo in PEOPLE:
            if demo.email in self.by_email and not SPEAKING.isdisjoint(demo.roles):
                self._speakers.setdefault(demo.code, []).append(self.by_email[demo.email])

    def speaker(self, code: str, dossier: Dossier) -> Actor:
        """Who speaks for this organisation on this dossier: the first who is not concerned; else the secretary."""
        free = [
            actor for actor in self._speakers.get(code, ()) if not actor.is_concerned_by(dossier.porteur_id)
        ]
        return (free or self._speakers.get(code) or [self.secretary])[0]

    @property
    def pilot(self) -> Actor:
        """The pilot of the contract."""
        return self.by_email["pilote@epci.demo"]

    def pilot_of(self, dossier: Dossier) -> Actor:
        """The pilot; on a dossier of the pilot's own organisation, the State's who pilots beside it."""
        other = self.by_email.get("copilote@etat.demo", self.pilot)
        return other if self.pilot.is_concerned_by(dossier.porteur_id) else self.pilot

    @property
    def secretary(self) -> Actor:
        """The secretary of every body."""
        return self.by_email["secretariat@epci.demo"]
