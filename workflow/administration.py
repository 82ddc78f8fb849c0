# SPDX-License-Identifier: EUPL-1.2
"""Who may bring a whole file of dossiers in: those who keep them. The pages' own doors are in the table of access."""

from workflow.errors import NotPermittedError
from workflow.permissions import Actor
from workflow.stages import Role

IMPORTING = (Role.ADMINISTRATOR, Role.PILOT, Role.SECRETARY)


def require_import(actor: Actor, contract_id: int) -> None:
    """Raises NotPermittedError."""
    if not any(actor.has(role, contract_id) for role in IMPORTING):
        raise NotPermittedError("Un fichier s’importe par l’administrateur, le pilote ou le secrétariat.")
