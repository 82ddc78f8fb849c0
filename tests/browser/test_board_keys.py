# SPDX-License-Identifier: EUPL-1.2
"""The board by keyboard in a real browser: searched, walked, ticked and acted on; nothing is taken from a field."""

import pytest
from playwright.sync_api import expect

from app.tasks import drain_tasks
from tests.browser.conftest import Served
from tests.workflow.journey import at

pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
]


def test_a_search_is_walked_ticked_and_dispatched_by_keyboard(served: Served) -> None:
    world = served.site.world
    first, second = (at(world, "admissible", world.dossier(title=f"Action {n}")).dossier for n in range(2))
    world.dossier(title="Jardin partagé")
    page = served.sign_in(world.pilot)
    page.goto("/dossiers")
    page.keyboard.press("/")
    page.keyboard.type("etape:recevable jx?")
    expect(page.get_by_label("Rechercher")).to_have_value("etape:recevable jx?")
    page.get_by_label("Rechercher").fill("etape:recevable")
    expect(page.locator("#resultats")).not_to_contain_text("Jardin partagé")
    expect(page.locator("#resultats")).to_contain_text("Action 1")
    page.keyboard.press("Escape")
    expect(page.get_by_label("Rechercher")).to_have_value("etape:recevable")
    for key in ("j", "x", "ArrowDown", "x"):
        page.keyboard.press(key)
    expect(page.locator("input[name=dossier]:checked")).to_have_count(2)
    expect(page.get_by_role("link", name=second.reference, exact=True)).to_be_focused()
    page.get_by_role("button", name="Agir sur les dossiers cochés").click()
    page.get_by_label("Action sur les 2 dossiers choisis").select_option("dispatch")
    page.get_by_role("button", name="Voir l’aperçu").click()
    page.get_by_label("Instructeur chef de file").select_option(world.instructor.email)
    page.get_by_role("button", name="Répartir").click()
    expect(page.get_by_role("status")).to_contain_text("0 sur 2 dossiers")
    drain_tasks(served.site.application, "w")
    expect(page.get_by_role("status")).to_contain_text("2 sur 2 dossiers")  # without any reload
    assert {served.site.dossier(dossier).stage for dossier in (first, second)} == {"dispatched"}


def test_enter_opens_the_row_and_the_help_opens_and_closes(served: Served) -> None:
    dossier = at(served.site.world, "admissible").dossier
    page = served.sign_in(served.site.world.instructor)
    page.goto("/dossiers")
    page.keyboard.press("?")
    expect(page.get_by_text("Au clavier")).to_be_visible()
    page.keyboard.press("?")
    expect(page.get_by_text("Au clavier")).not_to_be_visible()
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/dossiers/{dossier.id}")
