# SPDX-License-Identifier: EUPL-1.2
"""One act on many dossiers: the choice, the preview with the reason of each refusal, and the report of the task."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from web.forms import Failure, Field, FormView
from web.presenters.board_address import Board
from web.presenters.findings import rendered
from web.presenters.stages import tone_of
from web.presenters.transitions import action_form
from workflow.actions import available
from workflow.bulk import (
    ALREADY,
    DONE,
    MOST,
    REFUSED,
    TRIGGERS,
    WAITING,
    Prospect,
    act_of,
    counts,
    preview,
    tasks_of,
)
from workflow.errors import InvalidInputError
from workflow.guards.dispatch import suggested_theme
from workflow.models import BulkItem, Task
from workflow.queries_board import ids_of_board
from workflow.stages import STAGE_LABELS, Stage
from workflow.transitions import DOSSIER

LARGEST = 2**31 - 1
OUTCOMES = {
    DONE: ("fait", "good"),
    ALREADY: ("déjà fait", "quiet"),
    REFUSED: ("refusé", "bad"),
    WAITING: ("à faire", "wait"),
}
STATES = {"pending": "en attente", "running": "en cours", "done": "terminé", "failed": "interrompu"}
# For many dossiers, what is left empty is proposed for each one by the configuration.
PROPOSED = {
    "theme": "Sans choix : celui que la configuration propose pour chaque dossier.",
    "partners": "Sans choix : ceux du groupe de chaque dossier.",
    "holders": "Sans choix : ceux que la configuration désigne pour chaque dossier. S’en écarter demande un motif.",
}


def read_chosen(text: str) -> dict[int, int]:
    """Dossiers and the versions that were read, `12:3,15:1`. Raises InvalidInputError."""
    chosen = {}
    for part in filter(None, text.split(",")):
        id_, _, version = part.partition(":")
        if not (_is_number(id_) and _is_number(version)):
            raise InvalidInputError(
                "Le choix des dossiers est illisible\u00a0: revenez à la liste.", "dossiers"
            )
        chosen[int(id_)] = int(version)
    return chosen


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 10 and int(text) <= LARGEST


def bulk_view(
    db: Session, board: Board, items: Sequence[tuple[str, str]], now: datetime, failure: Failure | None
) -> dict[str, Any]:
    """The page: which dossiers, which act, what it would do to each."""
    typed = failure.typed.text("dossiers") if failure else ""
    words = dict(items)
    is_all = words.get("tous") == "oui" and not failure
    asked = (
        list(read_chosen(typed))
        if failure
        else [int(v) for n, v in items if n == "dossier" and _is_number(v)]
    )
    ids = ids_of_board(db, board.contract, board.filters, None if is_all else asked, MOST + 1)
    trigger = failure.typed.text("action") if failure else words.get("action", "")
    problem = _problem(board, ids, is_all=is_all)
    view: dict[str, Any] = {
        "back": board.address.with_(),
        "number": len(ids),
        "problem": problem,
        "kept": [*board.address.words.items(), ("tous", "oui")]
        if is_all
        else [("dossier", str(id_)) for id_ in ids],
        "trigger": trigger,
        "acts": [(name, act_of(name).label) for name in TRIGGERS],
        "last": [_summary(task) for task in tasks_of(db, board.contract, board.reader.actor)],
        "act": None,
        "form": None,
        "possible": [],
        "stopped": [],
    }
    if problem or trigger not in TRIGGERS:
        return view
    found = preview(db, ids, trigger, board.reader.actor, now)
    possible = [prospect for prospect in found if prospect.is_possible]
    view["act"] = act_of(trigger).label
    view["possible"] = [_line(board, prospect) for prospect in possible]
    view["stopped"] = [_line(board, prospect) for prospect in found if not prospect.is_possible]
    view["form"] = _form(db, board, possible, trigger, typed, now) if possible else None
    return view


def _problem(board: Board, ids: Sequence[int], *, is_all: bool) -> str:
    if is_all and board.faults:
        return (
            f"La recherche n’est pas comprise en entier, elle donnerait trop de dossiers. {board.faults[0]}"
        )
    if not ids:
        return (
            "Aucun dossier choisi\u00a0: revenez à la liste, cochez-en, ou prenez tous ceux de la recherche."
        )
    if len(ids) > MOST:
        return f"Un lot porte sur {MOST} dossiers au plus, et cette recherche en donne davantage\u00a0: resserrez-la."
    return ""


def _line(board: Board, prospect: Prospect) -> dict[str, Any]:
    dossier = prospect.dossier
    reasons = [str(rendered(finding, board.words.names)["message"]) for finding in prospect.findings]
    theme = suggested_theme(board.territory, dossier)
    return {
        "id": dossier.id,
        "reference": dossier.reference,
        "title": dossier.title,
        "stage": STAGE_LABELS[Stage(dossier.stage)],
        "tone": tone_of(dossier.stage),
        "theme": board.words.themes.get(theme, "aucun : à choisir pour tous"),
        "reasons": [prospect.sentence, *reasons] if prospect.sentence else reasons,
    }


def _form(
    db: Session, board: Board, possible: Sequence[Prospect], trigger: str, typed: str, now: datetime
) -> FormView:
    """The form of the act, asked once for all; it carries the version of each dossier as it was read."""
    sample = possible[0].dossier
    action = available(db, sample, trigger, board.reader.actor, now)
    assert action is not None  # possible
    form = action_form(db, sample, action, "/dossiers/lot", now)
    chosen = typed or ",".join(f"{p.dossier.id}:{p.dossier.version}" for p in possible)
    hidden = (Field("action", "", "hidden", (trigger,)), Field("dossiers", "", "hidden", (chosen,)))
    number = len(chosen.split(","))
    submit = f"{action.label} : {number} dossier{'s' if number > 1 else ''}"
    return replace(form, fields=(*hidden, *map(_for_all, form.fields)), version=None, submit=submit)


def _for_all(field: Field) -> Field:
    if field.name not in PROPOSED:
        return field
    options = (
        (("", "Celui que la configuration propose"), *field.choices[1:])
        if field.name == "theme"
        else field.choices
    )
    return replace(field, values=(), required=False, hint=PROPOSED[field.name], choices=options)


def _summary(task: Task) -> dict[str, Any]:
    row = next(row for row in DOSSIER.rows if row.trigger == task.payload["trigger"])
    return {
        "address": f"/dossiers/lots/{task.id}",
        "label": row.label,
        "at": task.created_at,
        "state": STATES[task.state],
        "is_over": task.is_over,
        "error": task.error if task.state == "failed" else None,
    }


def report_view(task: Task, items: Sequence[BulkItem]) -> dict[str, Any]:
    """The report: how far it is, and what came of each dossier."""
    found = counts(items)
    over = len(items) - found[WAITING]
    return {
        **_summary(task),
        "total": len(items),
        "over": over,
        "counts": [
            (label, tone, found[outcome]) for outcome, (label, tone) in OUTCOMES.items() if found[outcome]
        ],
        "items": [
            {
                "id": item.dossier_id,
                "reference": item.dossier.reference,
                "title": item.dossier.title,
                "outcome": OUTCOMES[item.outcome],
                "sentence": item.sentence or "",
            }
            for item in items
        ],
    }
