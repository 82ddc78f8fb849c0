# SPDX-License-Identifier: EUPL-1.2
"""The round table in a real browser: two screens, the keyboard of a spreadsheet, blocks copied and pasted, without a script."""

import re
from decimal import Decimal

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Served
from tests.browser.steps import send
from tests.workflow.grid.tables import CAF, DEPARTEMENT, STATE, TOWN, conference
from tests.workflow.journey import Journey, at
from workflow.models import Person, Seance

pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
]
PASTE = """text => {
  const data = new DataTransfer();
  data.setData("text/plain", text);
  document.activeElement.dispatchEvent(new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true}));
}"""
COPY = """() => {
  const data = new DataTransfer();
  document.activeElement.dispatchEvent(new ClipboardEvent("copy", {clipboardData: data, bubbles: true, cancelable: true}));
  return data.getData("text/plain");
}"""


def three(served: Served) -> tuple[list[Journey], Seance]:
    world = served.site.world
    journeys = [at(world, "financers_conference", world.dossier()) for _ in range(3)]
    return journeys, conference(world, *journeys)


def open_table(served: Served, seance: Seance, person: Person, *, javascript: bool = True) -> Page:
    page = served.window(person, javascript=javascript)
    page.goto(f"/seances/{seance.id}/table")
    return page


def cell(page: Page, journey: Journey, key: str) -> Locator:
    return page.locator(f"#c{journey.dossier.id}-{journey.world.credits[key].id}")


def stand(page: Page, journey: Journey, key: str) -> Locator:
    found = cell(page, journey, key)
    found.locator("a").click()
    expect(found.locator("a")).to_be_focused()
    return found


def hear(page: Page) -> None:
    """The next poll, without waiting for it."""
    page.evaluate("htmx.trigger('#suite', 'maj')")


def test_cells_are_walked_typed_and_left_by_keyboard(served: Served) -> None:
    journeys, seance = three(served)
    first, second, _ = journeys
    page = open_table(served, seance, served.site.world.secretary)
    expect(page.get_by_role("grid")).to_be_visible()
    stand(page, first, DEPARTEMENT)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(cell(page, first, CAF).locator("a")).to_be_focused()
    page.keyboard.type("3000 ferme")
    page.keyboard.press("Enter")
    expect(cell(page, first, CAF)).to_contain_text(re.compile("3\u202f000\u00a0€ ferme"))
    expect(page.locator("#etat")).to_have_text("Enregistré.")
    expect(cell(page, second, CAF).locator("a")).to_be_focused()
    page.keyboard.press("F2")
    page.keyboard.type("5")
    page.keyboard.press("Escape")  # nothing is kept, and one stays on the cell
    expect(cell(page, second, CAF).locator("a")).to_be_focused()
    page.keyboard.type("refus : crédits épuisés")
    page.keyboard.press("Tab")
    expect(cell(page, second, CAF)).to_contain_text("crédits épuisés")
    expect(cell(page, second, STATE).locator("a")).to_be_focused()
    page.keyboard.type("4000")
    page.keyboard.press("Enter")
    expect(cell(page, second, STATE)).to_contain_text("proposé")
    expect(page.locator("#pied")).to_contain_text("4\u202f000\u00a0€")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Delete")
    expect(cell(page, second, STATE).locator("b")).to_have_count(0)
    page.keyboard.press("Control+Home")
    expect(page.locator(f"#r{first.dossier.id} th a")).to_be_focused()
    line = served.site.line(second.dossier, CAF)
    assert (line.state, line.reason) == ("declined", "crédits épuisés")
    assert served.site.line(first.dossier, CAF).promised == Decimal(3000)


def test_two_screens_see_each_other_and_a_conflict_shows_both_values(served: Served) -> None:
    journeys, seance = three(served)
    first, second, _ = journeys
    world = served.site.world
    mine, theirs = (
        open_table(served, seance, world.secretary),
        open_table(served, seance, world.financers["caf"]),
    )
    stand(mine, second, CAF)
    mine.keyboard.type("1500")
    mine.keyboard.press("Enter")
    expect(cell(mine, second, CAF)).to_contain_text("indicatif")
    hear(theirs)
    expect(cell(theirs, second, CAF)).to_contain_text(re.compile("1\u202f500\u00a0€ indicatif"))

    stand(theirs, first, CAF)
    theirs.keyboard.type("25")  # still typing when the other one saves
    stand(mine, first, CAF)
    mine.keyboard.type("3000 ferme")
    mine.keyboard.press("Enter")
    expect(cell(mine, first, CAF)).to_contain_text("ferme")
    hear(theirs)
    theirs.keyboard.type("00")
    expect(cell(theirs, first, CAF).get_by_role("textbox")).to_have_value(
        "2500"
    )  # not taken from the fingers
    theirs.keyboard.press("Enter")
    alert = cell(theirs, first, CAF).get_by_role("alert")
    for said in ("2500", "Modifiée entre-temps", "Sacha Secrétaire", "3000"):
        expect(alert).to_contain_text(said)
    hear(theirs)
    expect(alert).to_be_visible()
    cell(theirs, first, CAF).get_by_role("button", name="Remettre ma saisie").click()
    expect(cell(theirs, first, CAF)).to_contain_text(re.compile("2\u202f500\u00a0€ ferme"))
    hear(mine)
    expect(cell(mine, first, CAF)).to_contain_text(re.compile("2\u202f500\u00a0€ ferme"))
    cell(theirs, first, TOWN).locator("a").focus()
    theirs.keyboard.type("7")
    expect(theirs.locator("#etat")).to_have_text("Cette colonne n’est pas la vôtre.")


def test_a_block_is_copied_and_pasted_or_reported(served: Served) -> None:
    journeys, seance = three(served)
    first, second, third = journeys
    page = open_table(served, seance, served.site.world.secretary)
    stand(page, first, CAF)
    page.evaluate(PASTE, "3000 ferme\t4000\r\nnc\t3500\r\n")
    expect(page.locator("#etat")).to_have_text("Bloc enregistré.")
    expect(cell(page, second, CAF)).to_contain_text("non concerné")
    expect(cell(page, second, STATE)).to_contain_text("3\u202f500")
    stand(page, first, CAF)
    page.keyboard.press("Shift+ArrowDown")
    page.keyboard.press("Shift+ArrowRight")
    assert page.evaluate(COPY) == "3000\t4000\nnon concerné\t3500"
    expect(page.locator("[aria-selected=true]")).to_have_count(4)
    stand(page, second, CAF)
    page.evaluate(PASTE, "1000\t99999\n-3\t100")
    report = page.get_by_role("dialog")
    for said in ("Rien n’a été enregistré", "-3", third.dossier.reference):
        expect(report).to_contain_text(said)
    page.keyboard.press("Escape")
    assert served.site.line(second.dossier, CAF).state == "not_concerned"
    page.locator(f"#r{third.dossier.id} th a").click()
    expect(report).to_contain_text("L’an passé")


def test_without_a_script_each_cell_and_a_block_have_their_page(served: Served) -> None:
    journeys, seance = three(served)
    first, second, _ = journeys
    page = open_table(served, seance, served.site.world.financers["caf"], javascript=False)
    cell(page, first, CAF).locator("a").click()
    page.get_by_label("Montant ferme").check()
    page.get_by_label("Montant", exact=True).fill("3000")
    send(page, page.get_by_role("button", name="Enregistrer la case"))
    expect(page.get_by_role("status").first).to_contain_text("Case enregistrée")
    expect(cell(page, first, CAF)).to_contain_text("ferme")
    page.get_by_role("link", name="Coller un bloc").click()
    page.get_by_label("Dossier de la première ligne").select_option(str(second.dossier.id))
    page.get_by_label("Bloc à coller").fill("refus : épuisé\n-5")
    send(page, page.get_by_role("button", name="Enregistrer le bloc"))
    expect(page.get_by_role("alert")).to_contain_text("une case est refusée")
    page.get_by_label("Bloc à coller").fill("refus : épuisé\nnc")
    send(page, page.get_by_role("button", name="Enregistrer le bloc"))
    expect(page.get_by_role("status").first).to_contain_text("2 cases modifiées")
    assert served.site.line(second.dossier, CAF).reason == "épuisé"
