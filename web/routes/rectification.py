# SPDX-License-Identifier: EUPL-1.2
"""Correcting a decision once its séance is closed: by a later séance only."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from web.finding import item_of, seance_seen
from web.pages import see
from web.visit import App, Form, Visited
from workflow.corrections import ask_correction
from workflow.errors import InvalidInputError

router = APIRouter()


@router.post("/seances/{seance_id}/rectifications")
def correct(seance_id: int, application: App, visit: Visited, typed: Form, request: Request) -> Response:
    """Puts the dossier on the agenda of a coming séance."""
    with application.write() as db:
        seance = seance_seen(db, seance_id, visit)
        number, chosen = typed.integer("item", "Dossier"), typed.integer("seance", "Séance")
        if number is None or chosen is None:
            raise InvalidInputError("Dossier et séance : à choisir.", "item" if number is None else "seance")
        item, target = item_of(seance, number), seance_seen(db, chosen, visit)
        ask_correction(db, item, target, typed.text("reason"), visit.who, application.now())
        said = (
            f"Dossier {item.dossier.reference} inscrit pour rectification : rien ne change avant la clôture."
        )
    return see(request, f"/seances/{chosen}#ordre-du-jour", said)
