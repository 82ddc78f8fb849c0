# SPDX-License-Identifier: EUPL-1.2
"""A block of the summary as people read it: title, sentence, chart, the table behind it, list. Already in French."""

from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any

from reports.charts import Chart
from rules import wording

View = dict[str, Any]
Head = tuple[str, bool]  # label, True for a column of figures
NOTHING = "—"


@lru_cache(maxsize=20_000)
def money(value: Decimal | None) -> str:
    """An amount in a table cell: a dash when unknown."""
    return NOTHING if value is None else wording.euros(value)


def table(
    caption: str,
    heads: Sequence[Head],
    rows: Sequence[tuple[str, ...]],
    *,
    total: tuple[str, ...] | None = None,
    over: Sequence[int] = (),
) -> View:
    """A small table; the first cell of a row names it. `over`: the rows that exceed something."""
    return {"caption": caption, "heads": list(heads), "rows": list(rows), "total": total, "over": list(over)}


def block(
    title: str,
    *,
    note: str = "",
    chart: Chart | None = None,
    table: View | None = None,
    items: Sequence[str] = (),
) -> View:
    """What is shown under one title."""
    return {"title": title, "note": note, "chart": chart, "table": table, "items": list(items)}
