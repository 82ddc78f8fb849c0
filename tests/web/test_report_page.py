# SPDX-License-Identifier: EUPL-1.2
"""The report: kept as a draft, sent as an interim one, filed once; its figures, its refusals."""

from decimal import Decimal

import pytest

from tests.web.conftest import Site
from tests.workflow.journey import at, later
from workflow.models import BudgetLine, Dossier
from workflow.surroundings import surroundings_of

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def contracted(site: Site) -> Dossier:
    journey = at(site.world, "contracted")
    dossier = journey.dossier
    dossier.budget = [
        BudgetLine(side="charge", account="60.1", planned=Decimal("9000.00")),
        BudgetLine(side="produit", account="74", payer="etat", planned=Decimal("5000.00")),
    ]
    site.application.moment = later(journey.now, 0)
    site.world.db.commit()
    return dossier


WRITTEN = {
    "activity": "Soixante séances.",
    "reached_total": "38",
    "reached_qpv": "29",
    "realised:charge:60.1": "8 500,50",
    "spent:etat:specifique": "4000",
    "explanation": "Un intervenant absent en mai.",
}


def test_a_report_is_kept_then_filed(site: Site) -> None:
    dossier = contracted(site)
    client, path = site.client(site.world.bearer), f"/dossiers/{dossier.id}/bilan"
    assert "Remplir le bilan" in client.get(f"/dossiers/{dossier.id}").text
    kept = site.post(client, path, version=str(site.dossier(dossier).version), **WRITTEN)
    assert (
        kept.status_code == 200 and "Soixante séances." in kept.text and 'value="8\u00a0500,50"' in kept.text
    )
    assert site.dossier(dossier).stage == "contracted"

    page = site.post(client, f"{path}/remise", version=str(site.dossier(dossier).version), **WRITTEN)

    assert page.status_code == 200 and "Bilan remis" in page.text
    found = site.dossier_of(dossier.id)
    assert found.stage == "reported"
    assert found.follow_up["activity_report"] == "Soixante séances."
    assert (
        "8" in found.follow_up["financial_report"] and "absent en mai" in found.follow_up["financial_report"]
    )
    assert found.follow_up["report"]["reached_qpv"] == 29
    realised = {(b.account, b.payer): b.realised for b in found.budget}
    assert realised == {("60.1", ""): Decimal("8500.50"), ("74", "etat"): Decimal("4000.00")}
    assert found.line("etat:specifique").spent == Decimal("4000.00")  # type: ignore[union-attr]
    assert client.get(path).status_code == 409
    assert site.post(client, f"{path}/remise", **WRITTEN).status_code == 409


def test_a_report_without_accounts_is_refused_and_its_text_is_kept(site: Site) -> None:
    dossier = contracted(site)
    client, path = site.client(site.world.bearer), f"/dossiers/{dossier.id}/bilan"
    page = site.post(client, f"{path}/remise", activity="Fait.")
    assert page.status_code == 409 and "compte rendu financier" in page.text and "Fait." in page.text
    assert site.dossier(dossier).stage == "contracted"


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("reached_total", "beaucoup"),
        ("reached_total", "-4"),
        ("realised:charge:60.1", "cher"),
        ("spent:etat:specifique", "-1"),
        ("spent:etat:specifique", "9" * 14),
        ("activity", "x" * 100_000),
        ("explanation", "\x00"),
    ],
)
def test_what_cannot_be_read_is_told(site: Site, name: str, typed: str) -> None:
    dossier = contracted(site)
    client = site.client(site.world.bearer)
    page = site.post(client, f"/dossiers/{dossier.id}/bilan", **{"reached_qpv": "12", name: typed})
    assert page.status_code == 422 and 'role="alert"' in page.text
    assert "report" not in site.dossier(dossier).follow_up


def test_an_interim_report_counts_for_next_year_s_request(site: Site) -> None:
    dossier = contracted(site)
    client, path = site.client(site.world.bearer), f"/dossiers/{dossier.id}/bilan"
    empty = site.post(client, f"{path}/intermediaire", reached_total="3")
    assert empty.status_code == 422 and "Ce qui a été fait" in empty.text
    sent = site.post(client, f"{path}/intermediaire", activity="Six premiers mois.")
    assert sent.status_code == 200 and "Bilan intermédiaire envoyé" in sent.text
    assert site.dossier(dossier).stage == "contracted"
    renewed = site.world.dossier(year=dossier.year + 1, renewal=True)
    renewed.action_id = dossier.action_id
    site.world.db.commit()
    site.world.db.expire_all()
    previous = surroundings_of(site.world.db, [renewed])[renewed.id].previous
    assert previous is not None and previous.interim_report and not previous.final_report


@pytest.mark.parametrize(
    ("who", "status"), [("instructor", 403), ("citizen", 403), ("stranger", 404), ("secretary", 200)]
)
def test_the_porteur_or_the_secretary_reports(site: Site, who: str, status: int) -> None:
    dossier = contracted(site)
    client = site.client(getattr(site.world, who))
    assert client.get(f"/dossiers/{dossier.id}/bilan").status_code == status
    assert site.post(client, f"/dossiers/{dossier.id}/bilan", activity="Vu.").status_code == status


def test_nothing_is_reported_before_the_action_is_retained(site: Site) -> None:
    dossier = at(site.world, "submitted").dossier
    client = site.client(site.world.bearer)
    assert client.get(f"/dossiers/{dossier.id}/bilan").status_code == 409
