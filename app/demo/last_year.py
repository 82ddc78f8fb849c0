# SPDX-License-Identifier: EUPL-1.2
"""The year before: renewed actions carried to their end, so that what was granted in N-1 is known."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from app.demo.calendar import DemoCalendar
from app.demo.filing import near_a_window
from app.demo.meetings import Meetings
from app.demo.office import Office
from app.demo.programme import moved, of_the_year_before
from app.demo.story import CPO_ENDED, LAST_YEAR, PUBLISHED_LAST_YEAR
from workflow.machine import fire
from workflow.models import Dossier
from workflow.request_values import RequestValues
from workflow.stages import Stage

AFTER_COMMITTED = (Stage.CONTRACTED, Stage.REPORTED, Stage.CLOSED)
MINUTE = timedelta(minutes=1)


def build_last_year(
    office: Office, meetings: Meetings, calendar: DemoCalendar, requests: Mapping[int, RequestValues]
) -> dict[int, Dossier]:
    """The dossiers of the year before, by action's number."""
    committee, year = calendar.last_year_committee, calendar.year - 1
    dossiers: dict[int, Dossier] = {}
    wanted, latest = calendar.before(committee, 150), calendar.before(committee, 121)
    filed = near_a_window(calendar, office.territory, year, wanted, latest)
    for number in sorted(LAST_YEAR):
        values = moved(of_the_year_before(requests[number]), year, filed, office.territory)
        if number in CPO_ENDED:
            values = replace(values, cpo=True, cpo_years=3, cpo_reason="structurante")
            values = replace(values, cpo_trajectory=ended_in(year))
        dossiers[number] = office.register(values, filed + number * MINUTE)
        office.submit(dossiers[number], filed + number * MINUTE)
    instruct(office, meetings, calendar, list(dossiers.values()), committee)
    meetings.commit(committee, list(dossiers.values()), {})
    _follow_up(office, calendar, dossiers)
    return dossiers


def ended_in(year: int) -> dict[str, str]:
    """The three years of a convention in its last year."""
    return {str(each): "8000.00" for each in range(year - 2, year + 1)}


def instruct(
    office: Office, meetings: Meetings, calendar: DemoCalendar, dossiers: list[Dossier], committee: datetime
) -> None:
    """From the submission to the agenda of a committee: the ordinary calendar of a programme."""
    admissible, dispatch = calendar.before(committee, 120), calendar.before(committee, 110)
    opening, opinions = calendar.before(committee, 105), calendar.before(committee, 95)
    synthesis, conference = calendar.before(committee, 70), calendar.before(committee, 35, hour=9)
    for rank, dossier in enumerate(dossiers):
        office.declare_admissible(dossier, admissible + rank * MINUTE)
    seance = meetings.convoke("repartition", dispatch, dossiers)
    meetings.open(seance)
    for rank, dossier in enumerate(dossiers):
        office.dispatch(dossier, dispatch + (3 + rank) * MINUTE)
    meetings.close(seance)
    for rank, dossier in enumerate(dossiers):
        office.open_co_instruction(dossier, opening + rank * MINUTE)
        office.give_opinions(dossier, opinions + rank * MINUTE)
        office.conclude(dossier, synthesis + rank * MINUTE)
    hold_conference(office, meetings, dossiers, conference)
    for rank, dossier in enumerate(dossiers):
        office.send_to_commitment(dossier, calendar.before(committee, 20) + rank * MINUTE)


def hold_conference(office: Office, meetings: Meetings, dossiers: list[Dossier], starts_at: datetime) -> None:
    """Ordinary law first, specific credits as the remainder."""
    seance = meetings.convoke("conference", starts_at, dossiers)
    meetings.open(seance)
    for rank, dossier in enumerate(dossiers):
        office.answer_ordinary(dossier, starts_at + (3 + rank) * MINUTE)
        office.propose_specific(dossier, starts_at + (30 + rank) * MINUTE)
    meetings.close(seance)


def _follow_up(office: Office, calendar: DemoCalendar, dossiers: Mapping[int, Dossier]) -> None:
    committee = calendar.last_year_committee
    acts, signed = calendar.after(committee, 40), calendar.after(committee, 70)
    reported, closed = calendar.after(committee, 300), calendar.after(committee, 330)
    for number, dossier in dossiers.items():
        stage = LAST_YEAR[number]
        if stage is Stage.CANCELLED:
            reason = "Le porteur renonce : son local n’est plus disponible."
            fire(office.db, dossier, "cancel", office.cast.pilot, reason, acts)
        if stage in AFTER_COMMITTED:
            office.grant(dossier, acts, share=Decimal("0.95") if number % 4 == 2 else Decimal(1))
            office.sign(dossier, signed)
        if number in PUBLISHED_LAST_YEAR:
            office.publish(dossier, calendar.after(committee, 110))
        if stage in AFTER_COMMITTED[1:]:
            office.report(dossier, reported)
        if stage is Stage.CLOSED:
            office.close(dossier, closed)
