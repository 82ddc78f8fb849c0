# SPDX-License-Identifier: EUPL-1.2
"""In a real browser: a porteur files from nothing and completes, with and without JavaScript; what it types is kept."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Served
from tests.browser.steps import send
from tests.factories.perimeters import write_perimeters
from tests.web.test_located import name_perimeters
from tests.workflow.journey import at

pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
]
GO_ON = "Enregistrer et continuer"


def begin(page: Page, title: str) -> str:
    """A request begun from the navigation; the address of its steps."""
    page.get_by_role("link", name="Déposer une demande").first.click()
    page.get_by_label("Intitulé de l’action").fill(title)
    send(page, page.get_by_role("button", name="Commencer la demande"))
    page.wait_for_url(re.compile(r"/demandes/\d+$"))
    return page.url


@pytest.mark.parametrize("javascript", [True, False])
def test_a_porteur_files_from_nothing_and_completes(served: Served, *, javascript: bool) -> None:
    world = served.site.world
    page = served.sign_in(world.bearer, javascript=javascript)
    address = begin(page, "Chantiers jeunes du Haut")
    page.get_by_role("link", name="Votre organisme").click()
    page.get_by_role("group", name="contrat d’engagement républicain").get_by_label("Oui").check()
    send(page, page.get_by_role("button", name=GO_ON))
    page.get_by_label("Que ferez-vous").fill("Deux chantiers par été.")
    send(page, page.get_by_role("button", name=GO_ON))
    page.get_by_label("Date de début").fill("2026-04-01")
    page.get_by_label("Date de fin").fill("2026-12-31")
    send(page, page.get_by_role("button", name=GO_ON))
    page.get_by_label("1.1.1 Soutenir les familles").check()
    send(page, page.get_by_role("button", name=GO_ON))
    page.get_by_label("Oui").check()
    page.get_by_label("Combien de personnes au total").fill("40")
    page.get_by_label("Dont habitant un quartier prioritaire").fill("30")
    send(page, page.get_by_role("button", name=GO_ON))
    page.get_by_label("Le Haut (").check()
    send(page, page.get_by_role("button", name=GO_ON))
    page.get_by_role("group", name="déjà été financée").get_by_label("Non").check()
    page.get_by_role("group", name="convention pluriannuelle").get_by_label("Non").check()
    send(page, page.get_by_role("button", name=GO_ON))
    page.get_by_label("État (crédits spécifiques)").fill("5 000")
    send(page, page.get_by_role("button", name=GO_ON))
    page.get_by_label("60.1 Prestations de services").fill("1 234,56")
    page.get_by_label("64.1 Rémunération des personnels").fill("4 765,44")
    page.get_by_label("756 Cotisations").fill("1000")
    if not javascript:
        send(page, page.get_by_role("button", name="Enregistrer et recalculer"))
    expect(page.locator("output[data-gap='charge produit']")).to_have_text(re.compile(r"^0(,00)?\s€$"))
    send(page, page.get_by_role("button", name=GO_ON))
    page.get_by_role("link", name="Vérifier et déposer").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Vérifier et déposer")
    send(page, page.get_by_role("button", name="Déposer la demande"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Demande déposée")
    page.go_back()
    page.reload()
    expect(page).to_have_url(re.compile(r"/(dossiers|demandes)/\d+"))
    dossier = served.site.dossier_of(int(address.rpartition("/")[2]))
    assert (dossier.stage, dossier.beneficiaries_qpv, str(dossier.total_cost)) == ("submitted", 30, "6000.00")
    _complete(served, page)


def _complete(served: Served, page: Page) -> None:
    """Another request of the same porteur comes back incomplete."""
    dossier = at(
        served.site.world, "incomplete", served.site.world.dossier(title="Jardin à compléter")
    ).dossier
    served.site.world.db.commit()
    page.get_by_role("link", name="Mes dossiers").first.click()
    page.get_by_role("link", name="Jardin à compléter").click()
    expect(page.get_by_role("heading", name="Ce qui vous est demandé")).to_be_visible()
    page.get_by_role("link", name="Les habitants concernés").click()
    page.get_by_label("Combien de personnes au total").fill("55")
    send(page, page.get_by_role("button", name="Enregistrer et revenir aux étapes"))
    page.get_by_role("link", name="Vérifier et renvoyer").click()
    send(page, page.get_by_role("button", name="Renvoyer la demande complétée"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Demande complétée, renvoyée")
    found = served.site.dossier(dossier)
    assert (found.stage, found.beneficiaries_total) == ("submitted", 55)


def test_what_is_typed_is_saved_without_any_button(served: Served) -> None:
    page = served.sign_in(served.site.world.bearer)
    address = begin(page, "Fête du Bas")
    page.goto(f"{address}/etapes/action")
    page.get_by_label("Que ferez-vous").fill("Une fête, trois scènes.")
    expect(page.get_by_role("status").last).to_contain_text("Enregistré")
    page.goto(address)
    page.goto(f"{address}/etapes/action")
    expect(page.get_by_label("Que ferez-vous")).to_have_value("Une fête, trois scènes.")
    page.get_by_label("Intitulé de l’action").fill("")
    expect(page.get_by_role("status").last).to_contain_text("à renseigner")
    send(page, page.get_by_role("button", name=GO_ON))
    expect(page.get_by_role("alert")).to_contain_text("Intitulé")
    expect(page.get_by_label("Que ferez-vous")).to_have_value("Une fête, trois scènes.")


def test_the_map_and_the_list_are_one_answer(served: Served, tmp_path: Path) -> None:
    name_perimeters(served.site, write_perimeters(tmp_path))
    page = served.sign_in(served.site.world.bearer)
    address = begin(page, "Terrain de jeux")
    page.goto(f"{address}/etapes/quartiers")
    shape = page.locator("[data-qpv]").first
    shape.click()
    expect(page.get_by_label("Le Haut (")).to_be_checked()
    expect(shape).to_have_class("chosen")
    page.get_by_label("Le Haut (").uncheck()
    expect(shape).not_to_have_class("chosen")
