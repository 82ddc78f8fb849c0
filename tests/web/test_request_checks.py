# SPDX-License-Identifier: EUPL-1.2
"""What a step of a request says of nonsense, the amounts it reads, and the words of its faults."""

import pytest

from tests.web.conftest import Site
from tests.workflow.journey import at

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.mark.parametrize(
    ("step", "typed", "said"),
    [
        ("appel", {"starts_on": "2026-09-01", "ends_on": "2026-03-01"}, "avant la date de début"),
        (
            "public",
            {"has_individual_beneficiaries": "oui", "beneficiaries_total": "20", "beneficiaries_qpv": "40"},
            "plus que les 20 personnes",
        ),
        ("organisme", {"porteur_form": "association"}, "contrat d’engagement républicain"),
    ],
)
def test_nonsense_is_told_on_its_step_which_is_not_done(
    site: Site, step: str, typed: dict[str, str], said: str
) -> None:
    dossier = at(site.world, "draft").dossier
    dossier.starts_on = dossier.ends_on = dossier.republican_commitment = None
    site.world.porteur.recognition = None
    site.world.db.commit()
    client, path = site.client(site.world.bearer), f"/demandes/{dossier.id}"
    page = site.post(client, f"{path}/etapes/{step}", suite="ici", **typed)
    assert page.status_code == 200 and said in page.text
    listed = client.get(path).text.partition(f"/etapes/{step}")[2]
    assert "Commencé" in listed.partition("</li>")[0]


@pytest.mark.parametrize("typed", ["3 000 euros", "3\u202f000 €", "3000 EUROS", "3000,00"])
def test_an_amount_is_read_as_people_write_it(site: Site, typed: str) -> None:
    dossier = at(site.world, "draft").dossier
    client, path = site.client(site.world.bearer), f"/demandes/{dossier.id}/etapes/financements"
    site.post(client, path, **{"request:etat:specifique": typed})
    assert site.line(dossier, "etat:specifique").requested == 3000


def test_a_fault_names_the_financer_not_its_code(site: Site) -> None:
    dossier = at(site.world, "draft").dossier
    client, path = site.client(site.world.bearer), f"/demandes/{dossier.id}/etapes/financements"
    page = site.post(client, path, **{"request:etat:specifique": "trois mille"})
    assert page.status_code == 422 and "crédits spécifiques" in page.text
    assert "(etat:specifique)" not in page.text


def test_a_reply_without_anything_is_confirmed_and_has_its_own_receipt(site: Site) -> None:
    dossier = at(site.world, "incomplete").dossier
    client, path = site.client(site.world.bearer), f"/demandes/{dossier.id}"
    refused = site.post(client, f"{path}/depot")
    assert refused.status_code == 422 and "Renvoyer sans avoir rien joint" in refused.text
    assert "Rien n’a été joint ni corrigé" in refused.text and 'name="confirme"' in refused.text
    assert site.dossier(dossier).stage == "incomplete"
    sent = site.post(client, f"{path}/depot", confirme="oui")
    assert sent.status_code == 200 and "Demande complétée, renvoyée" in sent.text
    assert site.dossier(dossier).stage == "submitted"
