# SPDX-License-Identifier: EUPL-1.2
"""The screens of a séance in session: item by item, totals tried, projection, closing, frozen summary, rectification."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest

from app.closings import fire_seance
from app.tasks import drain_tasks
from tests.factories.people import mandate_row
from tests.notifications.scenes import convoked_committee
from tests.web.conftest import Site
from tests.workflow.journey import Journey, at
from workflow.models import Seance
from workflow.permissions import INTEREST
from workflow.seances import plan_seance
from workflow.session import decide, record_presence, retain

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def sitting(site: Site) -> tuple[Journey, Seance]:
    """An open committee with one dossier, everybody present."""
    journey = at(site.world, "commitment")
    seance = journey.committee()
    for convocation in seance.convocations:
        record_presence(site.world.db, convocation, "present", journey.secretary, journey.now)
    site.application.moment = journey.now
    return journey, seance


def plain(text: str) -> str:
    return re.sub("\u202f|\u00a0|&nbsp;", " ", re.sub("</?strong>", "", text))


def test_the_item_is_decided_as_proposed_and_nothing_is_told_before_its_letter(site: Site) -> None:
    journey, seance = sitting(site)
    client, bearer = site.client(site.world.secretary), site.client(site.world.bearer)
    item = seance.items[0]
    base = f"/seances/{seance.id}"
    page = client.get(f"{base}/session")
    assert page.status_code == 200 and "6 présents sur 6" in page.text and journey.dossier.title in page.text

    said = site.post(client, f"{base}/points/{item.id}", decision="as_proposed", version=item.version)
    assert "décision enregistrée" in said.text and "7 000 €" in plain(said.text)
    assert "1 sur 1 décidé" in client.get(f"{base}/session/etat").text
    own = bearer.get(f"/dossiers/{journey.dossier.id}").text
    assert site.post(client, f"{base}/actions/close").status_code == 200

    assert site.dossier(journey.dossier).stage == "committed"
    drain_tasks(site.application, "worker")
    told = bearer.get(f"/dossiers/{journey.dossier.id}").text
    for text in (own, told):
        assert "Au comité d’engagement" in text and "4 000" not in plain(text)


def test_totals_are_tried_without_writing(site: Site) -> None:
    journey, seance = sitting(site)
    client = site.client(site.world.secretary)
    line = journey.line("etat:specifique")
    path = f"/seances/{seance.id}/points/{seance.items[0].id}/totaux"

    tried = site.post(client, path, decision="retained", **{f"line-{line.id}": "1 250"})
    unread = site.post(client, path, decision="retained", **{f"line-{line.id}": "douze"})

    assert "1 250 €" in plain(tried.text) and "avec la saisie en cours" in tried.text
    assert "98 750 €" in plain(tried.text)  # left in the notified envelope
    assert unread.status_code == 422
    assert "0 €" in plain(client.get(f"/seances/{seance.id}/session").text)


def test_the_totals_follow_what_the_closing_would_do(site: Site) -> None:
    journey, seance = sitting(site)
    client, base = site.client(site.world.secretary), f"/seances/{seance.id}"
    state = journey.line("etat:specifique")
    state.state = "asked"  # its financer absent: its proposal stays pending
    absent = next(c for c in seance.convocations if c.organisation.code == "etat")
    record_presence(site.world.db, absent, "absent", journey.secretary, journey.now)
    site.world.db.commit()

    path = f"{base}/points/{seance.items[0].id}"
    tried = plain(site.post(client, f"{path}/totaux", decision="as_proposed").text)
    assert "3 000 € retenus" in tried and "Droit commun : 3 000 €, soit 100 % de ce qui est retenu" in tried
    assert "CPO : 0 action sur 1" in tried

    site.post(client, path, decision="as_proposed", version=seance.items[0].version)
    site.post(client, f"{path}/projection")
    shown = plain(client.get(f"{base}/projection").text)
    assert "Séance : 3 000 € retenus · CPO 0 sur 1 (0 %" in shown and "droit commun 3 000 € (100 %)" in shown


def test_a_projection_opened_before_the_seance_waits_for_it(site: Site) -> None:
    seance = convoked_committee(site.world)
    site.world.db.commit()
    client = site.client(site.world.secretary)
    page = client.get(f"/seances/{seance.id}/projection").text
    assert "n’est pas encore ouverte" in page and "/projection/point" in page
    assert "/projection/point" not in client.get(f"/seances/{seance.id}/projection?fige=oui").text


def test_the_projection_names_no_person_and_follows(site: Site) -> None:
    journey, seance = sitting(site)
    world = site.world
    world.db.add(mandate_row(world.financers["caf"], INTEREST, world.porteur, world.contract))  # type: ignore[arg-type]
    secretary, reader = site.client(world.secretary), site.client(world.financers["etat"])
    base = f"/seances/{seance.id}"
    assert journey.dossier.title not in reader.get(f"{base}/projection").text

    site.post(secretary, f"{base}/points/{seance.items[0].id}/projection")

    for text in (reader.get(f"{base}/projection").text, reader.get(f"{base}/projection/point").text):
        assert journey.dossier.title in text and "1 déport sur ce point" in text
        for person in (*world.financers.values(), world.instructor, world.secretary, world.bearer):
            assert person.name not in text and person.email not in text
        assert "Points forts" not in text and "<form" not in text
    assert site.post(reader, f"{base}/points/{seance.items[0].id}/projection").status_code == 403
    assert site.client(world.bearer).get(f"{base}/projection").status_code == 403
    assert site.client(world.stranger).get(f"{base}/projection").status_code == 404


def test_closing_says_why_it_is_not_possible_and_a_closed_session_takes_nothing(site: Site) -> None:
    _, seance = sitting(site)
    client = site.client(site.world.secretary)
    base = f"/seances/{seance.id}"
    assert "Dossiers sans décision" in client.get(f"{base}/cloture").text
    refused = site.post(client, f"{base}/actions/close")
    assert refused.status_code == 409 and "Dossiers sans décision" in refused.text

    site.post(client, f"{base}/propositions")
    site.post(client, f"{base}/actions/close")
    late = site.post(client, f"{base}/points/{seance.items[0].id}", decision="deferred", reason="trop tard")

    assert late.status_code == 409 and "n’est pas ouverte" in late.text
    assert client.get(f"{base}/session").url.path == base


def test_the_frozen_summary_and_its_papers_are_served(site: Site) -> None:
    _, seance = sitting(site)
    client = site.client(site.world.secretary)
    base = f"/seances/{seance.id}"
    live = client.get(f"{base}/synthese").text
    before = client.get(f"{base}/synthese.json").json()
    site.post(client, f"{base}/propositions")
    site.post(client, f"{base}/actions/close")

    page = client.get(f"{base}/synthese")
    assert "Synthèse figée" not in live and "Synthèse figée" in page.text
    after = client.get(f"{base}/synthese.json").json()
    assert after.keys() == before.keys() and after["header"].keys() == before["header"].keys()
    assert after["header"]["status"] == "closed"
    drain_tasks(site.application, "worker")
    shown = client.get(base).text
    for label in ("Relevé de décisions (PDF)", "Liste des décisions (XLSX)", "figée à la clôture (PDF)"):
        assert label in shown
    assert client.get(f"{base}/synthese.pdf").content.startswith(b"%PDF")
    assert site.client(site.world.bearer).get(f"{base}/pieces/1").status_code == 403
    assert site.client(site.world.stranger).get(f"{base}/pieces/1").status_code == 404


def test_a_decision_is_corrected_by_a_later_seance(site: Site) -> None:
    journey, seance = sitting(site)
    client = site.client(site.world.secretary)
    base = f"/seances/{seance.id}"
    site.post(client, f"{base}/propositions")
    site.post(client, f"{base}/actions/close")
    assert "Rectifier une décision" not in client.get(f"{base}/proces-verbal").text  # no séance ahead
    starts = journey.now.replace(day=28)
    later = plan_seance(
        site.world.db, site.world.contract, "comite", starts, journey.now.replace(day=27), journey.secretary
    )
    site.world.db.commit()
    site.application.moment = starts.replace(hour=1)
    asked = {"item": seance.items[0].id, "seance": later.id}

    missing = site.post(client, f"{base}/rectifications", **asked)
    done = site.post(client, f"{base}/rectifications", **asked, reason="Devis revu")
    again = site.post(client, f"{base}/rectifications", **asked, reason="Devis revu")

    assert missing.status_code == 422 and "Motif" in missing.text
    assert done.url.path == f"/seances/{later.id}" and "rectification" in done.text
    assert journey.dossier.reference in done.text
    assert again.status_code == 422 and "déjà à l’ordre du jour" in again.text
    other = site.post(site.client(site.world.instructor), f"{base}/rectifications", **asked, reason="x")
    assert other.status_code == 403


def test_the_minutes_of_a_rectification_tell_what_it_changes_from_what_stands(site: Site) -> None:
    journey, seance = sitting(site)
    client = site.client(site.world.secretary)
    site.post(client, f"/seances/{seance.id}/propositions")
    site.post(client, f"/seances/{seance.id}/actions/close")
    db = site.world.db
    db.expire_all()
    later, state = journey.committee(in_days=40), journey.line("etat:specifique")
    assert state.retained == 4000
    retain(db, later.items[0], state, Decimal(3500), journey.secretary, journey.now)
    decide(db, later.items[0], "retained", "Devis revu", journey.secretary, journey.now)
    fire_seance(db, later, "close", journey.secretary, None, journey.now)
    db.commit()

    page = plain(client.get(f"/seances/{later.id}/proces-verbal").text)

    assert "Retenu par les premières décisions" not in page and "Total retenu" not in page
    assert re.search(
        r"au lieu de 7 000 €.*?>6 500 €<.*?Ce que cette séance change.*?[-−]500 €", page, re.DOTALL
    )


def test_convoking_and_moving_to_a_day_to_avoid_are_confirmed(site: Site) -> None:
    found = convoked_committee(site.world)
    client = site.client(site.world.secretary)
    base = f"/seances/{found.id}"
    before = found.starts_at

    asked = site.post(client, f"{base}/actions/move", starts_at="2026-05-03T10:00")
    assert asked.status_code == 422 and "est à éviter : dimanche" in asked.text
    site.application.moment += timedelta(days=1)
    client = site.client(site.world.secretary)  # the session of the day before has ended
    assert re.search(r"Un message part à \d+ personnes? sans réponse", client.get(base).text)
    with site.application.read() as db:
        assert db.get_one(Seance, found.id).starts_at == before
    moved = site.post(client, f"{base}/actions/move", starts_at="2026-05-03T10:00", confirmed="on")

    assert moved.status_code == 200 and "Séance déplacée" in moved.text
