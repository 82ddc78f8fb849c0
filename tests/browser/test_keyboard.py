# SPDX-License-Identifier: EUPL-1.2
"""The main journey with the keyboard alone: sign in, open a dossier, act, read the confirmation; the focus seen at each
stop, and kept when a part of the page is replaced. Then weight of the first pages, and Back."""

import re

import pytest
from playwright.sync_api import CDPSession, Page, expect

from tests.browser.conftest import PASSWORD, PASSWORD_HASH, Served
from tests.workflow.journey import at

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)]
HEAVIEST = 150_000
# The outline of what has the focus: width, style and colour; a ring without width is no ring.
RING = """() => { const style = getComputedStyle(document.activeElement); return [document.activeElement.tagName, parseFloat(style.outlineWidth), style.outlineStyle]; }"""


def tab_to(page: Page, role: str, name: str) -> None:
    """Presses Tab until this is reached; every stop shows its ring."""
    wanted = page.get_by_role(role, name=name, exact=True).first  # type: ignore[arg-type]
    for _ in range(80):
        page.keyboard.press("Tab")
        tag, width, style = page.evaluate(RING)
        if tag != "BODY":
            assert width >= 2 and style != "none", page.evaluate(
                "document.activeElement.outerHTML.slice(0, 200)"
            )
        if wanted.evaluate("one => one === document.activeElement"):
            return
    pytest.fail(f"the keyboard does not reach « {name} »")


def test_the_main_journey(served: Served) -> None:
    world = served.site.world
    dossier = at(world, "submitted").dossier
    world.instructor.password_hash = PASSWORD_HASH
    world.db.commit()
    page = served.window()
    page.goto("/")
    tab_to(page, "textbox", "Adresse électronique")
    page.keyboard.type(world.instructor.email)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/connexion" not in url)
    page.goto("/dossiers")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Aller au contenu")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_be_focused()
    tab_to(page, "link", dossier.reference)
    page.keyboard.press("Enter")
    expect(page).to_have_title(re.compile(f"^Dossier {dossier.reference} – "))
    tab_to(page, "button", "Déclarer recevable")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("désormais « Recevable »")
    expect(page.get_by_role("status")).to_be_focused()
    assert served.site.dossier(dossier).stage == "admissible"


def test_a_request_is_written_and_filed(served: Served) -> None:
    draft = served.site.world.dossier()
    page = served.window(served.site.world.bearer)
    page.goto(f"/demandes/{draft.id}")
    tab_to(page, "link", "L’action")
    page.keyboard.press("Enter")
    page.wait_for_url("**/etapes/action")
    tab_to(page, "textbox", "Intitulé de l’action")
    page.keyboard.press("ControlOrMeta+A")
    page.keyboard.type("Ateliers du matin")
    tab_to(page, "button", "Enregistrer et revenir aux étapes")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").first).to_be_focused()
    tab_to(page, "link", "Vérifier et déposer")
    page.keyboard.press("Enter")
    page.wait_for_url("**/verification")
    tab_to(page, "button", "Déposer la demande")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Demande déposée")
    filed = served.site.dossier(draft)
    assert (filed.stage, filed.title) == ("submitted", "Ateliers du matin")


def test_an_opinion_is_given(served: Served) -> None:
    dossier = at(served.site.world, "co_instruction").dossier
    page = served.window(served.site.world.financers["caf"])
    page.goto("/avis")
    tab_to(page, "link", dossier.reference)
    page.keyboard.press("Enter")
    page.wait_for_url("**/avis/*")
    tab_to(page, "radio", "Favorable")
    page.keyboard.press("Space")
    tab_to(page, "textbox", "Observations")
    page.keyboard.type("Utile aux familles")
    tab_to(page, "button", "Rendre l’avis")
    page.keyboard.press("Enter")
    expect(page.locator("p.announced")).to_be_focused()
    expect(page.locator("p.announced")).to_contain_text("Avis enregistré.")
    given = {one.value: one.text for one in served.site.dossier(dossier).opinions}
    assert given["favourable"] == "Utile aux familles"


def test_focus_and_results_stay_when_a_list_is_filtered(served: Served) -> None:
    kept = at(served.site.world, "submitted").dossier
    served.site.world.dossier(title="Jardin partagé")
    page = served.window(served.site.world.instructor)
    page.goto("/dossiers")
    box = page.get_by_label("Rechercher")
    box.focus()
    page.keyboard.type("jardin")
    expect(page.get_by_role("status")).to_contain_text("1 dossier")
    expect(page.get_by_role("link", name=kept.reference)).to_have_count(0)
    expect(box).to_be_focused()
    expect(page.locator("#said")).to_contain_text("1 dossier")
    page.go_back()
    expect(page.get_by_role("link", name=kept.reference).first).to_be_visible()


def test_a_refused_form_sent_again_by_back_loses_nothing(served: Served) -> None:
    dossier = at(served.site.world, "submitted").dossier
    page = served.window(served.site.world.pilot)
    page.goto(f"/dossiers/{dossier.id}/actions/declare_inadmissible")
    page.locator("main textarea").fill("Hors du contrat")
    page.get_by_role("link", name="Règles").click()
    page.go_back()
    expect(page.locator("main textarea")).to_have_value("Hors du contrat")
    page.get_by_role("button", name="Déclarer irrecevable").dblclick()
    expect(page.get_by_role("status")).to_contain_text("Irrecevable")
    assert served.site.dossier(dossier).version == dossier.version + 1


def test_first_pages_are_light(served: Served) -> None:
    for rank in range(60):
        served.site.world.dossier(title=f"Action numéro {rank} au pied des immeubles")
    for person, address in ((None, "/connexion"), (served.site.world.instructor, "/dossiers")):
        page = served.window(person)
        devtools: CDPSession = page.context.new_cdp_session(page)
        devtools.send("Network.enable")
        received: list[float] = []
        devtools.on(
            "Network.loadingFinished", lambda event, seen=received: seen.append(event["encodedDataLength"])
        )
        page.goto(address, wait_until="networkidle")
        assert len(received) >= 4  # the page, its style sheets, its script
        assert sum(received) < HEAVIEST, (address, received)
