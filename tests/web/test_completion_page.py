# SPDX-License-Identifier: EUPL-1.2
"""« Compléter ou corriger la demande »: the page, its faults by field, its conflicts, and who is offered it."""

from html import unescape

import pytest

from tests.web.conftest import Site
from tests.workflow.journey import at

GOOD, WRONG = "55208131766522", "12345678901234"
one_engine = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def test_a_wrong_siret_is_corrected_on_screen_and_told_in_the_history(site: Site) -> None:
    site.world.porteur.siret = WRONG
    dossier = at(site.world, "submitted").dossier
    client, path = site.client(site.world.instructor), f"/dossiers/{dossier.id}/completer"
    assert f'href="{path}"' in client.get(f"/dossiers/{dossier.id}").text
    form = client.get(path)
    assert (
        form.status_code == 200 and f'value="{WRONG}"' in form.text and "<legend>Budget</legend>" in form.text
    )

    page = site.post(client, path, porteur_siret=GOOD, version=site.dossier(dossier).version)

    assert page.status_code == 200 and page.url.path == f"/dossiers/{dossier.id}"
    assert "Demande corrigée" in page.text
    assert f"SIRET du porteur : {WRONG} → {GOOD}" in page.text
    site.post(client, f"/dossiers/{dossier.id}/actions/declare_admissible")
    assert site.dossier(dossier).stage == "admissible"


@one_engine
def test_lists_are_ticked_by_their_labels_and_nothing_held_is_lost(site: Site) -> None:
    dossier = at(site.world, "submitted", site.world.dossier(qpv=["QN05901M", "QN00000M"])).dossier
    client, path = site.client(site.world.instructor), f"/dossiers/{dossier.id}/completer"
    form = client.get(path).text
    assert "1.1.2 Prévenir le décrochage" in form and "QN00000M (hors liste)" in form
    site.post(
        client, path, objectives=["", "1.1.1", "1.1.2"], qpv=["", "QN05901M", "QN00000M"], pieces=["", "rib"]
    )
    found = site.dossier(dossier)
    assert (found.objectives, found.qpv) == (["1.1.1", "1.1.2"], ["QN05901M", "QN00000M"])
    assert found.pieces == ["rib"]
    site.post(client, path, objectives="")
    assert site.dossier(dossier).objectives is None


@one_engine
def test_a_form_sent_back_unchanged_changes_nothing(site: Site) -> None:
    dossier = at(site.world, "submitted").dossier
    client, path = site.client(site.world.instructor), f"/dossiers/{dossier.id}/completer"
    sent = {"total_cost": "10000,00", "cpo": "non", "objectives": "1.1.1", "porteur_rna": "", "poches": ""}
    assert "Rien n’a changé." in site.post(client, path, **sent).text


@one_engine
def test_a_fault_is_told_beside_its_field_and_what_was_typed_is_kept(site: Site) -> None:
    dossier = at(site.world, "submitted").dossier
    path = f"/dossiers/{dossier.id}/completer"
    page = site.post(site.client(site.world.pilot), path, total_cost="cher", beneficiaries_total="77")
    assert page.status_code == 422
    assert "Coût total : « cher »" in page.text and 'value="77"' in page.text
    assert 'aria-invalid="true"' in page.text
    assert site.dossier(dossier).beneficiaries_total == 40


@one_engine
def test_a_page_read_too_early_is_a_conflict(site: Site) -> None:
    dossier = at(site.world, "submitted").dossier
    pilot, path = site.client(site.world.pilot), f"/dossiers/{dossier.id}/completer"
    version = site.dossier(dossier).version
    site.post(pilot, path, beneficiaries_total="41", version=version)
    page = site.post(site.client(site.world.instructor), path, beneficiaries_total="42", version=version)
    assert page.status_code == 409 and 'value="42"' in page.text
    assert site.dossier(dossier).beneficiaries_total == 41


@one_engine
@pytest.mark.parametrize(
    ("stage", "who", "status"),
    [
        ("incomplete", "bearer", 200),
        ("submitted", "bearer", 409),
        ("dispatched", "instructor", 200),
        ("dispatched", "bearer", 409),
        ("submitted", "citizen", 403),
        ("submitted", "stranger", 404),
    ],
)
def test_only_those_who_may_are_offered_it(site: Site, stage: str, who: str, status: int) -> None:
    dossier = at(site.world, stage).dossier
    client, path = site.client(getattr(site.world, who)), f"/dossiers/{dossier.id}/completer"
    assert client.get(path).status_code == status
    offered = f"/demandes/{dossier.id}" if who == "bearer" else path
    assert (f'href="{offered}"' in client.get(f"/dossiers/{dossier.id}").text) is (status == 200)
    if status != 200:
        assert site.post(client, path, beneficiaries_total="1").status_code == status
        assert site.dossier(dossier).beneficiaries_total == 40


@one_engine
def test_entries_are_written_one_a_line_as_the_porteur_does(site: Site) -> None:
    dossier = at(site.world, "submitted").dossier
    client, path = site.client(site.world.instructor), f"/dossiers/{dossier.id}/completer"
    form = client.get(path).text
    assert "séparé" not in form and "2026=8000" not in form and "« | »" not in form
    sent = {
        "publics": "jeunes\r\nfamilles\r\n",
        "cpo_trajectory": "2026 : 8000\n2027 : 7500,50",
        "de_minimis": "01/05/2024 : 12000 sieg",
    }
    assert site.post(client, path, **sent).status_code == 200
    found = site.dossier(dossier)
    assert found.publics == ["jeunes", "familles"]
    assert found.cpo_trajectory == {"2026": "8000.00", "2027": "7500.50"}
    shown = client.get(path).text
    for words in ("jeunes\nfamilles", "2026 : 8000\n2027 : 7500,50", "01/05/2024 : 12000 sieg"):
        assert words in shown
    assert "Rien n’a changé." in site.post(client, path, **sent).text


@one_engine
@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("cpo_trajectory", "2026 : beaucoup", "« 2026 : beaucoup » : montant attendu"),
        ("cpo_trajectory", "demain", "« demain » : attendu une année et un montant, comme « 2026 : 8000 »"),
        ("de_minimis", "31/02/2024 : 12000", "« 31/02/2024 : 12000 » : date attendue"),
        ("starts_on", "demain", "date attendue sous la forme 31/03/2026"),
    ],
)
def test_a_refusal_speaks_as_people_type(site: Site, field: str, typed: str, said: str) -> None:
    dossier = at(site.world, "submitted").dossier
    path = f"/dossiers/{dossier.id}/completer"
    page = site.post(site.client(site.world.instructor), path, **{field: typed})
    told = unescape(page.text).replace("\u00a0", " ")
    assert page.status_code == 422 and said in told and "2026=" not in told


@one_engine
def test_objectives_stand_under_their_general_one_and_a_commune_has_its_name(site: Site) -> None:
    dossier = at(site.world, "submitted").dossier
    client, path = site.client(site.world.instructor), f"/dossiers/{dossier.id}/completer"
    commune = site.world.territory.geography.communes[0]
    assert 'class="heading"' in client.get(path).text
    site.post(client, path, porteur_commune=commune.name.upper(), cpo_trajectory="2026 : 8000")
    site.world.db.refresh(site.world.porteur)
    assert site.world.porteur.commune == commune.insee
    assert f'value="{commune.name}"' in client.get(path).text
    page = unescape(client.get(f"/dossiers/{dossier.id}").text).replace("\u00a0", " ").replace("\u202f", " ")
    assert f"siège : {commune.name}" in page and f"→ {commune.name}" in page
    assert "2026 : 8 000 €" in page and "2026=" not in page
