# SPDX-License-Identifier: EUPL-1.2
"""The demonstration: complete, consistent, relative to any day, and the same twice."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.bootstrap import Application
from app.config import load_config
from app.demo.build import build_demo
from app.demo.calendar import demo_calendar
from app.demo.people import PASSWORD, PEOPLE
from app.demo.story import FILED_LATE
from app.demo.words import FILED_LATE as WHY_LATE
from app.installation import install
from app.passwords import is_right_password
from rules.catalogue import RULES
from rules.findings import Outcome
from rules.themes.calls import WINDOW
from tests.conftest import ROOT
from workflow import journal
from workflow.contracts import get_contract
from workflow.db import make_engine
from workflow.examination import examine_many, examine_programme
from workflow.models import (
    Convocation,
    DecisionRecord,
    Dossier,
    Event,
    FundingLine,
    Journal,
    Mandate,
    Message,
    Opinion,
    Person,
    Seance,
    SeanceItem,
    Waiver,
)
from workflow.renewals import renewables
from workflow.stages import Decision, LineState, OpinionState, OpinionValue, Role, SeanceStatus, Stage
from workflow.territory import Territory

TODAY = datetime(2026, 11, 22, 15, tzinfo=UTC)
DAYS = (
    datetime(2026, 1, 2, 8, tzinfo=UTC),
    datetime(2028, 2, 29, 22, 30, tzinfo=UTC),
    datetime(2026, 12, 31, 23, 30, tzinfo=UTC),  # already 2027 in Paris
    datetime(2027, 3, 28, 1, 30, tzinfo=UTC),  # the hour that does not exist
    datetime(2026, 10, 25, 0, 30, tzinfo=UTC),  # the hour that comes twice
    datetime(2026, 9, 8, 7, 0, tzinfo=UTC),  # a committee's own morning
)
# Outcomes a rule cannot have through the front door, and why.
UNREACHABLE = {
    "droit_commun.first": {Outcome.UNDETERMINED},  # no answer with money is accepted without its amount
    "recusal.member": {Outcome.UNDETERMINED, Outcome.NOT_APPLICABLE},
    "porteur.siret": {Outcome.NOT_APPLICABLE},
    "porteur.audit": {Outcome.VIOLATED},  # the sums known only warn
    "call.window": {Outcome.NOT_APPLICABLE},
    "pieces.due": {Outcome.NOT_APPLICABLE},  # the lists are in force since the contract began
    "duplicate.action": {Outcome.NOT_APPLICABLE},  # the share of words too
    "action.period": {Outcome.NOT_APPLICABLE},
    "geography.qpv_known": {Outcome.NOT_APPLICABLE},
    "framework.objective": {Outcome.NOT_APPLICABLE},
    "funding.balanced": {Outcome.NOT_APPLICABLE},
    "funding.accounts": {Outcome.UNDETERMINED},
    # The sample contract expects no share of own resources, and none is never against it.
    "funding.own_share": {Outcome.NOT_APPLICABLE, Outcome.VIOLATED},
}
PROGRAMME_SEEN = {
    "cpo.target_actions": {Outcome.SATISFIED, Outcome.VIOLATED},
    "cpo.target_conventions": {Outcome.SATISFIED},
    "cpo.target_financers": {Outcome.SATISFIED, Outcome.VIOLATED, Outcome.UNDETERMINED},
    "convention.yearly_sums": {Outcome.UNDETERMINED, Outcome.VIOLATED},
    "envelope.limit": {Outcome.SATISFIED, Outcome.VIOLATED},
    "envelope.forecast": {Outcome.NOT_APPLICABLE},  # each action of these years has its dossier
    "poches.cap": {Outcome.NOT_APPLICABLE},  # the contract retained none
    "programme.classified": {Outcome.SATISFIED, Outcome.VIOLATED},
    "droit_commun.share": {Outcome.SATISFIED},
    "leverage.p147": {Outcome.SATISFIED},
    "coverage.qpv": {Outcome.SATISFIED, Outcome.UNDETERMINED},
    "objectives.invested": {Outcome.SATISFIED},
    "continuity.actions": {Outcome.SATISFIED, Outcome.UNDETERMINED},
    "complementarity.actions": {Outcome.SATISFIED},
}


@lru_cache(maxsize=1)
def territory() -> Territory:
    return load_config(ROOT / "config.yaml", {}).contracts[0]


def built(folder: Path, now: datetime) -> Application:
    """A demonstration seen from `now`, in an SQLite file of its own."""
    url = f"sqlite:///{folder / 'demo.db'}"
    config = load_config(ROOT / "config.yaml", {"COINSTRUCTION_DATABASE_URL": url})
    application = Application(config, make_engine(url, synchronous="OFF"))
    install(application)
    with application.write() as db:
        build_demo(db, now)
    return application


@dataclass(frozen=True)
class Demo:
    application: Application
    db: Session


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    application = built(tmp_path_factory.mktemp("demo"), TODAY)
    with application.read() as db:
        yield Demo(application, db)
    application.close()


def values(db: Session, column: object) -> set[object]:
    return set(db.scalars(select(column)))  # type: ignore[call-overload]


def test_every_state_is_there(demo: Demo) -> None:
    assert values(demo.db, Dossier.stage) == set(Stage)
    assert values(demo.db, FundingLine.state) == set(LineState)
    assert values(demo.db, Opinion.state) == set(OpinionState)
    assert values(demo.db, Opinion.value) == {*OpinionValue, None}
    assert values(demo.db, SeanceItem.decision) == {*Decision, None}
    assert values(demo.db, Seance.status) >= {
        SeanceStatus.PLANNED,
        SeanceStatus.CONVOKED,
        SeanceStatus.CLOSED,
    }
    assert values(demo.db, Mandate.role) >= set(Role) - {Role.LEAD_INSTRUCTOR, Role.SYSTEM}


def test_at_least_sixty_dossiers_over_the_eight_neighbourhoods(demo: Demo) -> None:
    dossiers = demo.db.scalars(select(Dossier).where(Dossier.year == 2026)).all()
    assert len(dossiers) >= 60
    assert {code for dossier in dossiers for code in dossier.qpv or ()} >= set(territory().qpv_by_code)


def test_every_outcome_of_every_dossier_rule(demo: Demo) -> None:
    found = examine_many(demo.db, demo.db.scalars(select(Dossier)).all(), TODAY)
    seen: dict[str, set[Outcome]] = {}
    settled = set()
    for finding in (finding for findings in found.values() for finding in findings):
        seen.setdefault(finding.rule, set()).update(
            {finding.outcome, *(line.outcome for line in finding.lines or ())}
        )
        settled.update({finding.settled, *(line.settled for line in finding.lines or ())})
    for rule, outcomes in seen.items():
        assert outcomes >= set(Outcome) - UNREACHABLE.get(rule, set()), rule
    assert {str(kind) for kind in settled if kind} == {"attested", "waived", "overridden"}


def test_a_filing_out_of_time_is_accepted_by_the_pilot_alone(demo: Demo) -> None:
    """On an ordinary day one request came late: it is admissible by an exception that says why."""
    query = select(Dossier.reference, Dossier.stage, Waiver).join(Waiver).where(Waiver.rule == WINDOW)
    ((reference, stage, waiver),) = demo.db.execute(query).all()
    assert (reference, stage) == (f"CO-2026-{FILED_LATE:03d}", Stage.ADMISSIBLE)
    assert (waiver.kind, waiver.reason) == ("overridden", WHY_LATE)
    assert "pilote du contrat" in waiver.by


def test_who_filed_long_ago_was_told(demo: Demo) -> None:
    sent = demo.db.scalars(select(Message).where(Message.state == "sent")).all()
    assert {message.kind for message in sent} == {"request_acknowledged"}
    assert len(sent) > 90
    assert all(message.sent_at is not None and message.sent_at <= TODAY for message in sent)


def test_the_programme_has_something_to_say_in_both_years(demo: Demo) -> None:
    seen: dict[str, set[Outcome]] = {}
    for year in (2025, 2026):
        _, findings = examine_programme(demo.db, get_contract(demo.db), year, TODAY)
        for finding in findings:
            seen.setdefault(finding.rule, set()).update(
                {finding.outcome, *(line.outcome for line in finding.lines or ())}
            )
    assert {rule: outcomes for rule, outcomes in seen.items() if not outcomes >= PROGRAMME_SEEN[rule]} == {}
    assert {rule for rule in RULES if rule not in seen} == {
        rule.id for rule in RULES.values() if rule.scope != "programme"
    }


def test_one_cpo_is_in_its_next_year_at_promised_amounts_and_one_is_ready(demo: Demo) -> None:
    rows = renewables(demo.db, get_contract(demo.db), 2026)
    (made,) = [row.renewed for row in rows if row.renewed]
    assert (made.year, made.stage) == (2027, Stage.FINANCERS_CONFERENCE)
    assert made.lines and all(line.proposed == line.forecast for line in made.lines)
    assert [row.dossier.reference for row in rows if row.is_ready] == ["CO-2026-001"]


def test_a_whole_conference_and_committee_behind_one_ahead(demo: Demo) -> None:
    closed = demo.db.scalars(select(Seance).where(Seance.status == SeanceStatus.CLOSED)).all()
    assert {"conference", "comite-engagement", "repartition"} <= {seance.body for seance in closed}
    assert all(seance.starts_at < TODAY and seance.items for seance in closed)
    assert any(item.recused for seance in closed for item in seance.items)
    ahead = demo.db.scalars(select(Seance).where(Seance.status == SeanceStatus.CONVOKED)).one()
    assert ahead.body == "comite-engagement" and ahead.starts_at > TODAY
    assert len(ahead.items) > 10 and {item.dossier.stage for item in ahead.items} == {Stage.COMMITMENT}
    assert len(ahead.convocations) == len(territory().body_by_code["comite-engagement"].members)


def test_granted_the_year_before_is_known(demo: Demo) -> None:
    pairs = {}
    for dossier in demo.db.scalars(select(Dossier)):
        pairs.setdefault(dossier.action_id, set()).add(dossier.year)
    assert sum(years >= {2025, 2026} for years in pairs.values()) == 23


def test_the_journal_is_unbroken_and_goes_forward(demo: Demo) -> None:
    assert journal.verify_all(demo.db) == []
    last: dict[str, datetime] = {}
    for line in demo.db.scalars(select(Journal).order_by(Journal.chain, Journal.seq)):
        assert line.at <= TODAY, (line.chain, line.trigger, line.at)
        assert last.get(line.chain, line.at) <= line.at, (line.chain, line.seq, line.trigger)
        last[line.chain] = line.at
    assert demo.db.scalars(select(DecisionRecord)).first() is not None


def test_states_come_from_the_journal_alone(demo: Demo) -> None:
    """Each dossier's stage is where its last transition left it."""
    for dossier in demo.db.scalars(select(Dossier)):
        chain = f"dossier:{dossier.id}"
        moves = select(Journal.to_state).where(Journal.chain == chain, Journal.subject == chain)
        last = demo.db.scalars(
            moves.where(Journal.to_state.is_not(None)).order_by(Journal.seq.desc())
        ).first()
        assert last == dossier.stage, dossier.reference


def test_only_recent_events_are_told(demo: Demo) -> None:
    waiting = demo.db.scalars(select(Event).where(Event.planned_at.is_(None))).all()
    kinds = {event.kind for event in waiting}
    assert {"seance.convoke", "dossier.submit", "dossier.open_co_instruction", "dossier.commit"} <= kinds
    assert len(waiting) < 60
    assert sum(event.kind == "seance.convoke" for event in waiting) == 1


def test_accounts_open_with_the_printed_password(demo: Demo) -> None:
    persons = {person.email: person for person in demo.db.scalars(select(Person))}
    assert set(persons) >= {person.email for person in PEOPLE}
    assert is_right_password(persons["secretariat@epci.demo"].password_hash, PASSWORD)


@pytest.mark.parametrize("now", DAYS, ids=lambda now: f"{now:%Y-%m-%d}")
def test_the_calendar_stands_on_any_day(now: datetime) -> None:
    calendar = demo_calendar(territory(), now)
    moments = (calendar.last_year_committee, calendar.first_committee, calendar.second_committee)
    assert list(moments) == sorted(moments) and moments[-1] < calendar.ready_by < calendar.convoked_at <= now
    assert calendar.second_committee < now < calendar.next_committee
    assert calendar.next_conference > now and calendar.next_dispatch > now


@pytest.mark.parametrize("now", DAYS[:3], ids=lambda now: f"{now:%Y-%m-%d}")
def test_can_be_built_on_any_day(now: datetime, tmp_path: Path) -> None:
    application = built(tmp_path, now)
    with application.read() as db:
        ahead = db.scalars(select(Seance).where(Seance.status == SeanceStatus.CONVOKED)).one()
        assert ahead.starts_at > now
        assert set(db.scalars(select(Dossier.stage))) == set(Stage)
        assert all(at <= now for at in db.scalars(select(Journal.at)))
        assert db.scalars(select(Convocation)).first() is not None
    application.close()


def test_the_same_day_tells_the_same_story(demo: Demo, tmp_path: Path) -> None:
    again = built(tmp_path, TODAY)
    told = select(Journal.chain, Journal.at, Journal.actor, Journal.trigger, Journal.reason).order_by(
        Journal.id
    )
    with again.read() as db:
        assert db.execute(told).all() == demo.db.execute(told).all()
    again.close()
    shutil.rmtree(tmp_path)
