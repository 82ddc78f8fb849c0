# SPDX-License-Identifier: EUPL-1.2
"""A committee held in a real browser: votes, a recusal, the projection seen by a second window, with and without JavaScript."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Served
from tests.browser.steps import send
from tests.factories.people import mandate_row
from tests.workflow.journey import at
from workflow.contracts import settings_digest
from workflow.models import Seance
from workflow.permissions import INTEREST
from workflow.session import record_presence
from workflow.territory import Territory

pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
]


def voting_committee(served: Served) -> Seance:
    """Open, two dossiers, six financers present; the CAF's has an interest at the porteur's; the committee votes."""
    world = served.site.world
    contract = world.contract
    settings = {**contract.settings}
    settings["bodies"] = [
        body | ({"votes": True} if body["kind"] == "committee" else {}) for body in settings["bodies"]
    ]
    contract.settings = settings
    contract.settings_digest = settings_digest(Territory.model_validate(settings), None)
    first, second = at(world, "commitment"), at(world, "commitment", world.dossier(title="Second atelier"))
    world.db.add(mandate_row(world.financers["caf"], INTEREST, world.porteur, contract))  # type: ignore[arg-type]
    seance = first.committee(first.dossier, second.dossier)
    for convocation in seance.convocations:
        record_presence(world.db, convocation, "present", first.secretary, first.now)
    served.site.application.moment = first.now
    world.db.commit()
    return seance


def decide(page: Page, decision: str, fields: dict[str, str]) -> None:
    page.get_by_role("radio", name=decision).check()
    for label, value in fields.items():
        page.get_by_label(label, exact=True).fill(value)
    send(page, page.get_by_role("button", name="Enregistrer la décision"))


@pytest.mark.parametrize("javascript", [True, False])
def test_a_committee_votes_and_its_room_follows(served: Served, *, javascript: bool) -> None:
    world = served.site.world
    seance = voting_committee(served)
    page = served.window(world.secretary, javascript=javascript)
    room = served.window(world.financers["etat"], javascript=javascript)
    room.goto(f"/seances/{seance.id}/projection")
    expect(room.get_by_role("main")).to_contain_text("Le point à examiner s’affichera ici")

    page.goto(f"/seances/{seance.id}/session")
    send(page, page.get_by_role("button", name="Projeter ce point"))
    expect(page.get_by_role("main")).to_contain_text(
        "Déport noté : Financeur Caisse d’allocations familiales"
    )
    if not javascript:
        room.get_by_role("link", name="Actualiser").click()
    expect(room.get_by_role("main")).to_contain_text("1 déport sur ce point")
    assert "Financeur" not in room.get_by_role("main").inner_text().replace("Financeur\n", "").replace(
        "Financeur\t", ""
    )

    decide(page, "Retenir comme proposé", {"Voix pour": "6"})
    expect(page.get_by_role("alert")).to_contain_text("6 voix saisies pour 5 membres")
    decide(page, "Retenir comme proposé", {"Voix pour": "4", "Voix contre": "1"})
    expect(page.get_by_role("status")).to_contain_text("décision enregistrée")
    expect(page.get_by_role("heading", level=2, name=re.compile("Second atelier"))).to_be_visible()
    if not javascript:
        room.get_by_role("link", name="Actualiser").click()
    expect(room.get_by_role("heading", level=2)).to_contain_text("Second atelier")
    decide(page, "Réorienter", {"Motif": "Pendant les congés", "Autre dispositif": "Ville vie vacances"})
    page.get_by_role("link", name="Clore la séance").click()
    send(page, page.get_by_role("button", name="Clore la séance"))
    page.get_by_role("link", name="Relevé de décisions").click()
    expect(page.get_by_role("main")).to_contain_text("Vote : 4 pour, 1 contre, aucune abstention")
    expect(page.get_by_role("main")).to_contain_text("Vers : Ville vie vacances")
    assert served.site.dossier(seance.items[0].dossier).stage == "committed"
    assert served.site.dossier(seance.items[1].dossier).stage == "reoriented"


def test_totals_follow_what_is_typed_and_keys_move(served: Served) -> None:
    world = served.site.world
    seance = voting_committee(served)
    page = served.window(world.secretary)
    page.goto(f"/seances/{seance.id}/session")
    page.get_by_role("textbox", name=re.compile("^État")).fill("2500")
    expect(page.get_by_role("radio", name="Retenir autrement")).to_be_checked()
    expect(page.locator("#seance-totaux")).to_contain_text("avec la saisie en cours")
    expect(page.locator("#seance-totaux")).to_contain_text(re.compile(r"5.500"))
    assert served.site.dossier(seance.items[0].dossier).stage == "commitment"

    page.get_by_role("heading", level=1).click()
    page.keyboard.press("j")
    expect(page.get_by_role("heading", level=2, name=re.compile("Second atelier"))).to_be_visible()
    page.keyboard.press("k")
    expect(page.get_by_role("link", name="Point suivant")).to_be_visible()
