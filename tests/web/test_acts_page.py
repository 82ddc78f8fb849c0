# SPDX-License-Identifier: EUPL-1.2
"""« Mes actes à enregistrer »: a batch, its faults beside their fields, its export; the payments of a granted line."""

import re
from decimal import Decimal
from io import BytesIO

import pytest
from openpyxl import load_workbook

from tests.factories import YEAR
from tests.web.conftest import Site
from tests.workflow.journey import Journey, at
from workflow.queries import journal_of

one_engine = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
STATE, CAF = "etat:specifique", "caf:droit_commun"


def plain(text: str) -> str:
    return re.sub(r"[\u00a0\u202f]", " ", text)


def committed(site: Site) -> Journey:
    journey = at(site.world, "committed")
    site.application.moment = journey.now
    return journey


def ticked(journey: Journey, key: str, amount: str, reason: str = "") -> dict[str, object]:
    line = journey.line(key)
    return {f"line-{line.id}": line.version, f"amount-{line.id}": amount, f"reason-{line.id}": reason}


def heading(journey: Journey) -> dict[str, object]:
    return {"authority": "Préfet", "date": journey.now.date().isoformat(), "number": "2026-12"}


def test_a_financer_records_its_own_lines_in_one_batch(site: Site) -> None:
    journey = committed(site)
    client = site.client(site.world.financers["etat"])
    page = plain(client.get("/actes").text)
    assert journey.dossier.reference in page and "4 000 €" in page and "sans date annoncée" in page
    assert "comité de pilotage n’a pas encore validé" in page
    assert f'name="line-{journey.line(CAF).id}"' not in page

    answer = site.post(client, "/actes", qui="etat", **heading(journey), **ticked(journey, STATE, "3 500,00"))

    assert answer.status_code == 200 and "1 ligne" in plain(answer.text)
    line = site.line(journey.dossier, STATE)
    assert (line.state, line.granted) == ("granted", Decimal("3500.00"))
    dossier = plain(client.get(f"/dossiers/{journey.dossier.id}").text)
    assert "Plan de financement rouvert" in dossier and "4 000 € retenus, 3 500 € accordés" in dossier


@one_engine
def test_faults_stand_beside_their_fields_and_what_was_typed_stays(site: Site) -> None:
    journey = committed(site)
    client = site.client(site.world.pilot)

    answer = site.post(
        client, "/actes", qui="etat", authority="", date="", number="", **ticked(journey, STATE, "trop")
    )
    assert answer.status_code == 422 and "n’est pas lisible" in plain(answer.text)

    both = ticked(journey, STATE, "4000") | ticked(journey, CAF, "0", "gel")
    mixed = site.post(client, "/actes", qui="etat", **heading(journey), **both)
    assert mixed.status_code == 422 and "celui d’un seul financeur" in plain(mixed.text)

    chosen = ticked(journey, STATE, "4000,01")
    answer = site.post(client, "/actes", qui="etat", **heading(journey), **chosen)

    text = plain(answer.text)
    assert answer.status_code == 422
    assert "dépassent ce que le comité a retenu" in text and 'value="4000,01"' in text
    assert "checked" in text and 'value="2026-12"' in text
    assert {line.state for line in site.dossier(journey.dossier).lines if line.retained} == {"retained"}
    nothing = site.post(client, "/actes", qui="etat", **heading(journey))
    assert nothing.status_code == 422 and "en cocher au moins une" in plain(nothing.text)


@one_engine
def test_another_financer_and_an_old_page_are_refused(site: Site) -> None:
    journey = committed(site)
    chosen = ticked(journey, STATE, "4000")
    caf = site.client(site.world.financers["caf"])
    refused = site.post(caf, "/actes", qui="etat", **heading(journey), **chosen)
    assert refused.status_code == 422 and "mandats" in plain(refused.text)

    client = site.client(site.world.financers["etat"])
    old = {name: 0 if name.startswith("line-") else value for name, value in chosen.items()}
    assert site.post(client, "/actes", qui="etat", **heading(journey), **old).status_code == 409
    assert site.line(journey.dossier, STATE).state == "retained"


@one_engine
def test_the_export_has_what_waits_and_what_is_recorded(site: Site) -> None:
    journey = committed(site)
    client = site.client(site.world.pilot)
    site.post(client, "/actes", qui="etat", **heading(journey), **ticked(journey, STATE, "4000"))

    book = load_workbook(BytesIO(client.get("/actes.xlsx").content))

    assert book.sheetnames == ["Actes attendus", "Actes enregistrés"]
    cells = [cell.value for row in book["Actes enregistrés"].iter_rows() for cell in row]
    assert "Préfet" in cells and 4000 in cells
    assert client.get("/actes.pdf").status_code == 404


@one_engine
def test_who_answers_for_nobody_is_told_that_nothing_waits(site: Site) -> None:
    committed(site)

    page = site.client(site.world.citizen).get("/actes").text

    assert "Aucun acte n’est attendu de vous" in page


def test_payments_and_what_was_spent_are_recorded_on_the_line(site: Site) -> None:
    journey = committed(site)
    client = site.client(site.world.financers["etat"])
    site.post(client, "/actes", qui="etat", **heading(journey), **ticked(journey, STATE, "4000"))
    line = site.line(journey.dossier, STATE)
    address, today = f"/dossiers/{journey.dossier.id}/lignes/{line.id}", journey.now.date().isoformat()

    paid = site.post(
        client, f"{address}/versements", amount="2500", on=today, number="M-1", version=line.version
    )
    assert paid.status_code == 200 and "Reste à verser" in paid.text and "1 500 €" in plain(paid.text)
    stale = site.post(client, f"{address}/versements", amount="1", on=today, version=line.version)
    assert stale.status_code == 409
    line = site.line(journey.dossier, STATE)
    more = site.post(client, f"{address}/versements", amount="1500,01", on=today, version=line.version)
    assert more.status_code == 422 and 'value="1500,01"' in more.text
    unsaid = site.post(client, f"{address}/verse", total="2000", version=line.version)
    assert unsaid.status_code == 422 and "Motif" in unsaid.text
    site.post(client, f"{address}/realise", spent="2400", reason="compte rendu", version=line.version)

    line = site.line(journey.dossier, STATE)
    assert (line.paid, line.spent) == (Decimal("2500.00"), Decimal("2400.00"))
    with site.application.read() as db:
        acts = [act.trigger for act in journal_of(db, f"dossier:{journey.dossier.id}")]
    assert acts[-2:] == ["pay", "record_spent"]


@one_engine
def test_a_line_that_ended_says_what_comes_back_and_nothing_is_left_to_pay(site: Site) -> None:
    journey = committed(site)
    client, pilot = site.client(site.world.financers["etat"]), site.client(site.world.pilot)
    site.post(client, "/actes", qui="etat", **heading(journey), **ticked(journey, STATE, "4000"))
    line = site.line(journey.dossier, STATE)
    address, today = f"/dossiers/{journey.dossier.id}/lignes/{line.id}", journey.now.date().isoformat()
    site.post(client, f"{address}/versements", amount="2500", on=today, version=line.version)
    version = site.line(journey.dossier, STATE).version

    site.post(pilot, f"{address}/actions/cancel", reason="le porteur renonce", version=version)

    ended = plain(client.get(address).text)
    assert site.line(journey.dossier, STATE).state == "cancelled"
    assert "À récupérer : <strong>2 500 €</strong>" in ended and "Reste à verser" not in ended
    listed = plain(pilot.get(f"/dossiers/{journey.dossier.id}/annees").text)
    assert f"en {YEAR} : 2 500 € versés et non dépensés" in listed
    version = site.line(journey.dossier, STATE).version
    site.post(client, f"{address}/verse", total="0", reason="reversement", version=version)
    back = plain(client.get(address).text)
    assert "Rien n’est à verser ni à récupérer" in back
    assert not any(said in back for said in ("À récupérer", "Reste à verser", "est versé."))
