# SPDX-License-Identifier: EUPL-1.2
"""An override is printed in every form of the summary, with who made it and why; a withdrawn one is not."""

import io
import json
import re

import pikepdf
import pytest
from python_calamine import CalamineWorkbook

from reports.summary.as_html import render_fragment, render_page
from reports.summary.as_json import render_json
from reports.summary.as_ods import render_ods
from reports.summary.as_pdf import render_pdf
from reports.summary.as_xlsx import render_xlsx
from reports.summary.prepare import prepare
from reports.summary.structure import Summary
from tests.factories.world import World
from tests.reports.pdf_text import text_of
from tests.workflow.journey import Journey, at
from workflow.settlements import settle, withdraw

RULE, LINE = "qpv.majority", "etat:specifique"
WHY = "Action pilote, suivie en revue de projet"
WHO = "Inès Instructrice (État)"
SITE = "https://coinstruction.exemple.fr"


@pytest.fixture
def journey(world: World) -> Journey:
    """A dossier at the commitment, its State credit overridden by the State's instructor."""
    journey = at(world, "admissible", world.dossier(beneficiaries_qpv=10))
    state = journey.actor(world.instructor)
    settle(world.db, journey.dossier, RULE, "overridden", WHY, state, journey.now, LINE)
    for step in (
        Journey.dispatch,
        Journey.open_co_instruction,
        Journey.send_to_conference,
        Journey.send_to_commitment,
    ):
        step(journey)
    return journey


def summary_of(journey: Journey) -> Summary:
    return prepare(journey.db, journey.committee(), journey.now)


def flat(text: str) -> str:
    return re.sub(r"\s+", "", text)


def test_every_form_prints_who_and_why(journey: Journey) -> None:
    summary = summary_of(journey)
    document = json.loads(render_json(summary))
    [told] = document["dossiers"][0]["settlements"]
    assert (told["kind"], told["by"], told["reason"]) == ("overridden", WHO, WHY)
    assert document["totals"]["overrides"] == 1
    for shown in (render_page(summary), render_fragment(summary)):
        assert "<strong>Dérogation</strong>" in shown and WHY in shown and WHO in shown
        assert "non respecté, dérogation" in shown
        assert "1\u00a0dérogation à une condition locale, avec motif." in shown
    paper = flat(text_of(render_pdf(summary)))
    assert all(flat(words) in paper for words in ("Dérogation", WHY, WHO))
    for workbook in (render_xlsx(summary), render_ods(summary)):
        sheets = CalamineWorkbook.from_filelike(io.BytesIO(workbook))
        rows = sheets.get_sheet_by_name("Constats").to_python()
        assert any({"dérogation", WHY, WHO} <= set(map(str, row)) for row in rows)
    assert summary.dossiers[0].is_blocked is False


def test_withdrawn_override_is_not_printed(journey: Journey) -> None:
    waiver = journey.dossier.waivers[0]
    pilot = journey.actor(journey.world.pilot)
    withdraw(journey.db, journey.dossier, waiver.id, "Revu", pilot, journey.now)
    journey.db.flush()

    summary = summary_of(journey)

    assert summary.dossiers[0].settlements == ()
    assert summary.totals.overrides == 0
    assert "Dérogation</strong>" not in render_page(summary)


def test_line_fallen_by_a_rule_says_its_name(world: World) -> None:
    journey = at(world, "financers_conference")
    journey.dossier.beneficiaries_qpv = 10
    journey.send_to_commitment()

    line = next(line for line in summary_of(journey).dossiers[0].lines if line.key == LINE)

    assert line.reason == "condition non remplie\u00a0: Majorité d’habitants des quartiers prioritaires"


def addresses(pdf: bytes) -> set[str]:
    """Where the links of a PDF lead."""
    with pikepdf.open(io.BytesIO(pdf)) as document:
        links = [note for page in document.pages for note in page.get("/Annots", [])]
        return {str(link["/A"]["/URI"]) for link in links if "/A" in link}


def test_files_link_to_the_rules_where_the_site_is_known(world: World) -> None:
    journey = at(world, "commitment")
    journey.dossier.beneficiaries_qpv = 10
    summary = summary_of(journey)

    assert addresses(render_pdf(summary)) == set()
    assert f"{SITE}/regles/{RULE}" in addresses(render_pdf(summary, SITE))
    assert f'href="{SITE}/regles/{RULE}"' in render_page(summary, SITE)
    assert "/regles/" not in render_page(summary)
