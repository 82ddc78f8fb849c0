# SPDX-License-Identifier: EUPL-1.2
"""The dossier page: every stage shown to everybody, acts, refusals that say why, conflicts that keep what was typed."""

import re
from decimal import Decimal
from html import unescape

import pytest

from rules.catalogue import DOSSIER_RULES
from tests.web.conftest import Site
from tests.workflow.journey import PATHS, at
from workflow.stages import Stage

one_engine = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@one_engine
@pytest.mark.parametrize("stage", list(PATHS))
def test_every_stage_has_its_page_for_everybody(site: Site, stage: Stage) -> None:
    journey = at(site.world, stage)
    site.application.moment = journey.now
    world = site.world
    for person in (world.instructor, world.secretary, world.pilot, world.bearer, world.financers["caf"]):
        page = site.client(person).get(f"/dossiers/{journey.dossier.id}")
        assert page.status_code == 200
        assert f"<title>Dossier {journey.dossier.reference} – " in page.text
        assert "<h1>" in page.text


@one_engine
def test_each_transition_is_a_button_or_its_reasons(site: Site) -> None:
    dossier = at(site.world, "co_instruction").dossier
    page = site.client(site.world.instructor).get(f"/dossiers/{dossier.id}").text
    assert "Pas encore possible" in page
    assert "La synthèse" in page or "synthèse de l’instructeur" in page
    assert "Ce que d’autres peuvent faire" in page


def test_a_transition_moves_the_dossier_and_says_so(site: Site) -> None:
    dossier = at(site.world, "submitted").dossier
    client = site.client(site.world.instructor)
    version = site.dossier(dossier).version
    page = site.post(client, f"/dossiers/{dossier.id}/actions/declare_admissible", version=version)
    assert page.status_code == 200 and page.url.path == f"/dossiers/{dossier.id}"
    assert "désormais « Recevable »" in page.text
    assert site.dossier(dossier).stage == "admissible"
    assert "désormais" not in client.get(f"/dossiers/{dossier.id}").text  # said once


def test_dispatch_by_its_form(site: Site) -> None:
    dossier = at(site.world, "admissible").dossier
    client = site.client(site.world.pilot)
    form = client.get(f"/dossiers/{dossier.id}/actions/dispatch")
    assert form.status_code == 200 and "Instructeur chef de file" in form.text
    site.post(
        client,
        f"/dossiers/{dossier.id}/actions/dispatch",
        lead="instruction@etat.test",
        theme="education",
        partners=["departement", "caf"],
        holders=["departement:droit_commun", "commune-valmont:droit_commun", "caf:droit_commun"],
    )
    found = site.dossier(dossier)
    assert (found.stage, found.theme, found.partners) == ("dispatched", "education", ["departement", "caf"])


def test_a_refusal_shows_the_findings_and_keeps_what_was_typed(site: Site) -> None:
    dossier = at(site.world, "submitted").dossier
    client = site.client(site.world.pilot)
    path = f"/dossiers/{dossier.id}/actions/request_completion"
    page = site.post(client, path, pieces="Budget signé\nRIB", due="2026-01-01")
    assert page.status_code == 409
    assert "Refusé : voici pourquoi" in page.text
    assert "Budget signé\nRIB" in page.text and 'value="2026-01-01"' in page.text
    assert site.dossier(dossier).stage == "submitted"


def test_a_fault_is_told_beside_its_field(site: Site) -> None:
    dossier = at(site.world, "submitted").dossier
    path = f"/dossiers/{dossier.id}/actions/request_completion"
    page = site.post(site.client(site.world.pilot), path, pieces="RIB", due="le 32 mars")
    assert page.status_code == 422
    assert 'aria-invalid="true"' in page.text
    assert "<title>Erreur – " in page.text
    assert 'value="le 32 mars"' in page.text


def test_the_second_of_two_agents_meets_a_readable_conflict(site: Site) -> None:
    dossier = at(site.world, "submitted").dossier
    site.world.db.commit()
    seen = site.dossier(dossier).version
    pilot, instructor = site.client(site.world.pilot), site.client(site.world.instructor)
    pieces = {"pieces": "RIB", "due": "2026-04-01", "version": seen}
    site.post(pilot, f"/dossiers/{dossier.id}/actions/request_completion", **pieces)
    assert site.dossier(dossier).stage == "incomplete"

    path = f"/dossiers/{dossier.id}/actions/declare_inadmissible"
    page = site.post(instructor, path, version=seen, reason="Hors du contrat, voir la note")
    assert page.status_code == 409
    assert "Modifié entre-temps par quelqu’un d’autre" in page.text
    assert "Hors du contrat, voir la note" in page.text
    assert site.dossier(dossier).stage == "incomplete"
    now = site.dossier(dossier).version
    assert f'name="version" value="{now}"' in page.text


def test_an_act_out_of_ones_rights_is_refused(site: Site) -> None:
    dossier = at(site.world, "submitted").dossier
    path = f"/dossiers/{dossier.id}/actions/declare_admissible"
    assert site.post(site.client(site.world.citizen), path).status_code == 403
    assert (
        site.post(site.client(site.world.instructor), f"/dossiers/{dossier.id}/actions/rien").status_code
        == 422
    )
    assert (
        site.post(site.client(site.world.instructor), f"/dossiers/{dossier.id}/actions/commit").status_code
        == 409
    )


def test_an_undetermined_finding_is_attested(site: Site) -> None:
    journey = at(site.world, "submitted", site.world.dossier(total_cost=None))
    client = site.client(site.world.instructor)
    page = client.get(f"/dossiers/{journey.dossier.id}")
    assert "Attester ou lever" in page.text
    form = {"rule": "funding.balanced", "kind": "attested", "reason": "Plan vérifié au téléphone"}
    page = site.post(client, f"/dossiers/{journey.dossier.id}/constats", **form)
    assert page.status_code == 200 and "Plan vérifié au téléphone" in page.text
    assert [w.rule for w in site.dossier(journey.dossier).waivers] == ["funding.balanced"]
    again = site.post(client, f"/dossiers/{journey.dossier.id}/constats", **form)
    assert again.status_code == 409


def test_a_local_condition_is_overridden_by_its_holder_then_withdrawn(site: Site) -> None:
    dossier = at(site.world, "admissible", site.world.dossier(beneficiaries_qpv=10)).dossier
    holder, other = site.client(site.world.instructor), site.client(site.world.colleague)
    address = f"/dossiers/{dossier.id}"
    assert "Déroger à cette condition – État" in holder.get(address).text
    assert "Déroger à cette condition" not in other.get(address).text
    form = {
        "rule": "qpv.majority",
        "line": "etat:specifique",
        "kind": "overridden",
        "reason": "Action pilote",
    }
    assert site.post(other, f"{address}/constats", **form).status_code == 403
    empty = site.post(holder, f"{address}/constats", **{**form, "reason": ""})
    assert empty.status_code == 422 and "Le motif est nécessaire" in empty.text

    page = site.post(holder, f"{address}/constats", **form).text

    assert "La ligne est rétablie" in page and "Action pilote" in page
    assert "Inès Instructrice (État)" in page
    assert site.line(dossier, "etat:specifique").state == "asked"
    number = site.dossier(dossier).waivers[0].id
    retrait = f"{address}/constats/retrait"
    assert f'action="{retrait}"' not in other.get(address).text
    assert site.post(other, retrait, settlement=number, reason="Non").status_code == 403
    gone = site.post(holder, retrait, settlement=number, reason="Revu").text
    assert "aucun montant ne pourra y être retenu" in gone
    assert "Retirer le règlement d’un constat" in gone
    assert site.dossier(dossier).waivers == []
    assert site.post(holder, retrait, settlement=number, reason="Revu").status_code == 409


@one_engine
def test_a_refused_settlement_fills_its_own_form_only(site: Site) -> None:
    journey = at(site.world, "submitted", site.world.dossier(total_cost=None, beneficiaries_total=None))
    client = site.client(site.world.instructor)
    form = {"rule": "funding.balanced", "line": "", "kind": "waived", "reason": " "}

    page = site.post(client, f"/dossiers/{journey.dossier.id}/constats", **form).text

    assert page.count('name="rule" value="funding.balanced"') == 1
    assert page.count('name="rule" value="qpv.majority"') == 1
    anchor = f"form-dossiers-{journey.dossier.id}-constats-funding_balanced-"
    assert f'href="#{anchor}-reason"' in page and f'id="{anchor}-reason"' in page


@one_engine
def test_every_finding_leads_to_its_rule_and_can_be_copied(site: Site) -> None:
    journey = at(site.world, "submitted", site.world.dossier(beneficiaries_qpv=10, total_cost=None))
    client = site.client(site.world.instructor)

    page = client.get(f"/dossiers/{journey.dossier.id}").text

    links = set(re.findall(r'href="(/regles/[\w.]+)"', page))
    assert links == {rule.page for rule in DOSSIER_RULES}
    for link in links:
        assert client.get(link).status_code == 200
    letter = unescape(page).split('id="courrier-qpv.majority"')[1].split("</textarea>")[0]
    assert "- Bénéficiaires au total : 40\u00a0personnes" in letter
    assert "- Part à dépasser : 50\u00a0%" in letter
    assert "Source : Contrat de ville 2024-2030" in letter and "Ce qui est attendu : Recentrer" in letter


def test_a_partner_gives_its_opinion(site: Site) -> None:
    dossier = at(site.world, "co_instruction").dossier
    opinion = next(o for o in dossier.opinions if o.organisation.code == "caf")
    client = site.client(site.world.financers["caf"])
    form = {"value": "favourable_with_reservations", "text": "Public à préciser", "version": opinion.version}
    page = site.post(client, f"/dossiers/{dossier.id}/avis/{opinion.id}", **form)
    assert page.status_code == 200 and "favorable avec réserves" in page.text
    other = site.post(
        site.client(site.world.financers["etat"]),
        f"/dossiers/{dossier.id}/avis/{opinion.id}",
        value="favourable",
    )
    assert other.status_code == 403
    empty = site.post(client, f"/dossiers/{dossier.id}/avis/{opinion.id}", text="Gardé")
    assert empty.status_code == 422 and "Gardé" in empty.text


def test_synthesis_and_citizens_opinion(site: Site) -> None:
    dossier = at(site.world, "co_instruction").dossier
    line = dossier.line("etat:specifique")
    assert line is not None
    client = site.client(site.world.instructor)
    form = {
        "opinion": "favourable",
        "strengths": "Ancrage",
        "reservations": "",
        f"suggested-{line.id}": "4 250,50",
    }
    assert site.post(client, f"/dossiers/{dossier.id}/synthese", **form).status_code == 200
    assert site.post(client, f"/dossiers/{dossier.id}/conseil-citoyen", text="Oui").status_code == 200
    found = site.dossier(dossier)
    assert found.synthesis is not None and found.synthesis["suggested"] == {"etat:specifique": "4250.50"}
    assert found.citizens_opinion == "Oui"


def test_financers_answer_and_propose_on_their_lines(site: Site) -> None:
    dossier = at(site.world, "financers_conference").dossier
    line = dossier.line("caf:droit_commun")
    assert line is not None
    client = site.client(site.world.financers["caf"])
    base = f"/dossiers/{dossier.id}/lignes/{line.id}"
    assert "Réponse du financeur" in client.get(base).text
    assert site.post(client, f"{base}/reponse", answer="firm", amount="3 000").status_code == 200
    assert site.post(client, f"{base}/proposition", amount="2 500,00 €").status_code == 200
    found = site.line(dossier, "caf:droit_commun")
    assert (found.state, found.promised, found.proposed) == ("firm", Decimal("3000.00"), Decimal("2500.00"))
    bad = site.post(client, f"{base}/proposition", amount="-3")
    assert bad.status_code == 422 and 'value="-3"' in bad.text
    stale = site.post(client, f"{base}/proposition", amount="2600", version=1)
    assert stale.status_code == 409 and 'value="2600"' in stale.text
    opened = site.post(
        site.client(site.world.secretary), f"/dossiers/{dossier.id}/lignes", credit="epci:specifique"
    )
    assert opened.status_code == 200
    assert site.line(dossier, "epci:specifique").state == "asked"
