# SPDX-License-Identifier: EUPL-1.2
"""The page that explains past decisions: what was read, what was found, and whether it still computes the same."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm.attributes import flag_modified

from tests.web.conftest import Site
from tests.workflow.journey import at
from workflow.models import DecisionRecord

one_engine = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@one_engine
def test_each_decision_is_explained_the_latest_first(site: Site) -> None:
    dossier = at(site.world, "committed").dossier
    client = site.client(site.world.instructor)
    assert f'href="/dossiers/{dossier.id}/decisions"' in client.get(f"/dossiers/{dossier.id}").text

    page = client.get(f"/dossiers/{dossier.id}/decisions").text

    labels = ["Retenir", "Envoyer au comité d’engagement", "Déclarer recevable"]
    places = [page.index(f"{label}, ") for label in labels]
    assert places == sorted(places)
    assert page.count("mêmes constats qu’alors") == 3 and "diffèrent" not in page
    assert "30 sur 40" in page  # the figures of that day


@one_engine
def test_a_record_changed_since_is_told(site: Site) -> None:
    dossier = at(site.world, "admissible").dossier
    record = site.world.db.scalars(select(DecisionRecord)).one()
    record.facts["beneficiaries_qpv"] = 1
    flag_modified(record, "facts")

    page = site.client(site.world.instructor).get(f"/dossiers/{dossier.id}/decisions").text

    assert "diffèrent de ceux qui furent gardés" in page and "mêmes constats" not in page
    assert "1 sur 40" in page and "30 sur 40" in page  # computed again, and as it was read


@one_engine
def test_a_dossier_without_decision_says_so_and_its_page_links_to_none(site: Site) -> None:
    dossier = at(site.world, "submitted").dossier
    client = site.client(site.world.instructor)

    assert "Aucune décision" in client.get(f"/dossiers/{dossier.id}/decisions").text
    assert "/decisions" not in client.get(f"/dossiers/{dossier.id}").text


@one_engine
def test_the_porteur_and_strangers_do_not_read_it(site: Site) -> None:
    dossier = at(site.world, "admissible").dossier
    path = f"/dossiers/{dossier.id}/decisions"

    assert site.client(site.world.bearer).get(path).status_code in (403, 404)
    assert site.client(site.world.stranger).get(path).status_code in (403, 404)
