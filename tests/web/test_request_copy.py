# SPDX-License-Identifier: EUPL-1.2
"""« Reprendre ma demande »: the same action, facts copied, dates moved, amounts to check; one dossier an action and year."""

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import Engine

from tests.factories import YEAR
from tests.factories.statements import counted
from tests.web.conftest import Site
from tests.web.test_request_pages import save
from workflow.models import BudgetLine, Dossier

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def last_year(site: Site) -> Dossier:
    """A filed dossier of the year before, with a budget and a leap day."""
    dossier = site.world.dossier(
        year=YEAR - 1,
        stage="contracted",
        starts_on=date(2024, 2, 29),
        ends_on=date(2025, 11, 30),
        call="aap-2025",
    )
    dossier.budget = [
        BudgetLine(side="charge", account="60.1", planned=Decimal("10000.00"), realised=Decimal("9000.00"))
    ]
    site.world.db.commit()
    return dossier


def test_last_year_s_request_is_copied_and_marked_to_check(site: Site) -> None:
    source = last_year(site)
    client = site.client(site.world.bearer)
    assert f"Reprendre pour {YEAR}" in client.get("/demandes/nouvelle").text

    page = site.post(client, "/demandes/copies", source=str(source.id), year=str(YEAR))

    copy = site.dossier_of(int(page.url.path.rpartition("/")[2]))
    assert copy.action_id == source.action_id and copy.reference != source.reference
    assert (copy.year, copy.stage, copy.renewal, copy.title) == (YEAR, "draft", True, source.title)
    assert (copy.starts_on, copy.ends_on) == (date(2025, 2, 28), date(2026, 11, 30))
    assert (copy.call, copy.filed_on, copy.republican_commitment, copy.previous_report) == (
        None,
        None,
        None,
        None,
    )
    assert {line.key: line.requested for line in copy.lines} == {
        "etat:specifique": Decimal("5000.00"),
        "caf:droit_commun": Decimal("3000.00"),
    }
    assert [(b.account, b.planned, b.realised) for b in copy.budget] == [("60.1", Decimal("10000.00"), None)]
    assert page.text.count("À vérifier") >= 5
    save(
        site,
        client,
        copy.id,
        "financements",
        **{"request:etat:specifique": "5000", "request:caf:droit_commun": "3000"},
    )
    assert "financements" not in site.dossier_of(copy.id).follow_up["to_check"]


def test_one_dossier_an_action_and_a_year(site: Site) -> None:
    source = last_year(site)
    client = site.client(site.world.bearer)
    first = site.post(client, "/demandes/copies", source=str(source.id), year=str(YEAR))
    again = site.post(client, "/demandes/copies", source=str(source.id), year=str(YEAR))
    assert first.url.path == again.url.path

    copy = int(first.url.path.rpartition("/")[2])
    site.post(client, f"/demandes/{copy}/depot")
    assert site.dossier_of(copy).stage == "submitted"
    refused = site.post(client, "/demandes/copies", source=str(source.id), year=str(YEAR))
    assert refused.status_code == 409 and site.dossier_of(copy).reference in refused.text
    assert f"Reprendre pour {YEAR}" not in client.get("/demandes/nouvelle").text


@pytest.mark.parametrize("year", [YEAR - 1, YEAR + 5, 0])
def test_a_copy_is_for_a_year_that_is_open(site: Site, year: int) -> None:
    source = last_year(site)
    client = site.client(site.world.bearer)
    assert site.post(client, "/demandes/copies", source=str(source.id), year=str(year)).status_code == 422


def test_nobody_copies_what_they_do_not_see(site: Site) -> None:
    source = last_year(site)
    assert (
        site.post(
            site.client(site.world.stranger), "/demandes/copies", source=str(source.id), year=str(YEAR)
        ).status_code
        == 404
    )
    instructor = site.client(site.world.instructor)
    assert site.post(instructor, "/demandes/copies", source=str(source.id), year=str(YEAR)).status_code == 403


def test_the_number_of_statements_does_not_grow(site: Site, engine: Engine) -> None:
    client, asked = site.client(site.world.bearer), []
    for ever in (1, 6):
        for _ in range(ever):
            last_year(site)
        client.get("/demandes/nouvelle")
        with counted(engine) as statements:
            page = client.get("/demandes/nouvelle")
        asked.append((page.text.count(f"Reprendre pour {YEAR}"), len(statements)))
    assert [copies for copies, _ in asked] == [1, 7]
    assert asked[0][1] == asked[1][1] <= 8
