# SPDX-License-Identifier: EUPL-1.2
"""The acts a financer has to record: its retained lines in one batch, what was recorded, what comes back."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from reports.sheet import Cell, Column, Kind, Sheet
from reports.summary.words import Words, words_of
from rules.money import ZERO
from web.forms import Failure, Field, FormView, Typed
from web.presenters.queue import due_day, due_words
from web.presenters.reader import Reader
from web.presenters.request_fields import typed_money
from web.presenters.stages import line_tone
from workflow.acts import (
    AMOUNT,
    CHOSEN,
    REASON,
    ActRow,
    Entry,
    acting_for,
    acts_awaited,
    acts_recorded,
    financers_with_acts,
    sums_to_recover,
)
from workflow.contracts import territory_of
from workflow.errors import InvalidInputError
from workflow.models import Contract
from workflow.stages import LINE_LABELS, LineState
from workflow.territory import BodyKind

EVERYBODY = "tous"


def acts_view(
    db: Session,
    contract: Contract,
    query: Mapping[str, str],
    year: int,
    reader: Reader,
    failure: Failure | None = None,
) -> dict[str, Any]:
    """The page: one financer at a time, since one act is one financer's."""
    words, mine = words_of(territory_of(contract)), acting_for(reader.actor, contract.id)
    waiting, recorded = acts_awaited(db, contract, mine), acts_recorded(db, contract, mine, year)
    codes = dict.fromkeys(row.financer for row in waiting)
    asked = failure.typed.text("qui") if failure else query.get("qui", "")
    chosen = asked if asked in codes else next((code for code, *_ in _ordered(db, contract, codes)), "")
    rows = [_row(row, reader.today, words, failure) for row in waiting if row.financer == chosen]
    form = _form(chosen) if rows else None
    return {
        "year": year,
        "tabs": [
            {"code": code, "label": name, "number": number, "is_here": code == chosen}
            for code, name, number in _ordered(db, contract, codes)
        ],
        "chosen": chosen,
        "who": words.financer(chosen) if chosen else "",
        "form": form,
        "rows": rows,
        "before_steering": _before_steering(contract, [row["row"] for row in rows]),
        "late": sum(row["is_late"] for row in rows),
        "total": sum((row["row"].retained or ZERO for row in rows), ZERO),
        "nothing_ticked": failure.fault_of("lines") if failure else "",
        "faults": [(form.field_id(name), said) for name, said in failure.faults] if failure and form else [],
        "recorded": [_recorded(row, words) for row in recorded],
        "totals": {name: _total(recorded, name) for name in ("retained", "granted", "paid", "spent")},
        "recover": [
            {"row": row, "label": words.line(row.key), "left": left}
            for row, left in sums_to_recover(db, contract, mine)
        ],
    }


def _before_steering(contract: Contract, rows: Sequence[ActRow]) -> int:
    """How many of these lines wait for a steering committee to validate the programme; 0 where the contract has none."""
    if not any(body.kind is BodyKind.STEERING for body in territory_of(contract).bodies):
        return 0
    return sum(not row.is_validated for row in rows)


def _ordered(db: Session, contract: Contract, codes: Mapping[str, None]) -> list[tuple[str, str, int]]:
    return [one for one in financers_with_acts(db, contract) if one[0] in codes]


def _form(chosen: str) -> FormView:
    return FormView(
        "/actes",
        "Enregistrer l’acte",
        (
            Field("qui", "Financeur", "hidden", (chosen,)),
            Field(
                "authority",
                "Autorité",
                "text",
                required=True,
                hint="Préfet, conseil communautaire, commission…",
            ),
            Field("date", "Date de l’acte", "date", required=True),
            Field("number", "Numéro", "text", required=True, hint="Délibération, arrêté ou décision."),
        ),
    )


def _row(row: ActRow, today: date, words: Words, failure: Failure | None) -> dict[str, Any]:
    due, tone = due_words(row.expected_on, today) if row.expected_on else ("", "quiet")
    return {
        "row": row,
        "label": words.line(row.key),
        "due": due,
        "due_on": due_day(row.expected_on),
        "due_tone": tone,
        "is_late": row.expected_on is not None and row.expected_on < today,
        "is_chosen": bool(failure and failure.typed.texts(f"{CHOSEN}{row.id}")),
        "amount": _typed(failure, f"{AMOUNT}{row.id}", typed_money(row.retained)),
        "reason": _typed(failure, f"{REASON}{row.id}", ""),
        "amount_fault": failure.fault_of(f"{AMOUNT}{row.id}") if failure else "",
        "reason_fault": failure.fault_of(f"{REASON}{row.id}") if failure else "",
    }


def _typed(failure: Failure | None, name: str, otherwise: str) -> str:
    kept = failure.typed.values.get(name) if failure else None
    return kept[0] if kept else otherwise


def _recorded(row: ActRow, words: Words) -> dict[str, Any]:
    granted, retained = row.granted or ZERO, row.retained or ZERO
    return {
        "row": row,
        "label": words.line(row.key),
        "state": LINE_LABELS[LineState(row.state)],
        "tone": line_tone(row.state),
        "act": row.act or {},
        "gap": granted - retained if granted != retained else None,
    }


def _total(rows: Sequence[ActRow], name: str) -> Decimal:
    return sum((amount for row in rows if (amount := getattr(row, name)) is not None), ZERO)


def typed_entries(typed: Typed) -> list[Entry]:
    """The lines ticked, each with its amount and reason. Raises InvalidInputError naming each amount that is not one."""
    entries: list[Entry] = []
    faults: dict[str, str] = {}
    for name in typed.values:
        number = name.removeprefix(CHOSEN)
        if not name.startswith(CHOSEN) or not number.isascii() or not number.isdigit() or len(number) > 9:
            continue
        try:
            entries.append(_entry(typed, number))
        except InvalidInputError as error:
            faults[f"{AMOUNT}{number}"] = error.message
    if faults:
        raise InvalidInputError("Montants à revoir.", next(iter(faults)), faults)
    return entries


def _entry(typed: Typed, number: str) -> Entry:
    amount = typed.amount(f"{AMOUNT}{number}", "Montant accordé")
    if amount is None:
        raise InvalidInputError("Montant accordé\u00a0: à renseigner, 0 si rien n’est accordé.")
    version = typed.integer(f"{CHOSEN}{number}", "Version de la page")
    return Entry(int(number), version, amount, typed.text(f"{REASON}{number}"))


def acts_sheets(
    waiting: Sequence[ActRow], recorded: Sequence[ActRow], words: Words, year: int
) -> list[Sheet]:
    """What waits and what was recorded, as two sheets."""
    head = (
        Column("Référence", width=16),
        Column("Intitulé", width=40),
        Column("Porteur", width=32),
        Column("Financeur et crédit", width=40),
        Column("Exercice", Kind.YEAR, 10),
    )

    def facts(row: ActRow) -> tuple[Cell, ...]:
        return (row.reference, row.title, row.porteur, words.line(row.key), row.year)

    awaited = Sheet(
        "Actes attendus",
        "Lignes retenues sans acte enregistré",
        (*head, Column("Retenu", Kind.EUROS, 15, total=True), Column("Attendu le", Kind.DATE, 14)),
        [(*facts(row), row.retained, row.expected_on) for row in waiting],
    )
    money = tuple(
        Column(name, Kind.EUROS, 15, total=True) for name in ("Retenu", "Accordé", "Versé", "Réalisé")
    )
    done = Sheet(
        "Actes enregistrés",
        f"Actes enregistrés, exercice {year}",
        (
            *head,
            *money,
            Column("Autorité", width=30),
            Column("Date", Kind.DATE, 14),
            Column("Numéro", width=18),
        ),
        [(*facts(row), row.retained, row.granted, row.paid, row.spent, *_act_cells(row)) for row in recorded],
    )
    return [awaited, done]


def _act_cells(row: ActRow) -> tuple[Cell, ...]:
    act = row.act or {}
    on = act.get("date")
    return act.get("authority"), date.fromisoformat(on) if on else None, act.get("number")
