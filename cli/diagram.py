# SPDX-License-Identifier: EUPL-1.2
"""`diagram`: the transition tables as a mermaid schema and as a French table, drawn from the tables themselves."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import click

from cli.command import Invocation, command, table

if TYPE_CHECKING:
    from workflow.firing import Table, Transition

TITLES = {
    "dossier": "Le dossier",
    "opinion": "L’avis d’un partenaire",
    "line": "La ligne de financement",
    "seance": "La séance",
}


@command()
@click.option(
    "--table",
    "name",
    type=click.Choice(tuple(TITLES)),
    default="dossier",
    show_default=True,
    help="Le circuit.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(("both", "mermaid", "table", "markdown")),
    default="both",
    show_default=True,
    help="La forme ; markdown : la page de documentation des quatre circuits.",
)
def diagram(cx: Invocation, name: str, form: str) -> None:
    """Le circuit d’un dossier, d’un avis, d’une ligne ou d’une séance : schéma mermaid et tableau."""
    from workflow.stages import STATE_LABELS
    from workflow.transitions import TABLES

    if form == "markdown" and not cx.is_json:
        from cli.workflow_page import workflow_page

        click.echo("\n".join(workflow_page()))
        return
    chosen = next(one for one in TABLES if one.name == name)
    labels = STATE_LABELS[name]
    data = {
        "table": name,
        "states": [{"state": str(state), "label": labels[state]} for state in chosen.states],
        "transitions": [_row(row) for row in chosen.rows],
        "mermaid": "\n".join(mermaid(chosen, labels)),
    }
    cx.answer(data, lambda: _text(chosen, labels, form))


def mermaid(chosen: "Table", labels: Mapping[str, str]) -> Iterator[str]:
    """The schema's text: one arrow per source of each row."""
    yield "stateDiagram-v2"
    for state in chosen.states:
        yield f"    {state}: {labels[state]}"
    yield f"    [*] --> {chosen.states[0]}"
    for row in chosen.rows:
        for source in row.sources:
            yield f"    {source} --> {row.target or source}: {_one_colon(row.label)}"


def _one_colon(label: str) -> str:
    """Mermaid reads a second colon as another description."""
    return label.replace(" :", ",")


def _text(chosen: "Table", labels: Mapping[str, str], form: str) -> Iterator[str]:
    if form != "table":
        yield from mermaid(chosen, labels)
    if form == "both":
        yield ""
    if form != "mermaid":
        yield TITLES[chosen.name]
        yield from table(("Transition", "De", "Vers", "Qui", "Geste"), cells_of(chosen, labels))


def cells_of(chosen: "Table", labels: Mapping[str, str]) -> Iterator[tuple[str, ...]]:
    """Trigger, sources, target, who and label of each row, in French."""
    from workflow.stages import ROLE_LABELS

    for row in chosen.rows:
        sources = ", ".join(labels[source] for source in row.sources)
        target = labels[row.target] if row.target else "(inchangé)"
        who = "clôture de séance" if row.closing_only else ", ".join(ROLE_LABELS[role] for role in row.roles)
        yield row.trigger, sources, target, who, row.label


def _row(row: "Transition") -> dict[str, object]:
    return {
        "phase": row.phase,
        "trigger": row.trigger,
        "from": list(row.sources),
        "to": row.target,
        "label": row.label,
        "roles": [str(role) for role in row.roles],
        "reason_required": row.reason_required,
        "closing_only": row.closing_only,
        "inputs": [item.name for item in row.inputs],
    }
