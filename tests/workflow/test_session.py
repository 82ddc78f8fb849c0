# SPDX-License-Identifier: EUPL-1.2
"""In session: quorum at each decision, votes, recusals with their body's word, reorientation, what is shown."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import event as hearing
from sqlalchemy.orm import Session

from rules.render import render
from tests.factories.contract import toy_settings
from tests.factories.people import SIRETS, make_porteur, mandate_row
from tests.factories.world import World, make_world
from tests.workflow.journey import Journey, at
from workflow.errors import (
    ConflictError,
    InvalidInputError,
    NotAllowedHereError,
    NotPermittedError,
    RefusedError,
)
from workflow.guards.book import GUARDS
from workflow.guards.commitment import Closing, members_here
from workflow.machine import fire
from workflow.models import Event, Seance
from workflow.permissions import INTEREST
from workflow.queries_corrections import later_corrections
from workflow.queries_session import seance_in_session
from workflow.session import (
    apply_recusals,
    decide,
    note_presences,
    proposals_ready,
    record_presence,
    retain,
    retain_as_proposed,
    show_item,
    take_up_proposals,
)
from workflow.territory import Territory
from workflow.votes import Votes, entitled

STATE, CAF = "etat:specifique", "caf:droit_commun"


def with_committee(db: Session, **settings: Any) -> Journey:
    """A dossier before the committee of a contract whose committee has these settings."""
    toy = toy_settings()
    for body in toy["bodies"]:
        if body["kind"] == "committee":
            body.update(settings)
    return at(make_world(db, Territory.model_validate(toy)), "commitment")


def ruled(journey: Journey, seance: Seance, decision: str, **more: Any) -> None:
    decide(journey.db, seance.items[0], decision, "motif", journey.secretary, journey.now, **more)


def refused_by(journey: Journey, seance: Seance, decision: str, **more: Any) -> list[tuple[str, str]]:
    with pytest.raises(RefusedError) as refused:
        ruled(journey, seance, decision, **more)
    for finding in refused.value.findings:
        assert str(render(finding, GUARDS)["message"])
    return [(finding.rule, finding.variant) for finding in refused.value.findings]


def close(journey: Journey, seance: Seance) -> None:
    journey.db.flush()
    fire(journey.db, seance, "close", journey.secretary, None, journey.now)
    journey.db.flush()


def test_quorum_lost_in_the_middle_stops_the_next_decision_and_the_closing(db: Session) -> None:
    journey = with_committee(db, quorum=4)
    seance = journey.committee()
    take_up_proposals(db, seance, journey.secretary, journey.now)
    for convocation in seance.convocations[3:]:
        record_presence(db, convocation, "absent", journey.secretary, journey.now)

    assert refused_by(journey, seance, "deferred") == [("guard.quorum", "")]
    with pytest.raises(RefusedError):
        close(journey, seance)

    assert (seance.items[0].decision, seance.status, journey.dossier.stage) == (
        "retained",
        "open",
        "commitment",
    )


@pytest.mark.parametrize(
    ("votes", "chair", "against"),
    [
        (Votes(4, 2, 0), False, []),
        (Votes(0, 0, 0), False, []),
        (Votes(1, 0, 5), False, []),
        (Votes(3, 3, 0), True, []),
        (Votes(3, 3, 0), False, [("guard.votes", "tie")]),
        (Votes(0, 0, 6), False, [("guard.votes", "tie")]),
        (Votes(2, 3, 1), False, [("guard.votes", "minority")]),
        (Votes(2, 3, 1), True, [("guard.votes", "minority")]),
        (Votes(5, 2, 0), False, [("guard.votes", "exceed")]),
    ],
)
def test_votes_carry_a_decision_or_not(
    db: Session, votes: Votes, chair: bool, against: list[tuple[str, str]]
) -> None:
    journey = with_committee(db, votes=True, chair_decides=chair)
    seance = journey.committee()

    if against:
        assert refused_by(journey, seance, "retained", votes=votes) == against
        assert seance.items[0].votes is None
    else:
        ruled(journey, seance, "retained", votes=votes)
        assert seance.items[0].votes == votes.plain()


def test_a_refusal_needs_no_majority_but_the_same_count(db: Session) -> None:
    journey = with_committee(db, votes=True)
    seance = journey.committee()
    ruled(journey, seance, "rejected", votes=Votes(1, 5, 0))

    close(journey, seance)

    assert seance.minutes is not None
    assert seance.minutes["decisions"][0]["votes"] == {"in_favour": 1, "against": 5, "abstained": 0}


def test_a_body_that_does_not_vote_keeps_no_votes(world: World) -> None:
    journey = at(world, "commitment")

    assert refused_by(journey, journey.committee(), "retained", votes=Votes(1, 0, 0)) == [
        ("guard.votes", "unvoted")
    ]


def test_who_is_recused_does_not_vote_and_its_body_states_what_it_brings(db: Session) -> None:
    journey = with_committee(db, votes=True)
    world = journey.world
    world.db.add(mandate_row(world.financers["caf"], INTEREST, world.porteur, world.contract))  # type: ignore[arg-type]
    seance = journey.committee()
    assert refused_by(journey, seance, "retained", statement="La CAF apporte 3 000 €.") == [
        ("guard.recusal", ""),
        ("guard.statement", ""),
    ]

    present = {c.id: "present" for c in seance.convocations}
    assert note_presences(db, seance, present, journey.secretary, journey.now) == 1
    assert note_presences(db, seance, present, journey.secretary, journey.now) == 0
    assert entitled(seance.items[0]) == 5
    assert refused_by(journey, seance, "retained", votes=Votes(6, 0, 0)) == [("guard.votes", "exceed")]
    ruled(journey, seance, "retained", votes=Votes(5, 0, 0), statement="La CAF apporte 3 000 €.")
    assert retain_as_proposed(db, seance.items[0], journey.secretary, journey.now) == []
    close(journey, seance)

    assert seance.minutes is not None
    (made,) = seance.minutes["decisions"]
    assert made["statement"] == "La CAF apporte 3 000 €."
    assert made["recused"] == [world.financers["caf"].email]
    assert journey.line(CAF).retained == 3000


def test_who_left_early_counts_no_more_but_its_word_stands(db: Session) -> None:
    journey = with_committee(db, quorum=5)
    seance = journey.committee()
    caf = next(c for c in seance.convocations if c.organisation.code == "caf")
    state = next(c for c in seance.convocations if c.organisation.code == "etat")
    secretary, now = journey.secretary, journey.now
    for line in journey.dossier.lines:
        if line.proposed:
            line.state = "asked"  # nothing written: the word of who sits
    take_up_proposals(db, seance, secretary, now)

    record_presence(db, state, "left", secretary, now)
    with pytest.raises(RefusedError) as silent:
        retain(db, seance.items[0], journey.line(STATE), Decimal("100.00"), secretary, now)
    assert [finding.rule for finding in silent.value.findings] == ["guard.financer_word"]

    record_presence(db, caf, "absent", secretary, now)
    assert refused_by(journey, seance, "deferred") == [("guard.quorum", "")]
    with pytest.raises(InvalidInputError, match="à noter d’abord dans la salle"):
        record_presence(db, caf, "left", secretary, now)
    record_presence(db, caf, "present", secretary, now)
    close(journey, seance)

    assert journey.line(STATE).retained == 4000
    assert seance.minutes is not None
    assert [one["presence"] for one in seance.minutes["present"]].count("left") == 1


def test_a_proxy_counts_while_who_carries_it_is_there(db: Session) -> None:
    """In the quorum, the votes and the word of its financer; a deputy counts without anybody else."""
    journey = with_committee(db, quorum=6, votes=True)
    seance, secretary, now = journey.committee(), journey.secretary, journey.now
    (item,) = seance.items
    caf = next(c for c in seance.convocations if c.organisation.code == "caf")
    bearer = next(c for c in seance.convocations if c.organisation.code == "region")
    for line in journey.dossier.lines:
        if line.proposed:
            line.state = "asked"  # nothing written: the word of who sits
    caf.proxy_id = bearer.person_id
    record_presence(db, caf, "represented", secretary, now)

    def counts() -> tuple[int, int, bool]:
        return members_here(seance), entitled(item), journey.line(CAF) in proposals_ready(item)

    assert counts() == (6, 6, True)
    retain_as_proposed(db, item, secretary, now)
    record_presence(db, bearer, "left", secretary, now)
    assert counts() == (4, 4, False)
    with pytest.raises(RefusedError) as silent:
        retain(db, item, journey.line(CAF), Decimal("100.00"), secretary, now)
    assert [finding.rule for finding in silent.value.findings] == ["guard.financer_word"]
    assert refused_by(journey, seance, "retained") == [("guard.quorum", "")]
    assert caf.organisation_id in Closing.of(seance).organisations_present  # its word was said before

    record_presence(db, bearer, "absent", secretary, now)
    assert (*counts(), caf.organisation_id in Closing.of(seance).organisations_present) == (
        4,
        4,
        False,
        False,
    )
    caf.proxy_id, caf.deputy = None, "Ali Suppléant"
    assert counts() == (5, 5, True)


def test_two_secretaries_do_not_undo_each_others_presences(world: World) -> None:
    journey = at(world, "commitment")
    seance = journey.committee()
    first, second, *_ = seance.convocations
    seen: dict[int, str | None] = {c.id: "present" for c in seance.convocations}
    chosen = {c.id: "present" for c in seance.convocations}
    secretary, now = journey.secretary, journey.now

    note_presences(journey.db, seance, {**chosen, first.id: "absent"}, secretary, now, seen=seen)
    note_presences(journey.db, seance, {**chosen, second.id: "remote"}, secretary, now, seen=seen)
    assert (first.presence, second.presence) == ("absent", "remote")

    with pytest.raises(ConflictError):
        note_presences(journey.db, seance, {**chosen, first.id: "remote"}, secretary, now, seen=seen)
    assert first.presence == "absent"


def test_nothing_is_decided_while_somebody_concerned_sits(world: World) -> None:
    journey = at(world, "commitment")
    caf = world.financers["caf"]
    world.db.add(mandate_row(caf, INTEREST, world.porteur, world.contract))  # type: ignore[arg-type]
    seance = journey.committee()

    assert refused_by(journey, seance, "deferred") == [("guard.recusal", "")]
    with pytest.raises(RefusedError):
        take_up_proposals(journey.db, seance, journey.secretary, journey.now)
    assert seance.items[0].decision is None

    assert apply_recusals(journey.db, seance, journey.secretary, journey.now) == 1
    ruled(journey, seance, "deferred")
    assert seance.items[0].decision == "deferred"


def test_proposals_are_taken_up_where_nobody_concerned_sits_and_the_others_are_named(world: World) -> None:
    journey = at(world, "commitment")
    elsewhere = make_porteur(world.db, "Le Fournil", siret=SIRETS[1])
    other = at(world, "commitment", world.dossier(porteur=elsewhere))
    world.db.add(mandate_row(world.financers["caf"], INTEREST, world.porteur, world.contract))  # type: ignore[arg-type]
    seance = journey.committee(journey.dossier, other.dossier)

    taken = take_up_proposals(journey.db, seance, journey.secretary, journey.now)
    assert taken == (1, [journey.dossier.reference])
    assert {item.dossier.reference: item.decision for item in seance.items} == {
        journey.dossier.reference: None,
        other.dossier.reference: "retained",
    }
    assert not seance.items[0].amounts  # nothing half written on the one that is left


def selects_of(db: Session, seance_id: int, act: Callable[[Session, Seance], object]) -> int:
    """How many times this act reads the database, the séance just read."""
    asked: list[str] = []

    def hear(*args: Any) -> None:
        if args[2].startswith("SELECT"):
            asked.append(args[2])

    db.flush()
    db.expire_all()
    seance = seance_in_session(db, seance_id)
    hearing.listen(db.get_bind(), "before_cursor_execute", hear)
    try:
        act(db, seance)
        db.flush()
    finally:
        hearing.remove(db.get_bind(), "before_cursor_execute", hear)
    return len(asked)


def test_recusals_and_proposals_read_as_little_for_a_long_agenda(world: World) -> None:
    journey = at(world, "commitment")
    others = [at(world, "commitment", world.dossier()).dossier for _ in range(3)]
    short, long = journey.committee().id, journey.committee(*others).id
    secretary, now = journey.secretary, journey.now

    for act in (apply_recusals, take_up_proposals):
        counts = [
            selects_of(journey.db, number, lambda db, seance, act=act: act(db, seance, secretary, now))  # type: ignore[misc]
            for number in (short, long)
        ]
        assert counts[0] == counts[1]


def test_a_reoriented_dossier_names_the_other_scheme_and_leaves_at_the_closing(world: World) -> None:
    journey = at(world, "commitment")
    seance = journey.committee()
    with pytest.raises(InvalidInputError, match="à nommer") as nameless:
        ruled(journey, seance, "reoriented")
    assert nameless.value.field == "scheme"
    retain_as_proposed(journey.db, seance.items[0], journey.secretary, journey.now)

    ruled(journey, seance, "reoriented", scheme=" Ville vie vacances ")
    assert (journey.dossier.stage, seance.items[0].amounts) == ("commitment", [])
    close(journey, seance)

    assert journey.dossier.stage == "reoriented"
    assert journey.dossier.follow_up["reoriented_to"] == "Ville vie vacances"
    assert seance.minutes is not None and seance.minutes["decisions"][0]["scheme"] == "Ville vie vacances"
    event = journey.db.query(Event).filter_by(kind="dossier.reorient").one()
    assert (event.payload["seance"], event.payload["scheme"]) == (seance.id, "Ville vie vacances")


def test_a_scheme_typed_on_another_decision_is_not_kept(world: World) -> None:
    journey = at(world, "commitment")
    seance = journey.committee()

    ruled(journey, seance, "deferred", scheme="Ville vie vacances")

    assert seance.items[0].scheme is None


def test_the_secretary_closes_what_the_committee_reoriented_whatever_their_own_interests(
    world: World,
) -> None:
    journey = at(world, "commitment")
    seance = journey.committee()
    ruled(journey, seance, "reoriented", scheme="Ville vie vacances")
    world.db.add(mandate_row(world.secretary, INTEREST, world.porteur, world.contract))  # type: ignore[arg-type]
    world.db.flush()
    world.db.expire(world.secretary, ["mandates"])

    close(journey, seance)

    assert journey.dossier.stage == "reoriented"


def test_a_line_without_its_financers_word_stays_pending_and_the_rest_is_retained(world: World) -> None:
    journey = at(world, "commitment")
    line = journey.line(STATE)
    line.state = "asked"
    seance = journey.committee()
    state = next(c for c in seance.convocations if c.organisation.code == "etat")
    record_presence(journey.db, state, "absent", journey.secretary, journey.now)

    pending = retain_as_proposed(journey.db, seance.items[0], journey.secretary, journey.now)
    ruled(journey, seance, "retained")
    close(journey, seance)

    assert pending == [STATE]
    assert (line.state, line.retained) == ("asked", None)
    assert journey.line(CAF).state == "retained"
    assert seance.minutes is not None
    (made,) = seance.minutes["decisions"]
    assert (made["pending"], made["as_proposed"]) == ([STATE], False)


def test_retaining_as_proposed_puts_back_what_was_typed_otherwise(world: World) -> None:
    journey = at(world, "commitment")
    seance = journey.committee()
    retain(journey.db, seance.items[0], journey.line(STATE), Decimal(100), journey.secretary, journey.now)

    retain_as_proposed(journey.db, seance.items[0], journey.secretary, journey.now)

    assert {a.line.key: a.amount for a in seance.items[0].amounts} == {STATE: 4000, CAF: 3000}


def test_what_is_shown_follows_the_secretary_and_is_nobodys_conflict(world: World) -> None:
    journey = at(world, "commitment")
    seance = journey.committee()
    version = seance.version
    world.db.add(mandate_row(world.financers["caf"], INTEREST, world.porteur, world.contract))  # type: ignore[arg-type]
    world.db.flush()
    world.db.expire(world.financers["caf"], ["mandates"])

    show_item(journey.db, seance, seance.items[0], journey.secretary, journey.now)
    world.db.flush()
    world.db.expire_all()

    assert (seance.shown_item_id, seance.version) == (seance.items[0].id, version)
    assert seance.items[0].recused == [world.financers["caf"].email]
    with pytest.raises(NotPermittedError):
        show_item(journey.db, seance, seance.items[0], journey.actor(world.instructor), journey.now)


def test_nothing_is_shown_nor_recused_once_closed(world: World) -> None:
    journey = at(world, "committed")
    seance = journey.db.query(Seance).one()

    with pytest.raises(NotAllowedHereError):
        show_item(journey.db, seance, seance.items[0], journey.secretary, journey.now)
    with pytest.raises(NotAllowedHereError):
        apply_recusals(journey.db, seance, journey.secretary, journey.now)


def test_a_rectification_says_what_it_corrects(world: World) -> None:
    journey = at(world, "committed")
    first = journey.db.query(Seance).one()
    seance = journey.committee(in_days=40)
    retain(
        journey.db, seance.items[0], journey.line(STATE), Decimal("3500.00"), journey.secretary, journey.now
    )
    ruled(journey, seance, "retained")

    close(journey, seance)

    assert seance.minutes is not None
    made = seance.minutes["decisions"][0]
    corrected = made["rectifies"]
    assert (corrected["seance"], corrected["decision"], corrected["retained"]) == (
        first.id,
        "retained",
        "7000.00",
    )
    assert journey.line(STATE).retained == 3500
    assert made["amounts"] == {STATE: "3500.00", CAF: "3000.00"}  # the line that nobody named stands
    assert made["retained"] == "6500.00"
    assert [one.retained for one in later_corrections(journey.db, first)] == [Decimal("6500.00")]

    again = journey.committee(in_days=60)
    retain(journey.db, again.items[0], journey.line(CAF), Decimal("2000.00"), journey.secretary, journey.now)
    ruled(journey, again, "retained")
    close(journey, again)

    assert again.minutes is not None
    made = again.minutes["decisions"][0]
    assert (made["rectifies"]["seance"], made["rectifies"]["retained"]) == (seance.id, "6500.00")
    assert made["retained"] == "5500.00"
