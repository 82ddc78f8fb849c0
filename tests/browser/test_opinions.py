# SPDX-License-Identifier: EUPL-1.2
"""Opinions in a real browser: the draft typed, left and found again, with and without JavaScript; the session that ends."""

import re

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import delete

from tests.browser.conftest import PASSWORD, Served
from tests.browser.steps import send
from tests.web.test_opinion_pages import of, page_of
from tests.workflow.journey import at
from workflow.models import LoginSession

pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
]


def end_sessions(served: Served) -> None:
    with served.site.application.write() as db:
        db.execute(delete(LoginSession))


def sign_in_again(page: Page, email: str) -> None:
    page.get_by_label("Adresse électronique").fill(email)
    page.get_by_label("Mot de passe").fill(PASSWORD)
    send(page, page.get_by_role("button", name="Se connecter"))


def test_a_draft_is_saved_as_one_types_and_found_again(served: Served) -> None:
    path = page_of(of(at(served.site.world, "co_instruction"), "caf"))
    page = served.sign_in(served.site.world.financers["caf"])
    page.goto(path)
    page.get_by_role("radio", name="Favorable avec réserves").check()
    page.get_by_label("Observations").press_sequentially("Public à préciser")
    expect(page.locator("#brouillon")).to_contain_text("Brouillon enregistré le")
    page.goto("/dossiers")
    page.goto(path)
    expect(page.get_by_label("Observations")).to_have_value("Public à préciser")
    expect(page.get_by_role("radio", name="Favorable avec réserves")).to_be_checked()


def test_what_was_just_typed_leaves_with_the_page(served: Served) -> None:
    path = page_of(of(at(served.site.world, "co_instruction"), "caf"))
    page = served.sign_in(served.site.world.financers["caf"])
    page.goto(path)
    page.get_by_label("Observations").fill("Dernière phrase")
    page.get_by_role("link", name="Les avis côte à côte").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Avis et synthèse")
    for _ in range(20):  # it travels on its own, beside the next page
        page.goto(path)
        if page.get_by_label("Observations").input_value():
            break
    expect(page.get_by_label("Observations")).to_have_value("Dernière phrase")


def test_a_draft_is_saved_by_its_button_without_javascript(served: Served) -> None:
    path = page_of(of(at(served.site.world, "co_instruction"), "caf"))
    page = served.sign_in(served.site.world.financers["caf"], javascript=False)
    page.goto(path)
    page.get_by_role("radio", name="Défavorable").check()
    page.get_by_label("Observations").fill("À revoir")
    send(page, page.get_by_role("button", name="Enregistrer le brouillon"))
    expect(page.locator("p.announced")).to_contain_text("Brouillon enregistré.")
    page.goto("/dossiers")
    page.goto(path)
    expect(page.get_by_label("Observations")).to_have_value("À revoir")
    send(page, page.get_by_role("button", name="Rendre l’avis"))
    expect(page.locator("p.announced")).to_contain_text("Avis enregistré.")
    expect(page.get_by_text("est repris dans le formulaire")).to_have_count(0)


@pytest.mark.parametrize("javascript", [True, False])
def test_a_session_that_ends_while_one_types_loses_nothing(served: Served, *, javascript: bool) -> None:
    person = served.site.world.financers["caf"]
    path = page_of(of(at(served.site.world, "co_instruction"), "caf"))
    page = served.sign_in(person, javascript=javascript)
    page.goto(path)
    end_sessions(served)
    page.get_by_role("radio", name="Favorable", exact=True).check()
    page.get_by_label("Observations").fill("Une heure de travail")
    if javascript:
        expect(page.locator("#brouillon")).to_contain_text("votre connexion a expiré")
    send(page, page.get_by_role("button", name="Rendre l’avis"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Connexion expirée")
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Reconnectez-vous").click()
    sign_in_again(opened.value, person.email)
    expect(opened.value).to_have_url(re.compile(path + "$"))
    send(page, page.get_by_role("button", name="Reprendre ma saisie"))
    expect(page.get_by_label("Observations")).to_have_value("Une heure de travail")
    send(page, page.get_by_role("button", name="Rendre l’avis"))
    expect(page.locator("p.announced")).to_contain_text("Avis enregistré.")


def test_the_suggested_amounts_add_up_as_one_types(served: Served) -> None:
    journey = at(served.site.world, "co_instruction")
    page = served.sign_in(served.site.world.instructor)
    page.goto(f"/dossiers/{journey.dossier.id}/avis")
    page.get_by_label("État (crédits spécifiques)").fill("9 000")
    expect(page.locator("#sommes")).to_contain_text("Dépassement du coût")
    page.get_by_label("État (crédits spécifiques)").fill("3 000,50")
    expect(page.locator("#sommes")).to_contain_text("Reste à financer")
    expect(page.locator("#sommes")).to_contain_text("4\u202f999,50\u00a0€")


def test_an_answer_asks_only_what_it_needs(served: Served) -> None:
    journey = at(served.site.world, "financers_conference")
    line = journey.line("caf:droit_commun")
    page = served.sign_in(served.site.world.financers["caf"], javascript=False)
    page.goto(f"/dossiers/{journey.dossier.id}/lignes/{line.id}")
    page.get_by_role("radio", name=re.compile("Refus motivé")).check()
    expect(page.get_by_label("Montant", exact=True)).to_be_hidden()
    page.get_by_label("Motif").first.fill("Crédits épuisés")
    send(page, page.get_by_role("button", name="Enregistrer la réponse"))
    expect(page.locator("p.announced")).to_contain_text("Réponse du financeur enregistrée.")
    assert served.site.line(journey.dossier, "caf:droit_commun").state == "declined"
