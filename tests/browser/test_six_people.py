# SPDX-License-Identifier: EUPL-1.2
"""A whole dossier's life across six people and their browsers, with JavaScript and without: from the request to the
financer's own act, through opinions, the round table, the committee and the letter."""

import pytest

from app.mail import mail_settings
from notifications.planner import plan_all
from tests.browser.conftest import Served
from tests.browser.steps import Someone
from workflow.models import Dossier

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)]
FIRM = {"Réponse": "firm", "Montant": "3 000"}
INDICATIVE = {"Réponse": "indicative", "Montant": "4 000"}
DECLINED = {"Réponse": "declined", "Motif": "Crédits épuisés"}
ACT = {"Autorité": "Conseil d’administration", "Date de l’acte": "2026-03-10", "Numéro": "2026-12"}


@pytest.mark.parametrize("javascript", [True, False])
def test_a_dossiers_life_across_six_people(served: Served, *, javascript: bool) -> None:
    site, world = served.site, served.site.world
    request = world.dossier()
    porteur, instructor, pilot, secretary, caf, departement = (
        Someone(served, person, javascript=javascript)
        for person in (
            world.bearer,
            world.instructor,
            world.pilot,
            world.secretary,
            world.financers["caf"],
            world.financers["departement"],
        )
    )

    def now() -> Dossier:
        return site.dossier(request)

    porteur.advance(request, "Déposer la demande")
    instructor.advance(request, "Déclarer recevable")
    dispatched = {"Instructeur chef de file": world.instructor.email, "Groupe thématique": "education"}
    pilot.advance(request, "Répartir", dispatched)
    instructor.advance(request, "Ouvrir la co-instruction")

    partners = {"caf": caf, "departement": departement}
    with site.application.read() as db:
        opinions = db.get_one(Dossier, request.id).opinions
        assert {opinion.organisation.code for opinion in opinions} == set(partners)
        for opinion in opinions:
            partners[opinion.organisation.code or ""].give_opinion(opinion, "favourable", "Action utile")
    instructor.write_synthesis(request, "favourable", "Ancrage dans le quartier")
    instructor.advance(request, "Envoyer en conférence des financeurs")

    with site.application.read() as db:
        for line in db.get_one(Dossier, request.id).lines:
            if line.key == "caf:droit_commun":
                caf.answer(line, FIRM)
                caf.propose(line, "3 000")
            elif line.nature == "specifique":
                state = Someone(served, world.financers[line.financer], javascript=javascript)
                state.answer(line, INDICATIVE)
                state.propose(line, "4 000")
            else:
                Someone(served, world.financers[line.financer], javascript=javascript).answer(line, DECLINED)
    secretary.advance(request, "Envoyer au comité d’engagement")
    assert now().stage == "commitment"

    secretary.plan_seance("comite", "2026-04-14T09:30")
    secretary.hold_seance(world.financers.values())
    assert now().stage == "committed"
    plan_all(site.application.write, site.application.now, mail_settings(site.application.config))
    secretary.release_letters(seance_id=1)

    (kept,) = [line for line in now().lines if line.key == "caf:droit_commun"]
    caf.record_act(kept, ACT | {"Montant accordé": "3 000"})
    assert (site.line(request, kept.key).state, site.line(request, kept.key).granted) == (
        "granted",
        kept.retained,
    )
    porteur.open_dossier(request)
    porteur.page.get_by_role("heading", level=1, name=request.title).wait_for()
