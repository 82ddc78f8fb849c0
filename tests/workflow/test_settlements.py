# SPDX-License-Identifier: EUPL-1.2
"""Who settles what: attested, waived, overridden, withdrawn; each refusal says why, each act is in the journal."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from rules import engine
from rules.catalogue import RULES
from rules.engine import ineligible_lines
from rules.facts import DossierFacts, TerritoryFacts
from rules.findings import Finding, LineOutcome, Outcome, Settlement, Severity
from rules.parameters import ParametersOfDay
from rules.rule import Formula, Rule, aggregate
from tests.factories.people import give_mandate, make_person
from tests.factories.world import World
from tests.workflow.journey import Journey, at
from workflow import settlement_rights
from workflow.errors import InvalidInputError, NotAllowedHereError, NotPermittedError, RefusedError
from workflow.examination import examine
from workflow.journal import verify_chain
from workflow.machine import fire
from workflow.models import Award, Journal, Person
from workflow.queries import journal_of
from workflow.round_table import answer, propose
from workflow.session import decide, retain
from workflow.settlements import (
    Settled,
    authors_of,
    may_settle,
    may_withdraw,
    open_questions,
    settle,
    still_stops,
    withdraw,
)

RULE, LINE = "qpv.majority", "etat:specifique"
WHY = "Action pilote, suivie en revue de projet"


def minority(world: World, stage: str = "submitted") -> Journey:
    """A dossier whose public lives elsewhere: the State's credit falls, the CAF's lives."""
    return at(world, stage, world.dossier(beneficiaries_total=40, beneficiaries_qpv=10))


def settled(
    journey: Journey, person: Person, kind: str = "overridden", rule: str = RULE, line: str | None = LINE
) -> Settled:
    actor = journey.actor(person)
    done = settle(journey.db, journey.dossier, rule, kind, WHY, actor, journey.now, line)
    journey.db.flush()
    return done


def finding_of(journey: Journey, rule: str = RULE) -> Finding:
    return next(one for one in examine(journey.dossier, journey.now) if one.rule == rule)


def last_act(journey: Journey, trigger: str) -> Journal:
    acts = journal_of(journey.db, f"dossier:{journey.dossier.id}")
    return next(act for act in reversed(acts) if act.trigger == trigger)


# --- the whole path


def test_overridden_line_lives_until_the_committee_retains_an_amount(world: World) -> None:
    journey = minority(world, "admissible")
    line = journey.line(LINE)
    assert (line.state, line.reason) == ("ineligible", RULE)

    with pytest.raises(NotPermittedError, match="Seul « État », qui détient ce crédit, peut déroger"):
        settled(journey, world.colleague)
    done = settled(journey, world.instructor)

    assert done.reinstated == LINE
    assert (line.state, line.reason) == ("asked", None)
    act = last_act(journey, "settle")
    assert (act.reason, act.details["kind"]) == (WHY, "overridden")
    assert act.details["finding"]["facts"]["total"] == 40
    assert len(act.details["parameters"]) == 64
    assert last_act(journey, "reinstate").subject == f"line:{LINE}"
    journey.dispatch()
    journey.open_co_instruction()
    journey.send_to_conference()
    journey.send_to_commitment()
    assert line.proposed == Decimal("4000.00")
    journey.decide_and_close("retained")
    assert (line.state, line.retained) == ("retained", Decimal("4000.00"))
    assert verify_chain(journey.db, f"dossier:{journey.dossier.id}") == []


def test_only_line_overridden_makes_the_dossier_admissible(world: World) -> None:
    dossier = world.dossier(
        beneficiaries_qpv=10,
        requests={LINE: Decimal("8000.00")},
    )
    journey = at(world, "submitted", dossier)
    with pytest.raises(RefusedError):
        journey.declare_admissible()

    settled(journey, world.financers["etat"])
    journey.declare_admissible()

    assert journey.line(LINE).state == "asked"
    kept = finding_of(journey)
    assert kept.settled is Settlement.OVERRIDDEN and not kept.blocks


def test_denied_condition_of_the_departement_is_overridden_by_its_holder(world: World) -> None:
    keys = ("departement:droit_commun", "caf:droit_commun", LINE)
    requests = dict(zip(keys, map(Decimal, ("4000", "3000", "1000")), strict=True))
    journey = at(world, "financers_conference", world.dossier(requests=requests))
    line = journey.line("departement:droit_commun")
    line.condition_confirmed = False
    holder = world.financers["departement"]
    for other in journey.dossier.lines:
        who = journey.actor(world.financers[other.financer])
        if other.financer in ("departement", "caf"):
            amount = Decimal("3000.00")
            answer(journey.db, other, "firm", who, journey.now, amount=amount)
            propose(journey.db, other, amount, who, journey.now)
        else:
            answer(journey.db, other, "not_concerned", who, journey.now)
    journey.fire("send_to_commitment", world.secretary)
    assert (line.state, line.proposed) == ("ineligible", None)

    done = settled(journey, holder, rule="departement.policies", line=line.key)

    assert (done.reinstated, line.state) == (line.key, "asked")
    seance = journey.committee()
    item = seance.items[0]
    retain(journey.db, item, line, Decimal("2500.00"), journey.secretary, journey.now)
    decide(journey.db, item, "retained", None, journey.secretary, journey.now)
    fire(journey.db, seance, "close", journey.secretary, None, journey.now)
    journey.db.flush()
    assert (line.state, line.retained) == ("retained", Decimal("2500.00"))


def test_withdrawn_override_stops_the_line_at_the_committee(world: World) -> None:
    journey = minority(world, "admissible")
    settled(journey, world.instructor)
    journey.dispatch()
    journey.open_co_instruction()
    journey.send_to_conference()
    journey.send_to_commitment()
    waiver = journey.dossier.waivers[0]

    gone = withdraw(
        journey.db,
        journey.dossier,
        waiver.id,
        "Revu par la préfecture",
        journey.actor(world.pilot),
        journey.now,
    )
    journey.db.flush()

    assert journey.dossier.waivers == []
    assert journey.line(LINE).state == "indicative"  # it keeps what was said meanwhile
    assert still_stops(journey.dossier, gone, journey.now).endswith("aucun montant ne pourra y être retenu.")
    act = last_act(journey, "withdraw_settlement")
    assert (act.reason, act.details["kind"], act.details["line"]) == (
        "Revu par la préfecture",
        "overridden",
        LINE,
    )
    with pytest.raises(RefusedError) as refused:
        journey.decide_and_close("retained")
    assert "guard.condition" in {finding.rule for finding in refused.value.findings}


def test_withdrawn_before_the_conference_the_line_falls_again_at_the_sending(world: World) -> None:
    journey = minority(world, "admissible")
    waiver = settled(journey, world.instructor).waiver
    journey.dispatch()
    journey.open_co_instruction()
    journey.send_to_conference()
    lead = journey.actor(world.instructor)
    withdraw(journey.db, journey.dossier, waiver.id, "Erreur de ligne", lead, journey.now)
    journey.send_to_commitment()

    assert journey.line(LINE).state == "ineligible"


# --- what a line fell for


def test_line_that_its_financer_dropped_itself_stays_dropped(world: World) -> None:
    journey = minority(world)
    line, holder = journey.line(LINE), journey.actor(world.financers["etat"])
    fire(journey.db, line, "make_ineligible", holder, "Hors du champ du programme", journey.now)

    done = settled(journey, world.financers["etat"])

    assert (done.reinstated, line.state) == (None, "ineligible")


@pytest.fixture
def second(monkeypatch: pytest.MonkeyPatch) -> Rule:
    """A toy condition of the same credit, violated whatever the facts."""
    answers = {LINE: Outcome.VIOLATED}

    def check(dossier: DossierFacts, territory: TerritoryFacts, parameters: ParametersOfDay) -> Finding:
        """Jamais remplie."""
        lines = [LineOutcome(key, outcome) for key, outcome in answers.items()]
        return aggregate("toy.second", lines, {})

    rule = replace(RULES[RULE], id="toy.second", formulas=(Formula(check, "Jamais."),))
    known = engine._functions_on
    for module in ("rules.engine", "workflow.settlements"):
        monkeypatch.setattr(f"{module}.RULES", {**RULES, rule.id: rule})
    monkeypatch.setattr(engine, "_functions_on", lambda on, stage: (*known(on, stage), (rule, check)))
    return rule


def test_line_that_another_condition_stops_stays_dropped(world: World, second: Rule) -> None:
    journey = minority(world, "admissible")

    assert settled(journey, world.instructor).reinstated is None
    assert journey.line(LINE).state == "ineligible"
    assert second.id in ineligible_lines(examine(journey.dossier, journey.now))[LINE]


# --- refusals


def test_law_cannot_be_overridden(world: World) -> None:
    journey = at(world, "submitted", world.dossier(total_cost=Decimal("9000.00")))

    with pytest.raises(
        NotAllowedHereError, match=r"règle de droit .*Cerfa 12156.* personne ici ne peut y déroger"
    ):
        settled(journey, world.pilot, rule="funding.balanced", line=None)
    with pytest.raises(NotAllowedHereError, match="ne prévoit aucune dérogation"):
        settled(journey, world.pilot, rule="framework.objective", line=None)
    assert journey.dossier.waivers == []


def test_satisfied_unknown_and_settled_answers_are_not_overridden(world: World) -> None:
    with pytest.raises(NotAllowedHereError, match="est remplie : il n’y a rien"):
        settled(at(world, "submitted"), world.instructor)
    unknown = at(world, "submitted", world.dossier(beneficiaries_total=None))
    with pytest.raises(NotAllowedHereError, match="on ne déroge qu’à une condition non remplie"):
        settled(unknown, world.instructor)
    journey = minority(world)
    settled(journey, world.instructor)
    with pytest.raises(NotAllowedHereError, match="déjà réglé par Inès Instructrice"):
        settled(journey, world.instructor)
    nothing = at(world, "submitted", world.dossier(requests={"caf:droit_commun": Decimal("8000.00")}))
    with pytest.raises(NotAllowedHereError, match="est sans objet"):
        settled(nothing, world.instructor, line=None)


def test_violation_is_neither_attested_nor_waived(world: World) -> None:
    journey = minority(world)
    with pytest.raises(NotAllowedHereError, match="qui la détient peut y déroger"):
        settled(journey, world.instructor, kind="waived")
    unbalanced = at(world, "submitted", world.dossier(total_cost=Decimal("9000.00")))
    with pytest.raises(NotAllowedHereError, match="n’est pas indéterminé"):
        settled(unbalanced, world.instructor, kind="waived", rule="funding.balanced", line=None)


@pytest.mark.parametrize(
    ("rule", "kind", "reason", "line", "field"),
    [
        (RULE, "overridden", "  ", LINE, "reason"),
        (RULE, "forgiven", WHY, LINE, "kind"),
        ("cpo.target_actions", "overridden", WHY, None, "rule"),
        (RULE, "overridden", WHY, None, "line"),
    ],
)
def test_words_are_checked(
    world: World, rule: str, kind: str, reason: str, line: str | None, field: str
) -> None:
    journey = minority(world)

    with pytest.raises(InvalidInputError) as refused:
        settle(
            journey.db,
            journey.dossier,
            rule,
            kind,
            reason,
            journey.actor(world.instructor),
            journey.now,
            line,
        )

    assert refused.value.field == field


def test_line_that_the_rule_does_not_judge(world: World) -> None:
    with pytest.raises(NotAllowedHereError, match="ne juge pas la ligne « caf:droit_commun »"):
        settled(minority(world), world.financers["caf"], line="caf:droit_commun")


def test_rights_come_from_the_holder_s_mandates(world: World) -> None:
    journey = minority(world)
    etat = world.organisations["etat"]
    member = make_person(world.db, "membre@etat.test")
    give_mandate(world.db, member, "member", etat, world.contract)
    interested = make_person(world.db, "double@etat.test")
    give_mandate(world.db, interested, "financer", etat, world.contract)
    give_mandate(world.db, interested, "interest", world.porteur, world.contract)
    dossier = journey.dossier

    def may(person: Person) -> bool:
        return may_settle(dossier, RULE, LINE, journey.actor(person), Settlement.OVERRIDDEN)

    assert may(world.instructor) and may(world.financers["etat"])
    others = (world.pilot, world.colleague, world.financers["caf"], world.stranger, world.bearer, member)
    assert not any(may(person) for person in (*others, interested))
    with pytest.raises(NotPermittedError, match="intérêt déclaré chez le porteur"):
        settled(journey, interested)
    with pytest.raises(NotPermittedError, match="attestée ou levée que par"):
        settled(
            at(world, "submitted", world.dossier(beneficiaries_total=None)), world.colleague, kind="waived"
        )


def test_nothing_is_settled_once_the_committee_has_decided(world: World) -> None:
    journey = at(world, "committed")
    with pytest.raises(NotAllowedHereError, match="n’est plus en instruction"):
        settled(journey, world.instructor)
    waiver = settled(minority(world), world.instructor).waiver
    assert may_withdraw(journey.dossier, waiver, journey.actor(world.pilot), {}) is False


# --- the pilot's exception


def test_pilot_alone_accepts_a_late_request(world: World) -> None:
    journey = at(world, "submitted", world.dossier(filed_on=date(2026, 2, 5)))
    with pytest.raises(RefusedError):
        journey.declare_admissible()
    for person in (world.instructor, world.secretary, world.financers["etat"]):
        with pytest.raises(NotPermittedError, match="Seul le pilote du contrat"):
            settled(journey, person, rule="call.window", line=None)

    done = settled(journey, world.pilot, rule="call.window", line=None)

    assert (done.reinstated, done.waiver.by) == (None, "Paule Pilote (pilote du contrat)")
    assert finding_of(journey, "call.window").settled is Settlement.OVERRIDDEN
    journey.declare_admissible()
    gone = withdraw(
        journey.db, journey.dossier, done.waiver.id, "À revoir", journey.actor(world.pilot), journey.now
    )
    assert "signalera comme bloquant" in still_stops(journey.dossier, gone, journey.now)


# --- withdrawing


def test_withdrawal_is_for_the_author_s_organisation_and_the_pilot(world: World) -> None:
    journey = at(world, "submitted", world.dossier(total_cost=None))
    waiver = settled(journey, world.instructor, kind="waived", rule="funding.balanced", line=None).waiver
    authors = authors_of(journey.db, journey.dossier)

    def may(person: Person) -> bool:
        return may_withdraw(journey.dossier, waiver, journey.actor(person), authors)

    assert may(world.instructor) and may(world.financers["etat"]) and may(world.pilot)
    assert not any(may(p) for p in (world.colleague, world.financers["caf"], world.bearer, world.stranger))
    with pytest.raises(NotPermittedError, match="l’organisme de son auteur et le pilote"):
        withdraw(journey.db, journey.dossier, waiver.id, WHY, journey.actor(world.colleague), journey.now)
    with pytest.raises(InvalidInputError):
        withdraw(journey.db, journey.dossier, waiver.id, " ", journey.actor(world.pilot), journey.now)
    withdraw(journey.db, journey.dossier, waiver.id, WHY, journey.actor(world.financers["etat"]), journey.now)
    journey.db.flush()
    assert finding_of(journey, "funding.balanced").settled is None
    with pytest.raises(NotAllowedHereError, match="a déjà été retiré"):
        withdraw(journey.db, journey.dossier, waiver.id, WHY, journey.actor(world.pilot), journey.now)


def test_nothing_is_withdrawn_once_decided(world: World) -> None:
    journey = at(world, "submitted", world.dossier(total_cost=None))
    waiver = settled(journey, world.instructor, kind="waived", rule="funding.balanced", line=None).waiver
    journey.fire("withdraw", world.bearer, "projet abandonné")

    with pytest.raises(NotAllowedHereError, match="n’est plus en instruction"):
        withdraw(journey.db, journey.dossier, waiver.id, WHY, journey.actor(world.pilot), journey.now)


def test_harmless_withdrawal_says_nothing(world: World) -> None:
    journey = at(world, "submitted", world.dossier(beneficiaries_total=None))
    waiver = settled(journey, world.instructor, kind="attested").waiver
    journey.dossier.beneficiaries_total = 40
    gone = withdraw(journey.db, journey.dossier, waiver.id, WHY, journey.actor(world.instructor), journey.now)

    assert still_stops(journey.dossier, gone, journey.now) == ""


# --- what a page may offer


def test_questions_say_which_ways_are_open(world: World) -> None:
    violated = open_questions(finding_of(minority(world)))
    assert [(q.line, q.kinds) for q in violated] == [(LINE, (Settlement.OVERRIDDEN,))]
    unknown = at(world, "submitted", world.dossier(beneficiaries_total=None))
    assert [q.kinds for q in open_questions(finding_of(unknown))] == [settlement_rights.UNKNOWNS]
    law = Finding("porteur.siret", Outcome.VIOLATED, Severity.BLOCKING, {}, "key")
    assert open_questions(law) == []


def test_a_rule_of_the_follow_up_is_settled_once_the_action_is_retained(world: World) -> None:
    """A bailleur is of public or private law: above the threshold, somebody says which before contracting."""
    journey = at(world, "committed")
    world.porteur.legal_form = "bailleur"
    world.db.add(yearly_award(world, "20000.00"))
    journey.grant_all()
    assert finding_of(journey, "convention.required").variant == "form_unsure"
    with pytest.raises(RefusedError) as refused:
        journey.fire("contract", world.pilot, revised_plan=True)
    assert [one.rule for one in refused.value.findings] == ["convention.required"]

    done = settled(journey, world.pilot, "attested", "convention.required", None)

    assert done.waiver.kind == "attested"
    journey.fire("contract", world.pilot, revised_plan=True)
    assert journey.dossier.stage == "contracted"


def test_the_other_rules_are_settled_no_more_once_the_action_is_retained(world: World) -> None:
    journey = at(world, "committed", world.dossier(cpo=None))

    with pytest.raises(NotAllowedHereError, match="n’est plus en instruction"):
        settled(journey, world.pilot, "attested", "cpo.profile", None)


def yearly_award(world: World, amount: str) -> Award:
    return Award(
        contract_id=world.contract.id,
        year=world.year,
        siren=(world.porteur.siret or "")[:9],
        financer="etat",
        credit=LINE,
        granted=Decimal(amount),
        title="Subvention publiée",
        source="essai",
        line_key="cle-1",
    )


def test_a_settlement_gives_the_dossier_a_new_version(world: World) -> None:
    """Who read the dossier before must read it again: a stale page or a concurrent act is a conflict."""
    journey = minority(world)
    before = journey.dossier.version

    done = settled(journey, world.financers["etat"])
    assert journey.dossier.version == before + 1

    withdraw(
        journey.db, journey.dossier, done.waiver.id, WHY, journey.actor(world.financers["etat"]), journey.now
    )
    journey.db.flush()
    assert journey.dossier.version == before + 2
