# SPDX-License-Identifier: EUPL-1.2
"""One cell of the round table: its page with the whole form, what was typed as an edit, and a refusal shown in the cell itself."""

from decimal import Decimal
from typing import Any

from markupsafe import Markup, escape
from sqlalchemy.orm import Session

from reports.summary.words import words_of
from rules import wording
from rules.render import reason_shown
from web.forms import Field, FormView, Typed
from web.presenters.findings import rendered
from web.presenters.funding import ANSWER_LABELS
from web.presenters.history import history
from web.presenters.opinions import french
from web.presenters.people import named_in
from web.presenters.reader import Reader
from web.presenters.seance import seance_heading
from web.presenters.stages import line_tone, opinion_tone
from workflow.contracts import territory_of
from workflow.errors import ConflictError, RefusedError, WorkflowError
from workflow.grid.editing import version_of
from workflow.grid.figures import measure_row
from workflow.grid.reading import columns_of, read_rows
from workflow.grid.rights import editable_columns, is_over
from workflow.grid.rows import GridColumn, known_euros
from workflow.grid.words import CellEdit, read_cell, write_cell
from workflow.machine import permitted, table_of
from workflow.models import Dossier, FundingLine, Journal, Seance
from workflow.queries import journal_of
from workflow.round_table import ANSWERS
from workflow.stages import LINE_LABELS, OPINION_LABELS, LineState, OpinionValue

IN_MONEY = (LineState.FIRM, LineState.INDICATIVE)
ONLY_PROPOSED = ("", "Seulement le montant proposé, sans changer la réponse")


def typed_edit(typed: Typed, dossier: Dossier, column: GridColumn) -> CellEdit:
    """What was typed: in the cell itself, or in the fields of its page."""
    if "saisie" in typed.values:
        line = dossier.line(column.key)
        state, value = (line.state, line.in_kind_value) if line else ("", None)
        return read_cell(typed.text("saisie"), is_ordinary=column.is_ordinary, state=state, value=value)
    return CellEdit(
        typed.text("answer"),
        typed.amount("amount"),
        typed.date("expected_on", "Date attendue"),
        typed.text("reason") or None,
        typed.text("description") or None,
        typed.amount("proposed", "Montant proposé"),
    )


def cell_view(
    db: Session, seance: Seance, dossier: Dossier, column: GridColumn, reader: Reader
) -> dict[str, Any]:
    """The page of one cell."""
    (row,) = read_rows(db, seance, [dossier.id])
    line, words = dossier.line(column.key), words_of(territory_of(seance.contract))
    totals = measure_row(row, columns_of(db, seance.contract), None).totals
    acts = [act for act in journal_of(db, f"dossier:{dossier.id}") if act.subject == f"line:{column.key}"]
    is_asked = line is not None and line.state != LineState.NOT_ASKED
    opinion = row.opinions.get(column.organisation_id)
    return seance_heading(seance) | {
        "dossier": dossier,
        "column": column,
        "line": line,
        "state": LINE_LABELS[LineState(line.state)] if line else "non sollicité",
        "tone": line_tone(line.state) if line else "quiet",
        "is_owed": not is_asked and column.key in row.holders,
        "form": cell_form(seance, line, dossier, column, reader),
        "is_over": is_over(seance),
        "requested": line.requested if line else None,
        "suggested": _amount(row.suggested.get(column.key)),
        "opinion": OPINION_LABELS[OpinionValue(opinion)] if opinion else "",
        "opinion_tone": opinion_tone(opinion),
        "is_consulted": column.organisation_id in row.opinions,
        "cost": known_euros(totals.cost),
        "obtained": known_euros(totals.obtained),
        "left": known_euros(totals.left),
        "history": history(acts, words.names | named_in(db, acts), words.lines),
    }


def cell_form(
    seance: Seance, line: FundingLine | None, dossier: Dossier, column: GridColumn, reader: Reader
) -> FormView | None:
    """The whole form of a cell, for whoever types in this column."""
    if column.id not in editable_columns(reader.actor, seance, (column,)):
        return None
    ways = _ways(line, dossier, reader)
    is_locked = line is not None and line.forecast is not None
    is_money = line is not None and line.state in IN_MONEY
    is_in_kind = line is not None and line.state == LineState.IN_KIND
    answered = "promised" if is_money else "in_kind_value" if is_in_kind else "proposed"
    amount = getattr(line, answered) if line else None
    other = line.proposed if line and is_money and line.proposed != line.promised else None
    locked = (
        " La ligne est promise par la convention pluriannuelle\u00a0: la changer demande un motif."
        if is_locked
        else ""
    )
    return FormView(
        action=f"/seances/{seance.id}/table/{dossier.id}/{column.id}",
        submit="Enregistrer la case",
        version=version_of(line),
        fields=(
            Field("answer", "Réponse du financeur", "radio", (line.state if line and line.state in ways else "",), choices=(ONLY_PROPOSED, *((way, ANSWER_LABELS[way]) for way in ways))),
            Field("amount", "Montant", "amount", (french(amount),), hint="Montant répondu, ou proposé s’il n’y a pas de réponse\u00a0; valeur estimée si en nature. Vide\u00a0: rien de proposé."),
            Field("proposed", "Montant proposé, s’il diffère de la réponse", "amount", (french(other),), hint="Sans saisie\u00a0: le montant de la réponse."),
            Field("description", "Description de la contribution en nature", "text", ((line.in_kind or "") if line else "",)),
            Field("reason", "Motif", "long", (reason_shown(line.reason) if line and line.reason else "",), required=is_locked, hint=f"Nécessaire pour un refus\u00a0: il est repris dans la synthèse d’arbitrage.{locked}"),
            Field("expected_on", "Date attendue de la décision du financeur", "date", (line.expected_on.isoformat() if line and line.expected_on else "",)),
        ),
    )  # fmt: skip


def _ways(line: FundingLine | None, dossier: Dossier, reader: Reader) -> list[str]:
    """The answers open from the state of the line for this person; all the usual ones where there is no line yet."""
    if line is None:
        return [way for way in ANSWERS if way != "no_reply"]
    rows = {way: table_of(line).row(trigger, line.state) for way, trigger in ANSWERS.items()}
    return [way for way, row in rows.items() if row is not None and permitted(line, row, reader.actor)]


def _amount(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def told(error: WorkflowError, names: Any = None) -> str:
    """A refusal in one text, its reasons included."""
    if isinstance(error, ConflictError):
        return "Modifiée entre-temps par quelqu’un d’autre."
    if isinstance(error, RefusedError):
        return (
            " ".join(str(rendered(finding, names)["message"]) for finding in error.findings) or error.message
        )
    return error.message


def refused_cell(
    db: Session, seance: Seance, dossier_id: int, column: GridColumn, text: str, error: WorkflowError
) -> Markup:
    """The cell with what it holds, what was typed in it and why that was not kept; on a conflict, both values and whose."""
    rows = read_rows(db, seance, [dossier_id])
    line = rows[0].lines.get(column.id) if rows else None
    names, place = words_of(territory_of(seance.contract)).names, f"{dossier_id}-{column.id}"
    present, message = write_cell(line) or "vide", told(error, names)
    act, label = "correct", "Corriger"
    if isinstance(error, ConflictError):
        act, label = "retry", "Remettre ma saisie"
        message = f"{message} Enregistré{_author(db, dossier_id, column)}\u00a0: {present}."
    return Markup(  # noqa: S704 - escaped piece by piece just here
        f'<template><td id="c{place}" class="refused" hx-swap-oob="true" data-v="{line.version if line else 0}"'
        f' data-t="{escape(write_cell(line))}"><div role="alert"><b>{escape(text or "effacer")}</b>'
        f" <i>non enregistré</i><p>{escape(message)}</p></div>"
        f'<button type="button" data-act="{act}" data-typed="{escape(text)}">{label}</button>'
        f' <button type="button" class="secondary" data-act="keep">Garder {escape(present)}</button>'
        f' <a href="table/{dossier_id}/{column.id}">Ouvrir la case</a></td></template>'
    )


def _author(db: Session, dossier_id: int, column: GridColumn) -> str:
    """« par Camille Roy à 10 h 12 » of the last act on this line."""
    acts = [a for a in journal_of(db, f"dossier:{dossier_id}") if a.subject == f"line:{column.key}"]
    if not acts:
        return ""
    last: Journal = acts[-1]
    local = last.at.astimezone(wording.PARIS)
    who = named_in(db, [last]).get(last.actor, last.actor)
    return f" par {who} à {local.hour}\u00a0h\u00a0{local.minute:02d}"
