# SPDX-License-Identifier: EUPL-1.2
"""Locating beneficiaries on the dossier page: the file sent and not kept, the three figures, who is offered it."""

from collections.abc import Callable
from pathlib import Path

import pytest
from httpx2 import Response
from starlette.testclient import TestClient

from app.config import Config
from tests.factories.contract import toy_settings
from tests.factories.perimeters import (
    ELSEWHERE,
    INSIDE,
    NOT_FOUND,
    ON_EDGE,
    OUTSIDE,
    POOR_SCORE,
    STREET,
    beneficiaries,
    write_perimeters,
)
from tests.web.conftest import Site
from tests.workflow.journey import at
from web.security import LARGEST_BODY, UPLOADS
from web.sessions import form_token
from workflow.models import Dossier

one_engine = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
FORTY = beneficiaries([INSIDE] * 30 + [OUTSIDE] * 5 + [ELSEWHERE, ON_EDGE, POOR_SCORE, NOT_FOUND, NOT_FOUND])
Sending = Callable[..., Response]


@pytest.fixture
def located(site: Site, tmp_path: Path) -> Site:
    """The pages, with perimeters named in the configuration."""
    name_perimeters(site, write_perimeters(tmp_path))
    return site


def name_perimeters(site: Site, path: Path) -> None:
    geography = toy_settings()["geography"] | {"perimeters": str(path)}
    values = {"deployment": {"environment": "demo"}, "contracts": [toy_settings() | {"geography": geography}]}
    site.application.config = Config.model_validate(values)


def page_of(dossier: Dossier) -> str:
    return f"/dossiers/{dossier.id}"


def send(client: TestClient, dossier: Dossier, content: str | bytes | None, **form: object) -> Response:
    """The form with its file, as a browser sends it; no file chosen: an empty one without a name."""
    data = {
        "jeton": form_token(client.cookies["session"]),
        **{name: str(value) for name, value in form.items()},
    }
    name, sent = ("", b"") if content is None else ("beneficiaires.csv", content)
    path = f"{page_of(dossier)}/localisation"
    return client.post(path, data=data, files={"file": (name, sent, "text/csv")})


def plain(page: Response) -> str:
    return page.text.replace("\u00a0", " ").replace("\u202f", " ")


def test_the_three_figures_stand_beside_the_declared_ones(located: Site) -> None:
    dossier = at(located.world, "submitted").dossier
    client = located.client(located.world.instructor)
    before = client.get(page_of(dossier)).text
    assert 'enctype="multipart/form-data"' in before and "Localiser les bénéficiaires" in before

    page = send(client, dossier, FORTY, version=located.dossier(dossier).version)

    assert page.status_code == 200 and page.url.path == page_of(dossier)
    text = plain(page)
    assert "seuls les comptes sont gardés" in text
    announced, counted = text.split('<th scope="row">Annoncé</th>')[1].split('<th scope="row">Localisé</th>')
    assert cells(announced) == ["40", "30", "—", "—", "75 %"]
    assert cells(counted)[:2] == ["40", "30"] and "dont 1 dans un autre contrat" in counted
    assert "de 75 % à 85 %" in counted
    assert "géocodage peu sûr 1" in text and "près d’une limite de quartier 1" in text
    assert "par Inès Instructrice, périmètres contours.geojson à 8 m près" in text
    assert "Fichier de 40 bénéficiaires : 30 dans un quartier du contrat, 6 hors de ces quartiers" in text
    assert "personnes dans le fichier : 40" in text  # the history
    assert STREET not in text and INSIDE[0] not in text


def cells(row: str) -> list[str]:
    return [cell.split("</td>")[0] for cell in row.split('<td class="n">')[1:]]


def test_a_file_bigger_than_other_forms_is_read_and_not_kept(located: Site, tmp_path: Path) -> None:
    dossier = at(located.world, "submitted").dossier
    big = beneficiaries([INSIDE] * 50_000)
    assert len(big) > LARGEST_BODY
    files = sorted(tmp_path.rglob("*"))

    page = send(located.client(located.world.instructor), dossier, big)

    assert page.status_code == 200
    kept = located.dossier(dossier).located
    assert kept is not None and kept["total"] == 50_000
    assert [
        path for path in sorted(tmp_path.rglob("*")) if path not in files and ".db" not in path.name
    ] == []


@one_engine
def test_an_enormous_file_is_refused_and_other_addresses_keep_their_limit(located: Site) -> None:
    dossier = at(located.world, "submitted").dossier
    client = located.client(located.world.instructor)
    assert send(client, dossier, b"x" * (UPLOADS[0][1] + 1)).status_code == 413
    for path in ("/completer", "/localisation/effacement", "/localisation/autre"):
        answer = located.post(client, page_of(dossier) + path, filler="x" * LARGEST_BODY)
        assert answer.status_code == 413


@one_engine
@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "Fichier : à choisir."),
        ("", "Le fichier est vide."),
        ("nom,adresse\nAnne,14 rue des Lilas\n", "ni « longitude »"),
        ("latitude,longitude\n7030000,705000\n", "Lambert-93"),
        (b"PK\x03\x04\x00\x00", "Octet nul"),
    ],
)
def test_a_wrong_file_is_told_on_the_page(located: Site, content: str | bytes | None, words: str) -> None:
    dossier = at(located.world, "submitted").dossier

    page = send(located.client(located.world.pilot), dossier, content)

    assert page.status_code == 422
    assert words in plain(page) and 'aria-invalid="true"' in page.text
    assert located.dossier(dossier).located is None


@one_engine
def test_the_counts_are_forgotten_from_the_page(located: Site) -> None:
    dossier = at(located.world, "submitted").dossier
    client, path = located.client(located.world.secretary), f"{page_of(dossier)}/localisation/effacement"
    assert "Rien n’a changé." in located.post(client, path).text
    assert "Effacer ces comptes" in send(client, dossier, FORTY).text

    page = located.post(client, path, version=located.dossier(dossier).version)

    assert "Localisation des bénéficiaires effacée." in page.text and "Effacer ces comptes" not in page.text
    assert located.dossier(dossier).located is None


@one_engine
def test_a_page_read_too_early_is_a_conflict(located: Site) -> None:
    dossier = at(located.world, "submitted").dossier
    client, version = located.client(located.world.pilot), located.dossier(dossier).version
    send(client, dossier, FORTY, version=version)

    assert send(client, dossier, beneficiaries([OUTSIDE]), version=version).status_code == 409
    kept = located.dossier(dossier).located
    assert kept is not None and kept["total"] == 40


@one_engine
@pytest.mark.parametrize(
    ("stage", "who", "status"),
    [
        ("submitted", "citizen", 403),
        ("submitted", "bearer", 403),
        ("submitted", "stranger", 404),
        ("committed", "instructor", 409),
    ],
)
def test_only_those_who_may_are_offered_it(located: Site, stage: str, who: str, status: int) -> None:
    dossier = at(located.world, stage).dossier
    client = located.client(getattr(located.world, who))
    assert "Localiser les bénéficiaires" not in client.get(page_of(dossier)).text

    assert send(client, dossier, FORTY).status_code == status
    assert located.dossier(dossier).located is None


@one_engine
def test_the_porteur_does_not_see_the_counts(located: Site) -> None:
    dossier = at(located.world, "submitted").dossier
    send(located.client(located.world.instructor), dossier, FORTY)

    page = located.client(located.world.bearer).get(page_of(dossier)).text

    assert "Lieu de résidence" not in page and "Localiser" not in page
    assert "Lieu de résidence" in located.client(located.world.citizen).get(page_of(dossier)).text


@one_engine
def test_a_file_without_its_token_is_refused(located: Site) -> None:
    dossier = at(located.world, "submitted").dossier
    client = located.client(located.world.instructor)
    path = f"{page_of(dossier)}/localisation"
    assert (
        client.post(path, data={"jeton": "faux"}, files={"file": ("a.csv", FORTY, "text/csv")}).status_code
        == 403
    )


@one_engine
def test_without_perimeters_nothing_is_offered(site: Site, tmp_path: Path) -> None:
    dossier = at(site.world, "submitted").dossier
    client = site.client(site.world.instructor)
    assert "Localiser" not in client.get(page_of(dossier)).text
    assert "ne sont pas configurés" in send(client, dossier, FORTY).text

    name_perimeters(site, tmp_path / "absent.geojson")
    refused = send(client, dossier, FORTY)
    assert refused.status_code == 422 and "absent.geojson : fichier introuvable." in plain(refused)
