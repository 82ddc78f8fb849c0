# SPDX-License-Identifier: EUPL-1.2
"""The current year: every stage, every outcome; two committees behind, one ahead. See `story.py` for who goes where."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from app.demo import story
from app.demo.calendar import DemoCalendar
from app.demo.filing import just_after_a_window, near_a_window
from app.demo.last_year import instruct
from app.demo.meetings import Meetings
from app.demo.office import MINUTE, Office
from app.demo.people import declare_interest
from app.demo.programme import moved
from app.demo.scenarios import compare_scenarios
from app.demo.threads import write_threads
from app.demo.words import DRAFTS
from app.seance_documents import ask_documents
from workflow.co_instruction import give_opinion
from workflow.errors import RefusedError
from workflow.firing import PARIS
from workflow.machine import fire
from workflow.models import Dossier
from workflow.readings import record_readings
from workflow.renewals import renew
from workflow.request.reporting import file_interim, save_report
from workflow.request_values import RequestValues
from workflow.round_table import answer, propose
from workflow.seances import set_agenda
from workflow.settlements import settle
from workflow.stages import Decision
from workflow.submission import update_request
from workflow.yearly_plan import plan_year

DAY, HOUR = timedelta(days=1), timedelta(hours=1)


class CurrentYear:
    """The programme of the year, act by act."""

    def __init__(
        self,
        office: Office,
        meetings: Meetings,
        calendar: DemoCalendar,
        requests: Mapping[int, RequestValues],
        before: Mapping[int, Dossier],
    ) -> None:
        self.office, self.meetings, self.calendar = office, meetings, calendar
        self.requests, self.before = requests, before
        self.db, self.cast = office.db, office.cast
        self.dossiers: dict[int, Dossier] = {}

    def build(self) -> None:
        """Everything, in order of time."""
        first, second = self.calendar.first_committee, self.calendar.second_committee
        for wave, committee in ((story.FIRST_COMMITTEE, first), (story.SECOND_COMMITTEE, second)):
            self._file(wave, self.calendar.before(committee, 150), self.calendar.before(committee, 121))
        instruct(self.office, self.meetings, self.calendar, self._list(story.FIRST_COMMITTEE), first)
        self._prepare_the_next_one()
        self.meetings.commit(first, self._list(story.FIRST_COMMITTEE), story.FIRST_COMMITTEE)
        self._second_committee(second)
        self._grant()
        self._steering_committee(first)
        self._under_way()
        self._co_instruct()
        self._confer()
        self._file_the_rest()
        self._override()
        running = [number for number in story.IN_CO_INSTRUCTION if number not in story.JUST_OPENED]
        write_threads(self.office, self._list((*running, *story.IN_CONFERENCE)), self._days(1) + 2 * HOUR)
        self._renew()
        self._ahead()
        self._someone_became_concerned()

    def _override(self) -> None:
        """The State brings back its own line on an action that the Région's condition still stops."""
        dossier = self.dossiers[story.OVERRIDDEN]
        reason = "Tournoi ouvert à tous : l’État soutient le transport et l’inscription des habitants des quartiers."
        holder = self.cast.speaker("etat", dossier)
        settle(
            self.db,
            dossier,
            "qpv.majority",
            "overridden",
            reason,
            holder,
            self._days(1),
            line="etat:specifique",
        )

    def _list(self, numbers: Iterable[int]) -> list[Dossier]:
        return [self.dossiers[number] for number in numbers]

    def _file(self, numbers: Iterable[int], at: datetime, latest: datetime | None = None) -> None:
        """Filed about then, at `latest` at most; at that very moment without it."""
        territory = self.office.territory
        if latest is not None:
            at = near_a_window(self.calendar, territory, self.calendar.year, at, latest)
        for rank, number in enumerate(numbers):
            values = moved(self.requests[number], self.calendar.year, at, territory)
            dossier = self.dossiers[number] = self.office.register(values, at + rank * MINUTE)
            assert number not in self.before or dossier.action is self.before[number].action
            if number in story.STILL_WRITTEN:
                continue
            try:
                self.office.submit(dossier, at + rank * MINUTE)
            except RefusedError:
                assert number in story.NEVER_SUBMITTED

    # --- the two committees behind, and what was prepared for the next one

    def _prepare_the_next_one(self) -> None:
        """Second and next waves: instructed while the first committee was getting ready."""
        second = self.calendar.second_committee
        instruct(self.office, self.meetings, self.calendar, self._list(story.SECOND_COMMITTEE), second)
        later = second + 20 * DAY
        self._file(story.NEXT_COMMITTEE, self.calendar.before(later, 145), self.calendar.before(later, 121))
        instruct(self.office, self.meetings, self.calendar, self._list(story.NEXT_COMMITTEE), later)

    def _second_committee(self, starts_at: datetime) -> None:
        """Some come back from the first: resumed, rectified, or sent back to the conference."""
        soon = self.calendar.after(self.calendar.first_committee, 5)
        for dossier in self._list(story.RESUMED_FOR_SECOND):
            fire(self.db, dossier, "resume", self.cast.secretary, None, soon)
        for dossier in self._list(story.RETURNED_TO_CONFERENCE):
            reason = "Budget révisé à examiner avec la commune et l’État."
            fire(self.db, dossier, "return_to_conference", self.cast.secretary, reason, soon)
        agenda = (*story.SECOND_COMMITTEE, *story.RESUMED_FOR_SECOND, *story.RECTIFIED_BY_SECOND)
        retained = dict.fromkeys((*story.RESUMED_FOR_SECOND, *story.RECTIFIED_BY_SECOND), Decision.RETAINED)
        self.meetings.commit(starts_at, self._list(agenda), {**story.SECOND_COMMITTEE, **retained})
        for dossier in self._list(story.RESUMED_FOR_NEXT):
            fire(self.db, dossier, "resume", self.cast.secretary, None, self.calendar.after(starts_at, 2))

    def _steering_committee(self, first: datetime) -> None:
        """Three weeks after the first committee, on what it retained."""
        kept = [n for n, made in story.FIRST_COMMITTEE.items() if made is Decision.RETAINED]
        programme = self._list(n for n in kept if n != story.RENOUNCED)
        starts_at, at = self.calendar.after(first, 20), self.calendar.after(first, 4)
        self.meetings.steer(starts_at, at, programme, story.SENT_BACK)

    def _grant(self) -> None:
        first = self.calendar.first_committee
        for dossier in self._list(story.GRANTED_ENTIRELY):
            self.office.grant(dossier, self.calendar.after(first, 10))
            self.office.sign(dossier, self.calendar.after(first, 14))
        for dossier in self._list(story.GRANTED_LOWER):
            self.office.grant(dossier, self.calendar.after(first, 12), share=Decimal("0.8"))
        reason = "Le porteur renonce : son cofinanceur principal s’est retiré."
        renounced = self.dossiers[story.RENOUNCED]
        fire(self.db, renounced, "cancel", self.cast.pilot, reason, self.calendar.after(first, 15))

    # --- what is under way

    def _under_way(self) -> None:
        """Filed two months ago: in conference, in co-instruction, dispatched, or stopped on the way."""
        days = self._days
        waves = (
            story.IN_CONFERENCE,
            story.IN_CO_INSTRUCTION,
            story.DISPATCHED,
            (story.REORIENTED, story.WITHDRAWN),
        )
        moving = [number for wave in waves for number in wave]
        self._file(moving, days(62), days(56))
        for rank, dossier in enumerate(self._list(n for n in moving if n != story.REORIENTED)):
            self.office.declare_admissible(dossier, days(55) + rank * MINUTE)
        dispatched = self._list(moving[:-2])
        seance = self.meetings.convoke("repartition", days(46), dispatched)
        self.meetings.open(seance)
        for rank, dossier in enumerate(dispatched):
            self.office.dispatch(dossier, days(46) + (3 + rank) * MINUTE)
        self.meetings.close(seance)
        scheme: dict[str, Any] = {"scheme": story.REORIENTED_TO}
        fire(self.db, self.dossiers[story.REORIENTED], "reorient", self.cast.pilot, None, days(40), **scheme)
        withdrawn = self.dossiers[story.WITHDRAWN]
        fire(self.db, withdrawn, "withdraw", self.cast.secretary, story.WHY_WITHDRAWN, days(38))

    def _days(self, days: float) -> datetime:
        """A working hour so many days ago."""
        return self.calendar.before(self.calendar.now, days)

    def _co_instruct(self) -> None:
        days = self._days
        for rank, number in enumerate((*story.IN_CONFERENCE, story.NEW_ROUND)):
            dossier = self.dossiers[number]
            self.office.open_co_instruction(dossier, days(44) + rank * MINUTE)
            denies = story.DENIED.get(number, "")
            silent = (dossier.partners or [])[-1:] if number == story.NEW_ROUND else ()
            self.office.give_opinions(dossier, days(38) + rank * MINUTE, denies=denies, silent=silent)
            self.office.conclude(dossier, days(20) + rank * MINUTE)
        self._ask_again(self.dossiers[story.NEW_ROUND])
        running = [n for n in story.IN_CO_INSTRUCTION if n not in (*story.JUST_OPENED, story.NEW_ROUND)]
        for rank, number in enumerate(running):
            dossier = self.dossiers[number]
            self.office.open_co_instruction(dossier, days(30) + rank * MINUTE)
            silent = [code for code in dossier.partners or () if code != "etat"][rank : rank + 2]
            self.office.give_opinions(dossier, days(26) + rank * MINUTE, silent=silent)
        for rank, number in enumerate(story.LOCATED):
            self.office.locate(self.dossiers[number], days(22) + rank * MINUTE, *story.LOCATED[number])
        self.office.note_overdue(self.dossiers[running[0]], days(3))
        for rank, number in enumerate(story.JUST_OPENED):
            self.office.open_co_instruction(self.dossiers[number], self.calendar.now - (40 + rank) * MINUTE)
        for number, code, email, typed in DRAFTS:
            self.office.begin(self.dossiers[number], code, email, typed, self.calendar.now - 10 * MINUTE)

    def _ask_again(self, dossier: Dossier) -> None:
        """The conference asks a question: a new round, one partner has answered."""
        question = "Combien de participants viennent vraiment de Montigny, et avec quel transport ?"
        due = (self.calendar.now + 9 * DAY).astimezone(PARIS).date()
        at = self._days(8)
        fire(self.db, dossier, "return_to_co_instruction", self.office.lead(dossier), question, at, due=due)
        self.db.flush()
        opinion = next(o for o in dossier.opinions if o.state == "requested")
        speaker = self.cast.speaker(opinion.organisation.code or "", dossier)
        words = "Réponse du porteur reçue : une navette est prévue, l’avis est maintenu."
        give_opinion(self.db, opinion, "favourable_with_reservations", words, speaker, self._days(4))

    def _confer(self) -> None:
        """Answers already given for the conference ahead."""
        at = self._days(5)
        for rank, number in enumerate((*story.IN_CONFERENCE, *story.RETURNED_TO_CONFERENCE)):
            dossier, moment = self.dossiers[number], at + rank * MINUTE
            if number in story.RETURNED_TO_CONFERENCE:
                continue
            if number in story.TOO_MUCH_PROPOSED:
                self._overfund(dossier, moment)
            self.office.answer_ordinary(dossier, moment, silent=number in story.ONE_HOLDER_SILENT)
            if number not in story.NOT_PROPOSED:
                self.office.propose_specific(dossier, moment, generous=number in story.TOO_MUCH_PROPOSED)

    def _overfund(self, dossier: Dossier, at: datetime) -> None:
        """A holder brings more than was asked: the specific credits, proposed as asked, exceed the remainder."""
        line = next(line for line in dossier.lines if line.nature == "droit_commun" and line.state == "asked")
        amount = (line.requested or Decimal(0)) + 1500
        speaker = self.cast.speaker(line.financer, dossier)
        answer(self.db, line, "firm", speaker, at, amount=amount)
        propose(self.db, line, amount, speaker, at)

    # --- what was just filed

    def _file_the_rest(self) -> None:
        days, office = self._days, self.office
        self._file_late()
        self._file([n for n in story.ADMISSIBLE if n not in self.dossiers], days(34), days(28))
        self._complete(days(26))
        attested = self.dossiers[story.WITHOUT_INDIVIDUALS]
        reason = "Formation de professionnels qui travaillent tous dans les quartiers : l’action sert leurs habitants."
        expert = self.cast.speaker("etat", attested)
        settle(
            self.db, attested, "qpv.majority", "attested", reason, expert, days(20), line="etat:specifique"
        )
        self._file((story.SIRET_WAIVED,), days(24), days(12))
        reason = (
            "Immatriculation en cours, récépissé reçu : le SIRET sera fourni avant tout conventionnement."
        )
        settle(
            self.db,
            self.dossiers[story.SIRET_WAIVED],
            "porteur.siret",
            "waived",
            reason,
            self.cast.pilot,
            days(11),
        )
        for rank, dossier in enumerate(self._list(story.ADMISSIBLE)):
            office.declare_admissible(dossier, days(15) + rank * MINUTE)
        self._file((*story.INCOMPLETE, *story.INADMISSIBLE), days(30), days(10))
        for number, pieces in story.INCOMPLETE.items():
            due = (days(9) + 15 * DAY).date()
            fire(
                self.db,
                self.dossiers[number],
                "request_completion",
                self.cast.pilot,
                None,
                days(9),
                pieces=pieces,
                due=due,
            )
        for number, reason in story.INADMISSIBLE.items():
            instructor = office.instructor(self.dossiers[number], "instruction@etat.demo")
            fire(self.db, self.dossiers[number], "declare_inadmissible", instructor, reason, days(7))
        others = [n for n in self.requests if n not in self.dossiers and n not in story.JUST_FILED]
        self._file(others, days(12), days(1))
        self._file(story.JUST_FILED, self.calendar.now - timedelta(hours=3))

    def _file_late(self) -> None:
        """Just after a window, when one closed lately: the pilot's exception comes with the admissibility."""
        at = just_after_a_window(
            self.calendar, self.office.territory, self.calendar.year, self._days(40), self._days(16)
        )
        if at is not None:
            self._file((story.FILED_LATE,), at)

    def _complete(self, at: datetime) -> None:
        """A piece asked, received, the dossier complete again."""
        dossier = self.dossiers[story.COMPLETED]
        details: dict[str, Any] = {"pieces": ["ressources propres"], "due": (at + 15 * DAY).date()}
        fire(self.db, dossier, "request_completion", self.cast.pilot, None, at, **details)
        filed_on = dossier.created_at
        values = moved(self.requests[story.COMPLETED], self.calendar.year, filed_on, self.office.territory)
        asked = sum(values.requests.values(), Decimal(0))
        stated = replace(values, own_resources=(values.total_cost or asked) - asked)
        update_request(self.db, dossier, stated, at + DAY, self.cast.secretary, self.office.registry)
        fire(self.db, dossier, "complete", self.cast.secretary, None, at + DAY + MINUTE)

    def _renew(self) -> None:
        """Two CPO have their report and their indicators: the next year of one is made, at the promised amounts."""
        at = self._days(2)
        for rank, number in enumerate((*story.NEXT_YEAR_MADE, *story.NEXT_YEAR_READY)):
            dossier = self.dossiers[number]
            said = {
                "activity": "Les ateliers de l’année se tiennent comme prévu, le public est au rendez-vous."
            }
            save_report(self.db, dossier, said, self.cast.secretary, at + rank * MINUTE)
            file_interim(self.db, dossier, self.cast.secretary, at + rank * MINUTE)
            read = dict.fromkeys(dossier.cpo_indicators or (), "en hausse sur un an")
            record_readings(self.db, dossier, read, self.cast.pilot, at + rank * MINUTE)
        for number in story.NEXT_YEAR_MADE:
            renew(self.db, self.dossiers[number], self.cast.pilot, at + HOUR)

    # --- what is ahead

    def _ahead(self) -> None:
        agenda = self._list((*story.NEXT_COMMITTEE, *story.RESUMED_FOR_NEXT))
        at = self.calendar.convoked_at
        committee = self.meetings.convoke("comite-engagement", self.calendar.next_committee, agenda, at)
        ask_documents(self.db, committee, "convoke", self.calendar.now)
        answers = ("present", "present", "remote", "excused", "present", "represented")
        self.meetings.answer_invitations(committee, at + 10 * MINUTE, answers)
        planned = self.calendar.now - 15 * MINUTE
        secretary = self.cast.secretary
        conference = self.meetings.plan("conference", self.calendar.next_conference, planned)
        waiting = self._list((*story.IN_CONFERENCE, *story.RETURNED_TO_CONFERENCE))
        set_agenda(self.db, conference, waiting, secretary, planned + MINUTE)
        compare_scenarios(self.db, conference, secretary, planned + 3 * MINUTE)
        dispatch = self.meetings.plan("repartition", self.calendar.next_dispatch, planned)
        set_agenda(self.db, dispatch, self._list(story.ADMISSIBLE), secretary, planned + MINUTE)
        plan_year(self.db, self.office.contract, self.calendar.year, secretary, planned + 2 * MINUTE)

    def _someone_became_concerned(self) -> None:
        """A lead instructor has just taken a function at a porteur's: the recusal rule says so."""
        number, email, title = story.LEAD_BECAME_CONCERNED
        since = self._days(2).astimezone(PARIS).date()
        declare_interest(self.db, email, self.dossiers[number].porteur, self.office.contract, since, title)
        self.db.flush()
