# SPDX-License-Identifier: EUPL-1.2
"""Completing or correcting a request: who may, until when, what is read, what is journalled, what it cures."""

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import select

from tests.factories.people import make_porteur
from tests.factories.world import World
from tests.workflow.journey import Journey, at
from workflow.completion import COMPLETABLE, complete_request, may_complete, texts_of
from workflow.errors import (
    ConflictError,
    InvalidInputError,
    NotAllowedHereError,
    NotPermittedError,
    RefusedError,
)
from workflow.examination import examine
from workflow.journal import verify_chain
from workflow.models import Journal, Organisation, Person

GOOD, WRONG = "55208131766522", "12345678901234"


def complete(journey: Journey, person: Person, **typed: str) -> list[str]:
    """Completes as this person; flushed."""
    return complete_request(journey.db, journey.dossier, typed, journey.actor(person), journey.now)


def acts(journey: Journey) -> list[Journal]:
    chain = Journal.chain == f"dossier:{journey.dossier.id}"
    query = select(Journal).where(chain, Journal.trigger == "complete_facts").order_by(Journal.seq)
    return list(journey.db.scalars(query))


def test_a_wrong_siret_corrected_makes_the_dossier_admissible(world: World) -> None:
    world.porteur.siret = WRONG
    journey = at(world, "submitted")
    with pytest.raises(RefusedError) as refused:
        journey.declare_admissible()
    assert "porteur.siret" in {finding.rule for finding in refused.value.findings}

    assert complete(journey, world.instructor, porteur_siret="552 081 317 66522") == ["porteur_siret"]
    assert journey.dossier.stage == "submitted"
    journey.declare_admissible()

    assert (journey.dossier.stage, world.porteur.siret) == ("admissible", GOOD)


@pytest.mark.parametrize("stage", ["draft", "submitted", "incomplete", "admissible"])
def test_staff_completes_until_dispatch(world: World, stage: str) -> None:
    journey = at(world, stage)
    for number, person in enumerate((world.secretary, world.instructor, world.colleague, world.pilot)):
        assert complete(journey, person, beneficiaries_total=str(50 + number)) == ["beneficiaries_total"]
    assert journey.dossier.stage == stage


def test_nobody_completes_once_dispatched(world: World) -> None:
    journey = at(world, "dispatched")
    people = {world.instructor: "réparti", world.secretary: "réparti", world.pilot: "réparti"}
    for person, said in (people | {world.bearer: "plus entre vos mains"}).items():
        with pytest.raises(NotAllowedHereError, match=said):
            complete(journey, person, beneficiaries_total="50")


@pytest.mark.parametrize(("stage", "allowed"), [("draft", True), ("incomplete", True), ("submitted", False)])
def test_the_porteur_completes_what_is_in_its_hands(world: World, stage: str, allowed: bool) -> None:
    journey = at(world, stage)
    assert may_complete(journey.dossier, journey.actor(world.bearer)) is allowed
    if allowed:
        assert complete(journey, world.bearer, beneficiaries_total="50") == ["beneficiaries_total"]
    else:
        with pytest.raises(NotAllowedHereError):
            complete(journey, world.bearer, beneficiaries_total="50")


def test_strangers_complete_nothing(world: World) -> None:
    other = Journey(world, world.dossier(porteur=make_porteur(world.db, name="Une autre association")))
    with pytest.raises(NotPermittedError):
        complete(other, world.bearer, beneficiaries_total="50")
    for person in (world.stranger, world.citizen, world.financers["caf"], world.administrator):
        with pytest.raises(NotPermittedError):
            complete(other, person, beneficiaries_total="50")


def test_values_are_read_as_transitions_read_theirs(world: World) -> None:
    journey = at(world, "submitted")
    typed = {
        "total_cost": "12 345,60",
        "starts_on": "01/03/2026",
        "has_individual_beneficiaries": "non",
        "objectives": "1.1.1 | 1.1.2 | 1.1.1",
        "beneficiaries_poches": "",
        "porteur_form": "fondation",
        "request:etat:specifique": "4 000",
    }
    dossier, actor = journey.dossier, journey.actor(world.instructor)
    version = dossier.version

    assert set(complete_request(world.db, dossier, typed, actor, journey.now)) == set(typed)

    assert dossier.version == version + 1
    assert (dossier.total_cost, dossier.starts_on) == (Decimal("12345.60"), date(2026, 3, 1))
    assert (dossier.has_individual_beneficiaries, dossier.objectives) == (False, ["1.1.1", "1.1.2"])
    assert (dossier.beneficiaries_poches, dossier.porteur.legal_form) == (None, "fondation")
    assert journey.line("etat:specifique").requested == Decimal("4000.00")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("beneficiaries_total", "beaucoup"),
        ("beneficiaries_total", "-3"),
        ("beneficiaries_total", "9" * 12),
        ("total_cost", "-10"),
        ("starts_on", "31/02/2026"),
        ("cpo", "peut-être"),
        ("porteur_form", "club"),
        ("previous_report", "bof"),
        ("porteur_siret", "5" * 21),
        ("themes", "x" * 301),
    ],
)
def test_an_unreadable_value_names_its_field(world: World, name: str, text: str) -> None:
    journey = at(world, "submitted")
    with pytest.raises(InvalidInputError) as refused:
        complete(journey, world.instructor, **{name: text, "own_resources": "1"})
    label = COMPLETABLE[name].label
    assert refused.value.field == name
    assert refused.value.message.startswith(label[:1].upper())
    assert journey.dossier.own_resources == Decimal("1500.00")


def test_an_unknown_field_is_refused(world: World) -> None:
    for name in ("stage", "request:nulle:part"):
        with pytest.raises(InvalidInputError, match="Champ inconnu"):
            complete(at(world, "submitted"), world.instructor, **{name: "admissible"})


def test_only_what_changed_is_journalled(world: World) -> None:
    journey = at(world, "submitted")
    same = texts_of(journey.dossier)
    assert complete(journey, world.instructor, **same) == []
    assert acts(journey) == []

    assert complete(journey, world.instructor, **{**same, "beneficiaries_qpv": "31"}) == ["beneficiaries_qpv"]

    (act,) = acts(journey)
    assert act.details == {"beneficiaries_qpv": {"before": "30", "after": "31"}}
    assert (act.actor, act.to_state) == (world.instructor.email, None)
    assert verify_chain(world.db, act.chain) == []


def test_a_page_read_before_somebody_else_s_correction_is_refused(world: World) -> None:
    journey = at(world, "submitted")
    dossier, actor = journey.dossier, journey.actor(world.instructor)
    version = dossier.version
    complete(journey, world.pilot, porteur_rna="W123456789")  # on the porteur's row alone
    with pytest.raises(ConflictError):
        complete_request(world.db, dossier, {"cpo": "oui"}, actor, journey.now, expected_version=version)


def test_the_siret_of_a_known_porteur_attaches_the_dossier_to_it(world: World) -> None:
    known = make_porteur(world.db, name="Les Ateliers, siège", siret=GOOD)
    world.porteur.siret = WRONG
    journey = at(world, "draft")
    with pytest.raises(InvalidInputError, match="autre porteur"):
        complete(journey, world.bearer, porteur_siret=GOOD)

    complete(journey, world.secretary, porteur_siret=GOOD)

    assert journey.dossier.porteur is known and world.porteur.siret == WRONG
    assert journey.dossier.action.porteur_id == known.id
    assert "les ateliers, siege" in journey.dossier.search_key
    assert acts(journey)[0].details["porteur"]["after"] == known.name


def test_an_organisation_of_the_configuration_keeps_its_siret(world: World) -> None:
    epci: Organisation = world.organisations["epci"]
    epci.siret = GOOD
    journey = Journey(world, world.dossier(porteur=epci))
    with pytest.raises(InvalidInputError, match="configuration"):
        complete(journey, world.pilot, porteur_siret="73282932000074")


def test_the_call_of_a_late_import_is_named_before_dispatch(world: World) -> None:
    journey = at(world, "submitted", world.dossier(call="aap-2062"))

    def window() -> str:
        return next(f for f in examine(journey.dossier, journey.now) if f.rule == "call.window").variant

    assert window() == "unknown_call"
    assert complete(journey, world.instructor, call="aap-2026") == ["call"]
    assert window() == "within"
    with pytest.raises(InvalidInputError, match="60 signes au plus"):
        complete(journey, world.instructor, call="x" * 61)


def test_the_legal_form_and_the_pieces_are_completed_after_the_committee(world: World) -> None:
    world.porteur.legal_form = None
    journey = at(world, "committed")

    assert complete(journey, world.instructor, porteur_form="association", pieces="rib") == [
        "porteur_form",
        "pieces",
    ]
    with pytest.raises(NotAllowedHereError, match="on ne modifie pas : coût total"):
        complete(journey, world.instructor, total_cost="1")


@pytest.mark.parametrize(
    ("name", "text"),
    [("beneficiaries_total", "1e3"), ("beneficiaries_total", "１２"), ("cpo_trajectory", "²026=8000")],
)
def test_what_is_no_number_is_told_in_french(world: World, name: str, text: str) -> None:
    with pytest.raises(InvalidInputError, match=r"attendu une année|nombre entier attendu"):
        complete(at(world, "submitted"), world.instructor, **{name: text})
