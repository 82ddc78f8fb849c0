# SPDX-License-Identifier: EUPL-1.2
"""Who administers a contract: its parameters and diagnostic for the administrator; imports for who keeps dossiers too."""

from workflow.errors import NotPermittedError
from workflow.permissions import Actor
from workflow.stages import Role

IMPORTING = (Role.ADMINISTRATOR, Role.PILOT, Role.SECRETARY)


def may_administer(actor: Actor, contract_id: int) -> bool:
    """True for the administrator of this contract."""
    return actor.has(Role.ADMINISTRATOR, contract_id)


def may_import(actor: Actor, contract_id: int) -> bool:
    """True for those who may bring a whole file of dossiers in."""
    return any(actor.has(role, contract_id) for role in IMPORTING)


def require_administrator(actor: Actor, contract_id: int) -> None:
    """Raises NotPermittedError."""
    if not may_administer(actor, contract_id):
        raise NotPermittedError("Cette page est réservée à l’administrateur du contrat.")


def require_import(actor: Actor, contract_id: int) -> None:
    """Raises NotPermittedError."""
    if not may_import(actor, contract_id):
        raise NotPermittedError("Un fichier s’importe par l’administrateur, le pilote ou le secrétariat.")
