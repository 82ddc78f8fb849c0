# SPDX-License-Identifier: EUPL-1.2
"""In a real browser, a year of a CPO: reported by its porteur, renewed at the promised amounts, granted by one act."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Served
from tests.browser.steps import Someone, send
from tests.workflow.journey import Journey
from tests.workflow.years import INDICATORS, cpo
from workflow.models import Dossier, Person
from workflow.queries import journal_of

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)]
STATE = "etat:specifique"
REPORTED = {"Qu’avez-vous fait\u00a0?": "Trente séances.", "Personnes touchées": "38"}


@pytest.mark.parametrize("javascript", [True, False])
def test_a_cpo_is_reported_renewed_and_granted(served: Served, *, javascript: bool) -> None:
    site, world = served.site, served.site.world
    journey = cpo(world)
    journey.grant_all()
    journey.fire("contract", world.pilot, revised_plan=True, convention="CPO 2026-4")
    first, site.application.moment = journey.dossier, journey.now

    def somebody(person: Person) -> Someone:
        return Someone(served, person, javascript=javascript)

    porteur, pilot = somebody(world.bearer), somebody(world.pilot)
    porteur.send_interim_report(first, REPORTED | dict.fromkeys(INDICATORS, "en hausse"))
    assert site.dossier(first).follow_up["cpo_readings"] == dict.fromkeys(INDICATORS, "en hausse")

    pilot.renew(first)
    second = _year_after(served, first)
    assert pilot.page.url.endswith(f"/dossiers/{second.id}") and second.stage == "financers_conference"
    pilot.page.get_by_role("link", name="Programme", exact=True).click()
    pilot.page.get_by_role("link", name="CPO à reconduire").click()
    made = pilot.page.get_by_role("row").filter(has_text=first.title)
    expect(made).to_contain_text(second.reference)
    expect(made).to_contain_text("Conférence des financeurs")

    _depart_from_the_promise(served, somebody(world.financers["etat"]), second)
    other = _retain(served, journey, second)
    kept = [site.line(dossier, STATE) for dossier in (second, other)]
    act = {
        "Autorité": "Préfet",
        "Date de l’acte": site.application.moment.date().isoformat(),
        "Numéro": "27-4",
    }
    state = somebody(world.financers["etat"])  # weeks later: the first session is over
    state.page.goto("/")
    state.record_acts(act, dict(zip(kept, ("2 800", "4 000"), strict=True)))

    line = site.line(second, STATE)
    assert (line.state, str(line.retained), str(line.granted)) == ("granted", "3000.00", "2800.00")
    assert site.line(other, STATE).state == "granted"
    with site.application.read() as db:
        told = journal_of(db, f"dossier:{second.id}")[-1]
    assert (told.trigger, told.details["amount"], told.details["retained"]) == ("grant", "2800.00", "3000.00")
    state.open_dossier(second)
    expect(state.page.get_by_role("main")).to_contain_text("3 000 € retenus, 2 800 € accordés")


def _year_after(served: Served, first: Dossier) -> Dossier:
    with served.site.application.read() as db:
        made = db.query(Dossier).filter_by(action_id=first.action_id, year=first.year + 1).one()
    return served.site.dossier(made)


def _depart_from_the_promise(served: Served, state: Someone, dossier: Dossier) -> None:
    """Another amount than promised is refused without a reason, and what was typed stays."""
    line = served.site.line(dossier, STATE)
    state.page.goto(f"/dossiers/{dossier.id}/lignes/{line.id}")
    expect(state.page.get_by_role("main")).to_contain_text("Promis par la CPO : 3 200 €")
    proposed = state.page.get_by_role("textbox", name="Montant proposé")
    proposed.fill("3 000")
    send(state.page, state.page.get_by_role("button", name="Proposer"))
    expect(state.page.get_by_role("alert")).to_contain_text("s’en écarter demande un motif")
    expect(proposed).to_have_value("3 000")
    assert str(served.site.line(dossier, STATE).proposed) == "3200.00"
    state.page.goto(f"/dossiers/{dossier.id}/lignes/{line.id}")
    apart = {"Montant proposé": "3 000", "Motif": "crédits en baisse"}
    state.press("Proposer", apart, inside=state.page.get_by_role("region", name="Montant proposé"))


def _retain(served: Served, journey: Journey, dossier: Dossier) -> Dossier:
    """A committee retains it, and another dossier of the same financer, whose act is awaited too."""
    world = served.site.world
    other = Journey(world, world.dossier(title="Second"))
    other.now = journey.now
    other.to("committed")
    second = Journey(world, world.db.get_one(Dossier, dossier.id))
    second.now = other.now
    second.fire("send_to_commitment", world.secretary)
    second.decide_and_close("retained")
    world.db.commit()
    served.site.application.moment = second.now
    return other.dossier
