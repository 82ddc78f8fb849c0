# SPDX-License-Identifier: EUPL-1.2
"""Scenarios side by side: the figures, who gains and who loses, the lines sorted and narrowed; the same as sheets."""

from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from sqlalchemy.orm import Session
from starlette.datastructures import QueryParams

from reports.sheet import Cell, Column, Kind, Sheet
from reports.summary.words import Words, words_of
from rules.wording import moment
from web.presenters.reader import Reader
from web.presenters.scenario_figures import figure_sections, figures_sheet, name_of
from web.presenters.scenarios import address_of, is_about
from web.presenters.seance import seance_heading
from workflow.contracts import territory_of
from workflow.exercise import exercise_of
from workflow.models import Seance
from workflow.scenario_comparison import (
    MOST,
    ComparedLine,
    Comparison,
    compare,
    get_scenarios,
    list_scenarios,
)

WAYS = {
    "differents": "qui diffèrent",
    "hausse": "qui gagnent",
    "baisse": "qui perdent",
    "tous": "toutes",
}
LARGEST = 10**9


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks: which scenarios, against which, which lines, in which order."""

    ids: tuple[int, ...] = ()
    base: int | None = None
    way: str = "differents"
    credit: str = ""
    words: str = ""
    sort: str = ""
    seance_id: int = 0

    def address(self, form: str = "", **changes: Any) -> str:
        """The same question, with some of it changed; `form`: as a file."""
        one = replace(self, **changes)
        query: list[tuple[str, str]] = [("s", str(id_)) for id_ in one.ids]
        query += [("base", str(one.base))] if one.base else []
        said = {"ecart": one.way, "credit": one.credit, "q": one.words, "tri": one.sort}
        query += [(name, text) for name, text in said.items() if text]
        path = f"/seances/{one.seance_id}/scenarios/comparaison{f'.{form}' if form else ''}"
        return f"{path}?{urlencode(query)}"


def read_asked(seance_id: int, query: QueryParams) -> Asked:
    """The question; what is not readable is left out."""
    ids = tuple(dict.fromkeys(filter(None, map(_number, query.getlist("s")))))
    way = query.get("ecart", "")
    return Asked(
        ids=ids,
        base=_number(query.get("base", "")) or None,
        way=way if way in WAYS else "differents",
        credit=query.get("credit", "")[:120],
        words=query.get("q", "")[:200].replace("\x00", ""),
        sort=query.get("tri", "")[:20],
        seance_id=seance_id,
    )


def _number(text: str) -> int:
    return (
        int(text) if text.isascii() and text.isdigit() and int(text[:12]) < LARGEST and len(text) < 10 else 0
    )


@dataclass(slots=True)
class Compared:
    """The comparison as it is asked."""

    asked: Asked
    comparison: Comparison
    words: Words
    year: int
    lines: list[ComparedLine] = field(default_factory=list)


def read_comparison(db: Session, seance: Seance, asked: Asked, reader: Reader) -> Compared:
    """Reads what is asked; no scenario named: the last ones made.

    Raises InvalidInputError on too many scenarios, UnknownReferenceError on a foreign one.
    """
    if not asked.ids:
        asked = replace(asked, ids=tuple(one.scenario.id for one in list_scenarios(db, seance)[-MOST:]))
    scenarios = get_scenarios(db, seance, asked.ids)
    comparison = compare(db, seance, scenarios, reader.now, base=asked.base)
    words = words_of(territory_of(seance.contract))
    found = Compared(
        asked, comparison, words, exercise_of((item.dossier for item in seance.items), reader.now)
    )
    found.lines = _sorted(found, [one for one in comparison.lines if _is_asked(one, found)])
    return found


def _is_asked(one: ComparedLine, found: Compared) -> bool:
    asked = found.asked
    if asked.credit and one.line.key != asked.credit:
        return False
    if not is_about(one.dossier, asked.words):
        return False
    if asked.way == "hausse":
        return any(amount > 0 for amount in one.differences)
    if asked.way == "baisse":
        return any(amount < 0 for amount in one.differences)
    return asked.way == "tous" or one.differs


def _sorted(found: Compared, lines: list[ComparedLine]) -> list[ComparedLine]:
    """In the order of the address (`-e1`: from the largest gain of the second hypothesis), else that of the agenda."""
    name, descending = found.asked.sort.removeprefix("-"), found.asked.sort.startswith("-")
    count = len(found.comparison.hypotheses)

    def key_of(one: ComparedLine) -> Any:
        if name == "dossier":
            return one.dossier.reference
        if name == "ligne":
            return found.words.line(one.line.key)
        if name == "demande":
            return one.line.requested or Decimal(0)
        return (one.amounts if name[0] == "m" else one.differences)[int(name[1:])]

    columns = {f"{kind}{rank}" for kind in "me" for rank in range(count)}
    known = {"dossier", "ligne", "demande"} | columns
    return sorted(lines, key=key_of, reverse=descending) if name in known else lines


def comparison_view(db: Session, seance: Seance, found: Compared) -> dict[str, Any]:
    """The page."""
    comparison, asked = found.comparison, found.asked
    hypotheses = comparison.hypotheses
    return seance_heading(seance) | {
        "asked": asked,
        "year": found.year,
        "known": [one.scenario for one in list_scenarios(db, seance)],
        "ways": WAYS,
        "credits": [(one.credit, found.words.line(one.credit)) for one in hypotheses[0].credits],
        "columns": [
            {
                "name": name_of(one),
                "scenario": one.scenario,
                "address": address_of(one.scenario) if one.scenario else f"/seances/{seance.id}",
                "is_base": rank == comparison.base,
                "movement": comparison.movements[rank],
            }
            for rank, one in enumerate(hypotheses)
        ],
        "sections": figure_sections(hypotheses, found.words),
        "heads": _heads(found),
        "lines": [{"one": one, "label": found.words.line(one.line.key)} for one in found.lines],
        "totals": _totals(found),
        "number": len(found.lines),
        "of": len(comparison.lines),
    }


def _totals(found: Compared) -> list[tuple[Decimal, Decimal]]:
    """Of the lines shown, in each hypothesis: the amounts, the differences."""
    ranks = range(len(found.comparison.hypotheses))
    zero = Decimal(0)
    return [
        (
            sum((one.amounts[rank] for one in found.lines), zero),
            sum((one.differences[rank] for one in found.lines), zero),
        )
        for rank in ranks
    ]


def _heads(found: Compared) -> list[dict[str, Any]]:
    heads = [("dossier", "Dossier", False), ("ligne", "Ligne", False), ("demande", "Demandé", True)]
    for rank, one in enumerate(found.comparison.hypotheses):
        heads.append((f"m{rank}", name_of(one), True))
        if rank != found.comparison.base:
            heads.append((f"e{rank}", f"Écart\u00a0: {name_of(one)}", True))
    return [_head(found.asked, code, label, is_figure=is_figure) for code, label, is_figure in heads]


def _head(asked: Asked, code: str, label: str, *, is_figure: bool) -> dict[str, Any]:
    name, descending = asked.sort.removeprefix("-"), asked.sort.startswith("-")
    is_here = code == name
    wanted = f"-{code}" if (is_here and not descending) or (not is_here and is_figure) else code
    return {
        "label": label,
        "is_figure": is_figure,
        "address": asked.address(sort=wanted),
        "said": ("descending" if descending else "ascending") if is_here else "none",
    }


def comparison_sheets(seance: Seance, found: Compared) -> tuple[str, list[Sheet]]:
    """The title, the figures, then the lines, which are the whole of a CSV."""
    title = f"Scénarios comparés – {seance.label}, {moment(seance.starts_at)}"
    return title, [figures_sheet(found.comparison.hypotheses, found.words, title), _lines_sheet(found, title)]


def _lines_sheet(found: Compared, title: str) -> Sheet:
    hypotheses = found.comparison.hypotheses
    base = found.comparison.base
    columns = [
        Column("Référence", width=16),
        Column("Intitulé", width=40),
        Column("Porteur", width=32),
        Column("Ligne", width=36),
        Column("Demandé", Kind.EUROS, 15, total=True),
    ]
    for rank, one in enumerate(hypotheses):
        columns.append(Column(name_of(one), Kind.EUROS, 18, total=True))
        if rank != base:
            columns.append(Column(f"Écart\u00a0: {name_of(one)}", Kind.EUROS, 18, total=True))
    sheet = Sheet("Lignes", title, tuple(columns))
    for line in found.lines:
        cells: list[Cell] = [
            line.dossier.reference,
            line.dossier.title,
            line.dossier.porteur.name,
            found.words.line(line.line.key),
            line.line.requested,
        ]
        for rank in range(len(hypotheses)):
            cells.append(line.amounts[rank])
            cells += [] if rank == base else [line.differences[rank]]
        sheet.rows.append(tuple(cells))
    return sheet
