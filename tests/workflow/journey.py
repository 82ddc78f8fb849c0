# SPDX-License-Identifier: EUPL-1.2
"""Carries a dossier of the toy world to any stage through the real door, so that tests start where they need."""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from tests.factories import NOW
from tests.factories.people import mandate_row
from tests.factories.world import World
from workflow.co_instruction import give_opinion, write_synthesis
from workflow.machine import fire
from workflow.models import Dossier, FundingLine, Mandate, Opinion, Person, Seance
from workflow.permissions import Actor, actor_for
from workflow.round_table import answer, propose
from workflow.seances import plan_seance, set_agenda
from workflow.session import decide, record_presence, retain
from workflow.stages import Role, Stage

PIECES = {"pieces": ["budget"], "due": (NOW + timedelta(days=10)).date()}


class Journey:
    """One dossier and the people who carry it; `now` moves forward by hand."""

    def __init__(self, world: World, dossier: Dossier | None = None) -> None:
        self.world, self.db, self.now = world, world.db, NOW
        self.dossier = dossier or world.dossier()

    def actor(self, person: Person) -> Actor:
        """The person as an actor today."""
        return actor_for(self.db, person, self.now.date())

    @property
    def secretary(self) -> Actor:
        """The secretary of every body."""
        return self.actor(self.world.secretary)

    def line(self, key: str) -> FundingLine:
        """The dossier's line of this credit."""
        found = self.dossier.line(key)
        assert found is not None
        return found

    def fire(self, trigger: str, person: Person, reason: str | None = None, **details: Any) -> None:
        """Fires on the dossier and flushes, as a transaction would."""
        fire(self.db, self.dossier, trigger, self.actor(person), reason, self.now, **details)
        self.db.flush()

    # --- the procedure, step by step

    def submit(self) -> None:
        self.fire("submit", self.world.secretary)

    def declare_admissible(self) -> None:
        self.fire("declare_admissible", self.world.instructor)

    def dispatch(self) -> None:
        self.fire("dispatch", self.world.pilot, lead=self.world.instructor.email, theme="education")

    def open_co_instruction(self) -> None:
        self.fire("open_co_instruction", self.world.instructor)

    def give_opinions(self) -> None:
        for opinion in self.dossier.opinions:
            if opinion.round == self.dossier.round:
                self.give(opinion, "favourable")

    def give(self, opinion: Opinion, value: str) -> None:
        person = self.world.financers[opinion.organisation.code or ""]
        give_opinion(self.db, opinion, value, "Action utile.", self.actor(person), self.now, confirms=True)

    def write_synthesis(self) -> None:
        lead = self.actor(self.world.instructor)
        suggested = {"etat:specifique": Decimal("4000.00")}
        write_synthesis(
            self.db, self.dossier, "favourable", "Ancrage", "Public à suivre", suggested, lead, self.now
        )

    def send_to_conference(self) -> None:
        self.give_opinions()
        self.write_synthesis()
        self.fire("send_to_conference", self.world.instructor)

    def answer_all(self) -> None:
        """Droit commun first: the CAF gives, the others decline or are not concerned; then the State proposes."""
        for line in self.dossier.lines:
            person = self.actor(self.world.financers[line.financer])
            if line.key == "caf:droit_commun":
                answer(self.db, line, "firm", person, self.now, amount=Decimal("3000.00"))
                propose(self.db, line, Decimal("3000.00"), person, self.now)
            elif line.nature == "droit_commun":
                answer(self.db, line, "declined", person, self.now, reason="crédits épuisés")
            else:
                answer(self.db, line, "indicative", person, self.now, amount=Decimal("4000.00"))
                propose(self.db, line, Decimal("4000.00"), person, self.now)

    def send_to_commitment(self) -> None:
        self.answer_all()
        self.fire("send_to_commitment", self.world.secretary)

    def committee(self, *dossiers: Dossier, in_days: int = 20) -> Seance:
        """A committee, open, with these dossiers (default: this one) and every financer present."""
        starts = self.now + timedelta(days=in_days)
        seance = plan_seance(self.db, self.world.contract, "comite", starts, self.now, self.secretary)
        set_agenda(self.db, seance, dossiers or [self.dossier], self.secretary, self.now)
        self._seat_members()
        fire(self.db, seance, "convoke", self.secretary, None, self.now)
        self.now = starts
        fire(self.db, seance, "open", self.secretary, None, self.now)
        for convocation in seance.convocations:
            record_presence(self.db, convocation, "present", self.secretary, self.now)
        self.db.flush()
        return seance

    def _seat_members(self) -> None:
        query = self.db.query(Mandate).filter_by(role=Role.MEMBER, body="comite")
        if query.count() == 0:
            for code, person in self.world.financers.items():
                seat = mandate_row(person, Role.MEMBER, self.world.organisations[code], self.world.contract)
                seat.body = "comite"
                self.db.add(seat)
        self.db.flush()

    def decide_and_close(self, decision: str, reason: str | None = None) -> Seance:
        """One committee that takes this decision on the dossier, and closes."""
        seance = self.committee()
        item = seance.items[0]
        if decision == "retained":
            for line in self.dossier.lines:
                if line.proposed:
                    retain(self.db, item, line, line.proposed, self.secretary, self.now)
        decide(self.db, item, decision, reason, self.secretary, self.now)
        self.db.flush()
        fire(self.db, seance, "close", self.secretary, None, self.now)
        self.db.flush()
        return seance

    def grant_all(self) -> None:
        """Each financer's own act."""
        for line in self.dossier.lines:
            if line.state == "retained":
                details = {
                    "authority": "Préfet",
                    "date": self.now.date(),
                    "number": "A-1",
                    "amount": line.retained,
                }
                fire(self.db, line, "grant", self.actor(self.world.pilot), None, self.now, **details)
        self.db.flush()

    def to(self, stage: str) -> "Journey":
        """Walks the shortest real path from draft to this stage."""
        for step in PATHS[Stage(stage)]:
            step(self)
        self.db.flush()
        assert self.dossier.stage == stage
        return self


Step = Callable[[Journey], object]
_SUBMITTED: tuple[Step, ...] = (Journey.submit,)
_ADMISSIBLE = (*_SUBMITTED, Journey.declare_admissible)
_DISPATCHED = (*_ADMISSIBLE, Journey.dispatch)
_OPEN = (*_DISPATCHED, Journey.open_co_instruction)
_CONFERENCE = (*_OPEN, Journey.send_to_conference)
_COMMITMENT = (*_CONFERENCE, Journey.send_to_commitment)
_COMMITTED = (*_COMMITMENT, lambda j: j.decide_and_close("retained"))
_CONTRACTED = (*_COMMITTED, Journey.grant_all, lambda j: j.fire("contract", j.world.pilot, revised_plan=True))
_REPORTED = (
    *_CONTRACTED,
    lambda j: j.fire("report", j.world.secretary, activity_report="R1", financial_report="R2"),
)

PATHS: dict[Stage, tuple[Step, ...]] = {
    Stage.DRAFT: (),
    Stage.SUBMITTED: _SUBMITTED,
    Stage.INCOMPLETE: (*_SUBMITTED, lambda j: j.fire("request_completion", j.world.pilot, **PIECES)),
    Stage.ADMISSIBLE: _ADMISSIBLE,
    Stage.INADMISSIBLE: (
        *_SUBMITTED,
        lambda j: j.fire("declare_inadmissible", j.world.instructor, "hors cadre"),
    ),
    Stage.DISPATCHED: _DISPATCHED,
    Stage.CO_INSTRUCTION: _OPEN,
    Stage.FINANCERS_CONFERENCE: _CONFERENCE,
    Stage.COMMITMENT: _COMMITMENT,
    Stage.DEFERRED: (*_COMMITMENT, lambda j: j.decide_and_close("deferred", "budget à préciser")),
    Stage.COMMITTED: _COMMITTED,
    Stage.REJECTED: (*_COMMITMENT, lambda j: j.decide_and_close("rejected", "hors priorités")),
    Stage.REORIENTED: (*_SUBMITTED, lambda j: j.fire("reorient", j.world.pilot, scheme="VVV")),
    Stage.CONTRACTED: _CONTRACTED,
    Stage.REPORTED: _REPORTED,
    Stage.CLOSED: (*_REPORTED, lambda j: j.fire("close", j.world.pilot)),
    Stage.CANCELLED: (*_COMMITTED, lambda j: j.fire("cancel", j.world.pilot, "renoncement")),
    Stage.WITHDRAWN: (*_SUBMITTED, lambda j: j.fire("withdraw", j.world.bearer, "projet abandonné")),
}


def at(world: World, stage: str, dossier: Dossier | None = None) -> Journey:
    """A journey whose dossier stands at this stage."""
    return Journey(world, dossier).to(stage)


def later(now: datetime, days: int) -> datetime:
    """The same hour, days later."""
    return now + timedelta(days=days)
