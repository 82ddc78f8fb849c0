# SPDX-License-Identifier: EUPL-1.2
"""A programme year read from rows: CPO that run on, the year before, yearly sums, departmental envelopes, publics."""

from decimal import Decimal
from typing import Any

import pytest

from rules.findings import Finding, Outcome
from tests.factories import NOW, YEAR
from tests.factories.dossier import add_line
from tests.factories.people import SIRETS, make_porteur
from tests.factories.statements import counted
from tests.factories.world import World
from tests.workflow.journey import at
from workflow.envelope_facts import envelope_facts
from workflow.examination import examine_programme
from workflow.machine import fire
from workflow.models import Award, Dossier, Envelope
from workflow.names import public_code
from workflow.programme_facts import programme_facts, read_programme
from workflow.session import take_up_proposals

STATE = "etat:specifique"


def funded(world: World, *, amount: str = "1000.00", **changes: Any) -> Dossier:
    """A dossier retained for this amount of the State's specific credit."""
    dossier = world.dossier(stage="committed", requests={}, **changes)
    add_line(world.db, dossier, STATE, state="retained", retained=Decimal(amount))
    return dossier


def award(world: World, **changes: Any) -> Award:
    values = {
        "contract_id": world.contract.id,
        "year": YEAR,
        "siren": SIRETS[0][:9],
        "beneficiary": "ATELIERS DU PONT",
        "financer": "etat",
        "credit": STATE,
        "granted": Decimal("1000.00"),
        "title": "Chorale",
        "inside": True,
        "source": "test",
        "line_key": f"award-{changes.get('title', 'x')}-{changes.get('year', YEAR)}",
    }
    row = Award(**{**values, **changes})
    world.db.add(row)
    world.db.flush()
    return row


def found(world: World, rule: str, year: int = YEAR) -> Finding:
    _, findings = examine_programme(world.db, world.contract, year, NOW)
    return next(finding for finding in findings if finding.rule == rule)


@pytest.mark.parametrize(
    ("signed", "years", "trajectory", "covered"),
    [
        (YEAR - 1, 3, None, True),
        (YEAR - 2, 3, None, True),
        (YEAR - 3, 3, None, False),
        (YEAR - 1, None, None, False),
        (YEAR - 1, 3, {str(YEAR - 2): "1.00", str(YEAR - 1): "1.00"}, False),
        (YEAR - 1, None, {str(YEAR - 1): "1.00", str(YEAR): "1.00"}, True),
    ],
)
def test_an_action_counts_when_an_earlier_cpo_covers_the_year(
    world: World, signed: int, years: int | None, trajectory: dict[str, str] | None, covered: bool
) -> None:
    first = funded(world, year=signed, cpo=True, cpo_years=years, cpo_trajectory=trajectory)
    second = funded(world, cpo=None)
    second.action = first.action
    world.db.flush()

    (action,) = programme_facts(world.db, world.contract, YEAR).actions

    assert (action.cpo, action.cpo_from) == ((True, signed) if covered else (None, None))


def test_a_cancelled_cpo_covers_nothing(world: World) -> None:
    first = funded(world, year=YEAR - 1, cpo=True, cpo_years=3)
    first.stage = "cancelled"
    second = funded(world, cpo=False)
    second.action = first.action
    world.db.flush()

    (action,) = programme_facts(world.db, world.contract, YEAR).actions

    assert action.cpo is False


def test_a_running_cpo_without_any_request_is_an_alert_until_one_is_filed(world: World) -> None:
    first = funded(world, year=YEAR - 1, cpo=True, cpo_years=3, title="Chorale")

    assert found(world, "continuity.actions").variant == "cpo_without_request"

    filed = world.dossier(stage="draft")
    filed.action = first.action
    world.db.flush()

    assert found(world, "continuity.actions").variant == "dropped"


def test_the_year_before_is_recognised_by_action_then_by_siren_and_title(world: World) -> None:
    known = funded(world, year=YEAR - 1, title="Ateliers")
    renewed = funded(world, title="Ateliers rebaptisés")
    renewed.action = known.action
    award(world, title=f"CHORALE de Quartier {YEAR - 1}", year=YEAR - 1, granted=Decimal("300.00"))
    funded(world, title="Chorale de quartier")
    award(world, title="Sans suite", year=YEAR - 1, granted=Decimal("70.00"))
    award(world, title="Hors contrat", year=YEAR - 1, inside=False)
    funded(world, title="Nouvelle", amount="50.00")
    world.db.flush()

    facts = found(world, "continuity.actions").facts

    assert (facts["previous"], facts["continued"], facts["dropped"], facts["new"]) == (3, 2, 1, 1)
    assert (facts["granted"], facts["dropped_granted"]) == (Decimal("1370.00"), Decimal("70.00"))
    assert (facts["dropped_titles"], facts["published"]) == (["Sans suite"], 1)


def test_nothing_is_known_of_a_first_year(world: World) -> None:
    funded(world)

    assert programme_facts(world.db, world.contract, YEAR).previous is None


@pytest.mark.parametrize(
    ("more", "variant"), [("10000.00", "below"), ("10000.01", "missing")], ids=["exactly", "a cent above"]
)
def test_yearly_sums_join_dossiers_and_awards_by_siren(world: World, more: str, variant: str) -> None:
    funded(world, amount="6000.00")
    funded(world, amount="7000.00")
    award(world, granted=Decimal(more), inside=None)

    assert found(world, "convention.yearly_sums").variant == variant


def test_an_award_tells_its_body_only_when_known(world: World) -> None:
    award(world, siren="999000219", granted=Decimal("30000.00"), title="a")
    award(world, siren="215900288", granted=Decimal("30000.00"), title="b")  # a commune's number
    award(world, granted=Decimal("30000.00"), title="c")  # the porteur's, an association

    actions = programme_facts(world.db, world.contract, YEAR).actions

    assert [action.is_private for action in actions] == [None, False, True]
    assert found(world, "convention.yearly_sums").variant == "missing_unknown"


def test_a_contribution_in_kind_counts_in_the_yearly_sum_not_in_the_programme(world: World) -> None:
    dossier = funded(world, amount="20000.00")
    add_line(world.db, dossier, "etat:droit_commun", state="in_kind", in_kind_value=Decimal("3000.01"))

    (action,) = programme_facts(world.db, world.contract, YEAR).actions

    assert (action.granted, action.in_kind) == (Decimal("20000.00"), (("etat", Decimal("3000.01")),))
    assert found(world, "convention.yearly_sums").outcome is Outcome.VIOLATED


def test_a_porteur_that_finances_itself_brings_its_own_resources(world: World) -> None:
    epci = world.organisations["epci"]
    dossier = world.dossier(stage="committed", requests={}, porteur=epci)
    add_line(world.db, dossier, "epci:specifique", state="retained", retained=Decimal("500.00"))
    add_line(world.db, dossier, STATE, state="retained", retained=Decimal("200.00"))

    (action,) = programme_facts(world.db, world.contract, YEAR).actions

    assert (action.granted, action.own_share, action.is_private) == (
        Decimal("200.00"),
        Decimal("500.00"),
        False,
    )
    assert found(world, "leverage.p147").facts["ratio"] == 0


def test_one_convention_spelt_two_ways_is_one(world: World) -> None:
    funded(world, follow_up={"convention": "CPO n° 1"}, cpo=True)
    funded(world, follow_up={"convention": " cpo N° 1"}, cpo=False, amount="3000.00")
    funded(world, follow_up={"convention": "CV-2"}, cpo=False, amount="500.00")

    conventions = programme_facts(world.db, world.contract, YEAR).conventions

    assert conventions is not None and (conventions.count, conventions.cpo) == (2, 1)
    assert (conventions.cpo_granted, conventions.granted) == (Decimal("4000.00"), Decimal("4500.00"))


def test_what_neither_a_proposal_nor_a_decision_touches_is_taken_from_the_year_known(world: World) -> None:
    """The same facts, made again or not: spellings of a convention and what comes after the dossiers included."""
    follow_up = {"convention": "CPO\u00a02025-12"}
    kept = funded(world, follow_up=follow_up)
    moved = world.dossier(stage="commitment", follow_up={"convention": "cpo 2025-12"})
    decided = world.dossier(stage="commitment", title="Fanfare")
    award(world, title="Chorale")
    proposed = {moved.lines[0].id: Decimal(450)}
    retained = {decided.id: {line.id: Decimal(700) for line in decided.lines}}

    rows = read_programme(world.db, world.contract, YEAR)
    again = rows.facts(proposed, retained, known=rows.facts())

    assert again == rows.facts(proposed, retained)
    assert [one.granted for one in again.actions[:3]] != [one.granted for one in rows.facts().actions[:3]]
    assert [one.reference for one in again.actions[:2]] == [kept.reference, moved.reference]


def test_a_departmental_envelope_is_never_the_contract_s_own(world: World) -> None:
    credit = world.credits[STATE]
    world.db.add(
        Envelope(credit=credit, year=YEAR, held_by="departement", status="notified", amount=Decimal("1.00"))
    )
    journey = at(world, "commitment")
    seance = journey.committee()
    take_up_proposals(journey.db, seance, journey.secretary, journey.now)

    fire(journey.db, seance, "close", journey.secretary, None, journey.now)
    figures, findings = examine_programme(world.db, world.contract, YEAR, NOW)

    assert journey.dossier.stage == "committed"
    assert not [one for one in findings if one.rule == "envelope.limit" and one.outcome is Outcome.VIOLATED]
    (shared,) = [one for one in figures.envelopes if one.held_by == "departement"]
    assert (shared.amount, shared.remaining, shared.exceeded) == (Decimal("1.00"), None, None)


def test_publics_are_compared_without_accents_or_articles(world: World) -> None:
    for words in (["Demandeurs d’emploi"], ["demandeurs_emploi", "Jeunes"], None):
        funded(world, publics=words)

    actions = programme_facts(world.db, world.contract, YEAR).actions

    assert [action.publics for action in actions] == [
        ("demandeurs_emploi",), ("demandeurs_emploi", "jeunes"), None,
    ]  # fmt: skip
    assert found(world, "complementarity.actions").variant == "groups_some_unknown"
    assert public_code("Personnes âgées") == "personnes_agees"


def test_the_number_of_statements_does_not_grow(world: World) -> None:
    counts = []
    for _ in range(2):
        funded(world, cpo=True, cpo_years=3, year=YEAR - 1)
        funded(world, porteur=make_porteur(world.db, f"Porteur {len(counts)}", siret=SIRETS[1 + len(counts)]))
        award(world, title=f"t{len(counts)}")
        world.db.flush()
        world.db.expire_all()
        with counted(world.db.connection()) as statements:
            programme_facts(world.db, world.contract, YEAR)
        counts.append(len(statements))

    assert counts[0] == counts[1]


def test_an_award_outside_the_contract_or_unclassified_takes_nothing_from_its_envelope(world: World) -> None:
    for rank, inside in enumerate((True, False, None)):
        award(world, inside=inside, granted=Decimal(100), line_key=f"cle-{rank}")
    world.db.flush()

    (state,) = [
        one for one in envelope_facts(world.db, world.contract, world.year) if one.credit == "etat:specifique"
    ]

    assert (state.granted, state.committed) == (Decimal(100), Decimal(100))
