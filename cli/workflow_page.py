# SPDX-License-Identifier: EUPL-1.2
"""`docs/workflow.md` written from the transition tables and the book of guards: `diagram --format markdown`."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from cli.diagram import TITLES, cells_of, mermaid
from workflow.guards.book import GUARDS
from workflow.stages import STATE_LABELS
from workflow.transitions import TABLES

if TYPE_CHECKING:
    from workflow.firing import Table, Transition

HEAD = """# Le circuit

Page écrite par `make docs` à partir des tables de transitions (`workflow/transitions.py`) et du livre des gardes
(`workflow/guards/book.py`) : ne pas la corriger à la main. Le sens de chaque mot est dans le [glossaire](glossary.md).

Quatre petites machines ont la même forme et la même porte, `fire()`. Une transition absente d’une table n’existe pas.
La colonne « Il faut » dit ce que la personne saisit ; une information entre parenthèses est facultative. Les
transitions marquées « clôture de séance » ne se font qu’en clôturant une séance où elles ont été décidées ; celles
que fait le « système » suivent d’une autre transition, de l’import ou du planificateur.
"""
GUARDS_HEAD = """## Les gardes

Une garde dit pourquoi une transition n’est pas possible maintenant, sur quels chiffres (« … » dans les phrases), et ce
qui y remédie. Les règles, elles, sont dans [rules.md](rules.md).
"""


def workflow_page() -> Iterator[str]:
    """The lines of the page."""
    yield from HEAD.splitlines()
    for table in TABLES:
        yield from ("", f"## {TITLES[table.name]}", "")
        yield from _states(table)
        yield from ("", "```mermaid", *mermaid(table, STATE_LABELS[table.name]), "```", "")
        yield from _transitions(table)
    yield from ("", *GUARDS_HEAD.splitlines(), "")
    yield from _guards()


def markdown_table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """A table whose cells hold no line break and no bare bar."""
    yield _row(header)
    yield "|" + "---|" * len(header)
    yield from map(_row, rows)


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(" ".join(cell.split()).replace("|", "\\|") for cell in cells) + " |"


def _states(table: "Table") -> Iterator[str]:
    labels = STATE_LABELS[table.name]
    return markdown_table(("État", "Code"), ((labels[state], f"`{state}`") for state in table.states))


def _transitions(table: "Table") -> Iterator[str]:
    labels = STATE_LABELS[table.name]
    rows = (
        (label, f"`{trigger}`", sources, target, who, _needs(row))
        for row, (trigger, sources, target, who, label) in zip(
            table.rows, cells_of(table, labels), strict=True
        )
    )
    return markdown_table(("Geste", "Transition", "De", "Vers", "Qui", "Il faut"), rows)


def _needs(row: "Transition") -> str:
    typed = [
        f"{item.label} `{item.name}`" if item.required else f"({item.label} `{item.name}`)"
        for item in row.inputs
    ]
    return " ; ".join([*(["un motif"] if row.reason_required else []), *typed])


def _guards() -> Iterator[str]:
    rows = []
    for guard in GUARDS.values():
        for variant, sentence in guard.sentences.items():
            shown = re.sub(r"\{\w+\}", "…", sentence)
            rows.append((f"`{guard.id}`", guard.label, shown, guard.remedy.get(variant, "")))
    return markdown_table(("Garde", "Sujet", "Phrase", "Remède"), rows)
