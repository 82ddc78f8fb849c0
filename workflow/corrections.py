# SPDX-License-Identifier: EUPL-1.2
"""Asking that a closed séance's decision be corrected: the dossier goes back on the agenda of a coming one, with a reason."""

from datetime import datetime

from sqlalchemy.orm import Session

from workflow.errors import InvalidInputError, NotAllowedHereError
from workflow.guards.commitment import is_rectified
from workflow.models import Seance, SeanceItem
from workflow.permissions import Actor
from workflow.seance_rights import note, require_secretary
from workflow.seances import set_agenda
from workflow.stages import SeanceStatus


def ask_correction(
    db: Session, item: SeanceItem, target: Seance, reason: str, actor: Actor, now: datetime
) -> None:
    """Puts the dossier on the agenda of `target`, where the decision is taken again; nothing changes before its closing."""
    seance, dossier = item.seance, item.dossier
    require_secretary(seance.contract_id, seance.body, actor)
    if seance.status != SeanceStatus.CLOSED or item.applied_at is None:
        raise NotAllowedHereError("Seule la décision d’une séance close se rectifie.")
    if not is_rectified(dossier):
        raise NotAllowedHereError(
            f"Le dossier {dossier.reference} a changé d’étape depuis : sa décision ne se rectifie plus en séance."
        )
    if (target.contract_id, target.body) != (seance.contract_id, seance.body):
        raise InvalidInputError("Séance : à choisir parmi celles de la même instance.", "seance")
    if not reason.strip():
        raise InvalidInputError("Motif : à renseigner.", "reason")
    if any(known.dossier_id == dossier.id for known in target.items):
        raise InvalidInputError("Ce dossier est déjà à l’ordre du jour de cette séance.", "seance")
    set_agenda(db, target, [*(known.dossier for known in target.items), dossier], actor, now)
    details = {"reference": dossier.reference, "seance": target.id}
    note(db, seance, actor, "ask_correction", now, details, reason=reason.strip())
    note(db, target, actor, "correct", now, {**details, "seance": seance.id}, reason=reason.strip())
