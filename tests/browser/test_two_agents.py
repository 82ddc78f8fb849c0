# SPDX-License-Identifier: EUPL-1.2
"""Two people on one dossier in a real browser: who is there, two versions brought together, a thread and its pieces."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Served
from tests.browser.steps import send
from tests.factories.files import PDF
from tests.workflow.journey import at
from workflow.models import Dossier

pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
]


def write_synthesis(page: Page, dossier: Dossier, strengths: str, reservations: str) -> None:
    """Fills the form of the synthesis, without sending it."""
    page.goto(f"/dossiers/{dossier.id}/avis")
    page.get_by_label("Avis de synthèse").select_option("favourable")
    page.get_by_label("Points forts").fill(strengths)
    page.get_by_label("Réserves").fill(reservations)


def save(page: Page) -> None:
    send(page, page.get_by_role("button", name="Enregistrer la synthèse"))


@pytest.mark.parametrize("javascript", [True, False])
def test_two_versions_are_brought_together(served: Served, *, javascript: bool) -> None:
    world = served.site.world
    dossier = at(world, "co_instruction").dossier
    first, second = (served.sign_in(world.instructor, javascript=javascript) for _ in range(2))
    write_synthesis(second, dossier, "Équipe solide\nAncrage", "")
    write_synthesis(first, dossier, "Bénévoles", "Public flou")
    save(first)
    expect(first.locator(".announced")).to_be_visible()

    save(second)
    expect(second.get_by_role("alert")).to_contain_text("Un champ a été changé des deux côtés")
    second.get_by_role(
        "button", name="Enregistrer la synthèse"
    ).click()  # not chosen yet: the browser says so, and stays
    expect(second.get_by_role("alert")).to_be_visible()
    strengths = second.get_by_role("group", name="Points forts")
    for version in ("vide", "Bénévoles", "Équipe solide"):
        expect(strengths).to_contain_text(version)
    strengths.get_by_label("Garder les deux, l’un après l’autre").check()
    expect(second.get_by_role("group", name="Réserves").get_by_label("Prendre le sien")).to_be_checked()
    save(second)

    expect(second.locator(".announced")).to_be_visible()
    kept = served.site.dossier(dossier).synthesis
    assert kept is not None
    lines = str(kept["strengths"]).replace("\r\n", "\n")
    assert (lines, kept["reservations"]) == ("Bénévoles\n\nÉquipe solide\nAncrage", "Public flou")


def test_an_agent_sees_who_is_there_and_what_was_saved_without_reloading(served: Served) -> None:
    world = served.site.world
    dossier = at(world, "submitted").dossier
    pilot, instructor = served.sign_in(world.pilot), served.sign_in(world.instructor)
    pilot.goto(f"/dossiers/{dossier.id}")
    instructor.goto(f"/dossiers/{dossier.id}")
    presence = instructor.locator("#presence-dite")
    expect(presence).to_contain_text("Paule Pilote est sur ce dossier depuis")
    send(pilot, pilot.get_by_role("button", name="Déclarer recevable"))
    expect(pilot.get_by_role("status")).to_contain_text("Recevable")
    instructor.evaluate("htmx.trigger('#presence', 'every')")
    instructor.evaluate(
        "htmx.ajax('POST', document.querySelector('#presence').action, {source: '#presence'})"
    )
    expect(presence).to_contain_text("Paule Pilote a enregistré : « Déclarer recevable »")


@pytest.mark.parametrize("javascript", [True, False])
def test_a_question_its_answer_and_a_piece(served: Served, tmp_path: Path, *, javascript: bool) -> None:
    world = served.site.world
    dossier = at(world, "submitted").dossier
    agent = served.sign_in(world.instructor, javascript=javascript)
    agent.goto(f"/dossiers/{dossier.id}/echanges")
    agent.get_by_label("Message au porteur").fill("Pouvez-vous envoyer vos statuts ?")
    send(agent, agent.get_by_role("button", name="Envoyer au porteur"))
    expect(agent.get_by_role("status")).to_contain_text("Message envoyé.")
    agent.get_by_label("Note interne").fill("À relancer lundi.")
    send(agent, agent.get_by_role("button", name="Ajouter la note interne"))

    bearer = served.sign_in(world.bearer, javascript=javascript, width=390)
    bearer.goto(f"/dossiers/{dossier.id}")
    expect(bearer.locator("body")).not_to_contain_text("À relancer lundi")
    bearer.get_by_role("link", name="Répondre à l’instruction").click()
    bearer.get_by_label("Votre message à l’instruction").fill("Les voici.")
    send(bearer, bearer.get_by_role("button", name="Envoyer", exact=True))
    bearer.goto(f"/dossiers/{dossier.id}/pieces")
    file = tmp_path / "statuts.pdf"
    file.write_bytes(b"MZ\x90\x00 programme")
    bearer.get_by_label("Nature de la pièce").select_option("statuts")
    bearer.get_by_label("Fichier").set_input_files(file)
    send(bearer, bearer.get_by_role("button", name="Envoyer la pièce"))
    expect(bearer.get_by_role("alert")).to_contain_text("d’un programme Windows")
    file.write_bytes(PDF)
    bearer.get_by_label("Fichier").set_input_files(file)  # the kind chosen is still there
    send(bearer, bearer.get_by_role("button", name="Envoyer la pièce"))
    expect(bearer.get_by_role("status")).to_contain_text("Pièce reçue : statuts")

    agent.goto(f"/dossiers/{dossier.id}")
    news = agent.get_by_role("region", name="Ce qui vous est demandé")
    expect(news).to_contain_text("Répondre au porteur")
    with agent.expect_download() as downloaded:
        agent.get_by_role("link", name="statuts.pdf", exact=True).click()
    assert downloaded.value.path().read_bytes() == PDF
