# SPDX-License-Identifier: EUPL-1.2
"""The programme table whole, thousands of rows: each row is written once here, escaped, and the template joins them."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from markupsafe import Markup, escape

from rules.wording import euros_of_cents
from web.presenters.stages import tone_of
from workflow.queries_board import ORDER
from workflow.queries_programme import SUMS, ProgrammeRow
from workflow.stages import STAGE_LABELS
from workflow.territory import Territory

AMOUNTS = dict(zip(SUMS, ("Demandé", "Proposé", "Retenu", "Accordé", "Versé", "Réalisé"), strict=True))
HEADS: tuple[tuple[str, str], ...] = (
    ("reference", "Référence"),
    ("title", "Action"),
    ("porteur", "Porteur"),
    ("stage", "Étape"),
    ("theme", "Groupe"),
    ("qpv", "Quartiers"),
    ("lead", "Chef de file"),
    ("cpo", "CPO"),
    ("total_cost", "Coût total"),
    *AMOUNTS.items(),
)
FEW_PLACES = 3
FIGURES = frozenset({"total_cost", *SUMS})
LAST = chr(0x10FFFF)  # after every name: what is not known ends the list
Key = Callable[[ProgrammeRow], Any]


def table_view(rows: Sequence[ProgrammeRow], territory: Territory, year: int, sort: str) -> dict[str, Any]:
    """The rows sorted as the address says (`-granted`: from the largest), their totals, the heads with their links."""
    name, descending = sort.removeprefix("-"), sort.startswith("-")
    if name not in dict(HEADS):
        name, descending = "reference", False
    themes = {theme.code: str(escape(theme.label)) for theme in territory.themes}
    ordered = sorted(rows, key=_key(name, themes), reverse=descending)
    return {
        "body": Markup("\n").join(_row(row, themes) for row in ordered),
        "number": len(rows),
        "heads": [_head(one, label, name, descending=descending, year=year) for one, label in HEADS],
        "totals": [euros_of_cents(total) for total in _totals(rows)],
    }


def _head(one: str, label: str, name: str, *, descending: bool, year: int) -> dict[str, Any]:
    is_here = one == name
    next_sort = f"-{one}" if (is_here and not descending) or (not is_here and one in FIGURES) else one
    return {
        "label": label,
        "address": f"/programme/dossiers?annee={year}&tri={next_sort}",
        "said": ("descending" if descending else "ascending") if is_here else "none",
        "is_figure": one in FIGURES,
    }


def _key(name: str, themes: dict[str, str]) -> Key:
    if name in SUMS:
        place = SUMS.index(name)
        return lambda row: -1 if row.sums[place] is None else row.sums[place]
    keys: dict[str, Key] = {
        "title": lambda row: row.title.casefold(),
        "porteur": lambda row: row.porteur.casefold(),
        "stage": lambda row: ORDER.index(row.stage),
        "theme": lambda row: themes.get(row.theme or "", LAST),
        "qpv": lambda row: (row.qpv or [LAST])[0],
        "lead": lambda row: (row.lead or LAST).casefold(),
        "cpo": lambda row: (row.cpo is None, not row.cpo),
        "total_cost": lambda row: -1 if row.total_cost is None else row.total_cost,
    }
    return keys.get(name, lambda row: row.reference)


def _totals(rows: Iterable[ProgrammeRow]) -> list[int]:
    columns = zip(*((row.total_cost, *row.sums) for row in rows), strict=True)
    found = [sum(filter(None, column)) for column in columns]
    return found or [0] * (1 + len(SUMS))


_BADGES = {
    stage.value: f'<span class="badge {tone_of(stage)}">{escape(label)}</span>'
    for stage, label in STAGE_LABELS.items()
}
_CPO = {True: "oui", False: "non", None: "—"}


def _places(codes: list[str]) -> Markup:
    """The codes of some neighbourhoods; their number when there are many."""
    return escape(", ".join(codes) if len(codes) <= FEW_PLACES else f"{len(codes)} quartiers")


def _row(row: ProgrammeRow, themes: dict[str, str]) -> Markup:
    """One row. Every text of people is escaped; the rest is ours."""
    amounts = "".join(f'<td class="n">{euros_of_cents(cents)}</td>' for cents in (row.total_cost, *row.sums))
    return Markup(  # noqa: S704 - escaped piece by piece just here
        f'<tr><th scope="row" class="ref"><a href="/dossiers/{row.id}">{escape(row.reference)}</a></th>'
        f"<td>{escape(row.title)}</td><td>{escape(row.porteur)}</td><td>{_BADGES[row.stage]}</td>"
        f"<td>{themes.get(row.theme or '', '')}</td><td class='codes'>{_places(row.qpv or [])}</td>"
        f"<td>{escape(row.lead or '')}</td><td>{_CPO[row.cpo]}</td>{amounts}</tr>"
    )
