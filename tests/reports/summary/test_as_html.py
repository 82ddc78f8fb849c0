# SPDX-License-Identifier: EUPL-1.2
"""The page: escaped texts, accessible tables and charts, nothing fetched from elsewhere."""

import re
from dataclasses import replace
from datetime import date

from reports.summary.as_html import render_fragment, render_page
from rules.wording import day
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
    charts = re.findall(r"<svg.*?</svg>(.*?)</table>", page, re.DOTALL)
    drawings = re.findall(r"<svg.*?</svg>", page, re.DOTALL)
    assert len(drawings) == len(charts) == 6
    for drawing in drawings:
        assert re.search(
            r'role="img" aria-labelledby="(\S+) \S+".*<title id="\1">[^<]+</title>\s*<desc',
            drawing,
            re.DOTALL,
        )
    assert all("<caption>" in after for after in charts)


def test_series_differ_by_hatching_not_by_colour_alone() -> None:
    page = render_page(example_summary())
    [envelopes] = re.findall(r'<svg[^>]*"enveloppes-title.*?</svg>', page, re.DOTALL)
    for series in ("hatch-1", "hatch-2"):
        assert f'<pattern id="enveloppes-{series}"' in envelopes
        assert envelopes.count(f"url(#enveloppes-{series})") == 2  # in the legend and in the bar


def test_before_the_seance_it_asks_and_after_it_says_what_was_decided() -> None:
    summary = example_summary()
    before = render_page(summary)
    assert ">Ce qui est demandé au comité</h2>" in before
    assert "Points d’attention" in before

    retained = replace(summary.dossiers[0], decision="retained", decision_label="retenu")
    put_off = replace(summary.dossiers[1], decision="deferred", decision_label="ajourné")
    closed = replace(
        summary,
        header=replace(summary.header, status="closed", status_label="close"),
        dossiers=(retained, put_off, replace(retained, rank=3)),
    )
    after = render_page(closed)
    assert ">Ce qui a été décidé</h2>" in after
    assert "3\xa0dossiers (2\xa0retenus\xa0; 1\xa0ajourné)" in after
    assert "demandé au comité" not in after
    assert "Points d’attention" not in after
    assert "avec la séance" not in after

    cancelled = replace(summary, header=replace(summary.header, status="cancelled"))
    assert "rien n’est demandé au comité" in render_page(cancelled)


def test_the_adopted_scenario_and_the_solver_are_named() -> None:
    page = render_page(example_summary())
    assert f"scénario «\xa0Équilibre entre quartiers\xa0», adopté le {day(date(2026, 3, 1))}." in page
    assert "Optimum prouvé" in page


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


def test_identifiers_are_unique_and_headings_say_both_years() -> None:
    summary = example_summary(5)
    year = summary.header.years[0]
    more = {
        name: (*blocks, *(replace(one, year=one.year + 1) for one in blocks))
        for name in ("agenda", "programmes", "together", "last_year")
        if (blocks := getattr(summary, name))
    }
    page = render_page(
        replace(summary, header=replace(summary.header, years=(year, year + 1)), **more)  # type: ignore[arg-type]
    )
    found = re.findall(r' id="([^"]+)"', page)
    assert len(found) == len(set(found))
    assert f">Programme {year} et {year + 1}</th>" in page and f">{year - 1} et {year}</th>" in page
