# SPDX-License-Identifier: EUPL-1.2
"""The states a page goes through, each as accessible as the page at rest: refused, in conflict, announced, empty, in
error, in the other colours; and where the focus stands after an act."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.checks import holds
from tests.browser.showcase import Showcase
from tests.browser.steps import send
from tests.factories.files import PDF
from web.throttle import PER_ACCOUNT
from workflow.contents import LARGEST
from workflow.models import Person

pytestmark = pytest.mark.browser
EMPTY = [
    "/journee",
    "/dossiers",
    "/dossiers/vues",
    "/avis",
    "/reponses",
    "/seances",
    "/calendrier",
    "/programme",
    "/programme/dossiers",
    "/enveloppes",
    "/organisations",
    "/administration",
    "/administration/import",
    "/messages",
    "/messages/prochains",
    "/etat",
]


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


def test_empty_contract(showcase: Showcase) -> None:
    page = window(showcase, showcase.world.stranger)
    for address in EMPTY:
        answer = page.goto(address)
        assert answer is not None and answer.status == 200, address
        holds(page)


@pytest.mark.parametrize(
    ("who", "address", "status"),
    [
        ("bearer", "/seances", 403),
        ("pilot", "/nulle-part", 404),
        (None, "/nulle-part", 404),
        ("pilot", "/deconnexion", 405),
        ("pilot", "/dossiers/1/actions/rien", 409),
        ("pilot", "/administration/parametres", 403),
        (None, "/connexion/lien/perdu", 410),
        (None, "/connexion/openid/inconnu", 404),
        (None, "/connexion/openid/proconnect/retour?state=x&code=y", 400),
    ],
)
def test_errors_say_what_to_do(showcase: Showcase, who: str | None, address: str, status: int) -> None:
    page = window(showcase, getattr(showcase.world, who) if who else None)
    answer = page.goto(address)
    assert answer is not None and answer.status == status
    expect(page.get_by_role("main").get_by_role("link").first).to_be_visible()
    holds(page)


def test_expired_session_keeps_what_was_typed(showcase: Showcase) -> None:
    page = window(showcase, showcase.world.pilot)
    page.goto(f"/dossiers/{showcase.dossiers['submitted'].id}/actions/declare_inadmissible")
    page.locator("main textarea").fill("Hors du contrat")
    page.context.clear_cookies()
    page.get_by_role("button", name="Déclarer irrecevable").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Connexion expirée")
    holds(page)


def test_too_many_attempts(showcase: Showcase) -> None:
    for _ in range(PER_ACCOUNT):
        showcase.site.anonymous().post("/connexion/lien", data={"email": "qui@ailleurs.test"})
    page = window(showcase)
    page.goto("/connexion/lien")
    page.get_by_label("Adresse électronique").fill("qui@ailleurs.test")
    with page.expect_response(lambda one: one.request.method == "POST") as answer:
        page.get_by_role("main").get_by_role("button").click()
    assert answer.value.status == 429
    expect(page).to_have_title(re.compile("^Erreur – "))
    holds(page)


@pytest.mark.parametrize(
    ("content", "status"),
    [(b"MZ\x90\x00 un programme", 415), (PDF + b"%" * LARGEST, 413)],
    ids=["a program named pdf", "too large"],
)
def test_refused_piece(showcase: Showcase, content: bytes, status: int) -> None:
    page = window(showcase, showcase.world.bearer)
    page.goto(f"/dossiers/{showcase.dossiers['co_instruction'].id}/pieces")
    form = page.locator("form[enctype]").first
    form.locator("select").first.select_option("statuts")
    form.locator("input[type=file]").set_input_files(
        {"name": "statuts.pdf", "mimeType": "application/pdf", "buffer": content}
    )
    with page.expect_response(lambda one: one.request.method == "POST") as answer:
        form.get_by_role("button", name="Envoyer la pièce").click()
    assert answer.value.status == status
    expect(page.get_by_role("alert")).to_be_focused()
    holds(page)


def test_refused_step_of_a_request(showcase: Showcase) -> None:
    page = window(showcase, showcase.world.bearer)
    page.goto(f"/demandes/{showcase.dossiers['draft'].id}/etapes/action")
    page.get_by_label("Intitulé de l’action").fill("")
    page.get_by_role("button", name="Enregistrer et continuer").click()
    expect(page).to_have_title(re.compile("^Erreur – "))
    expect(page.get_by_role("alert")).to_be_focused()
    expect(page.locator("[aria-invalid=true]").first).to_be_visible()
    holds(page)


def test_refused_opinion(showcase: Showcase) -> None:
    page = window(showcase, showcase.person("caf"))
    page.goto(showcase.address("/dossiers/{dossier_id}/avis/{opinion_id}"))
    page.get_by_role("button", name="Rendre l’avis").click()
    expect(page.get_by_role("alert")).to_be_focused()
    holds(page)


def test_merge_page(showcase: Showcase) -> None:
    """Two people wrote the synthesis at once."""
    page = window(showcase, showcase.world.instructor)
    address = f"/dossiers/{showcase.dossiers['co_instruction'].id}/avis"
    page.goto(address)
    other = window(showcase, showcase.world.instructor)
    for one, words in ((other, "Un réseau de bénévoles"), (page, "Un ancrage ancien")):
        if one is other:
            one.goto(address)
        form = one.locator("form[action$='/synthese']")
        form.get_by_label("Avis de synthèse").first.select_option("favourable")
        form.get_by_label("Points forts").fill(words)
        send(one, form.get_by_role("button", name="Enregistrer la synthèse"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Modifié entre-temps par quelqu’un d’autre")
    expect(page.get_by_role("alert")).to_be_focused()
    holds(page)


def test_refused_account(showcase: Showcase) -> None:
    page = window(showcase, showcase.world.administrator)
    page.goto("/administration/comptes")
    page.get_by_role("main").locator("form[method=post]").first.get_by_role("button").click()
    expect(page.get_by_role("alert")).to_be_visible()
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
