# SPDX-License-Identifier: EUPL-1.2
"""Pieces: sent by the porteur and the instruction, replaced, withdrawn, read by whom they are open to, and nobody else."""

import pytest
from httpx2 import Response
from sqlalchemy import select
from starlette.testclient import TestClient

from tests.factories.files import DOCX, PDF, PNG
from tests.factories.people import give_mandate, make_person, make_porteur
from tests.web.conftest import Site
from tests.workflow.journey import at
from web.security import LARGEST_BODY, UPLOADS
from web.sessions import form_token
from workflow.models import Document, Dossier, Journal, Piece
from workflow.stages import Role

one_engine = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def send(
    client: TestClient, dossier: Dossier, name: str = "statuts.pdf", content: bytes = PDF, **form: object
) -> Response:
    """The form with its file, as a browser sends it."""
    data = {"jeton": form_token(client.cookies["session"]), "code": "statuts", **form}
    texts = {field: str(value) for field, value in data.items()}
    return client.post(f"/dossiers/{dossier.id}/pieces", data=texts, files={"file": (name, content, "x/y")})


def kept(site: Site, dossier: Dossier) -> list[Piece]:
    with site.application.read() as db:
        return list(db.scalars(select(Piece).where(Piece.dossier_id == dossier.id).order_by(Piece.id)))


def triggers(site: Site, dossier: Dossier) -> list[str]:
    with site.application.read() as db:
        lines = select(Journal.trigger).where(Journal.chain == f"dossier:{dossier.id}").order_by(Journal.seq)
        return list(db.scalars(lines))


def test_the_porteur_sends_a_piece_that_the_rules_and_the_instruction_then_see(site: Site) -> None:
    dossier = at(site.world, "submitted", site.world.dossier(pieces=["rib"])).dossier
    client = site.client(site.world.bearer)
    page = send(client, dossier)
    assert page.status_code == 200 and page.url.path == f"/dossiers/{dossier.id}/pieces"
    assert "Pièce reçue : statuts, « statuts.pdf »." in page.text
    assert site.dossier(dossier).pieces == ["rib", "statuts"]
    assert triggers(site, dossier)[-1] == "add_piece"
    inside = site.client(site.world.instructor).get(f"/dossiers/{dossier.id}").text
    assert "statuts.pdf" in inside and "Ajouter une pièce" in inside
    assert "Notées comme reçues, sans fichier ici : relevé d’identité bancaire." in inside
    assert "Bérénice Porteuse" in inside


def test_the_same_file_sent_twice_is_kept_once(site: Site) -> None:
    dossier = at(site.world, "submitted").dossier
    client = site.client(site.world.secretary)
    send(client, dossier)
    again = send(client, dossier)
    assert "était déjà au dossier, à l’identique" in again.text
    assert len(kept(site, dossier)) == 1


def test_a_newer_piece_replaces_and_the_older_stays_readable(site: Site) -> None:
    dossier = at(site.world, "submitted").dossier
    client = site.client(site.world.instructor)
    send(client, dossier)
    first = kept(site, dossier)[0]
    refused = send(client, dossier, "autre.pdf", PDF + b" ", replaces=first.id, code="rib")
    assert refused.status_code == 422 and "en remplace une de même nature" in refused.text
    page = send(client, dossier, "statuts-2026.pdf", PDF + b" ", replaces=first.id)
    assert "remplacée par une plus récente" in page.text and "statuts.pdf" in page.text
    old, new = kept(site, dossier)
    assert (old.replaced_by_id, new.is_current) == (new.id, True)
    assert client.get(f"/dossiers/{dossier.id}/pieces/{old.id}").content == PDF
    gone = send(client, dossier, "encore.pdf", PDF + b"  ", replaces=first.id)
    assert gone.status_code == 422 and "vient d’être remplacée" in gone.text


def test_a_piece_withdrawn_no_longer_counts_and_leaves_the_porteur_s_sight(site: Site) -> None:
    dossier = at(site.world, "submitted").dossier
    client = site.client(site.world.secretary)
    send(client, dossier)
    piece = kept(site, dossier)[0]
    path = f"/dossiers/{dossier.id}/pieces/{piece.id}"
    assert site.post(client, f"{path}/retrait", reason=" ").status_code == 422
    assert site.post(site.client(site.world.bearer), f"{path}/retrait", reason="Non").status_code == 403
    page = site.post(client, f"{path}/retrait", reason="Celle d’une autre association")
    assert page.status_code == 200 and "Celle d’une autre association" in page.text
    assert site.dossier(dossier).pieces == []
    assert triggers(site, dossier)[-2:] == ["add_piece", "withdraw_piece"]
    assert client.get(path).status_code == 200
    assert site.client(site.world.bearer).get(path).status_code == 404
    assert site.post(client, f"{path}/retrait", reason="Encore").status_code == 409


def test_the_stage_closes_the_porteur_s_hand_before_the_instruction_s(site: Site) -> None:
    dossier = at(site.world, "financers_conference").dossier
    bearer, instructor = site.client(site.world.bearer), site.client(site.world.instructor)
    page = bearer.get(f"/dossiers/{dossier.id}/pieces").text
    assert "à cette étape, vous n’y ajoutez plus de pièce" in page and 'type="file"' not in page
    assert send(bearer, dossier).status_code == 409
    assert send(instructor, dossier).status_code == 200
    assert send(site.client(site.world.citizen), dossier).status_code == 403


@one_engine
@pytest.mark.parametrize(
    ("name", "content", "status", "said"),
    [
        ("statuts.pdf", b"MZ\x90\x00" + b"\x01" * 99, 415, "d’un programme Windows"),
        ("statuts.exe", b"MZ", 415, "« .exe » n’est pas accepté"),
        ("statuts.pdf", b" ", 422, "est vide"),
        ("..\\statuts.pdf", PDF, 422, "simple nom de fichier"),
        ("grand.pdf", PDF.ljust(10_000_001, b" "), 413, "dépasse 10 Mo"),
    ],
)
def test_a_refused_file_is_told_on_its_page(
    site: Site, name: str, content: bytes, status: int, said: str
) -> None:
    dossier = at(site.world, "submitted").dossier
    page = send(site.client(site.world.bearer), dossier, name, content, code="rib")
    assert page.status_code == status
    assert said in page.text and '<html lang="fr">' in page.text
    assert '<option value="rib" selected>' in page.text  # what was chosen is not lost
    assert kept(site, dossier) == []
    with site.application.read() as db:
        assert db.scalars(select(Document.id)).all() == []


@one_engine
def test_no_file_or_no_kind_is_told_beside_its_field(site: Site) -> None:
    dossier = at(site.world, "submitted").dossier
    client = site.client(site.world.instructor)
    nothing = site.post(client, f"/dossiers/{dossier.id}/pieces", code="rib")
    assert nothing.status_code == 422 and "Fichier\u00a0: à choisir." in nothing.text
    unknown = send(client, dossier, code="facture")
    assert unknown.status_code == 422 and "à choisir dans la liste" in unknown.text


@one_engine
def test_a_file_is_given_back_so_that_it_cannot_act(site: Site) -> None:
    dossier = at(site.world, "submitted").dossier
    client = site.client(site.world.instructor)
    send(client, dossier, "Statuts signés.pdf")
    send(client, dossier, "note.docx", DOCX, code="autre")
    send(client, dossier, "plan.png", PNG, code="autre")
    pdf, docx, png = (f"/dossiers/{dossier.id}/pieces/{piece.id}" for piece in kept(site, dossier))
    sent = client.get(pdf)
    assert sent.headers["content-disposition"] == (
        "attachment; filename=\"Statuts sign_s.pdf\"; filename*=UTF-8''Statuts%20sign%C3%A9s.pdf"
    )
    assert sent.headers["content-type"] == "application/pdf"
    assert sent.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in sent.headers["content-security-policy"]
    assert client.get(f"{pdf}?vue=1").headers["content-disposition"].startswith("inline")
    assert client.get(f"{png}?vue=1").headers["content-disposition"].startswith("inline")
    assert client.get(f"{docx}?vue=1").headers["content-disposition"].startswith("attachment")


def test_another_porteur_or_contract_finds_no_piece(site: Site) -> None:
    dossier = at(site.world, "submitted").dossier
    send(site.client(site.world.instructor), dossier)
    piece = kept(site, dossier)[0]
    world = site.world
    other = make_porteur(world.db, "Autre porteur", siret=None)
    mine = world.dossier(porteur=other)
    someone = make_person(world.db, "autre@porteur.test")
    give_mandate(world.db, someone, Role.PORTEUR, other, world.contract)
    client = site.client(someone)
    assert client.get(f"/dossiers/{mine.id}/pieces").status_code == 200
    for path in (f"/dossiers/{dossier.id}/pieces", f"/dossiers/{dossier.id}/pieces/{piece.id}"):
        assert client.get(path).status_code == 404
        assert site.client(world.stranger).get(path).status_code == 404
    assert client.get(f"/dossiers/{mine.id}/pieces/{piece.id}").status_code == 404
    assert send(client, dossier).status_code == 404


@one_engine
def test_a_body_beyond_its_address_s_limit_is_a_french_page(site: Site) -> None:
    dossier = at(site.world, "submitted").dossier
    client = site.client(site.world.bearer)
    page = send(client, dossier, "grand.pdf", b"x" * (UPLOADS[1][1] + 1))
    assert page.status_code == 413
    assert '<html lang="fr">' in page.text and "au plus 10 Mo par envoi" in page.text
    small = site.post(client, f"/dossiers/{dossier.id}/pieces/1/retrait", filler="x" * LARGEST_BODY)
    assert small.status_code == 413
