# SPDX-License-Identifier: EUPL-1.2
"""The report: kept as a draft, sent as an interim one, filed once; its figures, its refusals."""

from decimal import Decimal

import pytest

from tests.web.conftest import Site
from tests.workflow.journey import at, later
from workflow.models import BudgetLine, Dossier
from workflow.queries import journal_of
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

    shown = site.post(client, f"{path}/remise", version=str(site.dossier(dossier).version), **WRITTEN)
    assert "ne se modifie plus" in shown.text and "Un intervenant absent en mai." in shown.text
    assert site.dossier(dossier).stage == "contracted"

    page = site.post(client, f"{path}/remise", version=str(site.dossier(dossier).version), confirme="oui")

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
    assert site.post(client, f"{path}/remise", confirme="oui", **WRITTEN).status_code == 409


def test_a_filed_report_is_read_by_its_porteur_and_by_the_agents(site: Site) -> None:
    dossier = contracted(site)
    client, path = site.client(site.world.bearer), f"/dossiers/{dossier.id}/bilan"
    site.post(client, f"{path}/intermediaire", activity="Six premiers mois.", reached_total="12")
    for reader in (site.world.instructor, site.world.citizen):
        assert "Six premiers mois." in site.client(reader).get(f"/dossiers/{dossier.id}").text
    site.post(client, f"{path}/remise", confirme="oui", **WRITTEN)
    readers = (client, site.client(site.world.instructor), site.client(site.world.citizen))
    for reading in readers:
        for address in (path, f"/dossiers/{dossier.id}"):
            page = reading.get(address)
            assert page.status_code == 200
            for said in (
                "Six premiers mois.",
                "Soixante séances.",
                "38, dont 29",
                "absent en mai",
                "8\u202f500,50",
            ):
                assert said in page.text
    assert site.client(site.world.stranger).get(path).status_code == 404
    day = site.client(site.world.pilot).get("/journee").text
    assert "Bilans remis, à lire" in day and f'href="{path}"' in day


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"reached_total": "10", "reached_qpv": "60"}, "reached_qpv"),
        ({"explanation": ""}, "explanation"),
        ({"spent:etat:specifique": "", "explanation": ""}, "explanation"),
        ({"activity": ""}, "activity"),
    ],
)
@pytest.mark.parametrize("confirmed", ["", "oui"])
def test_impossible_figures_are_refused_beside_their_field(
    site: Site, changed: dict[str, str], field: str, confirmed: str
) -> None:
    dossier = contracted(site)
    client, path = site.client(site.world.bearer), f"/dossiers/{dossier.id}/bilan"
    page = site.post(client, f"{path}/remise", confirme=confirmed, **{**WRITTEN, **changed})
    assert page.status_code == 422 and "La demande ne peut pas" not in page.text
    assert f"{field}-fault" in page.text
    assert site.dossier(dossier).stage == "contracted"


def test_the_porteur_of_a_cpo_reads_its_indicators_with_its_report(site: Site) -> None:
    dossier = contracted(site)
    dossier.cpo, dossier.cpo_indicators = True, ["Présence des familles", "Niveau en lecture"]
    site.world.db.commit()
    client, path = site.client(site.world.bearer), f"/dossiers/{dossier.id}/bilan"
    assert "Niveau en lecture" in client.get(path).text

    version = site.dossier(dossier).version
    long = {"activity": "Deux mois.", "indicator-0": "x" * 501, "indicator-1": "en hausse"}
    refused = site.post(client, path, version=version, **long)
    assert refused.status_code == 422 and "x" * 501 in refused.text and "500 signes" in refused.text
    assert "indicator-0-fault" in refused.text and "report" not in site.dossier(dossier).follow_up
    typed = site.post(client, f"{path}/saisie", version=version, **long)
    assert typed.status_code == 200 and 'data-field="indicator-0"' in typed.text
    found = site.dossier_of(dossier.id)
    assert "cpo_readings" not in found.follow_up  # half-written, it is not read yet: no renewal counts on it
    assert found.follow_up["report"]["activity"] == "Deux mois."
    assert found.follow_up["report"]["indicator-1"] == "en hausse"
    assert readings_journalled(site, dossier) == [] and 'value="en hausse"' in client.get(path).text

    version = found.version
    both = {"activity": "Trente séances.", "indicator-0": "42", "indicator-1": "en hausse"}
    sent = site.post(client, f"{path}/intermediaire", version=version, **both)
    again = site.post(client, path, version=site.dossier(dossier).version, **both)
    assert sent.status_code == again.status_code == 200 and 'value="42"' in again.text
    found = site.dossier_of(dossier.id)
    read = {"Présence des familles": "42", "Niveau en lecture": "en hausse"}
    assert found.follow_up["cpo_readings"] == read
    assert found.follow_up["interim_sent"]["activity"] == "Trente séances."
    assert readings_journalled(site, dossier) == [read]
    assert not any(name.startswith("indicator") for name in found.follow_up["report"])
    page = client.get(f"/dossiers/{dossier.id}").text
    assert "<dt>Présence des familles</dt><dd>42</dd>" in page

    secretary = site.client(site.world.secretary)
    stale = site.post(secretary, path, version=version, **{"indicator-0": "1"})
    assert stale.status_code == 409 and "Présence des familles" in stale.text
    assert site.dossier_of(dossier.id).follow_up["cpo_readings"] == read


def test_the_next_year_is_spoken_of_only_when_the_convention_has_one(site: Site) -> None:
    dossier = contracted(site)
    client, path = site.client(site.world.bearer), f"/dossiers/{dossier.id}/bilan"
    assert "Les indicateurs de la convention" not in client.get(path).text
    dossier.cpo, dossier.cpo_indicators = True, ["Présence des familles"]
    for years, following in ((3, True), (1, False)):
        dossier.cpo_years = years
        site.world.db.commit()
        page = client.get(path).text
        assert "Les indicateurs de la convention" in page and 'name="indicator-0"' in page
        assert ("de votre convention ne peut être créée" in page) is following
        assert (f"L’année {dossier.year + 1} de votre" in page) is following


def test_what_is_read_elsewhere_is_not_overwritten_by_what_was_being_typed(site: Site) -> None:
    dossier = contracted(site)
    dossier.cpo, dossier.cpo_indicators = True, ["Présence des familles", "Niveau en lecture"]
    site.world.db.commit()
    client, path = site.client(site.world.bearer), f"/dossiers/{dossier.id}/bilan"
    typing = {"version": site.dossier(dossier).version, "onglet": "gauche", "indicator-0": "4"}
    assert site.post(client, f"{path}/saisie", **typing, **{"indicator-1": "en"}).status_code == 200
    pilot, version = site.client(site.world.pilot), site.dossier(dossier).version
    read = {"indicator-0": "42", "indicator-1": ""}
    site.post(pilot, f"/dossiers/{dossier.id}/annees/indicateurs", version=version, **read)

    page = site.post(client, path, **typing, **{"indicator-1": "en hausse"})

    assert page.status_code == 409 and "<td>42</td><td>4</td>" in page.text
    found = site.dossier_of(dossier.id)
    assert found.follow_up["cpo_readings"] == {"Présence des familles": "42"}
    assert (
        found.follow_up["report"]["indicator-1"] == "en"
    )  # nobody else read this one: it is still being typed
    same = {"version": found.version, "indicator-0": "42", "indicator-1": "en"}
    assert site.post(client, f"{path}/saisie", **same).status_code == 200
    assert site.dossier_of(dossier.id).version == found.version
    site.post(client, f"{path}/intermediaire", version=found.version, activity="Six mois.")
    both = {"Présence des familles": "42", "Niveau en lecture": "en"}
    assert site.dossier_of(dossier.id).follow_up["cpo_readings"] == both  # sent with the report, typed before


def readings_journalled(site: Site, dossier: Dossier) -> list[object]:
    with site.application.read() as db:
        acts = journal_of(db, f"dossier:{dossier.id}")
        return [act.details["readings"] for act in acts if act.trigger == "read_indicators"]


def test_the_transition_alone_asks_what_the_report_asks(site: Site) -> None:
    dossier = contracted(site)
    client, path = site.client(site.world.secretary), f"/dossiers/{dossier.id}"
    site.post(client, f"{path}/bilan", **{**WRITTEN, "explanation": ""})
    raw = {"activity_report": "compte-rendu.pdf", "financial_report": "cerfa.pdf"}

    refused = site.post(client, f"{path}/actions/report", **raw)

    assert refused.status_code == 409 and "explication de l’écart" in refused.text
    assert site.dossier(dossier).stage == "contracted"
    assert client.get(f"{path}/actions/report").url.path == f"{path}/bilan"
    assert site.client(site.world.instructor).get(f"{path}/actions/report").status_code == 200
    site.post(client, f"{path}/bilan", **WRITTEN)
    site.post(client, f"{path}/actions/report", **raw)
    assert site.dossier(dossier).stage == "reported"


def test_the_total_of_resources_is_what_its_rows_add_up_to(site: Site) -> None:
    dossier = contracted(site)
    dossier.budget = dossier.budget[:1]
    site.world.db.commit()
    page = site.client(site.world.bearer).get(f"/dossiers/{dossier.id}/bilan").text
    total = page.partition("Total des produits")[2][:80]
    assert "0\xa0€" in total and ">0\xa0€" not in total


def test_a_report_without_accounts_is_refused_and_its_text_is_kept(site: Site) -> None:
    dossier = contracted(site)
    client, path = site.client(site.world.bearer), f"/dossiers/{dossier.id}/bilan"
    page = site.post(client, f"{path}/remise", activity="Fait.", confirme="oui")
    assert (
        page.status_code == 409
        and "Le bilan ne peut pas encore être remis" in page.text
        and "compte rendu financier" in page.text
        and "Fait." in page.text
    )
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


def test_what_can_be_read_is_kept_while_it_is_typed(site: Site) -> None:
    dossier = contracted(site)
    client, path = site.client(site.world.bearer), f"/dossiers/{dossier.id}/bilan"
    page = client.get(path).text
    assert f'hx-post="{path}/saisie"' in page and 'id="enregistrement"' in page
    read = str(site.dossier(dossier).version)
    half = site.post(client, f"{path}/saisie", version=read, **WRITTEN | {"reached_total": "beaucoup"})
    assert half.status_code == 200 and "<html" not in half.text
    assert "Enregistré" in half.text and 'data-field="reached_total"' in half.text
    found = site.dossier_of(dossier.id)
    assert found.follow_up["report"]["activity"] == "Soixante séances."
    assert "reached_total" not in found.follow_up["report"] and found.stage == "contracted"
    assert f'value="{found.version}"' in half.text
    again = site.post(client, f"{path}/saisie", version=read, activity="La suite")  # one's own savings follow
    assert again.status_code == 200 and "Non enregistré" not in again.text
    secretary = site.client(site.world.secretary)
    stale = site.post(secretary, f"{path}/saisie", version=read, activity="Autre chose")
    assert stale.status_code == 409 and "Non enregistré" in stale.text and "<html" not in stale.text
    assert site.post(site.client(site.world.instructor), f"{path}/saisie", activity="x").status_code == 403
    assert site.dossier_of(dossier.id).follow_up["report"]["activity"] == "La suite"


def test_an_amount_typed_in_two_tabs_is_shown_twice_and_overwrites_nothing(site: Site) -> None:
    dossier = contracted(site)
    client, path = site.client(site.world.bearer), f"/dossiers/{dossier.id}/bilan"
    read = site.dossier(dossier).version
    account, part = "realised:charge:60.1", "spent:etat:specifique"
    left, right = ({"version": read, "onglet": tab} for tab in ("gauche", "droite"))
    assert site.post(client, path, **left, **{account: "8500,50", part: "4000"}).status_code == 200

    page = site.post(client, path, **right, **{account: "9 100", part: "4\u00a0000,00"})

    differing = page.text.partition("Ce qui diffère")[2].partition("</table>")[0]
    assert page.status_code == 409 and "<td>8\u00a0500,50</td><td>9 100</td>" in differing
    assert differing.count("<td>") == 2  # the financer's part is the same in both
    assert 'value="9 100"' in page.text
    assert {b.account: b.realised for b in site.dossier_of(dossier.id).budget}["60.1"] == Decimal("8500.50")


def test_people_who_contradict_lose_nothing_else_while_one_types(site: Site) -> None:
    dossier = contracted(site)
    client, path = site.client(site.world.bearer), f"/dossiers/{dossier.id}/bilan/saisie"
    assert site.post(client, path, reached_total="38", reached_qpv="29").status_code == 200
    alone = site.post(client, path, reached_total="3", activity="Trente séances.")
    both = site.post(client, path, reached_total="3", reached_qpv="60", explanation="Un imprévu.")
    for page, field in ((alone, "reached_total"), (both, "reached_qpv")):
        assert page.status_code == 200 and f'data-field="{field}"' in page.text
    kept = site.dossier_of(dossier.id).follow_up["report"]
    assert (kept["activity"], kept["explanation"]) == ("Trente séances.", "Un imprévu.")
    assert (kept["reached_total"], kept["reached_qpv"]) == (38, 29)


def test_a_saving_that_changes_nothing_takes_no_version(site: Site) -> None:
    dossier = contracted(site)
    client, path = site.client(site.world.bearer), f"/dossiers/{dossier.id}/bilan"
    assert site.post(client, f"{path}/saisie", **WRITTEN).status_code == 200
    version = site.dossier_of(dossier.id).version
    for address in (f"{path}/saisie", path):
        assert site.post(client, address, **WRITTEN).status_code == 200
    assert site.dossier_of(dossier.id).version == version
    site.post(client, path, **WRITTEN | {"explanation": "Autre chose."})
    assert site.dossier_of(dossier.id).version > version
