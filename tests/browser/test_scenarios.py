# SPDX-License-Identifier: EUPL-1.2
"""A secretary simulates, compares, adopts and puts back, with and without a script; each state as accessible as the others."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.checks import holds
from tests.browser.conftest import Served
from tests.browser.showcase import Showcase
from tests.browser.steps import Someone, send
from tests.workflow.conference_room import STATE, Room

pytestmark = pytest.mark.browser


def amount(page: Page, reference: str) -> str:
    return page.get_by_label(re.compile(f"^{reference}, État")).input_value()


@pytest.mark.parametrize("javascript", [True, False])
def test_from_a_simulation_to_the_proposals_and_back(served: Served, *, javascript: bool) -> None:
    world = served.site.world
    room = Room(world, dossiers=2)
    world.db.commit()
    reference = room.dossiers[0].reference
    secretary = Someone(served, world.secretary, javascript=javascript)
    page = secretary.page
    page.goto(f"/seances/{room.seance.id}")
    page.get_by_role("link", name="Scénarios", exact=True).click()
    secretary.press("Créer le scénario", {"Nom": "Prudent"}, said="Scénario créé")
    assert amount(page, reference) == "4000"

    page.get_by_label(re.compile(f"^{reference}, État")).fill("1 500")
    page.get_by_label(re.compile(f"^Verrouiller {reference}, État")).check()
    send(page, page.get_by_role("button", name="Enregistrer les montants"))
    expect(page.get_by_role("status").first).to_contain_text("2 changements enregistrés")
    assert amount(page, reference) == "1500"

    page.get_by_role("link", name="Qui gagne, qui perd").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Scénarios comparés")
    lines = page.get_by_role("table", name="Montants de chaque ligne")
    expect(lines.locator("tbody tr")).to_have_count(1)
    page.get_by_label("Lignes", exact=True).select_option("qui gagnent")
    send(page, page.get_by_role("button", name="Comparer"))
    expect(page.get_by_text("Aucune ligne.")).to_be_visible()

    page.get_by_role("link", name="Prudent").first.click()
    secretary.press("Adopter ce scénario", said="1 proposition changée")
    expect(page.get_by_role("button", name="Enregistrer les montants")).to_have_count(0)
    assert served.site.line(room.dossiers[0], STATE).proposed == 1500
    secretary.press("Annuler l’adoption", said="comme avant")
    assert served.site.line(room.dossiers[0], STATE).proposed == 4000


def test_a_refused_amount_has_the_focus_and_is_told(showcase: Showcase) -> None:
    page = showcase.served.window(showcase.world.secretary, reduced_motion="reduce")
    page.goto(f"/seances/{showcase.seances['conference'].id}/scenarios/{showcase.scenario.id}")
    field = page.get_by_label(re.compile("^[^V].*État"))
    field.fill("999 999")
    send(page, page.get_by_role("button", name="Enregistrer les montants"))
    expect(page).to_have_title(re.compile("^Erreur – "))
    expect(page.get_by_role("alert")).to_be_focused()
    expect(field).to_have_value("999 999")
    expect(field).to_have_attribute("aria-invalid", "true")
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    holds(page)


def test_two_versions_of_the_amounts_are_brought_together(showcase: Showcase) -> None:
    page = showcase.served.window(showcase.world.secretary, reduced_motion="reduce")
    page.goto(f"/seances/{showcase.seances['conference'].id}/scenarios/{showcase.scenario.id}")
    page.get_by_label(re.compile("^[^V].*État")).fill("300")
    page.locator("form[id$=montants] input[name=version]").evaluate("field => field.value = '99'")
    send(page, page.get_by_role("button", name="Enregistrer les montants"))
    expect(page.get_by_role("main")).to_contain_text("300")
    holds(page)


def test_an_adopted_scenario_and_an_empty_list(showcase: Showcase) -> None:
    room = Room(showcase.world, in_days=45)
    scenario = room.create("Adopté")
    empty = Room(showcase.world, in_days=46)
    showcase.world.db.commit()
    site, world = showcase.site, showcase.world
    site.post(site.client(world.secretary), f"/seances/{room.seance.id}/scenarios/{scenario.id}/adoption")
    page = showcase.served.window(world.secretary, reduced_motion="reduce")
    page.goto(f"/seances/{room.seance.id}/scenarios/{scenario.id}")
    expect(page.get_by_role("button", name="Annuler l’adoption")).to_be_visible()
    holds(page)
    page.goto(f"/seances/{empty.seance.id}/scenarios")
    expect(page.get_by_text("Aucun scénario.")).to_be_visible()
    holds(page)
