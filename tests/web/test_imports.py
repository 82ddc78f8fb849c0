# SPDX-License-Identifier: EUPL-1.2
"""Importing from the pages: previewed without writing, imported once, rejected rows sent back, who may, bad files told."""

import re
from decimal import Decimal

import pytest
from httpx2 import Response
from sqlalchemy import select
from starlette.testclient import TestClient

from app.tasks import drain_tasks
from tests.factories import YEAR
from tests.web.conftest import Site
from web.security import LARGEST_BODY, largest_body
from web.sessions import form_token
from workflow.journal import verify_all
from workflow.models import Document, Dossier, Person

one_engine = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
HEAD = "reference;exercice;porteur_nom;intitule;cout_total;demande:etat:specifique"
GOOD = f"{HEAD}\nR1;{YEAR};Ateliers;Chorale;1 000,00;400\nR2;{YEAR};Ateliers;Vélo;2000;500\n"
MIXED = f"{HEAD}\nR1;{YEAR};Ateliers;Chorale des aînés;1000;400\nR3;;Ateliers;=Danse;abc;1\nR4;{YEAR};Ateliers;Judo;10;5\n"


def send(client: TestClient, content: bytes | str, name: str = "demandes.csv", **form: str) -> Response:
    data = {"jeton": form_token(client.cookies["session"]), "profile": "requests", **form}
    body = content.encode() if isinstance(content, str) else content
    return client.post("/administration/import", data=data, files={"file": (name, body, "text/csv")})


def previewed(site: Site, client: TestClient, content: str) -> str:
    """The address of an import whose preview is done."""
    page = send(client, content)
    assert page.status_code == 200, page.text[:500]
    assert "Lecture du fichier" in page.text and 'hx-trigger="every 2s"' in page.text
    assert drain_tasks(site.application, "worker") == 1
    return page.url.path


def titles(site: Site) -> dict[str, str]:
    with site.application.read() as db:
        return {one.reference: one.title for one in db.scalars(select(Dossier))}


def plain(text: str) -> str:
    return re.sub(r"[\u00a0\u202f]", " ", text)


def test_a_file_is_previewed_then_imported_once(site: Site) -> None:
    client = site.client(site.world.secretary)
    address = previewed(site, client, GOOD)
    preview = plain(client.get(address).text)
    assert "rien n’est encore enregistré" in preview and "2 à créer, 0 à mettre à jour" in preview
    assert "R1</span> Chorale" in preview
    assert titles(site) == {}

    started = site.post(client, f"{address}/lancement")
    assert "Import lancé" in started.text
    assert "déjà lancé" in site.post(client, f"{address}/lancement").text
    assert drain_tasks(site.application, "worker") == 1
    done = plain(client.get(address).text)
    assert "Import terminé" in done and "Importer</button>" not in done
    assert titles(site) == {"R1": "Chorale", "R2": "Vélo"}
    with site.application.read() as db:
        dossier = next(one for one in db.scalars(select(Dossier)) if one.reference == "R1")
        assert dossier.stage == "submitted" and dossier.total_cost == Decimal("1000.00")
        assert verify_all(db) == []
    assert "demandes.csv" in client.get("/administration/import").text


def test_differences_and_faults_are_told_field_by_field(site: Site) -> None:
    client = site.client(site.world.pilot)
    first = previewed(site, client, GOOD)
    site.post(client, f"{first}/lancement")
    drain_tasks(site.application, "worker")

    address = previewed(site, client, MIXED)
    page = plain(client.get(address).text)
    assert "1 à créer, 1 à mettre à jour. La ligne rejetée" in page
    row = page.split("<code>intitule</code>")[1].split("</tr>")[0]
    assert "<td>Chorale</td><td>Chorale des aînés</td>" in row
    faults = page.split('id="rejets"')[1].split("</section>")[0]
    assert "<code>exercice</code>" in faults and "<code>cout_total</code>" in faults and "abc" in faults
    assert titles(site)["R1"] == "Chorale"

    sent_back = client.get(f"{address}/rejets.csv")
    text = sent_back.content.decode("utf-8-sig")
    assert "attachment" in sent_back.headers["content-disposition"]
    assert text.splitlines()[0].endswith("ligne_du_fichier;motif_du_rejet")
    assert "R3" in text and "R4" not in text and "'=Danse" in text and ";3;" in text

    corrected = text.replace("R3;;", f"R3;{YEAR};").replace("abc", "100").replace("'=Danse", "Danse")
    again = previewed(site, client, corrected)
    assert "1 à créer, 0 à mettre à jour" in plain(client.get(again).text)


def test_the_same_file_again_changes_nothing(site: Site) -> None:
    client = site.client(site.world.administrator)
    first = previewed(site, client, GOOD)
    site.post(client, f"{first}/lancement")
    drain_tasks(site.application, "worker")
    again = plain(client.get(previewed(site, client, GOOD)).text)
    assert "Rien à importer dans ce fichier" in again


@one_engine
def test_published_awards_are_imported_as_past(site: Site) -> None:
    client = site.client(site.world.pilot)
    content = (
        "exercice;siren_beneficiaire;montant;objet\n2025;123456789;1500;Chorale\n2024;123456789;10;Vieux\n"
    )
    page = send(client, content, "p147.csv", profile="p147:awards", year="2025")
    drain_tasks(site.application, "worker")
    assert "1 à créer" in plain(client.get(page.url.path).text)


@one_engine
@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        (b"", "vide.csv", "Fichier"),
        (b"MZ\x90\x00\x03\x00\x00\x00", "demandes.xlsx", ""),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "vieux.xls", "ancien format"),
        (b"PK\x03\x04rien", "casse.xlsx", ""),
        (b"a;b\n1;2\n", "autre.csv", "Colonnes obligatoires absentes"),
        (b"\x00\x01", "../../etc/passwd", ""),
    ],
)
def test_bad_files_are_refused_in_french_and_nothing_is_kept(
    site: Site, content: bytes, name: str, said: str
) -> None:
    answer = send(site.client(site.world.secretary), content, name)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text and said in plain(answer.text)
    with site.application.read() as db:
        assert db.query(Document).count() == 0


@one_engine
@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("..", "fichier"),
        ("C:\\Bureau\\..", "fichier"),
        ("😀" * 90 + ".csv", "😀" * 24 + ".csv"),
        ("a\u200bb.csv", "ab.csv"),
        ("/tmp/demandes.csv", "demandes.csv"),
        ("", None),
    ],
)
def test_any_name_of_file_is_taken(site: Site, name: str, kept: str | None) -> None:
    client = site.client(site.world.secretary)
    page = send(client, GOOD, name)
    assert page.status_code == (200 if kept else 422)
    with site.application.read() as db:
        assert list(db.scalars(select(Document.name).where(Document.kind == "import"))) == [kept] * bool(kept)


@one_engine
def test_rejected_rows_run_nothing_in_a_spreadsheet(site: Site) -> None:
    client = site.client(site.world.secretary)
    address = previewed(
        site,
        client,
        MIXED.replace("intitule", "intitule;=cmd|' /C calc'!A0", 1).replace(";=Danse", ";=Danse;@x"),
    )
    rejected = client.get(f"{address}/rejets.csv").content.decode("utf-8-sig")
    cells = [cell.strip('"') for line in rejected.splitlines() for cell in line.split(";")]
    assert any("calc" in cell for cell in cells) and any("Danse" in cell for cell in cells)
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]


@one_engine
def test_no_file_an_unknown_profile_and_too_early(site: Site) -> None:
    client = site.client(site.world.secretary)
    assert "Fichier" in site.post(client, "/administration/import", profile="requests").text
    assert send(client, GOOD, profile="autre").status_code == 422
    assert send(client, GOOD, year="demain").status_code == 422
    page = send(client, GOOD)
    early = site.post(client, f"{page.url.path}/lancement")
    assert early.status_code == 409 and "aperçu" in early.text
    assert client.get("/administration/imports/99").status_code == 404
    assert client.get("/administration/imports/99999999999").status_code == 404
    assert largest_body("/administration/import") > LARGEST_BODY


def test_who_may_import(site: Site) -> None:
    world = site.world
    address = previewed(site, site.client(world.secretary), GOOD)
    others: list[Person] = [world.instructor, world.financers["caf"], world.citizen]
    for person in others:
        client = site.client(person)
        assert client.get("/administration/import").status_code == 403
        assert send(client, GOOD).status_code == 403
        assert client.get(address).status_code == 403
        assert client.get(f"{address}/rejets.csv").status_code == 403
        assert site.post(client, f"{address}/lancement").status_code == 403
    assert site.client(world.stranger).get(address).status_code == 404
    with site.application.read() as db:
        assert db.query(Dossier).count() == 0
