# SPDX-License-Identifier: EUPL-1.2
"""Rows escaped in one go say what cell by cell would say, whatever is typed."""

import pytest

from reports.summary.rows_html import about_spans, item_rows, line_rows

HOSTILE = ("<b>&", '100 % d\'ici "là"', "%s %d", "sépa\x1fré")


@pytest.mark.parametrize("typed", HOSTILE)
def test_typed_text_is_escaped_and_stays_in_its_cell(typed: str) -> None:
    [row] = line_rows([("CAF", "droit commun", "1", "2", "3", "4", "sollicité", typed)]).splitlines()

    shown = typed.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    shown = shown.replace("'", "&#39;").replace('"', "&#34;")
    assert row.endswith(f'<td>sollicité <span class="quiet">{shown}</span></td></tr>')
    assert row.count("<td") == 5
    assert about_spans([("Groupe", typed)]) == f"<span><b>Groupe&nbsp;:</b> {shown}</span>"


def test_an_item_leads_to_its_dossier() -> None:
    item = ("3", "Ateliers", "Centre", "favorable", "alerte", "10 €", "2 €", "5 €", "—")
    assert '<td>3</td><th scope="row"><a href="#dossier-3">Ateliers</a>' in item_rows([item])
    assert item_rows([]) == ""
