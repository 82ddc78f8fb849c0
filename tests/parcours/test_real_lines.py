# SPDX-License-Identifier: EUPL-1.2
"""The territory's real 2024 lines filed as requests: refused with what is missing, then declared-invented facts, then the whole path."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.demo.office import Office
from examples.make_examples import luhn
from rules.catalogue import RULES
from rules.findings import Outcome
from rules.render import render
from tests.parcours.people import Territoire, euros, settle_territory
from workflow import journal
from workflow.bodies import form_of
from workflow.errors import RefusedError
from workflow.guards.book import GUARDS
from workflow.imports.run import import_file
from workflow.models import Dossier
from workflow.request_values import RequestValues
from workflow.stages import Stage
from workflow.submission import Registry, update_request

pytestmark = pytest.mark.shared_data
FILE = "p147-subventions/p147_coeur_ostrevent_2016_2025.csv"
MISSING = {
    "porteur.siret",
    "porteur.cer",
    "call.window",
    "geography.qpv_known",
    "framework.objective",
    "funding.balanced",
    "qpv.majority",
}


@pytest.fixture
def place(db: Session, shared_data: Path) -> Territoire:
    place = settle_territory(db)
    report = import_file(
        db, place.contract, shared_data / FILE, place.now, profile="p147", target="requests", year=2024
    )
    assert (report.created, report.rejected) == (55, [])
    return place


def requests(place: Territoire, scheme: str = "contrat_de_ville") -> list[Dossier]:
    query = select(Dossier).where(Dossier.year == 2024, Dossier.scheme == scheme).order_by(Dossier.reference)
    return list(place.db.scalars(query))


def untold(place: Territoire) -> Dossier:
    """The first request whose porteur's SIREN does not tell its legal form."""
    return next(
        dossier for dossier in requests(place) if dossier.porteur.siret and form_of(dossier.porteur) is None
    )


def declared_invented(dossier: Dossier) -> RequestValues:
    """What the published line does not say, invented for the test and nowhere else."""
    asked = dossier.lines[0].requested
    assert asked is not None and dossier.porteur.siret is not None
    return RequestValues(
        reference=dossier.reference,
        year=dossier.year,
        title=dossier.title,
        porteur_name=dossier.porteur.name,
        porteur_siret=luhn(f"{dossier.porteur.siret[:9]}0001"),
        porteur_form="association",
        republican_commitment=True,
        renewal=False,
        call="ami-2024",
        filed_on=date(2024, 2, 1),
        summary="Faits inventés pour l’essai.",
        scheme=dossier.scheme,
        cpo=dossier.cpo,
        objectives=("4.2.3",),
        qpv=("QN05940M",),
        beneficiaries_total=40,
        beneficiaries_qpv=30,
        total_cost=asked + euros("2000"),
        own_resources=euros("2000"),
        other_resources=euros("0"),
        requests={"etat:specifique": asked},
    )


def test_the_year_adds_up(place: Territoire) -> None:
    dossiers = list(place.db.scalars(select(Dossier).where(Dossier.year == 2024)))
    assert sum(line.requested or 0 for dossier in dossiers for line in dossier.lines) == euros("808513")
    assert {dossier.stage for dossier in dossiers} == {Stage.SUBMITTED}


def test_admissibility_is_refused_with_the_list_of_missing_facts(place: Territoire) -> None:
    dossier = untold(place)
    with pytest.raises(RefusedError) as refused:
        place.fire(dossier, "declare_admissible", "instruction@etat")
    findings = refused.value.findings
    assert {finding.rule for finding in findings} == MISSING
    assert all(
        finding.outcome is Outcome.UNDETERMINED for finding in findings
    )  # missing is unknown, never wrong
    for finding in findings:
        told = render(finding, {**RULES, **GUARDS})
        assert told["message"] and told["remedy"], finding.rule


def test_a_public_body_known_by_its_siren_is_asked_no_republican_commitment(place: Territoire) -> None:
    public = next(d for d in requests(place) if form_of(d.porteur) == "etablissement_public")

    left = place.refused(public, "declare_admissible", "instruction@etat")

    assert left == MISSING - {"porteur.cer"}


def test_one_fact_at_a_time_shortens_the_list(place: Territoire) -> None:
    dossier = untold(place)
    whole = declared_invented(dossier)
    secretary = place.someone("secretariat@epci")
    stated = replace(
        whole,
        porteur_siret=dossier.porteur.siret,
        porteur_form=None,
        republican_commitment=None,
        call=None,
        filed_on=None,
        objectives=None,
        beneficiaries_total=None,
        total_cost=None,
    )
    assert update_request(place.db, dossier, stated, place.now, secretary)
    left = place.refused(dossier, "declare_admissible", "instruction@etat")
    assert left == MISSING - {"geography.qpv_known"}
    assert update_request(place.db, dossier, whole, place.now, secretary)
    assert not update_request(place.db, dossier, whole, place.now, secretary)
    place.fire(dossier, "declare_admissible", "instruction@etat")


def test_the_whole_path_with_declared_invented_facts(place: Territoire) -> None:
    chosen = [dossier for dossier in requests(place) if dossier.porteur.siret][:4]
    secretary = place.someone("secretariat@epci")
    office = Office(
        place.db, place.contract, place.territory, place.cast, Registry(place.db, place.contract, [])
    )
    for dossier in chosen:
        update_request(place.db, dossier, declared_invented(dossier), place.now, secretary)
        office.declare_admissible(dossier, place.now)
        office.dispatch(dossier, place.now)
        office.open_co_instruction(dossier, place.now)
    place.wait(days=1)
    for dossier in chosen:
        office.give_opinions(dossier, place.now)
    place.wait(days=30)  # beyond the due date: a holder’s silence can be noted
    for dossier in chosen:
        office.conclude(dossier, place.now)
        office.answer_ordinary(dossier, place.now)
        office.propose_specific(dossier, place.now)
        office.send_to_commitment(dossier, place.now)
    place.db.flush()
    assert {dossier.stage for dossier in chosen} == {Stage.COMMITMENT}
    seance = place.committee(chosen)
    for item in seance.items:
        place.decide(item, "retained")
    place.fire(seance, "close", "secretariat@epci")
    assert {dossier.stage for dossier in chosen} == {Stage.COMMITTED}
    assert all(line.retained for dossier in chosen for line in dossier.lines if line.key == "etat:specifique")
    assert journal.verify_all(place.db) == []
