# SPDX-License-Identifier: EUPL-1.2
"""The decision list of a closed séance, as a paper and as sheets, from the minutes kept at closing: no name of a person."""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from reports.papers.prepare import amounts_told, correction_told, seance_paper, votes_told
from reports.papers.structure import Paper, Part
from reports.sheet import Cell, Column, Kind, Sheet
from reports.summary.words import Words, words_of
from workflow.contracts import territory_of
from workflow.models import Seance
from workflow.stages import MINUTED_LABELS

DECISIONS = (
    Column("Rang", Kind.COUNT, 6),
    Column("Référence", width=16),
    Column("Intitulé", width=40),
    Column("Porteur", width=30),
    Column("Décision", width=16),
    Column("Comme proposé", width=10),
    Column("Motif", width=40),
    Column("Conditions", width=40),
    Column("Autre dispositif", width=24),
    Column("Pour", Kind.COUNT, 7),
    Column("Contre", Kind.COUNT, 7),
    Column("Abstentions", Kind.COUNT, 8),
    Column("Rectifie la séance du", Kind.DATE, 14),
    Column("Retenu", Kind.EUROS, 15, total=True),
)
AMOUNTS = (
    Column("Référence", width=16),
    Column("Intitulé", width=40),
    Column("Ligne", width=34),
    Column("Financeur", width=30),
    Column("État", width=16),
    Column("Retenu", Kind.EUROS, 15, total=True),
)


def decision_list(seance: Seance, now: datetime) -> Paper:
    """Each decision and its amounts, in the order of the agenda."""
    words = words_of(territory_of(seance.contract))
    rows = tuple(_row(rank, made, words) for rank, made in enumerate(decided(seance), 1))
    said = ("Les montants retenus le sont sous réserve de la décision de chaque financeur.",)
    heads = ("N°", "Dossier et porteur", "Décision", "Montants retenus")
    part = Part(
        "Décisions", said if rows else ("Aucun dossier à l’ordre du jour.",), heads, rows, (1, 6, 5, 8)
    )
    return seance_paper("Liste des décisions", seance, (part,), now)


def decided(seance: Seance) -> list[dict[str, Any]]:
    """The decisions as the minutes keep them."""
    found: list[dict[str, Any]] = (seance.minutes or {}).get("decisions", [])
    return found


def _row(rank: int, made: dict[str, Any], words: Words) -> tuple[str, ...]:
    said = [MINUTED_LABELS[made["decision"]]]
    said += [f"Vers : {made['scheme']}"] if made.get("scheme") else []
    said += [correction_told(made["rectifies"])] if made.get("rectifies") else []
    said += [votes_told(made["votes"])] if made.get("votes") else []
    said += [f"Motif : {made['reason']}"] if made.get("reason") else []
    said += [f"Conditions : {made['conditions']}"] if made.get("conditions") else []
    named = f"{made['reference']} – {made['title']}\n{made['porteur']}"
    return str(rank), named, "\n".join(said), "\n".join(amounts_told(made, words)) or "—"


def decision_sheets(seance: Seance) -> list[Sheet]:
    """Two sheets: one row per dossier, one row per line retained or pending."""
    territory = territory_of(seance.contract)
    words = words_of(territory)
    made = decided(seance)
    title = f"{seance.label}, {seance.contract.label}"
    dossiers = [_cells(rank, one) for rank, one in enumerate(made, 1)]
    lines = [cells for one in made for cells in _lines(one, words)]
    return [
        Sheet("Décisions", f"Décisions – {title}", DECISIONS, dossiers),
        Sheet("Montants", f"Montants par ligne – {title}", AMOUNTS, lines),
    ]


def _cells(rank: int, made: dict[str, Any]) -> tuple[Cell, ...]:
    votes = made.get("votes") or {}
    corrected = made.get("rectifies")
    return (
        rank,
        made["reference"],
        made["title"],
        made["porteur"],
        MINUTED_LABELS[made["decision"]],
        bool(made.get("as_proposed")) if made["decision"] == "retained" else None,
        made.get("reason"),
        made.get("conditions"),
        made.get("scheme"),
        votes.get("in_favour"),
        votes.get("against"),
        votes.get("abstained"),
        date.fromisoformat(corrected["held_on"]) if corrected else None,
        Decimal(made["retained"]) if made["retained"] else None,
    )


def _lines(made: dict[str, Any], words: Words) -> Iterable[tuple[Cell, ...]]:
    """A line at zero is said too: it is not retained."""
    amounts = [(key, Decimal(amount)) for key, amount in made["amounts"].items()]
    for key, amount in amounts:
        state = "retenu" if amount else "rien de retenu"
        yield made["reference"], made["title"], words.line(key), _financer(key, words), state, amount
    for key in made.get("pending", ()):
        yield made["reference"], made["title"], words.line(key), _financer(key, words), "en attente", None


def _financer(key: str, words: Words) -> str:
    return words.financer(key.partition(":")[0])
