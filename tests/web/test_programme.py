# SPDX-License-Identifier: EUPL-1.2
"""The programme: charts that say their figures, the whole table sorted and exported, figures live, statements constant."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import Engine

from reports.table_file import FORMS
from tests.factories import NOW, YEAR
from tests.factories.statements import counted
from tests.web.conftest import Site
from tests.workflow.journey import at
from workflow.models import Award
from workflow.queries_programme import theme_sums, years_compared

one_engine = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def plain(text: str) -> str:
    return re.sub(r"[\u00a0\u202f]", " ", text)


def test_figures_are_drawn_said_and_tabulated(site: Site) -> None:
    at(site.world, "committed")
    page = plain(site.client(site.world.pilot).get(f"/programme?annee={YEAR}").text)
    chart = page.split('id="par-financeur-title"')[1].split("</figure>")[0]
    assert "Montants par financeur" in chart and "<desc" in chart
    assert "3 000 €" in chart and "4 000 €" in chart
    assert 'id="par-annee-desc"' in page and "Le tableau de ce graphique" in page
    assert "style=" not in page


def test_figures_are_live_and_kept_while_nothing_changes(site: Site, engine: Engine) -> None:
    journey = at(site.world, "committed")
    client = site.client(site.world.pilot)
    address = f"/programme?annee={YEAR}"
    assert "4 000 €" in plain(client.get(address).text)
    with counted(engine) as kept:
        client.get(address)
    site.application.moment = NOW + timedelta(minutes=2)
    with counted(engine) as later:
        client.get(address)
    assert len(kept) < len(later)
    site.application.moment = NOW
    journey.fire("cancel", site.world.pilot, "renoncement")
    site.world.db.commit()
    assert "4 000 €" not in plain(client.get(address).text)


def test_the_table_holds_every_dossier_with_its_sums(site: Site) -> None:
    committed = at(site.world, "committed").dossier
    draft = site.world.dossier(title="<b>Brouillon</b>", requests={"etat:specifique": Decimal("1234.50")})
    client = site.client(site.world.colleague)
    page = plain(client.get(f"/programme/dossiers?annee={YEAR}").text)
    assert f'href="/dossiers/{committed.id}"' in page and f'href="/dossiers/{draft.id}"' in page
    assert "&lt;b&gt;Brouillon" in page and "<b>Brouillon" not in page
    assert "1 234,50 €" in page
    foot = page.split("<tfoot>")[1]
    assert "9 234,50 €" in foot and "7 000 €" in foot


@one_engine
def test_the_table_is_sorted_by_the_address(site: Site) -> None:
    for amount in (300, 100, 200):
        site.world.dossier(title=f"Action {amount}", requests={"etat:specifique": Decimal(amount)})
    client = site.client(site.world.pilot)
    page = client.get(f"/programme/dossiers?annee={YEAR}&tri=-requested").text
    assert re.findall(r"Action \d+", page) == ["Action 300", "Action 200", "Action 100"]
    assert 'aria-sort="descending"' in page
    for sort in ("title", "-porteur", "stage", "theme", "qpv", "lead", "cpo", "total_cost", "nimporte", "--"):
        assert client.get(f"/programme/dossiers?annee={YEAR}&tri={sort}").status_code == 200
    assert "Aucun dossier en 1999" in client.get("/programme/dossiers?annee=1999").text


@one_engine
def test_exports_are_files_and_an_unknown_form_is_no_page(site: Site) -> None:
    dossier = at(site.world, "committed").dossier
    client = site.client(site.world.pilot)
    for form in FORMS:
        answer = client.get(f"/programme.{form}?annee={YEAR}")
        assert answer.status_code == 200
        assert f'filename="programme-{YEAR}.{form}"' in answer.headers["content-disposition"]
    assert dossier.reference in client.get(f"/programme.csv?annee={YEAR}").content.decode("utf-8-sig")
    assert client.get("/programme.exe").status_code == 404


def test_the_number_of_statements_does_not_grow(site: Site, engine: Engine) -> None:
    site.world.dossier()
    client = site.client(site.world.pilot)
    address = f"/programme/dossiers?annee={YEAR}"
    client.get(address)
    with counted(engine) as one:
        client.get(address)
    for rank in range(3):
        site.world.dossier(title=f"Action {rank}")
    site.world.db.commit()
    with counted(engine) as four:
        client.get(address)
    assert len(one) == len(four) <= 9


def test_years_and_groups_count_what_the_figures_count(site: Site) -> None:
    world = site.world
    at(world, "committed")
    for financer, siren in (
        ("etat", "123456789"),
        ("caf", (world.organisations["caf"].siret or "0" * 9)[:9]),
    ):
        world.db.add(
            Award(
                contract_id=world.contract.id,
                year=YEAR - 1,
                siren=siren,
                financer=financer,
                credit=f"{financer}:droit_commun",
                granted=Decimal("500.00"),
                title="Chorale",
                inside=True,
                source="test",
                line_key=financer,
            )
        )
    world.organisations["caf"].siret = None
    world.db.flush()
    before, now = years_compared(world.db, world.contract)
    assert (before.year, before.actions, before.awards, before.granted) == (
        YEAR - 1,
        2,
        2,
        Decimal("1000.00"),
    )
    assert (now.year, now.actions, now.granted, now.ordinary) == (
        YEAR,
        1,
        Decimal("7000.00"),
        Decimal("3000.00"),
    )
    world.organisations["caf"].siret = "00000000000000"
    world.db.flush()
    assert years_compared(world.db, world.contract)[0].granted == Decimal("500.00")
    assert theme_sums(world.db, world.contract, YEAR) == [("education", 1, Decimal("7000.00"))]
