# SPDX-License-Identifier: EUPL-1.2
"""The budget as a table: accounts in their groups, what each financer is asked, totals of what is saved, and their gap."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from reports.summary.words import words_of
from rules.themes.accounts import RESOURCE
from web.forms import Failure, Field
from web.presenters.request_fields import typed_money
from workflow.contracts import territory_of
from workflow.models import Dossier
from workflow.request.accounts import CHARGE, GROUPS, Account, is_volunteering
from workflow.request.budget import accounts_of, key_of, total

TITLES = {CHARGE: "Charges", RESOURCE: "Produits"}


def budget_view(dossier: Dossier, failure: Failure | None = None) -> dict[str, Any]:
    """Two tables of main accounts, two of volunteering, each with its total."""
    planned = {key_of(line): line.planned for line in dossier.budget}
    rows = [_row(account, planned.get(account.key), failure) for account in accounts_of(dossier)]
    main = [
        _table(side, [r for r in rows if r["side"] == side and not r["apart"]], dossier) for side in TITLES
    ]
    apart = [_apart(side, [r for r in rows if r["side"] == side and r["apart"]]) for side in TITLES]
    return {
        "tables": main,
        "apart": apart,
        "gap": main[0]["total"] - main[1]["total"],
        "gap_apart": apart[0]["total"] - apart[1]["total"],
        "is_empty": not planned,
        "funding_address": f"/demandes/{dossier.id}/etapes/financements",
    }


def amounts_planned(budget: dict[str, Any]) -> tuple[Field, ...]:
    """What is recorded of each amount of the tables, as fields: a conflict compares them like the others."""
    groups = (group for table in (*budget["tables"], *budget["apart"]) for group in table["groups"])
    return tuple(
        Field(row["name"], f"{row['code']} {row['label']}", "amount", (typed_money(row["planned"]),))
        for group in groups
        for row in group["rows"]
    )


def _row(account: Account, planned: Decimal | None, failure: Failure | None) -> dict[str, Any]:
    typed = failure.typed.values.get(account.key) if failure else None
    return {
        "name": account.key,
        "id": account.key.replace(":", "-").replace(".", "-"),
        "side": account.side,
        "code": account.code,
        "label": account.label,
        "group": account.group,
        "planned": planned,
        "value": typed[0] if typed else typed_money(planned),
        "error": failure.fault_of(account.key) if failure else "",
        "apart": is_volunteering(account.code),
    }


def _grouped(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows under the account they detail, in the order of the form."""
    found: dict[str, dict[str, Any]] = {}
    for row in rows:
        group = str(row["group"])
        place = group or str(row["code"])
        title = f"{group} {GROUPS[group]}" if group else ""
        found.setdefault(place, {"title": title, "rows": []})["rows"].append(row)
    return list(found.values())


def _table(side: str, rows: list[dict[str, Any]], dossier: Dossier) -> dict[str, Any]:
    words = words_of(territory_of(dossier.contract))
    asked = [] if side == CHARGE else [line for line in dossier.lines if line.requested is not None]
    return {
        "side": side,
        "title": TITLES[side],
        "groups": _grouped(rows),
        "asked": [(words.line(line.key), line.requested) for line in asked],
        "asked_total": total(line.requested for line in asked),
        "total": total(row["planned"] for row in rows) + total(line.requested for line in asked),
    }


def _apart(side: str, rows: list[dict[str, Any]]) -> dict[str, Any]:
    title = "Emplois (compte 86)" if side == CHARGE else "Ressources (compte 87)"
    return {
        "side": side,
        "title": title,
        "groups": [{"title": "", "rows": rows}],
        "asked": [],
        "asked_total": Decimal(0),
        "total": total(row["planned"] for row in rows),
    }
