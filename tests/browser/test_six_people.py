# SPDX-License-Identifier: EUPL-1.2
"""A whole dossier's life across six people and their browsers, with JavaScript and without: from the request to the
financer's own act, through opinions, the round table, the committee and the letter."""

import pytest

from app.mail import mail_settings
from notifications.planner import plan_all
from tests.browser.conftest import Served
from tests.browser.steps import Someone
from workflow.models import Dossier, Person

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)]
ANSWERS = {
    "caf:droit_commun": {"Réponse": "firm", "Montant": "3 000"},
    "etat:specifique": {"Réponse": "indicative", "Montant": "4 000"},
}
DECLINED = {"Réponse": "declined", "Motif": "Crédits épuisés"}
ACT = {"Autorité": "Conseil d’administration", "Date de l’acte": "2026-03-10", "Numéro": "2026-12"}


class Team:
    """The dossier and whoever acts on it, each at their own browser."""

    def __init__(self, served: Served, *, javascript: bool) -> None:
        self.served, self.site, self.world, self.javascript = (
            served,
            served.site,
            served.site.world,
            javascript,
        )
        self.request = self.world.dossier()
        world = self.world
        self.porteur, self.instructor = self.somebody(world.bearer), self.somebody(world.instructor)
        self.pilot, self.secretary = self.somebody(world.pilot), self.somebody(world.secretary)
        self.financers = {code: self.somebody(world.financers[code]) for code in ("caf", "departement")}

    def somebody(self, person: Person) -> Someone:
        return Someone(self.served, person, javascript=self.javascript)

    def financer(self, code: str) -> Someone:
        """Who answers for this organisation."""
        if code not in self.financers:
            self.financers[code] = self.somebody(self.world.financers[code])
        return self.financers[code]

    def file_and_dispatch(self) -> None:
        self.porteur.file(self.request)
        self.instructor.advance(self.request, "Déclarer recevable")
        choices = {"Instructeur chef de file": self.world.instructor.email, "Groupe thématique": "education"}
        self.pilot.advance(self.request, "Répartir", choices)

    def instruct_together(self) -> None:
        self.instructor.advance(self.request, "Ouvrir la co-instruction")
        with self.site.application.read() as db:
            opinions = db.get_one(Dossier, self.request.id).opinions
            assert {opinion.organisation.code for opinion in opinions} == {"caf", "departement"}
            for opinion in opinions:
                self.financer(opinion.organisation.code or "").give_opinion(
                    opinion, "favourable", "Action utile"
                )
        self.instructor.write_synthesis(self.request, "favourable", "Ancrage dans le quartier")
        self.instructor.advance(self.request, "Envoyer en conférence des financeurs")

    def answer_around_the_table(self) -> None:
        with self.site.application.read() as db:
            lines = db.get_one(Dossier, self.request.id).lines
            for line in lines:
                financer = self.financer(line.financer)
                financer.answer(line, ANSWERS.get(line.key, DECLINED))
                if line.key in ANSWERS:
                    financer.propose(line, ANSWERS[line.key]["Montant"])
        self.secretary.advance(self.request, "Envoyer au comité d’engagement")

    def decide_and_tell(self) -> None:
        self.secretary.plan_seance("comite", "2026-04-14T09:30")
        self.secretary.hold_seance(self.world.financers.values())
        application = self.site.application
        plan_all(application.write, application.now, mail_settings(application.config))
        self.secretary.release_letters(seance_id=1)


@pytest.mark.parametrize("javascript", [True, False])
def test_a_dossiers_life_across_six_people(served: Served, *, javascript: bool) -> None:
    team = Team(served, javascript=javascript)

    team.file_and_dispatch()
    team.instruct_together()
    team.answer_around_the_table()
    assert served.site.dossier(team.request).stage == "commitment"
    team.decide_and_tell()
    assert served.site.dossier(team.request).stage == "committed"

    kept = served.site.line(team.request, "caf:droit_commun")
    team.financer("caf").record_act(kept, ACT | {"Montant accordé": "3 000"})
    granted = served.site.line(team.request, kept.key)
    assert (granted.state, granted.granted) == ("granted", kept.retained)
    team.porteur.open_dossier(team.request)
    team.porteur.page.get_by_role("heading", level=1, name=team.request.title).wait_for()
