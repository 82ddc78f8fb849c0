# SPDX-License-Identifier: EUPL-1.2
"""The séances of the demonstration: convoked, held, decided, closed, each step by the secretary and at its own time."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from app.closings import fire_seance
from app.demo.calendar import CONVOCATION_LEAD, DemoCalendar
from app.demo.office import Office
from app.demo.programme import number_of, rounded
from app.demo.story import REORIENTED_BY_SECOND_TO
from app.demo.words import DEFERRED, REJECTED
from workflow.answers import may_carry, record_answer
from workflow.guards.commitment import has_word, organisations_here
from workflow.machine import fire
from workflow.models import Dossier, Seance, SeanceItem
from workflow.seances import plan_seance, set_agenda
from workflow.session import RETAINABLE, apply_recusals, decide, record_presence, retain
from workflow.stages import Decision, Stage

MINUTE = timedelta(minutes=1)
PRESENCES = ("present", "present", "remote", "present", "represented", "present", "absent", "present")
LESS = Decimal("0.9")


class Meetings:
    """Plans, convokes, holds and closes séances."""

    def __init__(self, office: Office, calendar: DemoCalendar) -> None:
        self.office, self.calendar = office, calendar
        self.db, self.secretary = office.db, office.cast.secretary

    def convoke(
        self,
        body: str,
        starts_at: datetime,
        dossiers: Sequence[Dossier],
        at: datetime | None = None,
        note: str = "",
    ) -> Seance:
        """Planned, its agenda set, its members convoked."""
        at = at or self.calendar.before(starts_at, CONVOCATION_LEAD, hour=9)
        seance = self.plan(body, starts_at, at - 30 * MINUTE, note)
        if dossiers:
            set_agenda(self.db, seance, dossiers, self.secretary, at - 10 * MINUTE)
        fire(self.db, seance, "convoke", self.secretary, None, at)
        return seance

    def plan(self, body: str, starts_at: datetime, at: datetime, note: str = "") -> Seance:
        """Planned only."""
        contract = self.office.contract
        return plan_seance(self.db, contract, body, starts_at, at, self.secretary, agenda_note=note or None)

    def open(self, seance: Seance) -> None:
        """Opened at its hour, with who is there; those concerned leave their items."""
        at = seance.starts_at
        fire(self.db, seance, "open", self.secretary, None, at)
        for rank, convocation in enumerate(seance.convocations):
            presence = PRESENCES[rank % len(PRESENCES)]
            record_presence(self.db, convocation, presence, self.secretary, at + MINUTE)
        apply_recusals(self.db, seance, self.secretary, at + 2 * MINUTE)

    def close(self, seance: Seance) -> None:
        """Closed two hours later."""
        at = seance.starts_at + timedelta(minutes=seance.duration_minutes)
        fire_seance(self.db, seance, "close", self.secretary, None, at)

    def hold(self, body: str, starts_at: datetime, dossiers: Sequence[Dossier], note: str = "") -> Seance:
        """A séance that decides nothing, held and closed: dispatch, thematic group, conference."""
        seance = self.convoke(body, starts_at, dossiers, note=note)
        self.open(seance)
        self.close(seance)
        return seance

    def commit(
        self, starts_at: datetime, dossiers: Sequence[Dossier], decisions: Mapping[int, Decision]
    ) -> Seance:
        """A committee behind: everything decided (retained unless said otherwise), then closed."""
        seance = self.convoke("comite-engagement", starts_at, dossiers)
        self.open(seance)
        for rank, item in enumerate(seance.items):
            number = number_of(item.dossier.reference)
            self._decide(item, decisions.get(number, Decision.RETAINED), starts_at + (3 + rank) * MINUTE)
        self.close(seance)
        return seance

    def steer(
        self, starts_at: datetime, at: datetime, dossiers: Sequence[Dossier], sent_back: Mapping[int, str]
    ) -> Seance:
        """A steering committee behind: the programme validated, but for what it sends back."""
        seance = self.convoke("comite-pilotage", starts_at, dossiers, at)
        self.open(seance)
        for rank, item in enumerate(seance.items):
            reason = sent_back.get(number_of(item.dossier.reference))
            decision = Decision.SENT_BACK if reason else Decision.VALIDATED
            decide(self.db, item, decision, reason, self.secretary, starts_at + (3 + rank) * MINUTE)
        self.close(seance)
        return seance

    def _decide(self, item: SeanceItem, decision: Decision, at: datetime) -> None:
        number = number_of(item.dossier.reference)
        reason, conditions = None, None
        if decision is Decision.RETAINED:
            self._retain(item, at)
            conditions = (
                "Transmettre le calendrier définitif avant la notification." if number % 4 == 1 else None
            )
            if item.dossier.stage == Stage.REJECTED:
                reason = (
                    "Nouvelles pièces reçues : le plan de financement est revu, la décision est rectifiée."
                )
        else:
            reasons = DEFERRED if decision is Decision.DEFERRED else REJECTED
            reason = reasons[number % len(reasons)]
        scheme = REORIENTED_BY_SECOND_TO if decision is Decision.REORIENTED else None
        decide(self.db, item, decision, reason, self.secretary, at, conditions=conditions, scheme=scheme)

    def _retain(self, item: SeanceItem, at: datetime) -> None:
        """As proposed, sometimes a little less on specific credits; pending lines stay pending."""
        number = number_of(item.dossier.reference)
        present = organisations_here(item.seance)
        for line in item.dossier.lines:
            if not line.proposed or line.state not in RETAINABLE:
                continue
            if not has_word(line, present):
                continue
            lower = number % 5 == 2 and line.nature == "specifique"
            amount = rounded(line.proposed * LESS) if lower else line.proposed
            retain(self.db, item, line, amount, self.secretary, at)

    def answer_invitations(self, seance: Seance, at: datetime, answers: Collection[str]) -> None:
        """What some members answer to a convocation."""
        for convocation, answer in zip(seance.convocations, answers, strict=False):
            actor = self.office.cast.by_email[convocation.person.email]
            bearer = may_carry(convocation)[0] if answer == "represented" else None
            record_answer(self.db, convocation, answer, actor, at, proxy=bearer)
