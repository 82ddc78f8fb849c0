# SPDX-License-Identifier: EUPL-1.2
"""The report as a page: what was done, who was reached, and the budget's planned and realised columns with their gap."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from reports.summary.words import words_of
from rules.themes.accounts import RESOURCE
from web.forms import Failure, Field, FormView, Typed
from web.presenters.indicators import begun, reading_fields
from web.presenters.request_budget import TITLES
from web.presenters.request_fields import tab_drawn, typed_money
from workflow.contracts import territory_of
from workflow.forecasts import next_year
from workflow.models import Dossier, FundingLine
from workflow.readings import indicator_fields
from workflow.request.accounts import is_volunteering
from workflow.request.budget import accounts_of, key_of, total
from workflow.request.realised import REPORT, realised_of
from workflow.request.reporting import COUNTS, REALISED, SPENT, TEXTS, amount_labels, funded_lines
from workflow.stages import Stage


def report_view(db: Session, dossier: Dossier, failure: Failure | None) -> dict[str, Any]:
    """One form; its tables show what was planned beside what is typed; a CPO reads its indicators in it."""
    answers = dossier.follow_up.get(REPORT, {})
    figures = realised_of(dossier)

    def held(name: str) -> tuple[str, ...]:
        value = answers.get(name)
        return ("" if value is None else str(value),)

    hints = {
        "activity": "Lieux, dates, déroulement, résultats au regard des objectifs.",
        "explanation": "Ce qui a coûté plus ou moins que prévu, et pourquoi. Vide si rien ne diffère.",
    }
    labels = {"activity": "Qu’avez-vous fait\u00a0?", "explanation": "Les écarts avec le budget prévu"}
    fields = (
        *(Field(one.name, labels[one.name], "long", held(one.name), hint=hints[one.name]) for one in TEXTS),
        *(Field(one.name, begun(one.label), "integer", held(one.name)) for one in COUNTS),
        *reading_fields(dossier, answers),
    )
    return {
        "dossier": dossier,
        "form": FormView(
            f"/dossiers/{dossier.id}/bilan", "Enregistrer sans remettre", fields, dossier.version
        ),
        "indicators": tuple(indicator_fields(dossier)),
        "next_year": next_year(db, dossier),
        "tab": tab_drawn(),
        "differences": [],
        "planned_people": (dossier.beneficiaries_total, dossier.beneficiaries_qpv),
        "tables": [realised_table(dossier, side, failure) for side in TITLES],
        "figures": figures,
        "is_final": dossier.stage == Stage.CONTRACTED,
        "interim_sent": bool(dossier.follow_up.get("interim_report_on")),
    }


def amounts_realised(tables: Iterable[dict[str, Any]]) -> tuple[Field, ...]:
    """What is recorded of each amount of the tables, as fields: a conflict compares them like the others."""
    rows = (row for table in tables for row in (*table["rows"], *table["others"]))
    return tuple(Field(row["name"], row["label"], "amount", (typed_money(row["realised"]),)) for row in rows)


def realised_table(dossier: Dossier, side: str, failure: Failure | None = None) -> dict[str, Any]:
    """One side of the accounts: planned beside realised, with the totals of what is shown."""
    known = {key_of(line): line for line in dossier.budget}
    rows = []
    for account in accounts_of(dossier):
        if account.side != side or is_volunteering(account.code):
            continue
        line = known.get(account.key)
        planned, realised = (line.planned, line.realised) if line else (None, None)
        name = f"{REALISED}{account.key}"
        rows.append(_row(name, f"{account.code} {account.label}", planned, realised, failure))
    if side == RESOURCE:
        rows.extend(_financer(dossier, line, failure) for line in funded_lines(dossier))
    return {
        "title": TITLES[side],
        "side": side,
        "rows": [row for row in rows if row["used"]],
        "others": [row for row in rows if not row["used"]],
        "planned": total(row["planned"] for row in rows),
        "realised": total(row["realised"] for row in rows),
    }


def _financer(dossier: Dossier, line: FundingLine, failure: Failure | None) -> dict[str, Any]:
    words = words_of(territory_of(dossier.contract))
    given = line.granted if line.granted is not None else line.retained
    return _row(f"{SPENT}{line.key}", f"74 {words.line(line.key)}", given, line.spent, failure, used=True)


def _row(
    name: str,
    label: str,
    planned: Decimal | None,
    realised: Decimal | None,
    failure: Failure | None,
    *,
    used: bool = False,
) -> dict[str, Any]:
    typed = failure.typed.values.get(name) if failure else None
    return {
        "name": name,
        "label": label,
        "planned": planned,
        "realised": realised,
        "value": typed[0] if typed else typed_money(realised),
        "error": failure.fault_of(name) if failure else "",
        "gap": realised - planned if realised is not None and planned is not None else None,
        "used": used or planned is not None or realised is not None or bool(typed and typed[0]),
    }


def typed_report(dossier: Dossier, typed: Typed) -> dict[str, str]:
    """What was sent of the report, by field."""
    names = (*(one.name for one in (*TEXTS, *COUNTS)), *amount_labels(dossier), *indicator_fields(dossier))
    return {name: typed.text(name) for name in names if name in typed.values}
