# SPDX-License-Identifier: EUPL-1.2
"""The page: escaped texts, accessible tables and charts, nothing fetched from elsewhere."""

import re

from reports.summary.as_html import render_fragment, render_page
from tests.reports.example_summary import FORMULA, LONG_NAME, example_summary


def test_typed_texts_are_escaped() -> None:
    page = render_fragment(example_summary())
    assert "&lt;b&gt;Ateliers&lt;/b&gt; &amp; #strong[danse] $x$" in page
    assert "<b>Ateliers" not in page
    assert FORMULA.replace('"', "&#34;") in page


def test_every_table_has_a_caption_and_scoped_headers() -> None:
    page = render_page(example_summary())
    tables = re.findall(r"<table>.*?</table>", page, re.DOTALL)
    assert len(tables) > 6
    assert all("<caption>" in table for table in tables)
    headers = re.findall(r"<th[ >][^>]*", page)
    assert all("scope=" in header for header in headers)


def test_charts_have_a_title_a_description_and_their_table() -> None:
    page = render_page(example_summary())
    assert re.search(r'<svg[^>]*role="img"[^>]*>\s*<title id=', page)
    assert "<desc" in page
    assert "Montants par quartier prioritaire – Programme 2026 à ce jour</caption>" in page


def test_page_stands_alone_and_fragment_has_no_style() -> None:
    page = render_page(example_summary())
    assert '<html lang="fr">' in page
    assert not re.search(r'(src|href)="(?!#)', page)
    fragment = render_fragment(example_summary())
    assert "<style" not in fragment
    assert " style=" not in fragment


def test_long_names_and_empty_seances_are_shown() -> None:
    assert LONG_NAME.strip() in render_page(example_summary(2))
    empty = render_page(example_summary(0))
    assert "Aucun dossier n’est inscrit" in empty
    assert "Ordre du jour" not in empty


def test_identifiers_are_unique() -> None:
    found = re.findall(r' id="([^"]+)"', render_page(example_summary(5)))
    assert len(found) == len(set(found))
