# SPDX-License-Identifier: EUPL-1.2
"""`dossier decisions`: why each decision was allowed, and whether the rules of its day still say the same."""

from collections.abc import Iterator
from typing import Any

import click

from cli.command import Invocation, command, table
from cli.instruction import dossier

__all__ = ["dossier"]


@command(parent=dossier)
@click.argument("reference", metavar="RÉFÉRENCE")
@click.option("--year", type=int, metavar="ANNÉE", help="L’exercice, si la référence sert plusieurs années.")
def decisions(cx: Invocation, reference: str, year: int | None) -> None:
    """Explique chaque décision : les constats du jour, recalculés sur les faits, les textes et la configuration d’alors."""
    from app.dossier_json import decision_json
    from workflow.contracts import get_contract
    from workflow.decisions import list_decisions, replay
    from workflow.queries import find_dossier

    with cx.application.read() as db:
        found = find_dossier(db, get_contract(db, cx.contract_code), reference, year)
        data = [decision_json(replay(db, record), found) for record in list_decisions(db, found.id)]
    cx.answer(data, lambda: _told(data))


def _told(data: list[dict[str, Any]]) -> Iterator[str]:
    if not data:
        yield "Aucune décision sur ce dossier."
    for decision in data:
        yield f"{decision['at'][:16].replace('T', ' ')} — {decision['label']}, par {decision['actor']}."
        shown = [one for one in decision["findings"] if one["outcome"] != "not_applicable"]
        yield from table(("Règle", "Constat"), ((one["rule"], one["message"]) for one in shown))
        if decision["different"]:
            yield f"Recalculés, ces constats diffèrent : {', '.join(decision['different'])}. Gardés ce jour-là :"
            yield from table(
                ("Règle", "Constat"), ((one["rule"], one["message"]) for one in decision["kept"])
            )
        else:
            yield "Recalculés aujourd’hui avec les règles de ce jour-là : mêmes constats."
        yield ""
