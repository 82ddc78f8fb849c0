# SPDX-License-Identifier: EUPL-1.2
"""Adding an organisation, and correcting what identifies it: name, numbers, form, address; journalled, with its version."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from rules.findings import VIOLATED
from rules.themes.porteur import siret_validity
from rules.themes.registration import RNA_FORM
from workflow.accounts import read_email
from workflow.contracts import territory_of
from workflow.errors import ConflictError, InvalidInputError, NotPermittedError
from workflow.imports.columns import FORMS
from workflow.journal import record
from workflow.models import Contract, Dossier, Organisation
from workflow.names import LONGEST_NAME, key, organisation_key
from workflow.permissions import Actor
from workflow.stages import Role
from workflow.territory import OrganisationKind

CORRECTORS = (Role.PILOT, Role.SECRETARY, Role.ADMINISTRATOR)
FIELDS = {
    "name": "Nom",
    "siret": "SIRET",
    "rna": "Numéro RNA",
    "legal_form": "Forme juridique",
    "email": "Adresse électronique",
    "commune": "Commune du siège",
}
OF_CONFIGURATION = ("name", "siret", "email", "commune")  # what `init` writes again for those it names
PERSONAL = frozenset({"email"})  # never into a journal that nobody can rewrite


def may_correct(actor: Actor, contract_id: int) -> bool:
    """True for the pilot, the secretaries and the administrators of the contract."""
    return any(actor.has(role, contract_id) for role in CORRECTORS)


def add_organisation(
    db: Session, contract: Contract, typed: Mapping[str, str], actor: Actor, now: datetime
) -> Organisation:
    """A new organisation that will ask for funding; whoever instructs or finances is named by the configuration.

    Raises InvalidInputError naming the field, NotPermittedError.
    """
    _require_corrector(actor, contract)
    _one_at_a_time(db)
    values = {name: _read(contract, name, typed.get(name, "")) for name in FIELDS}
    added = Organisation(name="", kind=OrganisationKind.PORTEUR.value, added_in=contract.id)
    _check(db, added, values)
    _check_namesakes(db, values)
    for name, value in values.items():
        setattr(added, name, value)
    added.name_key = organisation_key(added.name)
    db.add(added)
    db.flush()
    _note(db, contract, added, actor, "organisation.add", now, {})
    return added


def named_or_added(db: Session, contract: Contract, name: str, actor: Actor, now: datetime) -> Organisation:
    """The only open organisation of this name, else a new one: the same name sent twice is one organisation.

    Raises InvalidInputError when several have the name, and as `add_organisation` does.
    """
    _require_corrector(actor, contract)
    _one_at_a_time(db)
    same = select(Organisation).where(Organisation.name_key == organisation_key(name))
    known = db.scalars(same.where(Organisation.closed_on.is_(None)).limit(2)).all() if name.strip() else ()
    if len(known) > 1:
        raise InvalidInputError(
            f"Nom\u00a0: plusieurs organismes s’appellent «\u00a0{known[0].name}\u00a0». Cherchez le vôtre, puis choisissez-le dans la liste.",
            "name",
        )
    return known[0] if known else add_organisation(db, contract, {"name": name}, actor, now)


def _one_at_a_time(db: Session) -> None:
    """Organisations are shared by all contracts: two added at once are compared one after the other."""
    db.execute(select(Contract.id).order_by(Contract.id).limit(1).with_for_update(key_share=True))


def correct_organisation(
    db: Session,
    contract: Contract,
    organisation: Organisation,
    typed: Mapping[str, str],
    actor: Actor,
    now: datetime,
    *,
    expected_version: int | None = None,
) -> list[str]:
    """Applies what was typed (empty: unknown) and gives the fields that changed.

    Raises ConflictError, InvalidInputError naming the field, NotPermittedError.
    """
    _require_corrector(actor, contract)
    if expected_version not in (None, organisation.version):
        raise ConflictError
    values = {name: _read(contract, name, text) for name, text in typed.items() if name in FIELDS}
    values = {name: value for name, value in values.items() if value != getattr(organisation, name)}
    if not values:
        return []
    _check(db, organisation, values)
    changes = {
        name: {"changed": True}
        if name in PERSONAL
        else {"before": getattr(organisation, name), "after": value}
        for name, value in values.items()
    }
    for name, value in values.items():
        setattr(organisation, name, value)
    if "name" in values:
        _rename(db, organisation)
    _note(db, contract, organisation, actor, "organisation.correct", now, {"changes": changes})
    db.flush()
    return list(values)


def _require_corrector(actor: Actor, contract: Contract) -> None:
    if not may_correct(actor, contract.id):
        raise NotPermittedError(
            "Une organisation est ajoutée ou corrigée par le pilote, un secrétaire ou l’administrateur."
        )


def _note(
    db: Session,
    contract: Contract,
    organisation: Organisation,
    actor: Actor,
    trigger: str,
    now: datetime,
    details: Mapping[str, Any],
) -> None:
    record(
        db,
        contract_id=contract.id,
        chain=f"administration:{contract.id}",
        subject=f"organisation:{organisation.id}",
        actor=actor,
        trigger=trigger,
        now=now,
        details={"name": organisation.name, **details},
    )


def _read(contract: Contract, name: str, text: str) -> str | None:
    text = " ".join(text.split())
    if name in ("siret", "rna"):
        text = text.replace(" ", "").upper()
    if name == "commune":
        text = territory_of(contract).geography.commune_code(text)
    if not text:
        return None
    return read_email(text) if name == "email" else text


def _check(db: Session, organisation: Organisation, values: Mapping[str, str | None]) -> None:
    for name in OF_CONFIGURATION:
        if organisation.code is not None and name in values and getattr(organisation, name) is not None:
            raise InvalidInputError(
                f"{organisation.name} est désignée par la configuration du contrat : c’est là que se corrige "
                f"« {FIELDS[name]} ».",
                name,
            )
    if "name" in values and (not values["name"] or len(values["name"]) > LONGEST_NAME):
        raise InvalidInputError(f"Nom : à renseigner, en {LONGEST_NAME} signes au plus.", "name")
    form, commune = values.get("legal_form"), values.get("commune")
    if form is not None and form not in FORMS:
        raise InvalidInputError("Forme juridique : à choisir dans la liste.", "legal_form")
    if commune is not None and not (len(commune) == 5 and commune.isascii() and commune.isalnum()):
        raise InvalidInputError(
            "Commune du siège : le nom d’une commune du contrat, ou un code INSEE à cinq signes, par exemple 59574.",
            "commune",
        )
    _check_numbers(db, organisation, values.get("siret"), values.get("rna"))


def _check_numbers(db: Session, organisation: Organisation, siret: str | None, rna: str | None) -> None:
    if siret is not None:
        outcome, why = siret_validity(siret)
        if outcome is VIOLATED:
            said = "la clé est fausse" if why == "key" else "quatorze chiffres sont attendus"
            raise InvalidInputError(f"SIRET : « {siret[:20]} » est refusé, {said}.", "siret")
        same = select(Organisation.name).where(Organisation.siret == siret, Organisation.closed_on.is_(None))
        other = db.scalar(same.where(Organisation.id.is_distinct_from(organisation.id)).limit(1))
        if other is not None:
            raise InvalidInputError(f"SIRET : c’est déjà celui de « {other} ».", "siret")
    if rna is not None and not RNA_FORM.fullmatch(rna):
        raise InvalidInputError(
            f"Numéro RNA : « {rna[:20]} » est refusé, un W, un chiffre, un chiffre ou une lettre puis sept chiffres sont "
            "attendus.",
            "rna",
        )


def _check_namesakes(db: Session, values: Mapping[str, str | None]) -> None:
    """A name or an RNA number already known is the same organisation, unless both SIRET say two establishments."""
    siret, rna = values["siret"], values["rna"]
    open_ones = select(Organisation.name).where(Organisation.closed_on.is_(None))
    if siret is not None:
        open_ones = open_ones.where(Organisation.siret.is_(None))
    same_name = Organisation.name_key == organisation_key(values["name"] or "")
    known = {"name": same_name} | ({"rna": Organisation.rna == rna} if rna is not None else {})
    for field, condition in known.items():
        other = db.scalar(open_ones.where(condition).limit(1))
        if other is not None:
            raise InvalidInputError(
                f"{FIELDS[field]} : « {other} » est déjà enregistrée. Si c’est elle, ne l’ajoutez pas ; si c’est un "
                "autre établissement, donnez le SIRET de chacun.",
                field,
            )


def _rename(db: Session, organisation: Organisation) -> None:
    """Searches find it, and its dossiers, by the new name."""
    organisation.name_key = organisation_key(organisation.name)
    for dossier in db.scalars(select(Dossier).where(Dossier.porteur_id == organisation.id)):
        named = (dossier.reference, dossier.dauphin_number, dossier.title, organisation.name)
        dossier.search_key = key(" ".join(filter(None, named)))
