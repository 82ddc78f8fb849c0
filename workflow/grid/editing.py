# SPDX-License-Identifier: EUPL-1.2
"""One cell changed, by the use cases of the round table: a line nobody requested is opened, an answer given, an amount proposed."""

from datetime import datetime
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from workflow.errors import ConflictError, InvalidInputError, NotAllowedHereError, UnknownReferenceError
from workflow.grid.rights import require_column, require_open_table
from workflow.grid.rows import GridColumn
from workflow.grid.words import CellEdit
from workflow.guards.conference import ANSWERING_STAGES
from workflow.machine import fire
from workflow.models import Dossier, FundingLine, Seance, SeanceItem
from workflow.permissions import Actor
from workflow.round_table import PROPOSING_STAGES, answer, open_line, propose
from workflow.stages import STAGE_LABELS, LineState, Stage

UNOPENED = 0  # the version of a cell that has no line yet
WITH_LINES = (selectinload(Dossier.lines).selectinload(FundingLine.credit),)
IN_MONEY = ("firm", "indicative")
OPENED_BY_A_CELL = "ouverte à la table des financeurs"


def dossier_at_table(db: Session, seance: Seance, dossier_id: int) -> Dossier:
    """A dossier of the agenda, with its lines. Raises UnknownReferenceError."""
    found = db.scalar(
        select(Dossier)
        .join(SeanceItem, SeanceItem.dossier_id == Dossier.id)
        .where(SeanceItem.seance_id == seance.id, Dossier.id == dossier_id)
        .options(*WITH_LINES)
    )
    if found is None:
        raise UnknownReferenceError("Ce dossier n’est pas à l’ordre du jour de cette séance.")
    return found


def edit_cell(
    db: Session,
    seance: Seance,
    dossier: Dossier,
    column: GridColumn,
    edit: CellEdit,
    actor: Actor,
    now: datetime,
    *,
    expected_version: int | None,
) -> bool:
    """Does what was typed in one cell; True when something changed.

    Raises ConflictError, NotPermittedError, NotAllowedHereError, InvalidInputError, RefusedError: nothing of the cell is
    then kept, once the caller rolls back.
    """
    require_open_table(seance)
    require_column(actor, seance, column)
    line = dossier.line(column.key)
    if expected_version is not None and expected_version != version_of(line):
        raise ConflictError
    if line is None and edit == CellEdit():
        return False
    line = _asked(db, dossier, line, column, edit, actor, now)
    if edit.answer:
        return _answer(db, line, edit, actor, now)
    _check_alone(edit)
    changed = propose(db, line, edit.amount, actor, now, reason=edit.reason)
    db.flush()
    return changed


def version_of(line: FundingLine | None) -> int:
    """What a page shows of a cell, to be told when somebody else changed it."""
    return UNOPENED if line is None else line.version


def _asked(
    db: Session,
    dossier: Dossier,
    line: FundingLine | None,
    column: GridColumn,
    edit: CellEdit,
    actor: Actor,
    now: datetime,
) -> FundingLine:
    """The line of this cell: opened when there is none, asked when an amount is proposed on one that nobody had asked."""
    if line is None:
        if dossier.stage not in ANSWERING_STAGES:
            label = STAGE_LABELS[Stage(dossier.stage)]
            raise NotAllowedHereError(
                f"Le dossier {dossier.reference} est à l’étape «\u00a0{label}\u00a0»\u00a0: aucune ligne ne s’y ouvre."
            )
        return open_line(db, dossier, column.key, actor, OPENED_BY_A_CELL, now)
    if line.state == LineState.NOT_ASKED and not edit.answer and edit.amount is not None:
        fire(db, line, "ask", actor, OPENED_BY_A_CELL, now)
    return line


def _check_alone(edit: CellEdit) -> None:
    if edit.description or edit.expected_on or edit.proposed is not None:
        raise InvalidInputError(
            "Réponse\u00a0: à choisir pour dire une date attendue ou décrire une contribution.", "answer"
        )


def _answer(db: Session, line: FundingLine, edit: CellEdit, actor: Actor, now: datetime) -> bool:
    if _says_already(line, edit):
        return False
    answer(
        db,
        line,
        edit.answer,
        actor,
        now,
        amount=edit.amount,
        reason=edit.reason,
        description=edit.description,
        expected_on=edit.expected_on,
    )
    if edit.answer in IN_MONEY and line.dossier.stage in PROPOSING_STAGES:
        proposed = edit.amount if edit.proposed is None else edit.proposed
        propose(db, line, proposed, actor, now, reason=edit.reason)
    db.flush()
    return True


def _says_already(line: FundingLine, edit: CellEdit) -> bool:
    """True when the line says the very same: a block pasted back writes nothing, and no journal line."""
    if line.state != edit.answer:
        return False
    if edit.expected_on not in (None, line.expected_on) or edit.reason not in (None, line.reason):
        return False
    if edit.answer in IN_MONEY:
        wanted = edit.amount if edit.proposed is None else edit.proposed
        return line.promised == edit.amount and _same(line.proposed, wanted, line.dossier.stage)
    if edit.answer == LineState.IN_KIND:
        return edit.description == line.in_kind and edit.amount == line.in_kind_value
    return True


def _same(proposed: Decimal | None, wanted: Decimal | None, stage: str) -> bool:
    """True when the amount proposed would stay; after the conference nobody proposes any more."""
    return proposed == wanted or stage not in PROPOSING_STAGES
