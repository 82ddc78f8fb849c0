# SPDX-License-Identifier: EUPL-1.2
"""An opinion: what it must say, its grid, its lateness, its changes kept; drafts that nobody loses; who sees them."""

from datetime import timedelta

import pytest

from tests.factories.people import give_mandate, make_person
from tests.factories.world import World
from tests.workflow.journey import Journey, at, later
from workflow.co_instruction import give_opinion, write_synthesis
from workflow.criteria import criteria_of, rows_of, spread_of
from workflow.drafts import drafts_on, save_draft
from workflow.errors import NotAllowedHereError, NotPermittedError, RefusedError
from workflow.models import Opinion, Person
from workflow.queries import journal_of
from workflow.stages import Role


def of(journey: Journey, code: str) -> Opinion:
    return next(o for o in journey.dossier.opinions if o.organisation.code == code)


def colleague_of_caf(world: World) -> Person:
    person = make_person(world.db, "suppleance@caf.test", "Suppléante CAF")
    give_mandate(world.db, person, Role.FINANCER, world.organisations["caf"], world.contract)
    return person


@pytest.mark.parametrize("value", ["unfavourable", "favourable_with_reservations"])
@pytest.mark.parametrize("text", [None, "  "])
def test_reservations_and_refusals_are_explained(world: World, value: str, text: str | None) -> None:
    journey = at(world, "co_instruction")
    actor = journey.actor(world.financers["caf"])
    with pytest.raises(RefusedError) as refused:
        give_opinion(world.db, of(journey, "caf"), value, text, actor, journey.now)
    assert [finding.rule for finding in refused.value.findings] == ["guard.opinion_text"]
    give_opinion(world.db, of(journey, "caf"), "no_opinion", text, actor, journey.now)


def test_each_partner_has_its_own_grid(world: World) -> None:
    journey = at(world, "co_instruction")
    asked = {code: [c.code for c in criteria_of(of(journey, code))] for code in ("caf", "departement")}
    assert asked == {"caf": ["besoin", "familles"], "departement": ["besoin"]}


@pytest.mark.parametrize(
    ("criteria", "variant"),
    [
        ({"besoin": 4}, "scale"),
        ({"besoin": -1}, "scale"),
        ({"besoin": "02"}, "scale"),
        ({"sortie": 1}, "unknown"),
    ],
)
def test_an_answer_out_of_the_grid_is_refused(world: World, criteria: dict[str, int], variant: str) -> None:
    journey = at(world, "co_instruction")
    opinion, actor = of(journey, "caf"), journey.actor(world.financers["caf"])
    with pytest.raises(RefusedError) as refused:
        give_opinion(world.db, opinion, "favourable", None, actor, journey.now, criteria=criteria)
    assert [(f.rule, f.variant) for f in refused.value.findings] == [("guard.opinion_grid", variant)]
    assert opinion.criteria is None and opinion.state == "requested"


def test_mean_and_spread_of_what_was_answered(world: World) -> None:
    journey = at(world, "co_instruction")
    for code, rank in (("caf", 3), ("departement", 0)):
        actor = journey.actor(world.financers[code])
        give_opinion(
            world.db, of(journey, code), "favourable", None, actor, journey.now, criteria={"besoin": rank}
        )
    spread = spread_of("besoin", journey.dossier.opinions)
    assert spread is not None
    assert (spread.mean, spread.lowest, spread.highest, spread.answers) == (1.5, 0, 3, 2)
    assert spread_of("familles", journey.dossier.opinions) is None
    of(journey, "caf").criteria = {"ancien": 2}
    assert [c.code for c in rows_of(journey.dossier, journey.dossier.opinions)] == [
        "besoin",
        "familles",
        "ancien",
    ]


def test_a_change_keeps_the_first_date_and_the_earlier_words(world: World) -> None:
    journey = at(world, "co_instruction")
    opinion, actor = of(journey, "caf"), journey.actor(world.financers["caf"])
    give_opinion(world.db, opinion, "favourable", "Oui", actor, journey.now, criteria={"besoin": 3})
    first, changed = opinion.given_at, journey.now + timedelta(hours=2)
    give_opinion(world.db, opinion, "unfavourable", "Non", actor, changed, questions="Pourquoi ?")
    world.db.flush()

    assert (opinion.given_at, opinion.changed_at) == (first, changed)
    assert (opinion.value, opinion.text, opinion.questions, opinion.criteria) == (
        "unfavourable",
        "Non",
        "Pourquoi ?",
        None,
    )
    acts = [a for a in journal_of(world.db, f"dossier:{journey.dossier.id}") if a.trigger == "give"]
    assert acts[0].details == {"value": "favourable", "text": "Oui", "criteria": {"besoin": 3}}
    assert acts[1].details == {"value": "unfavourable", "text": "Non", "questions": "Pourquoi ?"}


def test_an_opinion_given_late_says_so_in_the_journal(world: World) -> None:
    journey = at(world, "co_instruction")
    opinion = of(journey, "caf")
    journey.now = later(journey.now, (opinion.due_on - journey.now.date()).days + 3)
    journey.give(opinion, "favourable")
    world.db.flush()
    last = journal_of(world.db, f"dossier:{journey.dossier.id}")[-1]
    assert last.details["days_late"] == 3


def test_two_colleagues_keep_a_draft_each_and_other_organisations_see_none(world: World) -> None:
    journey = at(world, "co_instruction")
    opinion = of(journey, "caf")
    first, second = journey.actor(world.financers["caf"]), journey.actor(colleague_of_caf(world))
    save_draft(world.db, opinion, {"text": ["Un"]}, first, journey.now)
    save_draft(world.db, opinion, {"text": ["Deux"]}, second, later(journey.now, 1))
    save_draft(world.db, opinion, {"text": ["Un, relu"]}, first, later(journey.now, 2))

    seen = [(d.person.name, d.content["text"]) for d in drafts_on(world.db, opinion, second)]
    assert seen == [("Financeur Caisse d’allocations familiales", ["Un, relu"]), ("Suppléante CAF", ["Deux"])]
    for other in (world.financers["departement"], world.instructor, world.pilot, world.bearer):
        assert drafts_on(world.db, opinion, journey.actor(other)) == ()
        with pytest.raises(NotPermittedError):
            save_draft(world.db, opinion, {}, journey.actor(other), journey.now)


def test_given_ones_own_draft_is_done_with_and_a_colleagues_stays(world: World) -> None:
    journey = at(world, "co_instruction")
    opinion = of(journey, "caf")
    first, second = journey.actor(world.financers["caf"]), journey.actor(colleague_of_caf(world))
    save_draft(world.db, opinion, {"text": ["Un"]}, first, journey.now)
    save_draft(world.db, opinion, {"text": ["Deux"]}, second, journey.now)
    journey.give(opinion, "favourable")
    assert [d.content["text"] for d in drafts_on(world.db, opinion, first)] == [["Deux"]]


def test_no_draft_once_there_is_nothing_to_give(world: World) -> None:
    journey = at(world, "commitment")
    opinion, actor = of(journey, "caf"), journey.actor(world.financers["caf"])
    with pytest.raises(NotAllowedHereError):
        save_draft(world.db, opinion, {"text": ["Trop tard"]}, actor, journey.now)
    with pytest.raises(NotAllowedHereError):
        save_draft(world.db, journey.dossier, {}, journey.actor(world.instructor), journey.now)


def test_the_draft_of_a_synthesis_is_the_lead_instructors(world: World) -> None:
    journey = at(world, "co_instruction")
    lead = journey.actor(world.instructor)
    save_draft(world.db, journey.dossier, {"strengths": ["Ancrage"]}, lead, journey.now)
    assert len(drafts_on(world.db, journey.dossier, lead)) == 1
    with pytest.raises(NotPermittedError):
        save_draft(world.db, journey.dossier, {}, journey.actor(world.colleague), journey.now)
    write_synthesis(world.db, journey.dossier, "favourable", "Ancrage", "", {}, lead, journey.now)
    assert drafts_on(world.db, journey.dossier, lead) == []
