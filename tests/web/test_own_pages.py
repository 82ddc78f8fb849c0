# SPDX-License-Identifier: EUPL-1.2
"""What a porteur is told of its dossiers: its stage in plain words, and no decision before its letter has left."""

import pytest
from sqlalchemy import Engine, select

from app.pdfs import Pdfs
from tests.factories import NOW
from tests.factories.statements import counted
from tests.reports.pdf_text import text_of as pdf_text
from tests.web.conftest import Site
from tests.web.test_letters import letter
from tests.workflow.journey import at, later
from workflow.corrections import ask_correction
from workflow.machine import fire
from workflow.models import Dossier, Message, SeanceItem
from workflow.seances import fill_agenda, plan_seance, set_agenda

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def told(site: Site, dossier: Dossier, kind: str, state: str, key: str = "") -> Message:
    row = letter(site, subject=f"dossier:{dossier.id}", key=key or f"{kind}:{dossier.id}:1", state=state)
    row.kind = kind
    site.world.db.commit()
    return row


@pytest.mark.parametrize(
    ("stage", "words", "secret"),
    [
        ("committed", "Au comité d’engagement", "Retenu"),
        ("rejected", "Au comité d’engagement", "Non retenu"),
        ("deferred", "Au comité d’engagement", "Examen reporté"),
        ("reoriented", "Déposée", "Réorientée"),
        ("inadmissible", "Déposée", "recevable</span>"),
    ],
)
def test_a_decision_is_told_only_once_its_letter_has_left(
    site: Site, stage: str, words: str, secret: str
) -> None:
    dossier = at(site.world, stage).dossier
    client, path = site.client(site.world.bearer), f"/dossiers/{dossier.id}"
    kind = {"deferred": "dossier_deferred", "inadmissible": "dossier_inadmissible"}.get(
        stage, f"dossier_{stage}"
    )
    row = told(site, dossier, kind, "draft")
    for page in (
        client.get(path).text,
        client.get("/dossiers").text,
        client.get(f"{path}/actions/withdraw").text,
        client.get(f"{path}/actions/contract").text,
        client.get(f"{path}/pieces").text,
        client.get(f"{path}/echanges").text,
    ):
        assert words in page and secret not in page and "4 000" not in page.replace("\u202f", " ")
        assert (
            "Remplir le bilan" not in page and "à cette étape depuis" not in page and "Mes dossiers" in page
        )
    refusals = [
        client.get(f"{path}/bilan"),
        client.get(f"{path}/completer"),
        client.get(f"/demandes/{dossier.id}/etapes/budget"),
        site.post(client, f"{path}/bilan/remise", activity="Fait."),
        site.post(client, f"{path}/actions/contract"),
        site.post(client, f"{path}/actions/report"),
        site.post(client, f"{path}/completer", title="Autre"),
    ]
    for refusal in refusals:
        assert refusal.status_code in (403, 409) and secret.lower() not in refusal.text.lower()
    assert client.get(f"{path}/courriers/{row.id}").status_code == 404

    row.state = "sent"
    site.world.db.commit()

    page = client.get(path).text
    assert f"{path}/courriers/{row.id}" in page
    assert {"committed": "Retenue", "rejected": "non retenue"}.get(stage, "") in page


@pytest.mark.parametrize("stage", ["committed", "rejected"])
def test_the_form_of_pieces_and_of_the_report_wait_for_the_letter(site: Site, stage: str) -> None:
    dossier = at(site.world, stage).dossier
    client, path = site.client(site.world.bearer), f"/dossiers/{dossier.id}"
    row = told(site, dossier, f"dossier_{stage}", "draft")
    assert "Envoyer la pièce" not in client.get(f"{path}/pieces").text
    row.state = "sent"
    site.world.db.commit()
    is_told = stage == "committed"
    assert ("Envoyer la pièce" in client.get(f"{path}/pieces").text) is is_told
    assert ("Remplir le bilan" in client.get(path).text) is is_told
    assert client.get(f"{path}/bilan").status_code == (200 if is_told else 409)


def test_an_act_is_told_financer_by_financer(site: Site) -> None:
    journey = at(site.world, "committed")
    journey.grant_all()
    dossier, client = journey.dossier, site.client(site.world.bearer)
    told(site, dossier, "dossier_committed", "sent")
    granted = journey.line("etat:specifique")
    before = client.get(f"/dossiers/{dossier.id}").text
    assert "acte n° A-1" not in before and "retenu par le comité" in before
    told(site, dossier, "line_granted", "sent", key=f"line_granted:{granted.id}:7:1")
    after = client.get(f"/dossiers/{dossier.id}").text
    assert after.count("acte n° A-1") == 1


def test_nothing_of_the_instruction_reaches_the_porteur(site: Site) -> None:
    dossier = at(site.world, "commitment").dossier
    page = site.client(site.world.bearer).get(f"/dossiers/{dossier.id}").text
    for secret in (
        "Action utile.",
        "Public à suivre",
        "Synthèse",
        "Proposé",
        "crédits épuisés",
        "Constats",
        "@etat.test",
    ):
        assert secret not in page
    assert "Où en est votre demande" in page and 'aria-current="step"' in page


def test_a_letter_is_read_and_its_piece_downloaded_by_its_porteur_alone(site: Site) -> None:
    dossier, other = (
        at(site.world, "submitted").dossier,
        at(site.world, "submitted", site.world.dossier()).dossier,
    )
    row = told(site, dossier, "request_acknowledged", "sent")
    client, path = site.client(site.world.bearer), f"/dossiers/{dossier.id}/courriers/{row.id}"
    page = client.get(path).text
    assert "Madame, Monsieur" in page and "<script>alert" not in page
    piece = client.get(f"{path}/pieces/1")
    assert piece.content == b"%PDF-1.7" and "attachment" in piece.headers["content-disposition"]
    assert "Madame" in client.get(f"{path}/pieces/0").text
    assert client.get(f"{path}/pieces/9").status_code == 404
    pdf = client.get(f"{path}/pdf")
    assert pdf.headers["content-type"] == "application/pdf" and f"{path}/pdf" in page
    assert "Madame, Monsieur" in pdf_text(pdf.content) and dossier.reference in pdf_text(pdf.content)
    assert site.client(site.world.stranger).get(f"{path}/pdf").status_code == 404
    assert client.get(f"/dossiers/{other.id}/courriers/{row.id}").status_code == 404
    assert site.client(site.world.stranger).get(path).status_code == 404
    private = told(site, dossier, "password_link", "sent")
    assert client.get(f"/dossiers/{dossier.id}/courriers/{private.id}").status_code == 404


def test_a_porteur_reads_the_date_of_its_next_seance_once_convoked(site: Site) -> None:
    journey = at(site.world, "commitment")
    journey._seat_members()
    world, dossier = site.world, journey.dossier
    client, path = site.client(world.bearer), f"/dossiers/{dossier.id}"
    seance = plan_seance(world.db, world.contract, "comite", later(NOW, 40), NOW, journey.secretary)
    set_agenda(world.db, seance, [dossier], journey.secretary, NOW)
    world.db.commit()
    assert "Prochain examen" not in client.get(path).text
    fire(world.db, seance, "convoke", journey.secretary, None, NOW)
    world.db.commit()
    page = client.get(path).text
    assert "Prochain examen" in page and seance.label in page
    site.application.moment = later(NOW, 41)
    assert "Prochain examen" not in client.get(path).text


def test_a_decided_dossier_has_no_next_examination(site: Site) -> None:
    """Validated in steering, or rectified by a later committee: neither examines the request again."""
    world, journey = site.world, at(site.world, "committed", site.world.dossier(call="aap-2026"))
    seance = plan_seance(world.db, world.contract, "pilotage", later(NOW, 90), journey.now, journey.secretary)
    fill_agenda(world.db, seance, journey.secretary, journey.now)
    fire(world.db, seance, "convoke", journey.secretary, None, journey.now)
    again = plan_seance(world.db, world.contract, "comite", later(NOW, 80), journey.now, journey.secretary)
    held = world.db.scalars(select(SeanceItem).where(SeanceItem.applied_at.is_not(None))).one()
    ask_correction(world.db, held, again, "Montant mal reporté", journey.secretary, journey.now)
    fire(world.db, again, "convoke", journey.secretary, None, journey.now)
    told(site, journey.dossier, "dossier_committed", "sent")
    site.application.moment = journey.now
    page = site.client(world.bearer).get(f"/dossiers/{journey.dossier.id}").text
    assert "Retenue" in page and "Prochain examen" not in page


def test_my_dossiers_are_by_year_with_what_is_to_do_first(site: Site, engine: Engine) -> None:
    at(site.world, "submitted")
    client = site.client(site.world.bearer)
    client.get("/dossiers")
    with counted(engine) as one:
        client.get("/dossiers")
    mine = at(site.world, "incomplete", site.world.dossier(title="À compléter vite")).dossier
    at(site.world, "admissible", site.world.dossier())
    site.world.db.commit()
    with counted(engine) as three:
        page = client.get("/dossiers").text
    assert len(three) == len(one) <= 10
    assert page.index("À compléter vite") < page.index("Ateliers du soir")
    assert f'href="/demandes/{mine.id}"' in page and "20 mars 2026" in page.replace("\u00a0", " ")


def test_a_porteur_without_dossier_is_told_what_to_do(site: Site) -> None:
    page = site.client(site.world.bearer).get("/dossiers").text
    assert "Aucun dossier." in page and 'href="/demandes/nouvelle"' in page


@pytest.mark.parametrize("limits", [{"patience": 0.0}, {"at_once": 0}])
def test_a_letter_not_made_in_time_says_to_ask_again(site: Site, limits: dict[str, float]) -> None:
    dossier = at(site.world, "submitted").dossier
    row = told(site, dossier, "request_acknowledged", "sent")
    client = site.client(site.world.bearer)
    kept, site.web.state.pdfs = site.web.state.pdfs, Pdfs(**limits)  # type: ignore[arg-type]
    try:
        page = client.get(f"/dossiers/{dossier.id}/courriers/{row.id}/pdf")
    finally:
        site.web.state.pdfs.close()
        site.web.state.pdfs = kept
    assert (
        page.status_code == 503
        and "demandez-le de nouveau" in page.text
        and page.headers["retry-after"] == "60"
    )
