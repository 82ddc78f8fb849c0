# SPDX-License-Identifier: EUPL-1.2
"""The board: filters in the address, counts by phase and stage, the columns chosen, rows that say who has not answered."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from reports.board import OFFERED
from web.paging import pages_of
from web.presenters.board_address import EVERY_YEAR, FIELDS, NAMES, Board
from web.presenters.board_table import SUMS, heads, layout, shown_row
from web.presenters.stages import tone_of
from workflow.queries_board import (
    ORDER,
    BoardRow,
    StageTotal,
    first_of_each_stage,
    page_of_board,
    stage_totals,
)
from workflow.saved_views import views_of
from workflow.search.keys import Kind
from workflow.search.nearest import meant
from workflow.search.reading import without
from workflow.stages import PHASES, STAGE_LABELS, Stage

FIRST, PER_PAGE, NAMED = 6, 60, 8
WIDE, PER_WIDE_PAGE, FIRST_WIDE = 30, 20, 2  # from so many columns on, fewer rows: a page stays light
FORMS = (("csv", "CSV"), ("xlsx", "XLSX"), ("ods", "ODS"))


def board_view(db: Session, board: Board) -> dict[str, Any]:
    """Everything the board shows, whichever of its two views."""
    totals = stage_totals(db, board.contract, board.filters)
    kept = [t for t in totals.values() if board.stages is None or t.stage in board.stages]
    count = sum(t.dossiers for t in kept)
    is_table = board.address.words.get("vue") == "tableau" or board.stages is not None
    shown = _table(db, board, count) if is_table else _stages(db, board, totals)
    return {
        "address": board.address,
        "words": {name: board.address.words.get(name, "") for name in NAMES},
        "faults": board.faults,
        "help": search_help(board),
        "is_table": is_table,
        "phases": _phases(board, totals),
        "filters": _fields(board),
        "chosen": {"codes": board.codes, "offered": OFFERED},
        "exports": [
            (label, board.address.with_(f"/dossiers/export.{form}", page="")) for form, label in FORMS
        ],
        "views": _views(db, board),
        "query": board.address.query,
        "count": count,
        "meant": [] if count else _meant(board),
        "sums": _sums(kept),
        "is_filtered": board.is_filtered,
        "exercise": board.exercise,
        "all_years": board.address.with_(annee=EVERY_YEAR, page="") if _one_year(board) else "",
        **shown,
    }


def _one_year(board: Board) -> bool:
    return board.address.words.get("annee", EVERY_YEAR) != EVERY_YEAR


def _meant(board: Board) -> list[dict[str, str]]:
    """What a search that finds nothing may have meant, as addresses."""
    return [
        {"typed": one.typed, "word": one.word, "address": board.address.with_(q=one.search, page="")}
        for one in meant(board.address.words.get("q", ""), board.vocabulary)
    ]


def _sums(totals: list[StageTotal]) -> dict[str, Decimal]:
    return {code: sum((getattr(t, name) for t in totals), Decimal(0)) for code, name in SUMS.items()}


def _stages(db: Session, board: Board, totals: Mapping[str, StageTotal]) -> dict[str, Any]:
    columns = layout([column for column in board.columns if column.code != "etape"])
    rows: dict[str, list[BoardRow]] = {}
    most = FIRST if len(board.columns) < WIDE else FIRST_WIDE
    for row in first_of_each_stage(db, board.contract, board.filters, most):
        rows.setdefault(row.stage, []).append(row)
    stages = [
        {
            "label": STAGE_LABELS[Stage(stage)],
            "tone": tone_of(stage),
            "total": totals[stage],
            "sums": _sums([totals[stage]]),
            "rows": [shown_row(row, columns, board.words) for row in rows.get(stage, [])],
            "more": totals[stage].dossiers - len(rows.get(stage, [])),
            "address": _at_stage(board, stage),
        }
        for stage in ORDER
        if stage in totals
    ]
    first = next((rank for rank, shown in enumerate(columns) if shown.column.code in SUMS), len(columns))
    return {
        "stages": stages,
        "rows": [],
        "pages": None,
        "heads": heads(board, columns, is_sorted=False),
        "lead_cells": first + 1,  # the box, too: the group's name spans the cells before its sums
        "sum_codes": [shown.column.code for shown in columns[first:]],
    }


def _at_stage(board: Board, stages: str) -> str:
    """The same board at these stages only, whatever the search said of them."""
    q = without(board.address.words.get("q", ""), "etape")
    return board.address.with_(etape=stages, q=q, page="")


def _table(db: Session, board: Board, count: int) -> dict[str, Any]:
    sort, descending = board.sort
    size = PER_PAGE if len(board.columns) < WIDE else PER_WIDE_PAGE
    turn = board.address.with_
    pages = pages_of(board.address.words.get("page", ""), count, size, lambda rank: turn(page=str(rank)))
    found = page_of_board(
        db,
        board.contract,
        board.filters,
        sort=sort,
        descending=descending,
        offset=(pages["page"] - 1) * size,
        limit=size,
    )
    columns = layout(board.columns)
    return {
        "stages": [],
        "rows": [shown_row(row, columns, board.words) for row in found],
        "heads": heads(board, columns, is_sorted=True),
        "pages": pages,
    }


def _phases(board: Board, totals: Mapping[str, StageTotal]) -> list[dict[str, Any]]:
    shown = []
    for label, stages in PHASES:
        present = [totals[stage] for stage in stages if stage in totals]
        shown.append(
            {
                "label": label,
                "dossiers": sum(t.dossiers for t in present),
                "address": _at_stage(board, ",".join(stages)),
                "here": board.stages is not None and board.stages <= set(stages),
                "stages": [
                    {
                        "label": STAGE_LABELS[Stage(t.stage)],
                        "dossiers": t.dossiers,
                        "address": _at_stage(board, t.stage),
                        "here": board.stages == {t.stage},
                    }
                    for t in present
                ],
            }
        )
    return shown


def _fields(board: Board) -> list[dict[str, Any]]:
    """The filters of the address as fields."""
    territory, leads = board.territory, board.vocabulary.people
    financers = [org for org in territory.organisations if org.credits]
    phases = [(",".join(stages), label) for label, stages in PHASES]
    single = [(stage, f"– {STAGE_LABELS[Stage(stage)]}") for stage in ORDER]
    options: dict[str, tuple[str, str, list[tuple[str, str]]]] = {
        "annee": ("Année", "", [(EVERY_YEAR, EVERY_YEAR), *((str(y), str(y)) for y in board.years)]),
        "etape": ("Étape", "toutes", [*phases, *single]),
        "qpv": ("Quartier", "tous", [(q.code, q.label) for q in territory.geography.qpv]),
        "theme": ("Groupe", "tous", [(t.code, t.label) for t in territory.themes]),
        "financeur": ("Financeur", "tous", [(o.code, o.name) for o in financers]),
        "instructeur": ("Chef de file", "tous", [("aucun", "aucun"), *((str(i), name) for i, name in leads)]),
    }
    return [
        {
            "name": name,
            "label": label,
            "empty": empty,
            "options": found,
            "value": board.address.words.get(name, ""),
        }
        for name, (label, empty, found) in options.items()
    ]


def search_help(board: Board) -> list[dict[str, str]]:
    """The words of the search, from the table that reads them, with what this contract accepts."""
    vocabulary, shown = board.vocabulary, []
    for key in vocabulary.keys:
        accepted = ""
        if key.kind is Kind.CHOICE:
            words = list(dict.fromkeys(choice.word for choice in vocabulary.choices[key.name]))
            accepted = ", ".join(words[:NAMED]) + ("…" if len(words) > NAMED else "")
        shown.append({"name": key.name, "example": key.example, "meaning": key.meaning, "accepted": accepted})
    return shown


def _views(db: Session, board: Board) -> list[dict[str, Any]]:
    """The saved views this reader may open, the present one marked."""
    if board.reader.actor.person_id is None:
        return []
    return [
        {
            "name": view.name,
            "address": f"/dossiers?{view.query}",
            "here": view.query == board.address.query,
            "is_shared": view.is_shared,
            "is_mine": view.person_id == board.reader.actor.person_id,
        }
        for view in views_of(db, board.contract, board.reader.actor.person_id)
    ]


def about_board(board: Board, count: int, now: datetime) -> list[tuple[str, str]]:
    """What an export is: its filter, its date, its count."""
    said = [
        (label, board.address.words[name]) for name, label in ABOUT.items() if name in board.address.words
    ]
    return [
        ("Contrat", board.contract.label),
        ("Établi le", now.strftime("%d/%m/%Y %H:%M")),
        ("Par", board.reader.actor.name),
        ("Dossiers", str(count)),
        *said,
        *(("Non compris dans la recherche", fault) for fault in board.faults),
    ]


ABOUT = {
    "q": "Recherche",
    **dict(zip(FIELDS, ("Année", "Étape", "Quartier", "Groupe", "Financeur", "Chef de file", "Avis en retard", "Non lus"), strict=True)),
    "tri": "Tri",
}  # fmt: skip
