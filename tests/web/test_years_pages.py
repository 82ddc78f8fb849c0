# SPDX-License-Identifier: EUPL-1.2
"""« Années suivantes » and the CPO to renew: forecasts corrected, what is missing said, one or several renewed."""

import re
from decimal import Decimal

import pytest

from tests.web.conftest import Site
from tests.workflow.journey import Journey
from tests.workflow.years import INDICATORS, amounts, cpo, ready
from workflow.models import Dossier

one_engine = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
STATE, CAF = "etat:specifique", "caf:droit_commun"


def plain(text: str) -> str:
    return re.sub(r"[\u00a0\u202f]", " ", text)


def opened(site: Site, *, is_ready: bool = False) -> Journey:
    journey = cpo(site.world)
    if is_ready:
        ready(journey)
    site.world.db.commit()
    site.application.moment = journey.now
    return journey


def held(site: Site, journey: Journey) -> dict[tuple[int, str], Decimal]:
    """What is held now; the transaction that reads it is over, since it would stop the pages."""
    site.world.db.rollback()
    found = amounts(site.world, journey.dossier)
    site.world.db.rollback()
    return found


def made(site: Site) -> list[Dossier]:
    with site.application.read() as db:
        return db.query(Dossier).filter_by(year=2027).all()


def test_a_financer_corrects_its_own_forecast_and_sees_the_others(site: Site) -> None:
    journey = opened(site)
    address = f"/dossiers/{journey.dossier.id}/annees"
    client = site.client(site.world.financers["etat"])
    page = plain(client.get(address).text)
    assert "3 200 €" in page and "2 400 €" in page and "sous réserve du vote des crédits" in page
    assert page.count(f'value="{STATE}"') == 3 and f'name="credit" value="{CAF}"' not in page

    form = {"year": 2027, "credit": STATE, "version": 1}
    unsaid = site.post(client, f"{address}/previsions", amount="3000", **form)
    assert unsaid.status_code == 422 and "Motif : à renseigner" in plain(unsaid.text)
    said = site.post(client, f"{address}/previsions", amount="3000", reason="budget voté", **form)
    assert said.status_code == 200 and "budget voté" in said.text
    stale = site.post(client, f"{address}/previsions", amount="1", reason="x", **form)
    assert stale.status_code == 409

    assert held(site, journey)[2027, STATE] == Decimal("3000.00")


@one_engine
def test_a_page_without_cpo_says_so(site: Site) -> None:
    dossier = site.world.dossier()

    page = site.client(site.world.pilot).get(f"/dossiers/{dossier.id}/annees").text

    assert "n’est pas en convention pluriannuelle" in page


@one_engine
def test_the_porteur_and_strangers_do_not_read_it(site: Site) -> None:
    journey = opened(site)
    address = f"/dossiers/{journey.dossier.id}/annees"

    assert site.client(site.world.bearer).get(address).status_code == 403
    assert site.client(site.world.stranger).get(address).status_code == 404


def test_the_next_year_is_made_from_the_page_once_its_indicators_are_read(site: Site) -> None:
    journey = opened(site)
    address = f"/dossiers/{journey.dossier.id}/annees"
    client = site.client(site.world.pilot)
    page = plain(client.get(address).text)
    assert "n’est pas reçu" in page and "non relevés" in page
    refused = site.post(client, f"{address}/reconduction")
    assert refused.status_code == 409 and made(site) == []

    journey.dossier.follow_up = {**journey.dossier.follow_up, "interim_report_on": "2026-10-15"}
    site.world.db.commit()
    version = site.dossier(journey.dossier).version
    read = {f"indicator-{rank}": "en hausse" for rank in range(len(INDICATORS))}
    site.post(client, f"{address}/indicateurs", version=version, **read)
    answer = site.post(client, f"{address}/reconduction")

    (dossier,) = made(site)
    assert answer.url.path == f"/dossiers/{dossier.id}"
    text = plain(answer.text)
    assert "envoyé en conférence" in text
    assert "Promis par la CPO : 3 200 €, sous réserve du vote des crédits" in text
    assert site.post(client, f"{address}/reconduction").status_code == 409
    page = plain(client.get(address).text)
    assert dossier.reference in page and "repris par le dossier" in page


@one_engine
def test_a_promised_amount_is_proposed_otherwise_with_a_reason_only(site: Site) -> None:
    journey = opened(site, is_ready=True)
    client = site.client(site.world.pilot)
    site.post(client, f"/dossiers/{journey.dossier.id}/annees/reconduction")
    (dossier,) = made(site)
    line = site.line(dossier, STATE)
    state = site.client(site.world.financers["etat"])
    address = f"/dossiers/{dossier.id}/lignes/{line.id}/proposition"

    refused = site.post(state, address, amount="3000", version=line.version)
    assert refused.status_code == 409 and "s’en écarter demande un motif" in plain(refused.text)
    site.post(state, address, amount="3000", reason="crédits en baisse", version=line.version)

    assert site.line(dossier, STATE).proposed == Decimal("3000.00")
    shown = plain(state.get(f"/dossiers/{dossier.id}/lignes/{line.id}").text)
    assert "Écart avec la promesse : −200 €" in shown


def test_several_actions_are_renewed_at_once_with_what_came_of_each(site: Site) -> None:
    journey = opened(site, is_ready=True)
    late = cpo_later(site, journey)
    client = site.client(site.world.pilot)
    page = plain(client.get("/cpo?annee=2026").text)
    assert "1</strong> prête" in page and "prêt à créer" in page and "non relevés" in page

    both = [journey.dossier.id, late.dossier.id]
    answer = site.post(client, "/cpo?annee=2026", dossier=both)

    text = plain(answer.text)
    assert answer.url.path == "/cpo" and "1 dossier envoyé, 1 action refusée" in text
    (dossier,) = made(site)
    assert dossier.reference in text
    assert site.post(client, "/cpo?annee=2026").status_code == 422


def cpo_later(site: Site, journey: Journey) -> Journey:
    """Another CPO, a week later, whose report has not come."""
    other = cpo(site.world, now=journey.now, title="Sport")
    site.world.db.commit()
    site.application.moment = other.now
    return other


@one_engine
def test_who_does_not_organise_reads_the_list_without_its_button(site: Site) -> None:
    opened(site, is_ready=True)
    client = site.client(site.world.colleague)
    page = client.get("/cpo?annee=2026").text
    assert "<button>" not in page.partition('id="contenu"')[2] or "Créer les dossiers" not in page
    assert "Aucune CPO ne se poursuit" in client.get("/cpo?annee=2031").text


def test_an_amendment_an_end_and_a_renunciation_are_recorded_and_shown(site: Site) -> None:
    journey = opened(site)
    id_ = journey.dossier.id
    address = f"/dossiers/{id_}/annees"
    client = site.client(site.world.pilot)

    def version() -> int:
        return site.dossier_of(id_).version

    signed = {"on": "2026-09-01", "reason": "le quartier change"}
    wrong = site.post(client, f"{address}/avenant", **{"amount-2028": "100"}, **signed, version=version())
    assert wrong.status_code == 422 and "se suivent" in wrong.text
    site.post(
        client,
        f"{address}/avenant",
        **{"amount-2027": "7 000", "amount-2028": "3 500"},
        **signed,
        version=version(),
    )
    assert held(site, journey)[2027, STATE] == Decimal("4000.00")
    renounced = site.post(client, f"{address}/renonciation", credit=CAF, **signed, version=version())
    assert "Libéré" in renounced.text
    ended = site.post(client, f"{address}/fin", last_year=2027, **signed, version=version())
    text = plain(ended.text)
    assert "Avenant" in text and "Renonciation d’un financeur" in text and "Fin anticipée" in text
    assert held(site, journey) == {(2027, STATE): Decimal("4000.00")}


@one_engine
def test_the_envelope_of_a_year_ahead_shows_what_it_owes(site: Site) -> None:
    journey = opened(site)
    client = site.client(site.world.pilot)
    credit = site.world.credits[STATE].id
    site.post(client, f"/enveloppes/{credit}/2027", status="notified", amount="3000", version=0)

    page = plain(client.get("/enveloppes?annee=2027").text)
    assert "Prévu (CPO)" in page and "trop promis" in page and "est dépassée de 200 €" in page
    shown = plain(client.get(f"/enveloppes/{credit}?annee=2027").text)
    assert "Prévisions de CPO qui la retiennent" in shown and journey.dossier.reference in shown
    assert "Prévu (CPO)" not in client.get("/enveloppes?annee=2026").text
