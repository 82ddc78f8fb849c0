# SPDX-License-Identifier: EUPL-1.2
"""The board: filters in the address, counts by phase and stage, rows that say who has not answered yet."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from sqlalchemy.orm import Session

from reports.summary.words import Words, words_of
from web.presenters.stages import ORDER, PHASES, tone_of
from workflow.contracts import territory_of
from workflow.models import Contract
from workflow.queries import years_of
from workflow.queries_board import (
    AMOUNTS,
    SORTS,
    BoardFilters,
    BoardRow,
    StageTotal,
    first_of_each_stage,
    leads_of,
    page_of_board,
    stage_totals,
)
from workflow.stages import STAGE_LABELS, Stage
from workflow.territory import Territory

FIRST, PER_PAGE = 6, 60
HEADS = (
    ("reference", "Référence"),
    ("", "Action et porteur"),
    ("stage", "Étape"),
    ("", "Chef de file"),
    ("", "Avis"),
    ("", "Financeurs"),
    ("requested", "Demandé"),
    ("proposed", "Proposé"),
    ("retained", "Retenu"),
    ("since", "Depuis"),
)


@dataclass(frozen=True, slots=True)
class Address:
    """What the address of the board says, in French words, ready to be changed by one word."""

    words: Mapping[str, str]

    def with_(self, **changes: str) -> str:
        """The same board with these words changed; an empty word is dropped."""
        merged = {k: v for k, v in {**self.words, **changes}.items() if v}
        return f"/dossiers?{urlencode(merged)}" if merged else "/dossiers"


NAMES = ("vue", "annee", "etape", "q", "qpv", "financeur", "theme", "chef", "retard", "tri", "page")


def read_address(query: Mapping[str, str], years: list[int]) -> Address:
    """The known words of a query string; without a year, the newest one that has dossiers ("toutes" for all)."""
    words = {name: query[name].strip()[:200] for name in NAMES if query.get(name, "").strip()}
    if "annee" not in words and years:
        words["annee"] = str(years[0])
    return Address(words)


def filters_of(address: Address, today: date, porteurs: frozenset[int] | None) -> BoardFilters:
    """The filters these words mean; unreadable ones keep everything."""
    words = address.words
    return BoardFilters(
        year=_number(words.get("annee", "")),
        stages=tuple(word for word in words.get("etape", "").split(",") if word in ORDER),
        search=words.get("q", ""),
        qpv=words.get("qpv"),
        financer=words.get("financeur"),
        theme=words.get("theme"),
        lead_id=_number(words.get("chef", "")),
        late_on=today if words.get("retard") else None,
        porteurs=porteurs,
    )


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else None


def board_view(
    db: Session, contract: Contract, query: Mapping[str, str], today: date, porteurs: frozenset[int] | None
) -> dict[str, Any]:
    """Everything the board shows, whichever of its two views."""
    territory = territory_of(contract)
    years = years_of(db, contract)
    address = read_address(query, years)
    filters = filters_of(address, today, porteurs)
    totals = stage_totals(db, contract, filters)
    is_table = address.words.get("vue") == "tableau" or bool(filters.stages)
    shown = _table if is_table else _stages
    kept = [t for t in totals.values() if not filters.stages or t.stage in filters.stages]
    return {
        "address": address,
        "words": {name: address.words.get(name, "") for name in NAMES},
        "is_table": is_table,
        "phases": _phases(totals, address, filters),
        "filters": _fields(territory, years, leads_of(db, contract), address),
        "count": sum(t.dossiers for t in kept),
        "sums": {name: sum((getattr(t, name) for t in kept), Decimal(0)) for name in AMOUNTS},
        "is_filtered": any(
            address.words.get(n) for n in ("q", "qpv", "financeur", "theme", "chef", "retard", "etape")
        ),
        "heads": HEADS,
        **shown(db, contract, filters, today, totals, address, words_of(territory)),
    }


def _stages(
    db: Session,
    contract: Contract,
    filters: BoardFilters,
    today: date,
    totals: Mapping[str, StageTotal],
    address: Address,
    words: Words,
) -> dict[str, Any]:
    rows: dict[str, list[dict[str, Any]]] = {}
    for row in first_of_each_stage(db, contract, filters, today, FIRST):
        rows.setdefault(row.stage, []).append(_row(row, words))
    stages = [
        {
            "stage": stage,
            "label": STAGE_LABELS[Stage(stage)],
            "tone": tone_of(stage),
            "total": totals[stage],
            "rows": rows.get(stage, []),
            "more": totals[stage].dossiers - len(rows.get(stage, [])),
            "address": address.with_(etape=stage, page=""),
        }
        for stage in ORDER
        if stage in totals
    ]
    return {"stages": stages, "rows": [], "pages": None, "sorts": {}}


def _table(
    db: Session,
    contract: Contract,
    filters: BoardFilters,
    today: date,
    totals: Mapping[str, StageTotal],
    address: Address,
    words: Words,
) -> dict[str, Any]:
    sort, descending = _sort(address.words.get("tri", ""))
    page = max(_number(address.words.get("page", "")) or 1, 1)
    count = sum(t.dossiers for t in totals.values() if not filters.stages or t.stage in filters.stages)
    last = max((count + PER_PAGE - 1) // PER_PAGE, 1)
    page = min(page, last)
    found = page_of_board(
        db,
        contract,
        filters,
        today,
        sort=sort,
        descending=descending,
        offset=(page - 1) * PER_PAGE,
        limit=PER_PAGE,
    )
    return {
        "stages": [],
        "rows": [_row(row, words) for row in found],
        "pages": {
            "page": page,
            "last": last,
            "previous": address.with_(page=str(page - 1)) if page > 1 else None,
            "next": address.with_(page=str(page + 1)) if page < last else None,
        },
        "sorts": {name: _sort_link(name, sort, address, descending=descending) for name in SORTS},
    }


def _sort(word: str) -> tuple[str, bool]:
    name = word.removeprefix("-")
    return (name, word.startswith("-")) if name in SORTS else ("reference", False)


def _sort_link(name: str, sort: str, address: Address, *, descending: bool) -> dict[str, str]:
    first_down = name in AMOUNTS
    down = not descending if name == sort else first_down
    said = ("descending" if descending else "ascending") if name == sort else "none"
    return {"address": address.with_(tri=f"-{name}" if down else name, page="", vue="tableau"), "said": said}


def _phases(
    totals: Mapping[str, StageTotal], address: Address, filters: BoardFilters
) -> list[dict[str, Any]]:
    shown = []
    for label, stages in PHASES:
        present = [totals[stage] for stage in stages if stage in totals]
        codes = ",".join(stages)
        shown.append(
            {
                "label": label,
                "dossiers": sum(t.dossiers for t in present),
                "address": address.with_(etape=codes, page=""),
                "here": bool(filters.stages) and set(filters.stages) <= set(stages),
                "stages": [
                    {
                        "label": STAGE_LABELS[Stage(t.stage)],
                        "dossiers": t.dossiers,
                        "tone": tone_of(t.stage),
                        "address": address.with_(etape=t.stage, page=""),
                        "here": filters.stages == (t.stage,),
                    }
                    for t in present
                ],
            }
        )
    return shown


def _row(row: BoardRow, words: Words) -> dict[str, Any]:
    """The row as the template reads it: the tuple's fields and their French words."""
    return {
        "row": row,
        "stage": STAGE_LABELS[Stage(row.stage)],
        "tone": tone_of(row.stage),
        "where": _where(row.qpv or [], words),
        "theme": words.themes.get(row.theme or "", ""),
        "since": f"{row.stage_since:%d/%m/%y}",
    }


def _where(codes: list[str], words: Words) -> str:
    """The neighbourhoods, in the room of a row."""
    labels = [words.qpv.get(code, code) for code in codes]
    return ", ".join(labels) if len(labels) < 4 else f"{len(labels)} quartiers"


def _fields(
    territory: Territory, years: list[int], leads: list[tuple[int, str]], address: Address
) -> list[dict[str, Any]]:
    """The filters of the address as fields."""
    financers = [org for org in territory.organisations if org.credits]
    phases = [(",".join(stages), label) for label, stages in PHASES]
    single = [(stage, f"– {STAGE_LABELS[Stage(stage)]}") for stage in ORDER]
    options: tuple[tuple[str, str, str, list[tuple[str, str]]], ...] = (
        ("annee", "Année", "", [("toutes", "toutes"), *((str(y), str(y)) for y in years)]),
        ("etape", "Étape", "toutes", [*phases, *single]),
        ("qpv", "Quartier", "tous", [(q.code, q.label) for q in territory.geography.qpv]),
        ("theme", "Groupe", "tous", [(t.code, t.label) for t in territory.themes]),
        ("financeur", "Financeur", "tous", [(o.code, o.name) for o in financers]),
        ("chef", "Chef de file", "tous", [(str(id_), name) for id_, name in leads]),
    )
    return [
        {"name": name, "label": label, "empty": empty, "options": found, "value": address.words.get(name, "")}
        for name, label, empty, found in options
    ]
