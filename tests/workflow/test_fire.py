# SPDX-License-Identifier: EUPL-1.2
"""The one door: permission, guards as findings, journal, events, versions, and nothing written when it refuses."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import Engine, func, select, text
from sqlalchemy.orm import Session

from rules.render import render
from tests.factories.world import World, make_world
from tests.workflow.journey import Journey, at
from workflow.actions import list_actions
from workflow.co_instruction import note_overdue
from workflow.db import session_factory
from workflow.errors import ConflictError, InvalidInputError, NotPermittedError, RefusedError, conflicts_told
from workflow.guards.book import GUARDS
from workflow.journal import verify_all, verify_chain
from workflow.machine import fire
from workflow.models import DecisionRecord, Dossier, Event, Journal
from workflow.permissions import Actor
from workflow.round_table import answer, propose


def test_a_stranger_of_another_contract_may_nothing(world: World) -> None:
    journey = at(world, "submitted")

    with pytest.raises(NotPermittedError):
        journey.fire("declare_admissible", world.stranger)


def test_the_secretary_of_another_body_may_not_send_to_commitment(world: World) -> None:
    journey = at(world, "financers_conference")
    journey.answer_all()
    for mandate in world.secretary.mandates:
        mandate.body = "repartition"
    world.db.flush()

    with pytest.raises(NotPermittedError):
        journey.fire("send_to_commitment", world.secretary)


def test_a_refusal_names_every_fault_and_writes_nothing(world: World) -> None:
    journey = at(world, "admissible")
    before = world.db.scalar(select(func.count(Journal.id)))

    with pytest.raises(RefusedError) as refused:
        journey.fire("dispatch", world.pilot, lead="inconnue@etat.test", theme="culture", partners=["mars"])

    rules = [finding.rule for finding in refused.value.findings]
    assert rules == ["guard.lead_instructor", "guard.theme", "guard.partners"]
    messages = [render(finding, GUARDS)["message"] for finding in refused.value.findings]
    assert (
        "inconnue@etat.test" in str(messages[0])
        and "culture" in str(messages[1])
        and "mars" in str(messages[2])
    )
    assert world.db.scalar(select(func.count(Journal.id))) == before
    assert journey.dossier.stage == "admissible"


def test_an_undetermined_rule_refuses_until_it_is_known(world: World) -> None:
    journey = Journey(world, world.dossier(beneficiaries_total=None))
    journey.submit()

    with pytest.raises(RefusedError) as refused:
        journey.declare_admissible()
    assert [finding.rule for finding in refused.value.findings] == ["qpv.majority"]

    journey.dossier.beneficiaries_total = 40
    journey.declare_admissible()
    assert journey.dossier.stage == "admissible"


def test_a_violated_condition_stops_its_line_and_the_others_live(world: World) -> None:
    journey = Journey(world, world.dossier(beneficiaries_qpv=20))  # exactly half: not a majority
    journey.submit()
    journey.declare_admissible()

    assert journey.line("etat:specifique").state == "ineligible"
    assert journey.line("caf:droit_commun").state == "asked"
    assert journey.dossier.stage == "admissible"


def test_no_line_left_is_inadmissible(world: World) -> None:
    dossier = world.dossier(beneficiaries_qpv=20, requests={"etat:specifique": Decimal("8000.00")})
    journey = Journey(world, dossier)
    journey.submit()

    with pytest.raises(RefusedError) as refused:
        journey.declare_admissible()

    assert "guard.one_line_left" in [finding.rule for finding in refused.value.findings]


def test_droit_commun_not_answered_blocks_the_commitment_and_not_the_keyboard(world: World) -> None:
    journey = at(world, "financers_conference")
    state = journey.actor(world.financers["etat"])
    line = journey.line("etat:specifique")
    assert propose(journey.db, line, Decimal("4000.00"), state, journey.now) is True

    with pytest.raises(RefusedError) as refused:
        journey.fire("send_to_commitment", world.secretary)

    assert "droit_commun.first" in [finding.rule for finding in refused.value.findings]
    assert line.proposed == Decimal("4000.00")


@pytest.mark.parametrize("way", ["firm", "indicative", "in_kind", "declined", "not_concerned", "no_reply"])
def test_all_ways_of_answering_count(world: World, way: str) -> None:
    journey = at(world, "financers_conference")
    journey.answer_all()
    line = journey.line("departement:droit_commun")
    line.state = "asked"
    amount = Decimal("500.00") if way in ("firm", "indicative") else None
    description = "prêt d’une salle" if way == "in_kind" else None
    actor = journey.secretary
    if way == "no_reply":
        journey.now += timedelta(days=60)
    answer(journey.db, line, way, actor, journey.now, amount=amount, description=description, reason="motif")
    if amount:
        propose(journey.db, line, amount, actor, journey.now)

    journey.fire("send_to_commitment", world.secretary)

    assert journey.dossier.stage == "commitment"


def test_committing_outside_a_seance_is_refused(world: World) -> None:
    journey = at(world, "commitment")

    with pytest.raises(RefusedError) as refused:
        journey.fire("commit", world.secretary)

    assert [finding.rule for finding in refused.value.findings] == ["guard.closing_only"]


def test_the_second_of_two_agents_gets_a_conflict(engine: Engine) -> None:
    factory = session_factory(engine)
    with factory() as db:
        journey = at(make_world(db), "submitted")
        dossier_id, version = journey.dossier.id, journey.dossier.version
        pilot = journey.actor(journey.world.pilot)
        now = journey.now
        db.commit()
    with factory() as db:
        dossier = db.get_one(Dossier, dossier_id)
        fire(db, dossier, "declare_inadmissible", pilot, "hors cadre", now, expected_version=version)
        db.commit()

    with factory() as db:
        dossier = db.get_one(Dossier, dossier_id)
        with pytest.raises(ConflictError):
            fire(db, dossier, "reorient", pilot, None, now, expected_version=version, scheme="VVV")
    with factory() as db:
        assert db.get_one(Dossier, dossier_id).stage == "inadmissible"


def _reorient(db: Session, dossier: Dossier, pilot: Actor, now: datetime) -> None:
    with conflicts_told():
        fire(db, dossier, "reorient", pilot, None, now, scheme="VVV")
        db.commit()


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_two_transactions_at_once_leave_one_decision(engine: Engine) -> None:
    factory = session_factory(engine)
    with factory() as db:
        journey = at(make_world(db), "submitted")
        dossier_id, pilot, now = journey.dossier.id, journey.actor(journey.world.pilot), journey.now
        db.commit()
    with factory() as first, factory() as second:
        one, two = first.get_one(Dossier, dossier_id), second.get_one(Dossier, dossier_id)
        fire(first, one, "declare_inadmissible", pilot, "hors cadre", now)
        first.commit()
        with pytest.raises(ConflictError):
            _reorient(second, two, pilot, now)

    with factory() as db:
        assert db.get_one(Dossier, dossier_id).stage == "inadmissible"
        assert verify_all(db) == []


def test_the_journal_tells_the_whole_life_and_its_chain_holds(world: World) -> None:
    journey = at(world, "committed")

    lines = world.db.scalars(
        select(Journal).where(Journal.subject == f"dossier:{journey.dossier.id}").order_by(Journal.seq)
    ).all()

    assert [line.trigger for line in lines if line.to_state] == [
        "submit",
        "declare_admissible",
        "dispatch",
        "open_co_instruction",
        "send_to_conference",
        "send_to_commitment",
        "commit",
    ]
    assert verify_all(world.db) == []


@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE journal SET reason = 'autre' WHERE seq = 2",
        "UPDATE journal SET actor = 'moi' WHERE seq = 1",
        "DELETE FROM journal WHERE seq = 1",
    ],
)
def test_a_rewritten_journal_is_seen(world: World, tampering: str) -> None:
    journey = at(world, "dispatched")
    world.db.execute(text(tampering))
    world.db.expire_all()

    assert len(verify_chain(world.db, f"dossier:{journey.dossier.id}")) >= 1


def test_a_past_decision_is_explained_again(world: World) -> None:
    journey = at(world, "committed")
    record = world.db.scalars(select(DecisionRecord).order_by(DecisionRecord.id)).first()

    assert record is not None
    assert record.facts["reference"] == journey.dossier.reference
    assert len(record.parameters_digest) == 64
    assert {finding["rule"] for finding in record.findings["findings"]} >= {
        "qpv.majority",
        "funding.balanced",
    }


def test_each_transition_writes_one_event(world: World) -> None:
    journey = at(world, "admissible")
    subject = f"dossier:{journey.dossier.id}"

    kinds = world.db.scalars(
        select(Event.kind).where(Event.subject == subject, Event.kind.like("dossier.%"))
    ).all()

    assert kinds == ["dossier.submit", "dossier.declare_admissible"]


def test_screens_ask_the_same_guards(world: World) -> None:
    journey = at(world, "co_instruction")

    actions = {
        a.trigger: a
        for a in list_actions(world.db, journey.dossier, journey.actor(world.instructor), journey.now)
    }

    assert not actions["send_to_conference"].allowed
    assert {f.rule for f in actions["send_to_conference"].findings if f.blocks} == {
        "guard.opinions_in",
        "guard.synthesis",
    }
    assert not actions["reorient"].permitted and actions["withdraw"].permitted is False


def test_opinions_late_and_noted_let_the_dossier_go(world: World) -> None:
    journey = at(world, "co_instruction")
    journey.write_synthesis()
    journey.now += timedelta(days=60)
    with pytest.raises(RefusedError):
        journey.fire("send_to_conference", world.instructor)
    for opinion in journey.dossier.opinions:
        note_overdue(journey.db, opinion, journey.actor(world.instructor), journey.now)
    journey.fire("send_to_conference", world.instructor)

    assert journey.dossier.stage == "financers_conference"


def test_a_new_round_keeps_the_earlier_opinions(world: World) -> None:
    journey = at(world, "financers_conference")
    journey.fire("return_to_co_instruction", world.secretary, "Quel public ?")

    rounds = [
        (opinion.organisation.code, opinion.round, opinion.state) for opinion in journey.dossier.opinions
    ]

    assert rounds == [
        ("departement", 1, "given"),
        ("caf", 1, "given"),
        ("departement", 2, "requested"),
        ("caf", 2, "requested"),
    ]


def test_nobody_gives_an_opinion_on_its_own_dossier(world: World) -> None:
    journey = at(world, "co_instruction")
    opinion = next(o for o in journey.dossier.opinions if o.organisation.code == "caf")
    journey.dossier.porteur = world.organisations["caf"]
    journey.db.flush()

    with pytest.raises(RefusedError) as refused:
        journey.give(opinion, "favourable")

    assert [finding.rule for finding in refused.value.findings] == ["guard.own_cause"]


def test_an_unknown_answer_is_an_input_error(world: World) -> None:
    journey = at(world, "financers_conference")

    with pytest.raises(InvalidInputError):
        answer(journey.db, journey.line("etat:specifique"), "peut-être", journey.secretary, journey.now)


def test_nothing_is_committed_by_the_door(engine: Engine) -> None:
    with Session(engine) as db:
        journey = at(make_world(db), "submitted")
        dossier_id = journey.dossier.id
        db.rollback()

    with Session(engine) as db:
        assert db.get(Dossier, dossier_id) is None


def test_silence_is_not_noted_before_the_due_date(world: World) -> None:
    journey = at(world, "financers_conference")
    line = journey.line("departement:droit_commun")

    with pytest.raises(RefusedError) as refused:
        answer(journey.db, line, "no_reply", journey.secretary, journey.now)

    assert [finding.rule for finding in refused.value.findings] == ["guard.reply_due"]


def test_whoever_must_confirm_its_condition_is_consulted(world: World) -> None:
    journey = at(world, "admissible")

    journey.fire("dispatch", world.pilot, lead=world.instructor.email, theme="emploi", partners=["region"])

    assert journey.dossier.partners == [
        "region",
        "departement",
    ]  # its droit commun is asked, under its own policies
