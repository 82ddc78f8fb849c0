# SPDX-License-Identifier: EUPL-1.2
"""One act on many dossiers: what it would do, told first; then each dossier through the one door, apart from the others."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from rules.findings import Finding
from workflow.actions import available
from workflow.contracts import territory_of
from workflow.errors import ConflictError, InvalidInputError, NotAllowedHereError, UnknownReferenceError
from workflow.examination import foresee, load_for_examination
from workflow.firing import Transition
from workflow.guards.dispatch import suggested_theme
from workflow.inputs import parse_inputs
from workflow.machine import fire
from workflow.models import BulkItem, Contract, Dossier, Task
from workflow.permissions import Actor
from workflow.queries import get_dossier
from workflow.stages import STAGE_LABELS, Role, Stage
from workflow.transitions import DOSSIER

TASK = "bulk_transition"
MOST = 500  # dossiers in one lot: what a person can still read before asking
WAITING, DONE, ALREADY, REFUSED = "waiting", "done", "already", "refused"
# Acts that make sense on many dossiers; the others take facts of one dossier only, or cannot be undone.
TRIGGERS = (
    "submit",
    "request_completion",
    "declare_admissible",
    "declare_inadmissible",
    "dispatch",
    "open_co_instruction",
    "send_to_conference",
    "return_to_co_instruction",
    "send_to_commitment",
    "return_to_conference",
    "resume",
    "close",
)


@dataclass(frozen=True, slots=True)
class Prospect:
    """What the act would do to one dossier: possible, or why not."""

    dossier: Dossier
    is_possible: bool
    sentence: str = ""
    findings: list[Finding] = field(default_factory=list)


def act_of(trigger: str) -> Transition:
    """The row of the table. Raises InvalidInputError."""
    row = next((row for row in DOSSIER.rows if row.trigger == trigger and trigger in TRIGGERS), None)
    if row is None:
        raise InvalidInputError("Action\u00a0: à choisir dans la liste.", "action")
    return row


def preview(db: Session, ids: Sequence[int], trigger: str, actor: Actor, now: datetime) -> list[Prospect]:
    """Each dossier with what the act would do to it, in a constant number of statements. Writes nothing."""
    row, dossiers = act_of(trigger), load_for_examination(db, ids)
    foresee(db, dossiers)
    return [_prospect(db, dossier, row, actor, now) for dossier in dossiers]


def _prospect(db: Session, dossier: Dossier, row: Transition, actor: Actor, now: datetime) -> Prospect:
    action = available(db, dossier, row.trigger, actor, now)
    if action is None:
        return Prospect(dossier, is_possible=False, sentence=_not_from_here(dossier, row))
    if not action.permitted:
        return Prospect(
            dossier, is_possible=False, sentence="Vos mandats ne le permettent pas sur ce dossier."
        )
    return Prospect(dossier, action.allowed, "", [f for f in action.findings if f.blocks])


NO_THEME = "La configuration ne propose aucun groupe pour ses objectifs\u00a0: choisissez-en un pour tous."


def _not_from_here(dossier: Dossier, row: Transition) -> str:
    stage = STAGE_LABELS[Stage(dossier.stage)]
    if dossier.stage == row.target:
        return f"Déjà à l’étape «\u00a0{stage}\u00a0»."
    return f"Impossible depuis l’étape «\u00a0{stage}\u00a0»."


def check_typed(row: Transition, typed: Mapping[str, str], reason: str) -> None:
    """What one can already say of the form, before any dossier. Raises InvalidInputError on the field."""
    parse_inputs(DOSSIER, row.trigger, typed)
    if row.reason_required and not reason.strip():
        raise InvalidInputError("Motif\u00a0: à renseigner.", "reason")
    for item in row.inputs:
        is_proposed = item.name == "theme"  # each dossier's own, from the configuration
        if item.required and not is_proposed and not typed.get(item.name, "").strip():
            raise InvalidInputError(
                f"{item.label[:1].upper()}{item.label[1:]}\u00a0: à renseigner.", item.name
            )


def start(db: Session, task: Task, contract: Contract, chosen: Mapping[int, int]) -> int:
    """Writes what the task must do: one item a dossier, with the version that was read. Gives how many.

    Raises InvalidInputError beyond `MOST`, which no page offers.
    """
    if len(chosen) > MOST:
        raise InvalidInputError(f"Un lot porte sur {MOST} dossiers au plus.", "dossiers")
    ids = db.scalars(
        select(Dossier.id)
        .where(Dossier.contract_id == contract.id, Dossier.id.in_(list(chosen)))
        .order_by(Dossier.reference)
    ).all()
    db.add_all(BulkItem(task=task, dossier_id=id_, expected_version=chosen[id_]) for id_ in ids)
    return len(ids)


def waiting_items(db: Session, task_id: int) -> Sequence[int]:
    """The items still to do, in order."""
    query = select(BulkItem.id).where(BulkItem.task_id == task_id, BulkItem.outcome == WAITING)
    return db.scalars(query.order_by(BulkItem.id)).all()


def claim_item(db: Session, item_id: int) -> BulkItem | None:
    """The item, held until the end of the transaction; None when somebody has done it."""
    item = db.get_one(BulkItem, item_id, with_for_update={"of": BulkItem}, populate_existing=True)
    return item if item.outcome == WAITING else None


def move(
    db: Session,
    item: BulkItem,
    trigger: str,
    typed: Mapping[str, str],
    reason: str | None,
    actor: Actor,
    now: datetime,
) -> None:
    """Fires on one dossier with the actor's rights of now. Raises what `fire()` raises; the item says what was done."""
    row, dossier = act_of(trigger), get_dossier(db, item.dossier_id)
    if dossier.stage == row.target:
        close_item(item, ALREADY, _not_from_here(dossier, row), now)
        return
    if dossier.version != item.expected_version:
        raise ConflictError(
            "Modifié depuis votre aperçu\u00a0: rien n’a été fait. Relisez-le, puis recommencez."
        )
    if DOSSIER.row(trigger, dossier.stage) is None:
        raise NotAllowedHereError(_not_from_here(dossier, row))
    details = _details(row, dossier, typed)
    fire(db, dossier, trigger, actor, reason, now, **details)
    close_item(item, DONE, f"Désormais «\u00a0{STAGE_LABELS[Stage(dossier.stage)]}\u00a0».", now)


def _details(row: Transition, dossier: Dossier, typed: Mapping[str, str]) -> dict[str, Any]:
    """What is typed for all, and for the dispatch the group that the configuration proposes for this dossier."""
    details = parse_inputs(DOSSIER, row.trigger, typed)
    if row.trigger == "dispatch" and not details.get("theme"):
        theme = suggested_theme(territory_of(dossier.contract), dossier)
        if not theme:
            raise InvalidInputError(NO_THEME, "theme")
        details["theme"] = theme
    return details


def close_item(item: BulkItem, outcome: str, sentence: str, now: datetime) -> None:
    """Says what came of one dossier."""
    item.outcome, item.sentence, item.done_at = outcome, sentence, now


def items_of(db: Session, task_id: int) -> Sequence[BulkItem]:
    """The report of a task, dossier by dossier."""
    query = select(BulkItem).where(BulkItem.task_id == task_id).options(joinedload(BulkItem.dossier))
    return db.scalars(query.order_by(BulkItem.id)).all()


def counts(items: Iterable[BulkItem]) -> dict[str, int]:
    """How many items came to each end."""
    found = dict.fromkeys((DONE, ALREADY, REFUSED, WAITING), 0)
    for item in items:
        found[item.outcome] += 1
    return found


def task_seen(db: Session, contract: Contract, actor: Actor, task_id: int) -> Task:
    """A lot of this contract, for whoever asked it and for administrators. Raises UnknownReferenceError."""
    task = db.get(Task, task_id)
    if task is None or (task.kind, task.contract_id) != (TASK, contract.id) or not _may_read(task, actor):
        raise UnknownReferenceError(
            "Ce traitement par lot n’existe pas, ou il a été demandé par quelqu’un d’autre."
        )
    return task


def _may_read(task: Task, actor: Actor) -> bool:
    is_mine = actor.person_id is not None and task.payload.get("person") == actor.person_id
    return is_mine or actor.has(Role.ADMINISTRATOR, task.contract_id or 0)


def tasks_of(db: Session, contract: Contract, actor: Actor, limit: int = 10) -> Sequence[Task]:
    """The last lots this person asked."""
    mine = select(Task).where(Task.kind == TASK, Task.contract_id == contract.id)
    mine = mine.where(Task.payload["person"].as_integer() == actor.person_id)
    return db.scalars(mine.order_by(Task.id.desc()).limit(limit)).all()
