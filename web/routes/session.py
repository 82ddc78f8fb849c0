# SPDX-License-Identifier: EUPL-1.2
"""In session: presence, recusals, decisions and amounts, item by item; nothing moves before the closing."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from web.finding import item_of, seance_seen
from web.pages import counted, see
from web.visit import App, Form, Visited
from workflow.session import RETAINABLE, apply_recusals, decide, record_presence, retain, take_up_proposals
from workflow.stages import Decision

router = APIRouter()


@router.post("/seances/{seance_id}/presences")
def presences(seance_id: int, application: App, visit: Visited, typed: Form, request: Request) -> Response:
    """Who is there."""
    with application.write() as db:
        seance = seance_seen(db, seance_id, visit)
        for convocation in seance.convocations:
            presence = typed.text(f"presence-{convocation.id}")
            if presence:
                record_presence(db, convocation, presence, visit.who, application.now())
    return see(request, f"/seances/{seance_id}#membres", "Présences enregistrées.")


@router.post("/seances/{seance_id}/deports")
def recusals(seance_id: int, application: App, visit: Visited, request: Request) -> Response:
    """Notes who must leave which item."""
    with application.write() as db:
        noted = apply_recusals(db, seance_seen(db, seance_id, visit), visit.who, application.now())
    said = f"{counted(noted, 'déport noté')}." if noted else "Aucun déport à noter parmi les présents."
    return see(request, f"/seances/{seance_id}#points", said)


@router.post("/seances/{seance_id}/propositions")
def proposals(seance_id: int, application: App, visit: Visited, request: Request) -> Response:
    """Retains as proposed wherever nothing was decided yet and the financers have given their word."""
    with application.write() as db:
        taken = take_up_proposals(db, seance_seen(db, seance_id, visit), visit.who, application.now())
    said = (
        f"{counted(taken, 'dossier retenu')} comme proposé."
        if taken
        else "Aucun dossier à reprendre tel que proposé."
    )
    return see(request, f"/seances/{seance_id}#points", said)


@router.post("/seances/{seance_id}/points/{item_id}")
def decide_item(
    seance_id: int, item_id: int, application: App, visit: Visited, typed: Form, request: Request
) -> Response:
    """The decision on one item and its amounts."""
    now = application.now()
    with application.write() as db:
        item = item_of(seance_seen(db, seance_id, visit), item_id)
        decision, reason = typed.required("decision", "Décision"), typed.text("reason") or None
        conditions, version = typed.text("conditions") or None, typed.version()
        decide(db, item, decision, reason, visit.who, now, conditions=conditions, expected_version=version)
        for line in item.dossier.lines if decision == Decision.RETAINED else ():
            if line.state in RETAINABLE:
                retain(db, item, line, typed.amount(f"line-{line.id}"), visit.who, now)
        said = f"Dossier {item.dossier.reference} : décision enregistrée."
    return see(request, f"/seances/{seance_id}#point-{item_id}", said)
