# SPDX-License-Identifier: EUPL-1.2
"""The states a page goes through, each as accessible as the page at rest: refused, in conflict, announced, empty, in
error, in the other colours; and where the focus stands after an act."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.checks import holds
from tests.browser.showcase import Showcase
from workflow.models import Person

pytestmark = pytest.mark.browser
EMPTY = ["/dossiers", "/seances", "/calendrier", "/programme", "/messages", "/messages/prochains", "/etat"]


def window(showcase: Showcase, person: Person | None = None, **options: object) -> Page:
    return showcase.served.window(person, reduced_motion="reduce", **options)


def test_sign_in_refused(showcase: Showcase) -> None:
    page = window(showcase)
    page.goto("/connexion")
    page.get_by_label("Adresse électronique").fill("personne@ailleurs.test")
    page.get_by_label("Mot de passe").fill("faux")
    page.get_by_role("button", name="Se connecter", exact=True).click()
    expect(page).to_have_title(re.compile("^Erreur – Se connecter"))
    expect(page.get_by_role("alert")).to_be_focused()
    holds(page)


def test_refused_form_takes_the_focus_to_its_summary(showcase: Showcase) -> None:
    page = window(showcase, showcase.world.pilot)
    page.goto(f"/dossiers/{showcase.dossiers['submitted'].id}/actions/request_completion")
    page.get_by_role("button", name="Demander des compléments").click()
    expect(page).to_have_title(re.compile("^Erreur – "))
    expect(page.get_by_role("alert")).to_be_focused()
    expect(page.locator("[aria-invalid=true], .fault").first).to_be_visible()
    holds(page)


def test_conflict_keeps_what_was_typed(showcase: Showcase) -> None:
    page = window(showcase, showcase.world.pilot)
    page.goto(f"/dossiers/{showcase.dossiers['admissible'].id}/actions/withdraw")
    page.goto(f"/dossiers/{showcase.dossiers['submitted'].id}/actions/declare_inadmissible")
    page.locator("input[name=version]").evaluate("field => field.value = '99'")
    page.locator("main textarea").fill("Hors du contrat")
    page.get_by_role("button", name="Déclarer irrecevable").click()
    expect(page.get_by_role("alert")).to_contain_text("Modifié entre-temps par quelqu’un d’autre")
    expect(page.get_by_role("alert")).to_contain_text("Hors du contrat")
    expect(page.get_by_role("alert")).to_be_focused()
    holds(page)


def test_announcement_takes_the_focus_once(showcase: Showcase) -> None:
    page = window(showcase, showcase.world.secretary)
    page.goto("/resume")
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.get_by_role("status")).to_be_focused()
    holds(page)
    page.reload()
    expect(page.get_by_role("status")).to_have_count(0)


@pytest.mark.parametrize("address", EMPTY)
def test_empty_contract(showcase: Showcase, address: str) -> None:
    page = window(showcase, showcase.world.stranger)
    answer = page.goto(address)
    assert answer is not None and answer.status == 200
    holds(page)


@pytest.mark.parametrize(
    ("who", "address", "status"),
    [
        ("bearer", "/seances", 403),
        ("pilot", "/nulle-part", 404),
        (None, "/nulle-part", 404),
        ("pilot", "/deconnexion", 405),
        ("pilot", "/dossiers/1/actions/rien", 409),
    ],
)
def test_errors_say_what_to_do(showcase: Showcase, who: str | None, address: str, status: int) -> None:
    page = window(showcase, getattr(showcase.world, who) if who else None)
    answer = page.goto(address)
    assert answer is not None and answer.status == status
    expect(page.get_by_role("main").get_by_role("link").first).to_be_visible()
    holds(page)


def test_foreign_form_is_refused_by_a_page(showcase: Showcase) -> None:
    page = window(showcase)
    page.route(
        "**/depuis-ailleurs",
        lambda route: route.fulfill(
            content_type="text/html",
            headers={"Content-Security-Policy": "sandbox allow-forms"},
            body=f"<form method=post action='{showcase.served.address}/connexion'><button>Ici</button></form>",
        ),
    )
    page.goto("/depuis-ailleurs")
    page.get_by_role("button").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Accès refusé")
    holds(page)


def test_a_porteurs_pages(showcase: Showcase) -> None:
    page = window(showcase, showcase.world.bearer)
    for address in ("/dossiers", f"/dossiers/{showcase.dossiers['incomplete'].id}"):
        page.goto(address)
        expect(page.get_by_role("navigation", name="Rubriques").get_by_role("link").first).to_have_text(
            "Mes dossiers"
        )
        holds(page)


@pytest.mark.parametrize("javascript", [True, False])
def test_colours_are_chosen_and_kept(showcase: Showcase, *, javascript: bool) -> None:
    page = window(showcase, showcase.world.pilot, javascript=javascript)
    page.goto("/dossiers?vue=tableau")
    page.get_by_role("button", name="Sombre").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    expect(page.get_by_role("button", name="Sombre")).to_have_attribute("aria-pressed", "true")
    assert page.url.endswith("/dossiers?vue=tableau")
    page.goto("/programme")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    if javascript:
        holds(page)
    page.get_by_role("button", name="Auto").click()
    expect(page.locator("html")).not_to_have_attribute("data-theme", "dark")


@pytest.mark.parametrize("javascript", [True, False])
def test_menu_on_a_phone(showcase: Showcase, *, javascript: bool) -> None:
    page = window(showcase, showcase.world.pilot, javascript=javascript, width=390)
    page.goto("/dossiers")
    expect(page.get_by_role("link", name="Séances")).to_be_hidden()
    page.get_by_role("button", name="Menu").press("Enter")
    expect(page.get_by_role("link", name="Séances")).to_be_visible()
    if javascript:
        holds(page)
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name="Séances")).to_be_hidden()
    page.get_by_role("button", name="Menu").click()
    page.get_by_role("link", name="Séances").click()
    page.wait_for_url("**/seances")
