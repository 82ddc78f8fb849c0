# SPDX-License-Identifier: EUPL-1.2
"""A past decision is computed again on the facts, the settings and the parameters of its day, and says the same."""

from copy import deepcopy

import pytest
from sqlalchemy import select
from sqlalchemy.orm.attributes import flag_modified

from rules.findings import Outcome
from tests.factories.world import World
from tests.workflow.journey import Journey, at
from workflow.decisions import list_decisions, replay
from workflow.errors import UnknownReferenceError
from workflow.machine import fire
from workflow.models import ContractVersion, DecisionRecord
from workflow.session import decide, retain


def decided(world: World) -> tuple[Journey, DecisionRecord]:
    journey = at(world, "admissible")
    (record,) = list_decisions(world.db, journey.dossier.id)
    return journey, record


def test_every_deciding_transition_computes_the_same_again(world: World) -> None:
    journey = at(world, "committed")

    records = list_decisions(world.db, journey.dossier.id)

    assert [record.journal.trigger for record in records] == [
        "declare_admissible",
        "send_to_commitment",
        "commit",
    ]
    for record in records:
        again = replay(world.db, record)
        assert again.different == ()
        assert [finding.rule for finding in again.found] == [one["rule"] for one in again.kept]


def test_the_dossier_and_the_settings_may_change_since(world: World) -> None:
    journey, record = decided(world)
    journey.dossier.beneficiaries_qpv = 1
    journey.dossier.qpv = ["QN99999Z"]
    contract = journey.dossier.contract
    settings = deepcopy(contract.settings)
    settings["geography"]["qpv"][0]["code"] = "QN05909N"
    settings["local_parameters"] = [
        {"name": "qpv.majority_share", "value": "0.9", "source": "Avenant d’essai"}
    ]
    contract.settings, contract.settings_digest = settings, "0" * 64
    world.db.flush()

    again = replay(world.db, record)

    assert again.different == ()
    assert {f.rule: f.outcome for f in again.found}["qpv.majority"] is Outcome.SATISFIED


def test_settings_are_kept_once_per_version(world: World) -> None:
    at(world, "committed")

    versions = world.db.scalars(select(ContractVersion)).all()

    assert [version.digest for version in versions] == [world.contract.settings_digest]


def test_a_record_that_was_rewritten_is_told(world: World) -> None:
    _, record = decided(world)
    record.facts["beneficiaries_qpv"] = 1
    flag_modified(record, "facts")

    again = replay(world.db, record)

    assert "qpv.majority" in again.different
    assert again.kept_finding("qpv.majority").facts["counted"] == 30


def test_a_parameter_corrected_since_does_not_change_the_past(world: World) -> None:
    _, record = decided(world)
    record.parameters["numbers"]["qpv.majority_share"] = "0.99"  # as if another number had applied that day
    flag_modified(record, "parameters")

    assert replay(world.db, record).different == ("qpv.majority",)


def test_settings_that_were_not_kept_are_said(world: World) -> None:
    _, record = decided(world)
    record.settings_digest = "f" * 64

    with pytest.raises(UnknownReferenceError, match="pas été conservée"):
        replay(world.db, record)


def test_a_seance_is_read_before_its_first_dossier_moves(world: World) -> None:
    """The porteur's other request of the same agenda is still live for the second decision, as it was when read."""
    first, second = at(world, "commitment"), Journey(world, world.dossier(title="Ateliers du soir, bis"))
    second.now = first.now
    for step in ("submit", "declare_admissible", "dispatch", "open_co_instruction"):
        getattr(second, step)()
    second.send_to_conference()
    second.send_to_commitment()
    seance = second.committee(first.dossier, second.dossier)
    refused, retained = seance.items
    for line in retained.dossier.lines:
        if line.proposed:
            retain(world.db, retained, line, line.proposed, second.secretary, second.now)
    decide(world.db, refused, "rejected", "Doublon.", second.secretary, second.now)
    decide(world.db, retained, "retained", None, second.secretary, second.now)

    fire(world.db, seance, "close", second.secretary, None, second.now)

    for dossier in (first.dossier, second.dossier):
        assert [replay(world.db, record).different for record in list_decisions(world.db, dossier.id)][
            -1
        ] == ()


def test_a_rule_removed_since_is_told(world: World) -> None:
    _, record = decided(world)
    kept = {"rule": "regle.retiree", "outcome": "satisfied", "severity": "info"}
    record.findings = {**record.findings, "findings": [*record.findings["findings"], kept]}

    assert replay(world.db, record).different == ("regle.retiree",)
