# SPDX-License-Identifier: EUPL-1.2
"""Administration: who opens what, the parameters with their sources, the findings of `doctor` about this contract."""

import pytest

from app.config import Config
from app.diagnosis import Diagnosis
from rules.parameters import Parameters
from tests.factories.contract import toy_settings
from tests.web.conftest import Site
from web.presenters.administration import diagnostic_view

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
PAGES = ("/administration/parametres", "/administration/diagnostic")


def test_the_administrator_opens_everything(site: Site) -> None:
    client = site.client(site.world.administrator)
    index = client.get("/administration")
    assert index.status_code == 200
    for page in (*PAGES, "/administration/import"):
        assert f'href="{page}"' in index.text
        assert client.get(page).status_code == 200
    assert 'href="/administration" aria-current="page"' in index.text


def test_the_others_open_what_is_theirs(site: Site) -> None:
    for person in (site.world.pilot, site.world.secretary):
        client = site.client(person)
        index = client.get("/administration").text
        assert "/administration/import" in index and "/administration/parametres" not in index
        assert [client.get(page).status_code for page in PAGES] == [403, 403]
    for person in (site.world.instructor, site.world.financers["caf"], site.world.citizen):
        client = site.client(person)
        assert client.get("/administration").status_code == 403
        assert [client.get(page).status_code for page in PAGES] == [403, 403]
        assert 'href="/administration"' not in client.get("/dossiers").text


def test_parameters_are_shown_with_value_source_and_local_choice(site: Site) -> None:
    page = site.client(site.world.administrator).get("/administration/parametres").text
    for name, parameter in Parameters.load().by_name.items():
        assert f'id="{name}"' in page and parameter.label in page.replace("&#39;", "'"), name
    assert "aujourd’hui" in page and "lu dans le texte" in page
    for body in site.world.territory.bodies:
        assert body.label in page
    for credit in site.world.territory.credits.values():
        assert credit.label in page
    assert "config.yaml" in page


def test_a_local_choice_is_marked(site: Site) -> None:
    settings = toy_settings()
    settings["local_parameters"] = [
        {"name": "cpo.target_actions", "value": "0.6", "source": "Comité de pilotage"}
    ]
    territory = Config.model_validate({"contracts": [settings]}).contracts[0]
    site.world.contract.settings = territory.model_dump(mode="json")
    site.world.contract.settings_digest = "local"
    page = site.client(site.world.administrator).get("/administration/parametres").text
    assert "choix du contrat" in page and "Comité de pilotage" in page


def test_the_diagnostic_says_what_doctor_says_of_this_contract(site: Site) -> None:
    page = site.client(site.world.administrator).get("/administration/diagnostic").text
    assert "liste nationale des QPV non fournie" in page and "télécharger la liste" in page
    found = [
        Diagnosis("error", "contracts[0].calls", "ici"),
        Diagnosis("warning", "contracts[1].calls", "ailleurs"),
        Diagnosis("info", "deployment.smtp", "partout"),
    ]
    view = diagnostic_view(found, ["ici", "ailleurs"], "ici")
    assert [one["message"] for one in view["findings"]] == ["ici", "partout"]
    assert [number for *_, number in view["counts"]] == [1, 1]
