# SPDX-License-Identifier: EUPL-1.2
"""Correcting what identifies an organisation: its name, numbers, form, address; journalled, with its version."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from rules.findings import VIOLATED
from rules.themes.porteur import siret_validity
from rules.themes.registration import RNA_FORM
from workflow.accounts import read_email
from workflow.errors import ConflictError, InvalidInputError, NotPermittedError
from workflow.imports.columns import FORMS
from workflow.journal import record
from workflow.models import Contract, Dossier, Organisation
from workflow.names import key
from workflow.permissions import Actor
from workflow.stages import Role

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
LONGEST_NAME = 300


def may_correct(actor: Actor, contract_id: int) -> bool:
    """True for the pilot, the secretaries and the administrators of the contract."""
    return any(actor.has(role, contract_id) for role in CORRECTORS)


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
    if not may_correct(actor, contract.id):
        raise NotPermittedError(
            "Une organisation est corrigée par le pilote, un secrétaire ou l’administrateur."
        )
    if expected_version not in (None, organisation.version):
        raise ConflictError
    values = {name: _read(name, text) for name, text in typed.items() if name in FIELDS}
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
    record(
        db,
        contract_id=contract.id,
        chain=f"administration:{contract.id}",
        subject=f"organisation:{organisation.id}",
        actor=actor,
        trigger="organisation.correct",
        now=now,
        details={"name": organisation.name, "changes": changes},
    )
    db.flush()
    return list(values)


def _read(name: str, text: str) -> str | None:
    text = " ".join(text.split())
    if name in ("siret", "rna", "commune"):
        text = text.replace(" ", "").upper()
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
            "Commune du siège : code INSEE à cinq signes attendu, par exemple 59574.", "commune"
        )
    _check_numbers(db, organisation, values.get("siret"), values.get("rna"))


def _check_numbers(db: Session, organisation: Organisation, siret: str | None, rna: str | None) -> None:
    if siret is not None:
        outcome, why = siret_validity(siret)
        if outcome is VIOLATED:
            said = "la clé est fausse" if why == "key" else "quatorze chiffres sont attendus"
            raise InvalidInputError(f"SIRET : « {siret[:20]} » est refusé, {said}.", "siret")
        same = select(Organisation.name).where(Organisation.siret == siret, Organisation.closed_on.is_(None))
        other = db.scalar(same.where(Organisation.id != organisation.id).limit(1))
        if other is not None:
            raise InvalidInputError(f"SIRET : c’est déjà celui de « {other} ».", "siret")
    if rna is not None and not RNA_FORM.fullmatch(rna):
        raise InvalidInputError(
            f"Numéro RNA : « {rna[:20]} » est refusé, un W, un chiffre, un chiffre ou une lettre puis sept chiffres sont "
            "attendus.",
            "rna",
        )


def _rename(db: Session, organisation: Organisation) -> None:
    """Searches find it, and its dossiers, by the new name."""
    organisation.name_key = key(organisation.name)[:300]
    for dossier in db.scalars(select(Dossier).where(Dossier.porteur_id == organisation.id)):
        named = (dossier.reference, dossier.dauphin_number, dossier.title, organisation.name)
        dossier.search_key = key(" ".join(filter(None, named)))
