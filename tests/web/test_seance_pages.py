# SPDX-License-Identifier: EUPL-1.2
"""A whole committee through its pages: plan, agenda, convocation, presence, amounts, closing, minutes, summary."""

import json
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import Engine, select

from tests.factories import NOW
from tests.factories.statements import counted
from tests.notifications.scenes import committee, convoked_committee
from tests.web.conftest import Site
from tests.workflow.journey import Journey, at
from workflow.machine import fire
from workflow.models import Seance
from workflow.permissions import SCHEDULER
from workflow.queries import get_seance

one_engine = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def seance(site: Site) -> Seance:
    with site.application.read() as db:
        number = db.scalars(select(Seance.id).order_by(Seance.id.desc())).first()
        assert number is not None
        return get_seance(db, number)


def test_a_whole_committee(site: Site) -> None:
    kept, refused = at(site.world, "commitment"), at(site.world, "commitment", site.world.dossier())
    client = site.client(site.world.secretary)
    page = site.post(client, "/seances", body="comite", starts_at="2026-04-14T09:30")
    assert page.status_code == 200 and "Séance prévue" in page.text
    base = page.url.path
    assert "2 dossiers ajoutés" in site.post(client, f"{base}/ordre-du-jour/completer").text
    assert "désormais convoquée" in site.post(client, f"{base}/actions/convoke").text
    found = seance(site)
    assert len(found.convocations) == 6
    site.application.moment = found.starts_at
    client = site.client(site.world.secretary)
    assert "désormais ouverte" in site.post(client, f"{base}/actions/open").text
    presences = {f"presence-{c.id}": "present" for c in found.convocations}
    assert "6 présents" in site.post(client, f"{base}/presences", **presences).text
    assert site.post(client, f"{base}/deports").status_code == 200
    assert "2 dossiers retenus" in site.post(client, f"{base}/propositions").text

    item = seance(site).items[0]
    line = kept.dossier.line("etat:specifique")
    assert line is not None
    typed = {"decision": "retained", f"line-{line.id}": "3 500,00", "version": item.version}
    typed[f"line-{kept.line('caf:droit_commun').id}"] = "3000"
    assert site.post(client, f"{base}/points/{item.id}", **typed).status_code == 200
    stale = site.post(client, f"{base}/points/{item.id}", **typed, conditions="sous réserve du budget signé")
    assert stale.status_code == 409 and "sous réserve du budget signé" in stale.text
    second = seance(site).items[1]
    rejected = {"decision": "rejected", "version": second.version}
    site.post(client, f"{base}/points/{second.id}", **rejected)
    close = site.post(client, f"{base}/actions/close")
    assert close.status_code == 409 and "motif" in close.text  # a reason is owed to the porteur
    assert site.dossier(kept.dossier).stage == "commitment"
    site.post(
        client, f"{base}/points/{second.id}", decision="rejected", reason="Hors des priorités de l’année"
    )
    closed = site.post(client, f"{base}/actions/close")
    assert closed.status_code == 200 and "désormais close" in closed.text

    assert site.dossier(kept.dossier).stage == "committed"
    assert site.dossier(refused.dossier).stage == "rejected"
    assert site.line(kept.dossier, "etat:specifique").retained == Decimal("3500.00")
    minutes = client.get(f"{base}/proces-verbal")
    assert minutes.status_code == 200 and "Hors des priorités de l’année" in minutes.text
    summary = client.get(f"{base}/synthese")
    assert summary.status_code == 200 and kept.dossier.reference in summary.text


def open_committee(site: Site) -> tuple[Journey, Seance]:
    journey = at(site.world, "commitment")
    found = journey.committee()
    site.application.moment = journey.now
    return journey, found


def test_two_secretaries_on_one_item(site: Site) -> None:
    _, found = open_committee(site)
    client = site.client(site.world.secretary)
    item = seance(site).items[0]
    path = f"/seances/{found.id}/points/{item.id}"
    first = {"decision": "deferred", "reason": "budget à préciser", "version": item.version}
    assert site.post(client, path, **first).status_code == 200
    second = {"decision": "rejected", "reason": "mon motif gardé", "version": item.version}
    page = site.post(client, path, **second)
    assert page.status_code == 409
    assert "mon motif gardé" in page.text and "Modifié entre-temps" in page.text
    assert seance(site).items[0].decision == "deferred"


def test_an_unreadable_amount_keeps_the_session(site: Site) -> None:
    journey, found = open_committee(site)
    client = site.client(site.world.secretary)
    item = seance(site).items[0]
    line = journey.line("etat:specifique")
    form = {"decision": "retained", f"line-{line.id}": "trois mille"}
    page = site.post(client, f"/seances/{found.id}/points/{item.id}", **form)
    assert page.status_code == 422
    assert 'value="trois mille"' in page.text and 'aria-invalid="true"' in page.text
    assert seance(site).items[0].decision is None


def test_agenda_keeps_the_ticked_in_their_order(site: Site) -> None:
    first, second = at(site.world, "commitment"), at(site.world, "commitment", site.world.dossier())
    client = site.client(site.world.secretary)
    base = site.post(client, "/seances", body="comite", starts_at="2026-05-12T09:30").url.path
    site.post(client, f"{base}/ordre-du-jour/completer")
    items = seance(site).items
    both = {"keep": [str(item.id) for item in items], f"rank-{items[0].id}": 2, f"rank-{items[1].id}": 1}
    site.post(client, f"{base}/ordre-du-jour", **both)
    assert [item.dossier_id for item in seance(site).items] == [second.dossier.id, first.dossier.id]
    site.post(client, f"{base}/ordre-du-jour", keep=[str(items[0].id)])
    assert [item.dossier_id for item in seance(site).items] == [first.dossier.id]


@one_engine
def test_a_member_reads_and_types_nothing(site: Site) -> None:
    _, found = open_committee(site)
    client = site.client(site.world.financers["caf"])
    page = client.get(f"/seances/{found.id}")
    assert page.status_code == 200
    assert "Décisions en séance" not in page.text
    path = f"/seances/{found.id}/points/{found.items[0].id}"
    assert site.post(client, path, decision="retained").status_code == 403
    assert site.post(client, f"/seances/{found.id}/actions/close").status_code == 403
    assert site.post(client, "/seances", body="comite", starts_at="2026-05-12T09:30").status_code == 403


@one_engine
@pytest.mark.parametrize("form", ["html", "json", "xlsx", "ods"])
def test_the_summary_is_downloaded(site: Site, form: str) -> None:
    _, found = open_committee(site)
    answer = site.client(site.world.pilot).get(f"/seances/{found.id}/synthese.{form}")
    assert answer.status_code == 200
    assert "attachment" in answer.headers["content-disposition"]
    if form == "json":
        assert json.loads(answer.content)["header"]["seance_id"] == found.id


@one_engine
def test_bad_dates_and_bodies(site: Site) -> None:
    client = site.client(site.world.secretary)
    assert site.post(client, "/seances", body="comite", starts_at="2026-02-31T09:30").status_code == 422
    assert site.post(client, "/seances", body="comite").status_code == 422
    assert site.post(client, "/seances", body="rien", starts_at="2026-05-12T09:30").status_code in (403, 422)
    assert client.get("/seances").status_code == 200


@one_engine
def test_reading_pages(site: Site) -> None:
    at(site.world, "committed")
    client = site.client(site.world.pilot)
    assert "Objectif" in client.get("/programme?annee=2026").text
    assert client.get("/programme?annee=abcd").status_code == 200
    assert "qpv.majority" in client.get("/regles").text
    assert client.get("/messages").status_code == 200
    assert client.get("/healthz").json() == {"status": "ok"}


def test_a_conflict_says_who_changed_last_and_whether_the_form_is_still_there(site: Site) -> None:
    _, found = open_committee(site)
    client = site.client(site.world.secretary)
    item = seance(site).items[0]
    path = f"/seances/{found.id}/points/{item.id}"
    site.post(client, path, decision="deferred", reason="budget à préciser", version=item.version)
    page = site.post(client, path, decision="rejected", reason="mon motif", version=item.version).text
    assert f"« Saisir une décision », par {site.world.secretary.name}" in page
    assert "gardée dans le formulaire" in page and "Aller à la saisie" in page
    agenda = site.post(client, f"/seances/{found.id}/ordre-du-jour", version=99)
    assert agenda.status_code == 409 and "n’a plus le formulaire" in agenda.text
    assert "Aller à la saisie" not in agenda.text


def test_opening_a_seance_on_another_day_asks_first(site: Site) -> None:
    at(site.world, "commitment")
    client = site.client(site.world.secretary)
    base = site.post(client, "/seances", body="comite", starts_at="2026-04-14T09:30").url.path
    site.post(client, f"{base}/ordre-du-jour/completer")
    site.post(client, f"{base}/actions/convoke")
    asked = "Prévue le 14\u00a0avril 2026 : ouvrir aujourd’hui ?"
    assert asked in client.get(base).text
    site.application.moment = seance(site).starts_at
    assert asked not in site.client(site.world.secretary).get(base).text


def test_people_are_named_where_the_record_keeps_addresses(site: Site) -> None:
    _, found = open_committee(site)
    found.items[0].recused = [site.world.financers["caf"].email]
    page = site.client(site.world.secretary).get(f"/seances/{found.id}/session").text
    assert f"Déport noté : {site.world.financers['caf'].name}" in page


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_cancelled_seance_can_still_be_read(site: Site) -> None:
    found = convoked_committee(site.world)
    client = site.client(site.world.secretary)
    cancelled = site.post(client, f"/seances/{found.id}/actions/cancel", reason="Salle fermée")
    assert cancelled.status_code == 200 and "annulée" in cancelled.text
    assert client.get(f"/seances/{found.id}").status_code == 200


@one_engine
def test_the_number_of_statements_does_not_grow(site: Site, engine: Engine) -> None:
    def asked(dossiers: int) -> int:
        agenda = [site.world.dossier(stage="commitment") for _ in range(dossiers)]
        found = committee(site.world, *agenda, at=NOW + timedelta(days=20 + dossiers))
        fire(site.world.db, found, "convoke", SCHEDULER, None, NOW)
        site.world.db.commit()
        client.get(f"/seances/{found.id}")
        with counted(engine) as statements:
            page = client.get(f"/seances/{found.id}")
        assert page.status_code == 200 and page.text.count('name="keep"') == dossiers
        return len(statements)

    client = site.client(site.world.secretary)
    assert asked(2) == asked(9) <= 18
