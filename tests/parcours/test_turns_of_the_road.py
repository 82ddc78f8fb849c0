# SPDX-License-Identifier: EUPL-1.2
"""Longer roads: a late opinion, a question and a new round, a deferral resumed, a refusal rectified later."""

import pytest
from sqlalchemy.orm import Session

from app.demo.office import Office
from tests.conftest import ROOT
from tests.parcours.people import Territoire, euros, line_of, settle_territory
from workflow import journal
from workflow.co_instruction import give_opinion, note_overdue
from workflow.errors import NotAllowedHereError
from workflow.imports.run import import_file
from workflow.models import Dossier
from workflow.queries import find_dossier
from workflow.round_table import propose
from workflow.session import decide, retain
from workflow.stages import Stage
from workflow.submission import Registry


@pytest.fixture
def place(db: Session) -> Territoire:
    place = settle_territory(db)
    import_file(db, place.contract, ROOT / "examples" / "programme.csv", place.now)
    return place


def office_of(place: Territoire) -> Office:
    return Office(
        place.db, place.contract, place.territory, place.cast, Registry(place.db, place.contract, [])
    )


def in_co_instruction(place: Territoire, number: str) -> Dossier:
    dossier = find_dossier(place.db, place.contract, f"CO-2026-{number}")
    office = office_of(place)
    office.declare_admissible(dossier, place.now)
    office.dispatch(dossier, place.now)
    office.open_co_instruction(dossier, place.now)
    place.wait(days=1)
    return dossier


def in_commitment(place: Territoire, number: str) -> Dossier:
    dossier, office = in_co_instruction(place, number), office_of(place)
    office.give_opinions(dossier, place.now)
    place.wait(days=30)  # beyond the due date: a holder's silence can be noted
    office.conclude(dossier, place.now)
    place.wait(hours=1)
    office.answer_ordinary(dossier, place.now)
    office.propose_specific(dossier, place.now)
    office.send_to_commitment(dossier, place.now)
    place.db.flush()
    return dossier


def test_a_late_opinion_is_noted_then_still_received(place: Territoire) -> None:
    dossier, office = (
        in_co_instruction(place, "035"),
        office_of(place),
    )  # tranquillity: the prosecutor is consulted
    office.give_opinions(dossier, place.now, silent=("parquet",))
    late = next(opinion for opinion in dossier.opinions if opinion.state == "requested")
    lead = office.lead(dossier)
    with pytest.raises(NotAllowedHereError):
        note_overdue(place.db, late, lead, place.now)  # not late yet
    place.wait(days=40)
    office.conclude(dossier, place.now)
    assert dossier.stage == Stage.FINANCERS_CONFERENCE and late.overdue_noted_by == lead.name
    place.wait(days=1)
    give_opinion(
        place.db, late, "favourable", "Avec nos excuses.", place.someone("contact@parquet"), place.now
    )
    assert (late.state, late.value) == ("given", "favourable")


def test_a_question_opens_a_new_round_and_earlier_opinions_stay(place: Territoire) -> None:
    dossier, office = in_co_instruction(place, "035"), office_of(place)
    office.give_opinions(dossier, place.now)
    place.wait(days=10)
    office.conclude(dossier, place.now)
    before = len(dossier.opinions)
    assert place.refused(dossier, "return_to_co_instruction", "secretariat@epci") == {"guard.reason"}
    place.fire(
        dossier,
        "return_to_co_instruction",
        "secretariat@epci",
        "Quels horaires ?",
        partners=["etat", "parquet"],
    )
    assert (dossier.round, dossier.question, dossier.stage) == (2, "Quels horaires ?", Stage.CO_INSTRUCTION)
    assert len(dossier.opinions) == before + 2
    assert sum(o.state == "given" for o in dossier.opinions) == before
    place.wait(days=1)
    refused = place.refused(dossier, "send_to_conference", "instruction@etat")
    assert refused == {"guard.opinions_in", "guard.synthesis"}  # the first round's synthesis no longer counts
    office.give_opinions(dossier, place.now)
    place.wait(days=2)
    office.conclude(dossier, place.now)
    assert dossier.stage == Stage.FINANCERS_CONFERENCE


def test_deferred_then_resumed_with_the_same_proposals(place: Territoire) -> None:
    dossier = in_commitment(place, "016")
    seance = place.committee([dossier])
    decide(place.db, seance.items[0], "deferred", None, place.someone("secretariat@epci"), place.now)
    assert place.refused(seance, "close", "secretariat@epci") == {"guard.decision_reason"}
    place.decide(seance.items[0], "deferred", "Budget à préciser.")
    place.fire(seance, "close", "secretariat@epci")
    assert dossier.stage == Stage.DEFERRED
    with pytest.raises(NotAllowedHereError):
        propose(
            place.db,
            line_of(dossier, "etat:specifique"),
            euros("1"),
            place.someone("instruction@etat"),
            place.now,
        )
    place.wait(days=3)
    place.fire(dossier, "resume", "secretariat@epci")
    again = place.committee([dossier])
    place.decide(again.items[0], "retained")
    place.fire(again, "close", "secretariat@epci")
    assert dossier.stage == Stage.COMMITTED


def test_deferred_then_discussed_again_at_the_conference(place: Territoire) -> None:
    dossier = in_commitment(place, "016")
    seance = place.committee([dossier])
    place.decide(seance.items[0], "deferred", "À revoir avec la commune.")
    place.fire(seance, "close", "secretariat@epci")
    place.wait(days=1)
    place.fire(dossier, "return_to_conference", "secretariat@epci", "La commune revoit son aide.")
    line = line_of(dossier, "etat:specifique")
    propose(place.db, line, euros("1200"), place.someone("instruction@etat"), place.now)
    place.fire(dossier, "send_to_commitment", "secretariat@epci")
    assert line.proposed == euros("1200")


def test_a_refusal_is_rectified_by_a_later_committee(place: Territoire) -> None:
    dossier = in_commitment(place, "016")
    seance = place.committee([dossier])
    place.decide(seance.items[0], "rejected", "Coût par personne non justifié.")
    place.fire(seance, "close", "secretariat@epci")
    line = line_of(dossier, "etat:specifique")
    assert (dossier.stage, line.state, line.retained) == (Stage.REJECTED, "refused", 0)
    place.wait(days=5)
    later = place.committee([dossier])
    secretary = place.someone("secretariat@epci")
    retain(place.db, later.items[0], line, euros("1000"), secretary, place.now)
    decide(place.db, later.items[0], "retained", None, secretary, place.now)
    assert "guard.decision_reason" in place.refused(
        later, "close", "secretariat@epci"
    )  # a rectification says why
    decide(place.db, later.items[0], "retained", "Pièces reçues.", secretary, place.now)
    place.fire(later, "close", "secretariat@epci")
    assert (dossier.stage, line.state, line.retained) == (Stage.COMMITTED, "retained", euros("1000"))
    triggers = [entry.trigger for entry in _lines(place, dossier) if entry.subject == f"dossier:{dossier.id}"]
    assert triggers[-2:] == ["reject", "rectify"]
    assert journal.verify_all(place.db) == []


def _lines(place: Territoire, dossier: Dossier) -> list[journal.Journal]:
    from workflow.queries import journal_of

    return list(journal_of(place.db, f"dossier:{dossier.id}"))
