# SPDX-License-Identifier: EUPL-1.2
"""Rows to facts: who has a mandate or a seat at the porteur's, and what the request and the follow-up say."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from rules.details import AccountFacts, AidFacts, CompletionFacts, ConventionRecord
from rules.facts import DossierFacts
from tests.factories import NOW
from tests.factories.people import give_mandate, make_person
from tests.factories.world import World
from tests.workflow.journey import PIECES, Journey
from workflow.examination import facts_on
from workflow.models import BudgetLine, Dossier, Organisation
from workflow.stages import Role

TODAY = NOW.date()


def facts(dossier: Dossier, on: date = TODAY) -> DossierFacts:
    return facts_on(dossier, on)


def seat(world: World, role: str, organisation: Organisation, **dates: date) -> None:
    person = make_person(world.db, "membre@test", "Maude Membre")
    give_mandate(world.db, person, Role.MEMBER, world.organisations["epci"], world.contract, body="comite")
    give_mandate(world.db, person, role, organisation, world.contract, **dates)


def test_a_member_who_acts_for_the_porteur_is_in_conflict(world: World) -> None:
    seat(world, Role.PORTEUR, world.porteur)

    assert facts(world.dossier()).recusals == (("Maude Membre", world.porteur.name, "member"),)


def test_a_declared_interest_is_a_conflict_while_it_lasts(world: World) -> None:
    seat(world, "interest", world.porteur, to_on=TODAY)

    assert len(facts(world.dossier()).recusals) == 1
    assert facts(world.dossier(), TODAY + timedelta(days=1)).recusals == ()


def test_who_only_acts_for_the_porteur_is_not(world: World) -> None:
    assert facts(world.dossier()).recusals == ()


def test_completions_are_kept_with_their_dates(world: World) -> None:
    journey = Journey(world)
    journey.submit()
    journey.fire("request_completion", world.pilot, **PIECES)
    asked = CompletionFacts(TODAY, PIECES["due"])
    assert facts(journey.dossier).completions == (asked,)
    journey.now += timedelta(days=3)
    journey.fire("complete", world.secretary)

    answered = CompletionFacts(TODAY, PIECES["due"], TODAY + timedelta(days=3))
    assert facts(journey.dossier).completions == (answered,)
    journey.fire("request_completion", world.pilot, pieces=["rib"], due=TODAY + timedelta(days=9))
    assert len(facts(journey.dossier).completions) == 2


def test_accounts_aids_convention_and_trajectory_are_translated(world: World) -> None:
    dossier = world.dossier(
        cpo=True,
        cpo_trajectory={"2027": "7000.00", "2026": "8000.00"},
        cpo_indicators=["présences"],
        follow_up={"convention": "C-1", "convention_signed_on": "2026-05-04"},
    )
    dossier.budget = [
        BudgetLine(side="produit", account="74", payer="caf", planned=Decimal(10)),
        BudgetLine(side="charge", account="60", planned=None),
    ]
    world.porteur.de_minimis = [{"granted_on": "2025-01-02", "amount": "300.00", "sieg": True}]
    world.db.flush()

    found = facts(dossier)

    assert found.accounts == (AccountFacts("produit", "74", Decimal(10), "caf"),)
    assert found.de_minimis == (AidFacts(date(2025, 1, 2), Decimal(300), is_sieg=True),)
    assert found.convention == ConventionRecord("C-1", date(2026, 5, 4))
    assert found.cpo_trajectory == ((2026, Decimal(8000)), (2027, Decimal(7000)))
    assert found.cpo_indicators == ("présences",)


@pytest.mark.parametrize(
    ("code", "form"),
    [("commune-valmont", "commune"), ("epci", "epci"), ("departement", "etablissement_public")],
)
def test_a_body_of_the_contract_that_files_a_request_is_public(world: World, code: str, form: str) -> None:
    """The configuration gives no legal form: its kind does, and no convention of law is asked of it."""
    dossier = world.dossier(porteur=world.organisations[code], stage="committed")

    assert facts(dossier).porteur_form == form
