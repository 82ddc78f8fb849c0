# SPDX-License-Identifier: EUPL-1.2
"""Where each opinion stands, in words: awaited, late, given, given late, changed; and the forms that stop waiting for one."""

from typing import Any

from rules import wording
from web.forms import Field, FormView
from web.pages import counted
from web.presenters.reader import Reader
from web.presenters.stages import opinion_tone
from workflow.criteria import Spread, rows_of, spread_of
from workflow.drafts import may_write
from workflow.firing import PARIS
from workflow.machine import permitted, table_of
from workflow.models import Dossier, Opinion
from workflow.permissions import holds
from workflow.stages import OPINION_LABELS, OpinionState, OpinionValue, Role, Stage

NOTING = (Role.LEAD_INSTRUCTOR, Role.SECRETARY, Role.PILOT)
CITIZENS = (Role.CITIZEN_COUNCIL, Role.LEAD_INSTRUCTOR, Role.SECRETARY)


def opinion_rounds(dossier: Dossier, reader: Reader) -> list[dict[str, Any]]:
    """The rounds, the present one first, each with its opinions."""
    rounds: dict[int, list[dict[str, Any]]] = {}
    for opinion in dossier.opinions:
        rounds.setdefault(opinion.round, []).append(standing(opinion, reader))
    return [
        {
            "round": number,
            "current": number == dossier.round,
            "opinions": rounds[number],
            "grid": _grid(dossier, number),
        }
        for number in sorted(rounds, reverse=True)
    ]


def _grid(dossier: Dossier, number: int) -> list[str]:
    """What the partners of a round answered to the grid: each criterion with its mean, on its own scale."""
    opinions = [o for o in dossier.opinions if o.round == number and o.state != OpinionState.CANCELLED]
    spreads = ((criterion, spread_of(criterion.code, opinions)) for criterion in rows_of(dossier, opinions))
    return [
        f"{criterion.label} {mean_shown(spread)} sur {len(criterion.scale) - 1}"
        for criterion, spread in spreads
        if spread is not None
    ]


def mean_shown(spread: Spread) -> str:
    """« 2,5 »."""
    return f"{spread.mean:.1f}".replace(".", ",")


def standing(opinion: Opinion, reader: Reader) -> dict[str, Any]:
    """One opinion as any page tells it."""
    late = days_late(opinion, reader)
    label = OPINION_LABELS[OpinionValue(opinion.value)] if opinion.value else None
    return {
        "id": opinion.id,
        "address": opinion_address(opinion),
        "organisation": opinion.organisation.name,
        "label": label or _awaited(opinion, late),
        "tone": opinion_tone(opinion.value) if opinion.value else _awaited_tone(opinion, late),
        "said": said(opinion, reader),
        "text": opinion.text,
        "questions": opinion.questions,
        "is_given": opinion.state == OpinionState.GIVEN,
        "is_late": late > 0,
        "is_mine": may_write(opinion, reader.actor),
    }


def opinion_address(opinion: Opinion) -> str:
    """The page of one opinion."""
    return f"/dossiers/{opinion.dossier_id}/avis/{opinion.id}"


def days_late(opinion: Opinion, reader: Reader) -> int:
    """Days past the due date of an opinion still awaited, or of one given after it; 0 in time."""
    if opinion.state == OpinionState.CANCELLED:
        return 0
    until = opinion.given_at.astimezone(PARIS).date() if opinion.given_at else reader.today
    return max((until - opinion.due_on).days, 0)


def said(opinion: Opinion, reader: Reader) -> list[str]:
    """What happened to it, in sentences without a full stop."""
    late, due = days_late(opinion, reader), wording.day(opinion.due_on)
    days = counted(late, "jour")
    if opinion.state == OpinionState.CANCELLED:
        return ["demande annulée"]
    if opinion.given_at is None:
        told = [f"en retard de {days}, attendu pour le {due}" if late else f"attendu pour le {due}"]
    elif late:
        told = [f"rendu en retard le {wording.moment(opinion.given_at)} par {opinion.given_by} ({days})"]
    else:
        told = [f"rendu le {wording.moment(opinion.given_at)} par {opinion.given_by}"]
    if opinion.overdue_noted_by:
        told.append(f"retard constaté par {opinion.overdue_noted_by}")
    if opinion.changed_at:
        told.append(f"modifié le {wording.moment(opinion.changed_at)} par {opinion.changed_by}")
    return told


def _awaited(opinion: Opinion, late: int) -> str:
    if opinion.state != OpinionState.REQUESTED:
        return "annulé"
    return "retard constaté" if opinion.overdue_noted_by else "en retard" if late else "attendu"


def _awaited_tone(opinion: Opinion, late: int) -> str:
    if opinion.state != OpinionState.REQUESTED or opinion.overdue_noted_by:
        return "quiet"
    return "bad" if late else "wait"


def overdue_form(opinion: Opinion, reader: Reader) -> FormView | None:
    """Noting that it is overdue, so that the dossier may go on without it."""
    may = any(holds(reader.actor, role, opinion.dossier) for role in NOTING)
    awaited = opinion.state == OpinionState.REQUESTED and days_late(opinion, reader)
    if opinion.overdue_noted_by or not may or not awaited:
        return None
    action = f"{opinion_address(opinion)}/retard"
    return FormView(action=action, submit="Constater le retard", version=opinion.version, look="secondary")


def cancel_form(opinion: Opinion, reader: Reader) -> FormView | None:
    """Cancelling the request, with a reason."""
    row = table_of(opinion).row("cancel", opinion.state)
    is_current = opinion.round == opinion.dossier.round
    if row is None or not is_current or not permitted(opinion, row, reader.actor):
        return None
    return FormView(
        action=f"{opinion_address(opinion)}/annulation",
        submit="Annuler la demande d’avis",
        fields=(Field("reason", "Motif", "long", required=True),),
        version=opinion.version,
        look="danger",
    )


def citizens_form(dossier: Dossier, reader: Reader) -> FormView | None:
    """The conseil citoyen's opinion, for those who may note it."""
    open_stages = (Stage.DISPATCHED, Stage.CO_INSTRUCTION, Stage.FINANCERS_CONFERENCE)
    if dossier.stage not in open_stages or not any(holds(reader.actor, role, dossier) for role in CITIZENS):
        return None
    hint = "Laisser vide s’il n’a pas été consulté : la synthèse d’arbitrage portera « non consulté »."
    field = Field("text", "Avis du conseil citoyen", "long", (dossier.citizens_opinion or "",), hint=hint)
    return FormView(
        action=f"/dossiers/{dossier.id}/conseil-citoyen",
        submit="Enregistrer",
        fields=(field,),
        version=dossier.version,
        look="secondary",
    )


def french(amount: object) -> str:
    """An amount as a person would type it: 1234,56; the cents only when there are some."""
    return "" if amount is None else str(amount).removesuffix(".00").replace(".", ",")
