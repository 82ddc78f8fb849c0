# SPDX-License-Identifier: EUPL-1.2
"""The tables unrolled: every row passes through the real door, every pair not in them is refused."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.factories.people import mandate_row
from tests.factories.world import World
from tests.workflow.journey import PIECES, Journey, at
from workflow.errors import InvalidInputError, NotAllowedHereError
from workflow.firing import Table
from workflow.machine import fire, permitted
from workflow.models import Dossier, FundingLine, Opinion, Seance
from workflow.permissions import SCHEDULER
from workflow.seances import plan_seance, set_agenda
from workflow.stages import Role
from workflow.transitions import DOSSIER, LINE, OPINION, SEANCE, TABLES

MODELS = {"dossier": Dossier, "opinion": Opinion, "line": FundingLine, "seance": Seance}
ROWS = [(row.trigger, source, row.target or source) for row in DOSSIER.rows for source in row.sources]
FOREIGN = [
    (table, state, trigger)
    for table in TABLES
    for state in table.states
    for trigger in table.triggers
    if table.row(trigger, state) is None
]


@pytest.mark.parametrize(("table", "state", "trigger"), FOREIGN, ids=lambda v: getattr(v, "name", v))
def test_a_pair_not_in_the_table_is_refused(table: Table, state: str, trigger: str, now: Any) -> None:
    subject = MODELS[table.name](**{table.attribute: state})

    with pytest.raises(NotAllowedHereError):
        fire(None, subject, trigger, SCHEDULER, None, now)  # type: ignore[arg-type]

    assert getattr(subject, table.attribute) == state


def test_an_unknown_trigger_names_the_known_ones(now: Any) -> None:
    with pytest.raises(InvalidInputError, match="submit"):
        fire(None, Dossier(stage="draft"), "validate", SCHEDULER, None, now)  # type: ignore[arg-type]


def _by_closing(decision: str, reason: str | None = None) -> Any:
    return lambda j: j.decide_and_close(decision, reason)


FIRINGS: dict[str, Any] = {
    "submit": Journey.submit,
    "request_completion": lambda j: j.fire("request_completion", j.world.pilot, **PIECES),
    "complete": lambda j: j.fire("complete", j.world.bearer),
    "declare_admissible": Journey.declare_admissible,
    "declare_inadmissible": lambda j: j.fire("declare_inadmissible", j.world.instructor, "hors cadre"),
    "dispatch": Journey.dispatch,
    "renew": lambda j: (follow_a_cpo(j), j.fire("renew", j.world.pilot)),
    "open_co_instruction": Journey.open_co_instruction,
    "send_to_conference": Journey.send_to_conference,
    "return_to_co_instruction": lambda j: j.fire(
        "return_to_co_instruction", j.world.instructor, "Quel public ?"
    ),
    "send_to_commitment": Journey.send_to_commitment,
    "return_to_conference": lambda j: j.fire("return_to_conference", j.world.secretary, "montants à revoir"),
    "commit": _by_closing("retained"),
    "reject": _by_closing("rejected", "hors priorités"),
    "defer": _by_closing("deferred", "budget à préciser"),
    "resume": lambda j: j.fire("resume", j.world.secretary),
    "rectify": _by_closing("retained", "erreur de saisie"),
    "reorient": lambda j: j.fire("reorient", j.world.pilot, scheme="VVV"),
    "contract": lambda j: (j.grant_all(), j.fire("contract", j.world.pilot, revised_plan=True)),
    "report": lambda j: j.fire("report", j.world.bearer, activity_report="R1", financial_report="R2"),
    "close": lambda j: j.fire("close", j.world.pilot),
    "cancel": lambda j: j.fire("cancel", j.world.pilot, "renoncement"),
    "withdraw": lambda j: j.fire("withdraw", j.world.bearer, "projet abandonné"),
}


def follow_a_cpo(journey: Journey) -> None:
    """The dossier becomes the second year of a CPO whose first one has its report and its indicator."""
    dossier = journey.dossier
    before = journey.world.dossier(year=dossier.year - 1, stage="committed", cpo_indicators=["présence"])
    before.action = dossier.action
    before.follow_up = {"interim_report_on": "2025-10-15", "cpo_readings": {"présence": "en hausse"}}
    journey.line("etat:specifique").forecast = Decimal("4000.00")
    journey.db.flush()


@pytest.mark.parametrize(("trigger", "source", "target"), ROWS)
def test_each_row_of_the_dossier_passes(world: World, trigger: str, source: str, target: str) -> None:
    journey = at(world, source)

    FIRINGS[trigger](journey)

    assert journey.dossier.stage == target


def test_every_trigger_of_the_dossier_is_tried() -> None:
    assert set(FIRINGS) == set(DOSSIER.triggers)


LINE_DETAILS: dict[str, dict[str, Any]] = {
    "answer_indicative": {"amount": Decimal("100.00")},
    "answer_firm": {"amount": Decimal("100.00")},
    "answer_in_kind": {"description": "prêt de salle", "amount": Decimal("50.00")},
    "retain": {"amount": Decimal("100.00")},
    "grant": {"authority": "Préfet", "number": "A-1", "amount": Decimal("10.00")},
    "deny": {"authority": "Préfet", "number": "A-1"},
}
LINE_ROWS = [(row.trigger, str(source), row.target) for row in LINE.rows for source in row.sources]


@pytest.mark.parametrize(("trigger", "source", "target"), LINE_ROWS)
def test_each_row_of_the_line_passes(world: World, trigger: str, source: str, target: str) -> None:
    journey = at(world, "financers_conference")
    line = journey.line("etat:specifique")
    line.state = source
    if trigger == "cancel":
        journey.dossier.stage = "committed"
    details = LINE_DETAILS.get(trigger, {})
    if trigger == "note_no_reply":
        journey.now += timedelta(days=60)
    if trigger == "carry_forecast":
        line.forecast = Decimal("100.00")
    if trigger in ("grant", "deny"):
        details = {**details, "date": journey.now.date()}

    fire_as_allowed(journey, line, trigger, "motif", details)

    assert line.state == target


def fire_as_allowed(
    journey: Journey, subject: Any, trigger: str, reason: str | None, details: dict[str, Any]
) -> None:
    """By the first person whose mandate the row accepts; system rows by the scheduler."""
    world = journey.world
    people = [world.financers["etat"], world.secretary, world.pilot, world.instructor]
    row = next(
        row
        for table in TABLES
        for row in table.rows
        if table.name == _name(subject) and row.trigger == trigger
    )
    actors = [journey.actor(person) for person in people] + [SCHEDULER]
    chosen = next(actor for actor in actors if permitted(subject, row, actor))
    fire(journey.db, subject, trigger, chosen, reason, journey.now, **details)
    journey.db.flush()


def _name(subject: Any) -> str:
    return next(name for name, model in MODELS.items() if isinstance(subject, model))


@pytest.mark.parametrize(
    ("trigger", "source", "target"), [(r.trigger, s, r.target) for r in OPINION.rows for s in r.sources]
)
def test_each_row_of_the_opinion_passes(world: World, trigger: str, source: str, target: str) -> None:
    journey = at(world, "co_instruction")
    opinion = next(o for o in journey.dossier.opinions if o.organisation.code == "caf")
    if source == "given":
        journey.give(opinion, "unfavourable")

    if trigger == "give":
        journey.give(opinion, "favourable")
    else:
        fire(journey.db, opinion, trigger, journey.secretary, "partenaire dissous", journey.now)

    assert opinion.state == target


SEANCE_ROWS = [(r.trigger, s, r.target or s) for r in SEANCE.rows for s in r.sources]


@pytest.mark.parametrize(("trigger", "source", "target"), SEANCE_ROWS)
def test_each_row_of_the_seance_passes(world: World, trigger: str, source: str, target: str) -> None:
    journey = at(world, "financers_conference")
    starts = journey.now + timedelta(days=20)
    mode = "written" if trigger == "close_written" else "meeting"
    seance = plan_seance(
        journey.db, world.contract, "conference", starts, journey.now, journey.secretary, mode=mode
    )
    set_agenda(journey.db, seance, [journey.dossier], journey.secretary, journey.now)
    _seat(journey, "conference")
    steps = ("convoke", "open", "close")
    for step in steps[: {"planned": 0, "convoked": 1, "open": 2, "closed": 3}[source]]:
        fire(journey.db, seance, step, journey.secretary, None, journey.now)
    moving = trigger in ("move", "hold_in_writing")
    details = {"starts_at": starts + timedelta(days=1)} if moving else {}
    after = journey.now + timedelta(days=1)  # a reminder leaves another day than the convocation
    now = starts if trigger == "close_written" else after

    fire(journey.db, seance, trigger, journey.secretary, "empêchement", now, **details)

    assert seance.status == target


def _seat(journey: Journey, body: str) -> None:
    world = journey.world
    seat = mandate_row(world.financers["etat"], Role.MEMBER, world.organisations["etat"], world.contract)
    seat.body = body
    journey.db.add(seat)
    journey.db.flush()
