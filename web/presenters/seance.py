# SPDX-License-Identifier: EUPL-1.2
"""The séance: agenda, members and the delivery of their convocations, presence, decisions and amounts typed in session."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from reports.summary.words import words_of
from web.forms import Field, FormView, choices
from web.presenters.called import called_view
from web.presenters.funding import total
from web.presenters.history import history
from web.presenters.messages import may_read_letters
from web.presenters.people import named_in
from web.presenters.reader import Reader
from web.presenters.stages import DECISION_TONES, opinion_tone, seance_tone, tone_of
from web.presenters.transitions import actions_of
from workflow.contracts import territory_of
from workflow.guards.commitment import DECISIONS_OF_BODY, members_here
from workflow.guards.written import WRITTEN
from workflow.models import Contract, Seance
from workflow.permissions import Actor
from workflow.queries import journal_of
from workflow.queries_agenda import AgendaSums, agenda_sums
from workflow.queries_messages import letters_of
from workflow.seances import STAGES_OF_BODY
from workflow.stages import (
    DECISION_LABELS,
    MODE_LABELS,
    OPINION_LABELS,
    SEANCE_LABELS,
    SEANCE_OVER,
    STAGE_LABELS,
    Decision,
    LineState,
    OpinionValue,
    Role,
    SeanceStatus,
    Stage,
)
from workflow.territory import BodyKind
from workflow.typed_amounts import Amounts, is_as_proposed

DEAD = frozenset({LineState.DECLINED, LineState.NOT_CONCERNED, LineState.INELIGIBLE, LineState.CANCELLED})


def keeps_seance(actor: Actor, contract_id: int, body: str) -> bool:
    """True for the secretary of this body and for the pilot."""
    return any(
        seat.role is Role.PILOT or (seat.role is Role.SECRETARY and seat.body in (None, body))
        for seat in actor.seats_for(contract_id)
    )


def seance_list(seances: Sequence[tuple[Seance, int]], now: datetime) -> dict[str, Any]:
    """Those ahead, nearest first, and those behind, newest first."""
    shown = [
        {
            "seance": seance,
            "status": SEANCE_LABELS[SeanceStatus(seance.status)],
            "tone": seance_tone(seance.status),
            "dossiers": count,
            "over": seance.status in SEANCE_OVER,
            "past": seance.starts_at < now,
        }
        for seance, count in seances
    ]
    ahead = [item for item in shown if not item["over"]]
    return {"ahead": ahead, "behind": [item for item in reversed(shown) if item["over"]]}


def plan_form(contract: Contract, actor: Actor) -> FormView | None:
    """A new séance, for secretaries and the pilot."""
    bodies = [b for b in territory_of(contract).bodies if keeps_seance(actor, contract.id, b.code)]
    if not bodies:
        return None
    return FormView(
        action="/seances",
        submit="Prévoir la séance",
        fields=(
            Field("body", "Instance", "choice", ("",), True, choices=choices({b.code: b.label for b in bodies}, empty="Choisir")),
            Field("starts_at", "Date et heure", "moment", required=True),
            Field("mode", "Tenue", "choice", ("meeting",), choices=choices({"meeting": "en réunion", "remote": "à distance", "written": "par écrit (conférence des financeurs)"}), hint="Par écrit : sans réunion ; la date est la limite des réponses."),
            Field("place", "Lieu", hint="Sans saisie : celui de l’instance."),
            Field("reason", "Motif, si la séance est extraordinaire", hint="Hors du calendrier de l’année : un dossier au fil de l’eau qui ne peut pas attendre, par exemple."),
            Field("note", "Note d’ordre du jour", "long"),
        ),
    )  # fmt: skip


def seance_view(db: Session, seance: Seance, reader: Reader) -> dict[str, Any]:
    """Everything the page of a séance shows; what is typed in session has its own screen."""
    territory = territory_of(seance.contract)
    words = words_of(territory)
    body = territory.body_by_code.get(seance.body)
    keeps = keeps_seance(reader.actor, seance.contract_id, seance.body)
    journal = journal_of(db, f"seance:{seance.id}")
    agenda = agenda_sums(db, seance)
    items = [_item(row) for row in agenda]
    is_conference = body is not None and body.kind is BodyKind.CONFERENCE
    return seance_heading(seance) | {
        "keeps": keeps,
        "is_open": seance.status == SeanceStatus.OPEN,
        "is_committee": body is not None and body.kind is BodyKind.COMMITTEE,
        "decides": body is not None and body.kind in DECISIONS_OF_BODY,
        "is_conference": is_conference,
        "actions": actions_of(
            db,
            seance,
            reader.actor,
            reader.now,
            f"/seances/{seance.id}",
            names=words.names,
            skip=foreign_triggers(seance.mode, is_conference=is_conference) | {"close"},
        ),
        "items": items,
        "totals": _totals(items),
        "called": called_view(db, seance, agenda, keeps=keeps),
        "present": members_here(seance),
        "quorum": body.quorum if body else None,
        "may_fill": keeps and not _is_over(seance) and body is not None and body.kind in STAGES_OF_BODY,
        "may_edit": keeps and not _is_over(seance) and bool(items),
        "letters": letters_of(db, seance) if may_read_letters(reader.actor, seance.contract_id) else (),
        "history": history(journal, words.names | named_in(db, journal), words.lines),
    }


def seance_heading(seance: Seance) -> dict[str, Any]:
    """What identifies a séance on each of its pages."""
    return {
        "seance": seance,
        "status_label": SEANCE_LABELS[SeanceStatus(seance.status)],
        "status_tone": seance_tone(seance.status),
        "mode_label": MODE_LABELS[seance.mode],
        "is_written": seance.mode == WRITTEN,
    }


def foreign_triggers(mode: str, *, is_conference: bool) -> frozenset[str]:
    """The acts of another way of holding a séance: nobody reads why they are impossible here."""
    if mode == WRITTEN:
        return frozenset({"open", "close", "hold_in_writing"})
    return frozenset({"close_written"} if is_conference else {"close_written", "hold_in_writing"})


def _is_over(seance: Seance) -> bool:
    return seance.status in SEANCE_OVER


def _item(row: AgendaSums) -> dict[str, Any]:
    return {
        "row": row,
        "stage": STAGE_LABELS[Stage(row.stage)],
        "tone": tone_of(row.stage),
        "opinion": OPINION_LABELS[OpinionValue(row.opinion)] if row.opinion else "sans synthèse",
        "opinion_tone": opinion_tone(row.opinion),
        "requested": total(row.requested),
        "proposed": total(row.proposed.values()),
        "retained": total(row.retained.values()),
        "decision": decision_word(row.decision, row.proposed, row.retained),
        "decision_tone": DECISION_TONES.get(row.decision or "", "quiet"),
    }


def decision_word(decision: str | None, proposed: Amounts, retained: Amounts) -> str:
    """What was decided, told apart when it is not what was proposed; empty before."""
    if decision is None:
        return ""
    word = DECISION_LABELS[Decision(decision)]
    if decision != Decision.RETAINED:
        return word
    return f"{word} comme proposé" if is_as_proposed(proposed, retained) else f"{word} autrement"


def _totals(items: list[dict[str, Any]]) -> dict[str, Any]:
    names = ("requested", "proposed", "retained")
    return {name: total(item[name] for item in items) for name in names} | {
        "decided": sum(1 for item in items if item["decision"])
    }
