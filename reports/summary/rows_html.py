# SPDX-License-Identifier: EUPL-1.2
"""The rows of the long tables as HTML, filters of the templates: a row is escaped in one go, not cell by cell."""

from collections.abc import Iterable, Sequence

from markupsafe import Markup, escape

BETWEEN = "\x1f"  # a separator of texts, which no keyboard has
AMOUNT = '<td class="n">%s</td>'
LINE = (
    '<tr><th scope="row">%s <span class="quiet">%s</span></th>'
    + AMOUNT * 4
    + '<td>%s <span class="quiet">%s</span></td></tr>'
)
ITEM = (
    '<tr><td>%s</td><th scope="row"><a href="#dossier-%s">%s</a><br><span class="quiet">%s</span></th>'
    "<td>%s</td><td>%s</td>" + AMOUNT * 4 + "</tr>"
)
ABOUT = "<span><b>%s&nbsp;:</b> %s</span>"


def line_rows(lines: Iterable[Sequence[str]]) -> Markup:
    """Funding lines: financer, nature, four amounts, state, note."""
    return _rows(LINE, lines)


def item_rows(items: Iterable[Sequence[str]]) -> Markup:
    """The agenda: rank, title, porteur, opinion, alert, four amounts; the title leads to its dossier."""
    return _rows(ITEM, ((item[0], *item) for item in items))


def about_spans(facts: Iterable[Sequence[str]]) -> Markup:
    """What an action is: labels and values, one after the other."""
    return _rows(ABOUT, facts)


def _rows(shape: str, rows: Iterable[Sequence[str]]) -> Markup:
    return Markup("\n").join(Markup(shape % _escaped(row)) for row in rows)  # noqa: S704 - escaped just below


def _escaped(cells: Sequence[str]) -> tuple[str, ...]:
    parts = str(escape(BETWEEN.join(cells))).split(BETWEEN)
    if len(parts) == len(cells):
        return tuple(parts)
    return tuple(str(escape(cell)) for cell in cells)  # somebody typed the separator
