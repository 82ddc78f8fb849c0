# SPDX-License-Identifier: EUPL-1.2
"""In a real browser, with and without JavaScript: sign in, advance a dossier, hold a whole committee, by keyboard too."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Served
from tests.browser.steps import send
from tests.workflow.journey import at

pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
]


@pytest.mark.parametrize("javascript", [True, False])
def test_an_instructor_finds_and_advances_a_dossier(served: Served, *, javascript: bool) -> None:
    dossier = at(served.site.world, "submitted").dossier
    page = served.sign_in(served.site.world.instructor, javascript=javascript)
    page.get_by_role("link", name="Dossiers", exact=True).click()
    page.get_by_label("Rechercher").fill(dossier.reference.lower())
    page.get_by_role("button", name="Filtrer").click()
    page.get_by_role("link", name=dossier.reference, exact=True).click()
    expect(page).to_have_title(re.compile(f"^Dossier {dossier.reference} – "))
    send(page, page.get_by_role("button", name="Déclarer recevable"))
    expect(page.get_by_role("status")).to_contain_text("désormais « Recevable »")
    expect(page.get_by_label("Parcours du dossier")).to_contain_text("Recevable")
    assert served.site.dossier(dossier).stage == "admissible"


def test_filters_answer_without_leaving_the_page(served: Served) -> None:
    world = served.site.world
    kept, other = at(world, "admissible").dossier, world.dossier(title="Jardin partagé")
    page = served.sign_in(world.instructor)
    page.goto("/dossiers")
    expect(page.locator("#resultats")).to_contain_text("Jardin partagé")
    page.get_by_role("search").get_by_label("Étape", exact=True).select_option("admissible")
    expect(page.locator("#resultats")).not_to_contain_text("Jardin partagé")
    assert "etape=admissible" in page.url
    expect(page.locator("#resultats")).to_contain_text(kept.reference)
    page.go_back()
    expect(page.locator("#resultats")).to_contain_text(other.reference)


def test_a_whole_committee_in_session(served: Served) -> None:
    world = served.site.world
    kept, refused = at(world, "commitment"), at(world, "commitment", world.dossier(title="Second"))
    page = served.sign_in(world.secretary)
    page.get_by_role("link", name="Séances").click()
    page.locator("summary", has_text="Prévoir une séance").click()
    page.get_by_label("Instance").select_option("comite")
    page.get_by_label("Date et heure").fill("2026-04-14T09:30")
    send(page, page.get_by_role("button", name="Prévoir la séance"))
    send(page, page.get_by_role("button", name="Inscrire les dossiers en attente"))
    page.locator("summary", has_text="Convoquer").click()
    expect(page.locator(".actions")).to_contain_text("Un message part à 6 membres")
    send(page, page.get_by_role("button", name="Convoquer"))
    expect(page.get_by_role("status")).to_contain_text("convoquée")
    page.locator("summary", has_text="Ouvrir la séance").click()
    expect(page.locator(".actions")).to_contain_text("ouvrir aujourd’hui ?")
    send(page, page.get_by_role("button", name="Ouvrir la séance"))
    expect(page).to_have_url(re.compile("/session$"))
    for financer in world.financers.values():
        page.get_by_label(f"Présence de {financer.name}").select_option("present")
    send(page, page.get_by_role("button", name="Enregistrer les présences"))
    send(page, page.get_by_role("button", name="Retenir tel que proposé"))
    expect(page.get_by_role("status")).to_contain_text("2 dossiers retenus")

    page.get_by_role("navigation", name="Ordre du jour").get_by_role(
        "link", name=re.compile("Second")
    ).click()
    page.get_by_role("radio", name="Ne pas retenir").check()
    page.get_by_label("Motif").fill("Hors des priorités de l’année")
    send(page, page.get_by_role("button", name="Enregistrer la décision"))
    page.get_by_role("link", name="Clore la séance").click()
    expect(page.get_by_role("main")).to_contain_text("Aucun courrier ne part aux porteurs")
    send(page, page.get_by_role("button", name="Clore la séance"))
    expect(page.get_by_role("status")).to_contain_text("désormais close")
    page.get_by_role("link", name="Synthèse d’arbitrage", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert served.site.dossier(kept.dossier).stage == "committed"
    assert served.site.dossier(refused.dossier).stage == "rejected"


def test_two_agents_on_one_dossier(served: Served) -> None:
    dossier = at(served.site.world, "submitted").dossier
    first, second = (served.sign_in(p) for p in (served.site.world.pilot, served.site.world.instructor))
    for page in (first, second):
        page.goto(f"/dossiers/{dossier.id}")
    second.locator("summary", has_text="Déclarer irrecevable").click()
    second.locator("form[action$=declare_inadmissible] textarea").fill("Action hors du contrat")
    send(first, first.get_by_role("button", name="Déclarer recevable"))
    expect(first.get_by_role("status")).to_contain_text("Recevable")
    send(second, second.get_by_role("button", name="Déclarer irrecevable"))
    expect(second.get_by_role("alert")).to_contain_text("Modifié entre-temps par quelqu’un d’autre")
    expect(second.get_by_role("alert")).to_contain_text("Action hors du contrat")
