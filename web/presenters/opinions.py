# SPDX-License-Identifier: EUPL-1.2
"""Opinions side by side with their forms; the lead instructor's synthesis and the citizens' opinion as forms."""

from typing import Any

from reports.summary.words import Words
from web.forms import Field, FormView, choices
from web.presenters.reader import Reader
from web.presenters.stages import opinion_tone
from workflow.co_instruction import SYNTHESIS_STAGES
from workflow.machine import permitted, table_of
from workflow.models import Dossier, Opinion
from workflow.permissions import holds
from workflow.stages import OPINION_LABELS, OPINION_STATE_LABELS, OpinionState, OpinionValue, Role, Stage

NOTING = (Role.LEAD_INSTRUCTOR, Role.SECRETARY, Role.PILOT)
CITIZENS = (Role.CITIZEN_COUNCIL, Role.LEAD_INSTRUCTOR, Role.SECRETARY)
CONFIRMED = (
    ("", "Ne se prononce pas"),
    ("oui", "Oui, la condition de notre crédit est remplie"),
    ("non", "Non"),
)


def opinion_rounds(dossier: Dossier, reader: Reader) -> list[dict[str, Any]]:
    """The rounds, the present one first, each with its opinions."""
    rounds: dict[int, list[dict[str, Any]]] = {}
    for opinion in dossier.opinions:
        rounds.setdefault(opinion.round, []).append(_opinion(opinion, reader))
    return [
        {"round": number, "current": number == dossier.round, "opinions": rounds[number]}
        for number in sorted(rounds, reverse=True)
    ]


def _opinion(opinion: Opinion, reader: Reader) -> dict[str, Any]:
    requested = opinion.state == OpinionState.REQUESTED
    late = requested and opinion.due_on < reader.today
    label = OPINION_LABELS[OpinionValue(opinion.value)] if opinion.value else None
    return {
        "id": opinion.id,
        "organisation": opinion.organisation.name,
        "state": OPINION_STATE_LABELS[OpinionState(opinion.state)],
        "label": label or _awaited(opinion, late=late),
        "tone": opinion_tone(opinion.value) if opinion.value else _awaited_tone(opinion, late=late),
        "text": opinion.text,
        "due_on": opinion.due_on,
        "given_at": opinion.given_at,
        "given_by": opinion.given_by,
        "overdue_noted_by": opinion.overdue_noted_by,
        "is_late": late,
        "form": _give_form(opinion, reader),
        "overdue_form": _overdue_form(opinion, reader) if late else None,
        "cancel_form": _cancel_form(opinion, reader) if requested else None,
    }


def _awaited(opinion: Opinion, *, late: bool) -> str:
    if opinion.state != OpinionState.REQUESTED:
        return "annulé"
    return "retard constaté" if opinion.overdue_noted_by else "en retard" if late else "attendu"


def _awaited_tone(opinion: Opinion, *, late: bool) -> str:
    if opinion.state != OpinionState.REQUESTED or opinion.overdue_noted_by:
        return "quiet"
    return "bad" if late else "wait"


def _allowed(opinion: Opinion, trigger: str, reader: Reader) -> bool:
    row = table_of(opinion).row(trigger, opinion.state)
    current = opinion.round == opinion.dossier.round
    return row is not None and current and permitted(opinion, row, reader.actor)


def _give_form(opinion: Opinion, reader: Reader) -> FormView | None:
    if opinion.dossier.stage not in SYNTHESIS_STAGES or not _allowed(opinion, "give", reader):
        return None
    fields = [
        Field(
            "value",
            "Avis",
            "choice",
            (opinion.value or "",),
            True,
            choices=choices(OPINION_LABELS, empty="Choisir"),
        ),
        Field("text", "Observations", "long", (opinion.text or "",)),
    ]
    if _holds_conditions(opinion):
        fields.append(Field("confirms", "Condition de votre crédit", "choice", ("",), choices=CONFIRMED))
    return FormView(
        action=f"/dossiers/{opinion.dossier_id}/avis/{opinion.id}",
        submit="Modifier l’avis" if opinion.value else "Rendre l’avis",
        fields=tuple(fields),
        version=opinion.version,
    )


def _holds_conditions(opinion: Opinion) -> bool:
    return any(line.credit.organisation_id == opinion.organisation_id for line in opinion.dossier.lines)


def _overdue_form(opinion: Opinion, reader: Reader) -> FormView | None:
    may = any(holds(reader.actor, role, opinion.dossier) for role in NOTING)
    if opinion.overdue_noted_by or not may:
        return None
    action = f"/dossiers/{opinion.dossier_id}/avis/{opinion.id}/retard"
    return FormView(action=action, submit="Constater le retard", version=opinion.version, look="secondary")


def _cancel_form(opinion: Opinion, reader: Reader) -> FormView | None:
    if not _allowed(opinion, "cancel", reader):
        return None
    return FormView(
        action=f"/dossiers/{opinion.dossier_id}/avis/{opinion.id}/annulation",
        submit="Annuler la demande d’avis",
        fields=(Field("reason", "Motif", "long", required=True),),
        version=opinion.version,
        look="danger",
    )


def synthesis_form(dossier: Dossier, words: Words, reader: Reader) -> FormView | None:
    """The lead instructor's form, filled with the synthesis already written."""
    if dossier.stage not in SYNTHESIS_STAGES or not holds(reader.actor, Role.LEAD_INSTRUCTOR, dossier):
        return None
    known = dossier.synthesis or {}
    suggested = known.get("suggested") or {}
    options = choices(OPINION_LABELS, empty="Choisir")
    fields = [
        Field("opinion", "Avis de synthèse", "choice", (known.get("opinion", ""),), True, choices=options),
        Field("strengths", "Points forts", "long", (known.get("strengths", ""),)),
        Field("reservations", "Réserves", "long", (known.get("reservations", ""),)),
    ]
    fields += [
        Field(
            f"suggested-{line.id}",
            f"Suggéré : {words.line(line.key)}",
            "amount",
            (french(suggested.get(line.key)),),
        )
        for line in dossier.lines
    ]
    return FormView(
        action=f"/dossiers/{dossier.id}/synthese",
        submit="Enregistrer la synthèse",
        fields=tuple(fields),
        version=dossier.version,
    )


def french(amount: object) -> str:
    """An amount as a person would type it: 1234,56; the cents only when there are some."""
    return "" if amount is None else str(amount).removesuffix(".00").replace(".", ",")


def citizens_form(dossier: Dossier, reader: Reader) -> FormView | None:
    """The conseil citoyen's opinion, for those who may note it."""
    open_stages = (Stage.DISPATCHED, *SYNTHESIS_STAGES)
    if dossier.stage not in open_stages or not any(holds(reader.actor, role, dossier) for role in CITIZENS):
        return None
    field = Field("text", "Avis du conseil citoyen", "long", (dossier.citizens_opinion or "",))
    return FormView(
        action=f"/dossiers/{dossier.id}/conseil-citoyen",
        submit="Enregistrer",
        fields=(field,),
        version=dossier.version,
        look="secondary",
    )
