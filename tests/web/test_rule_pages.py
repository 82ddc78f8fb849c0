# SPDX-License-Identifier: EUPL-1.2
"""The catalogue and the page of each rule: complete, linked, in French for an unknown one, read by whoever is signed in."""

import re
from decimal import Decimal
from html import unescape

import pytest

from rules.catalogue import PROGRAMME_RULES, RULES
from rules.rule import Rule
from rules.rule_page import rule_page
from rules.wording import day
from tests.web.conftest import Site
from tests.workflow.journey import at

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def test_catalogue_links_to_every_page(site: Site) -> None:
    page = site.client(site.world.bearer).get("/regles").text

    assert re.findall(r'<th scope="row"><a href="(/regles/[\w.]+)"', page) != []
    assert set(re.findall(r'href="(/regles/[\w.]+)"', page)) == {rule.page for rule in RULES.values()}


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.id)
def test_page_tells_all_of_its_rule(site: Site, rule: Rule) -> None:
    answer = site.client(site.world.instructor).get(rule.page)

    text, explained = unescape(answer.text), rule_page(rule)
    assert answer.status_code == 200
    assert f"<h1>{rule.label}</h1>" in text
    assert rule.purpose in text and explained.statement in text and explained.exception in text
    assert all(formula.words in text for formula in rule.formulas)
    assert all(f"{s.text} <span" in text and s.kind in text and s.reading in text for s in explained.sources)
    for parameter in explained.parameters:
        assert f'id="{parameter.name}"' in text
        assert all(
            row.value in text and row.article in text and day(row.since) in text for row in parameter.values
        )
    assert all(one.message in text and one.remedy in text for one in explained.examples)


def test_pages_follow_each_other(site: Site) -> None:
    client, ordered = site.client(site.world.instructor), list(RULES.values())

    address, met = ordered[0].page, []
    while address:
        page = client.get(address).text
        met.append(address)
        following = re.search(r'href="([^"]+)" rel="next"', page)
        address = following.group(1) if following else ""

    assert met == [rule.page for rule in ordered]


def test_unknown_rule_is_a_french_page(site: Site) -> None:
    answer = site.client(site.world.instructor).get("/regles/rien.du.tout")

    assert answer.status_code == 404
    assert "Page introuvable" in answer.text
    assert "Aucune règle ne s’appelle « rien.du.tout »." in unescape(answer.text)


def test_value_chosen_by_the_contract_is_shown(site: Site) -> None:
    chosen = {"name": "qpv.majority_share", "value": "0.6", "source": "délibération du 3 mars"}
    site.world.contract.settings = {**site.world.contract.settings, "local_parameters": [chosen]}
    site.world.contract.settings_digest = "choisi"
    page = site.client(site.world.instructor).get("/regles/qpv.majority").text
    assert (
        "choix du contrat" in page
        and "délibération du 3 mars" in page
        and "<strong>60\u00a0%</strong>" in page
    )
    assert "choix du contrat" not in site.client(site.world.stranger).get("/regles/qpv.majority").text


def test_summary_links_inside_the_site_and_from_a_file(site: Site) -> None:
    journey = at(site.world, "commitment")
    journey.dossier.beneficiaries_qpv = 10
    seance = journey.committee()
    client = site.client(site.world.secretary)

    inside = client.get(f"/seances/{seance.id}/synthese").text
    assert 'href="/regles/qpv.majority"' in inside
    assert set(re.findall(r'href="/regles/([\w.]+)"', inside)) <= set(RULES)
    alone = client.get(f"/seances/{seance.id}/synthese.html").text
    base = site.application.config.deployment.base_address
    assert f'href="{base}/regles/qpv.majority"' in alone and 'href="/regles' not in alone


def test_refusals_and_programme_link_to_their_rules(site: Site) -> None:
    dossier = at(site.world, "submitted", site.world.dossier(total_cost=Decimal("9000.00"))).dossier
    client = site.client(site.world.instructor)
    refused = site.post(client, f"/dossiers/{dossier.id}/actions/declare_admissible")
    assert refused.status_code == 409
    told = refused.text.split('class="fault-summary')[1].split("</div>")[0]
    assert 'href="/regles/funding.balanced"' in told
    programme = client.get("/programme").text
    shown = set(re.findall(r'href="/regles/([\w.]+)"', programme))
    assert shown and shown <= {rule.id for rule in PROGRAMME_RULES}
