# SPDX-License-Identifier: EUPL-1.2
"""Who sees what: a mandate in the contract opens the contract; a porteur sees its own dossiers and nothing else."""

from workflow.models import Dossier
from workflow.permissions import Actor
from workflow.stages import STAGE_LABELS, Role, Stage


def sees_contract(actor: Actor, contract_id: int) -> bool:
    """True when a mandate other than porteur opens this contract's dossiers, séances and figures."""
    return any(seat.role is not Role.PORTEUR for seat in actor.seats_for(contract_id))


def sees_dossier(actor: Actor, dossier: Dossier) -> bool:
    """True for whoever sees the contract, and for the dossier's own porteur."""
    return sees_contract(actor, dossier.contract_id) or dossier.porteur_id in own_porteurs(
        actor, dossier.contract_id
    )


def standing_of(actor: Actor, dossier: Dossier) -> str:
    """Where the dossier stands, to begin a refusal; its porteur is told the stage by letters, never by a refusal."""
    if not sees_contract(actor, dossier.contract_id):
        return "La demande n’est plus entre vos mains"
    return f"Le dossier est « {STAGE_LABELS[Stage(dossier.stage)].lower()} »"


def own_porteurs(actor: Actor, contract_id: int) -> frozenset[int]:
    """Organisations for which the actor files dossiers in this contract."""
    return frozenset(s.organisation_id for s in actor.seats_for(contract_id) if s.role is Role.PORTEUR)


def contracts_of(actor: Actor) -> frozenset[int] | None:
    """Contracts in which the actor holds a mandate; None: all of them."""
    if any(seat.contract_id is None for seat in actor.seats):
        return None
    return frozenset(seat.contract_id for seat in actor.seats if seat.contract_id is not None)
