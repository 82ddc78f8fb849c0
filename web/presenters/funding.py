# SPDX-License-Identifier: EUPL-1.2
"""Funding lines: six amounts and a state each, and for whoever may, the forms to answer and to propose."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from reports.summary.words import Words
from rules import wording
from rules.render import reason_shown
from web.forms import Field, FormView
from web.presenters.answer_queue import next_answer_box
from web.presenters.history import history, written_day
from web.presenters.opinions import french
from web.presenters.payments import payments_block
from web.presenters.people import named_in
from web.presenters.queue import due_words
from web.presenters.reader import Reader, replacements
from web.presenters.stages import line_tone
from web.presenters.transitions import actions_of
from workflow.contracts import territory_of
from workflow.guards.conference import ANSWERING_STAGES, speaks_in_own_cause
from workflow.machine import permitted, table_of
from workflow.models import Dossier, FundingLine
from workflow.permissions import Actor, holds
from workflow.queries import journal_of
from workflow.round_table import ANSWERS, OPENING, PROPOSABLE, PROPOSING_STAGES
from workflow.stages import LINE_LABELS, LineState, Role

AMOUNTS = ("requested", "proposed", "retained", "granted", "paid", "spent")
HEADS = ("Demandé", "Proposé", "Retenu", "Accordé", "Versé", "Réalisé")
ANSWER_LABELS = {
    "firm": "Montant ferme : nous nous engageons sur ce montant, sous réserve de notre acte",
    "indicative": "Montant indicatif : un ordre de grandeur, à confirmer",
    "in_kind": "Contribution en nature : un local, un agent, un transport…",
    "declined": "Refus motivé : nous ne financerons pas cette action",
    "not_concerned": "Non concerné : l’action ne relève pas de nous",
    "no_reply": "Sans réponse : silence constaté par le secrétariat, l’échéance passée",
}


def funding_table(dossier: Dossier, words: Words, actor: Actor) -> dict[str, Any]:
    """The lines by nature, droit commun first, with totals."""
    ordered = sorted(
        dossier.lines, key=lambda line: (line.nature != "droit_commun", line.credit.rank, line.id)
    )
    rows = [_row(line, words, actor) for line in ordered]
    return {
        "heads": list(zip(AMOUNTS, HEADS, strict=True)),
        "rows": rows,
        "totals": {name: total(getattr(line, name) for line in dossier.lines) for name in AMOUNTS},
        "cost": dossier.total_cost,
        "own": dossier.own_resources,
        "other": dossier.other_resources,
        "volunteering": dossier.volunteering,
    }


def total(amounts: Iterable[Decimal | None]) -> Decimal | None:
    """The sum of those known; None when none is."""
    known = [amount for amount in amounts if amount is not None]
    return sum(known, Decimal(0)) if known else None


def _row(line: FundingLine, words: Words, actor: Actor) -> dict[str, Any]:
    return {
        "id": line.id,
        "key": line.key,
        "financer": words.financer(line.financer),
        "nature": "droit commun" if line.nature == "droit_commun" else "crédits spécifiques",
        "credit": line.credit.label,
        "state": LINE_LABELS[LineState(line.state)],
        "tone": line_tone(line.state),
        "amounts": {name: getattr(line, name) for name in AMOUNTS},
        "notes": _notes(line),
        "may_act": may_act(line, actor),
        "propose": propose_form(line, actor),
    }


def _promise(line: FundingLine) -> list[str]:
    """What a CPO promised for this year, and by how much the line departs from it."""
    if line.forecast is None:
        return []
    said = f"Promis par la CPO : {wording.euros(line.forecast)}, sous réserve du vote des crédits"
    known = (line.granted, line.retained, line.proposed)
    now = next((amount for amount in known if amount is not None), None)
    gap = None if now is None else now - line.forecast
    return [said, f"Écart avec la promesse : {wording.euros(gap)}"] if gap else [said]


def _notes(line: FundingLine) -> list[str]:
    notes = _promise(line)
    if line.in_kind:
        notes.append(f"En nature : {line.in_kind}")
    if line.promised is not None and line.promised != line.proposed:
        notes.append(f"Annoncé : {wording.euros(line.promised)}")
    if line.expected_on:
        notes.append(f"Décision attendue le {line.expected_on:%d/%m/%Y}")
    if line.reason:
        notes.append(f"Motif : {reason_shown(line.reason)}")
    if line.act:
        authority, number = line.act.get("authority", ""), line.act.get("number", "")
        notes.append(f"Acte : {authority}, n° {number}, {written_day(line.act.get('date', ''))}")
    if line.condition_confirmed is not None:
        notes.append(
            "Condition du crédit confirmée"
            if line.condition_confirmed
            else "Condition du crédit non confirmée"
        )
    return notes


def may_act(line: FundingLine, actor: Actor) -> bool:
    """True when some transition of the line leaves from here for this person."""
    table = table_of(line)
    return any(line.state in row.sources and permitted(line, row, actor) for row in table.rows)


def propose_form(line: FundingLine, actor: Actor) -> FormView | None:
    """The amount proposed, for the financer, the secretary and the lead instructor."""
    dossier = line.dossier
    if dossier.stage not in PROPOSING_STAGES or line.state not in PROPOSABLE:
        return None
    own = actor.speaks_for(line.credit.organisation_id, dossier.contract_id)
    if speaks_in_own_cause(actor, line):
        return None
    if not own and not any(holds(actor, role, dossier) for role in (Role.SECRETARY, Role.LEAD_INSTRUCTOR)):
        return None
    fields = [Field("amount", "Montant proposé", "amount", (french(line.proposed),))]
    if line.forecast is not None:
        fields.append(
            Field("reason", "Motif", "text", hint="Nécessaire pour s’écarter du montant promis par la CPO.")
        )
    return FormView(
        action=f"/dossiers/{dossier.id}/lignes/{line.id}/proposition",
        submit="Proposer",
        fields=tuple(fields),
        version=line.version,
        look="secondary",
    )


def line_view(db: Session, line: FundingLine, words: Words, reader: Reader) -> dict[str, Any]:
    """The page of one line: its answer, its proposal, and its other transitions."""
    answering = frozenset(ANSWERS.values())
    awaited = line.state == LineState.ASKED
    due, tone = due_words(line.dossier.opinions_due_on, reader.today)
    acts = journal_of(db, f"dossier:{line.dossier_id}")
    journal = [act for act in acts if act.subject == f"line:{line.key}"]
    address = f"/dossiers/{line.dossier_id}/lignes/{line.id}"
    answer, is_own_cause = answer_form(line, reader.actor), speaks_in_own_cause(reader.actor, line)
    if is_own_cause and answer is not None:
        instead = replacements(db, line.dossier, line.credit.organisation, reader)
    else:
        instead = ""
    return {
        "row": _row(line, words, reader.actor),
        "heads": list(zip(AMOUNTS, HEADS, strict=True)),
        "answer": None if instead else answer,
        "instead": instead,
        "actions": actions_of(db, line, reader.actor, reader.now, address, names=words.names, skip=answering),
        "history": history(journal, words.names | named_in(db, journal), words.lines),
        "due_on": line.dossier.opinions_due_on if awaited else None,
        "due": (due, tone),
        "queue": next_answer_box(db, line, reader),
        "payments": payments_block(line, journal, reader),
    }


def answer_form(line: FundingLine, actor: Actor) -> FormView | None:
    """The financer's answer, one of the ways open from the line's state for this person."""
    table = table_of(line)
    rows = {name: table.row(trigger, line.state) for name, trigger in ANSWERS.items()}
    ways = [name for name, row in rows.items() if row is not None and permitted(line, row, actor)]
    if not ways or line.dossier.stage not in ANSWERING_STAGES:
        return None
    return FormView(
        action=f"/dossiers/{line.dossier_id}/lignes/{line.id}/reponse",
        submit="Enregistrer la réponse",
        version=line.version,
        fields=(
            Field("answer", "Réponse", "radio", (line.state if line.state in ways else "",), True, choices=tuple((w, ANSWER_LABELS[w]) for w in ways)),
            Field("amount", "Montant", "amount", (french(line.promised),), hint="Montant ferme ou indicatif ; valeur estimée si en nature."),
            Field("description", "Description de la contribution en nature", "text", (line.in_kind or "",)),
            Field("reason", "Motif", "long", (reason_shown(line.reason) if line.reason else "",), hint="Nécessaire pour un refus, ou pour s’écarter d’un montant promis ; repris dans la synthèse d’arbitrage."),
            Field("expected_on", "Date attendue de la décision du financeur", "date", (line.expected_on.isoformat() if line.expected_on else "",)),
        ),
    )  # fmt: skip


def open_line_form(dossier: Dossier, words: Words, actor: Actor) -> FormView | None:
    """A line nobody requested, for instructors and the secretary, while the round table is ahead."""
    if dossier.stage not in PROPOSING_STAGES or not any(holds(actor, role, dossier) for role in OPENING):
        return None
    there = {line.key for line in dossier.lines}
    credits = [key for key in territory_of(dossier.contract).credits if key not in there]
    if not credits:
        return None
    options = (("", "Choisir"), *((key, words.line(key)) for key in credits))
    return FormView(
        action=f"/dossiers/{dossier.id}/lignes",
        submit="Ouvrir la ligne",
        look="secondary",
        version=dossier.version,
        fields=(
            Field("credit", "Crédit à solliciter", "choice", ("",), True, choices=options),
            Field("reason", "Motif", "text"),
        ),
    )
