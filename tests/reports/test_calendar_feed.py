# SPDX-License-Identifier: EUPL-1.2
"""Calendars against RFC 5545: lines, folding, moments in UTC, what each status says."""

from datetime import UTC, datetime, timedelta

import pytest
from icalendar import Calendar

from reports.calendar_feed import export_calendar
from workflow.calendar_feeds import FeedEntry
from workflow.models import Seance

MARCH, OCTOBER = datetime(2026, 3, 31, 7, 30, tzinfo=UTC), datetime(2026, 10, 27, 8, 30, tzinfo=UTC)


def entry(starts_at: datetime = MARCH, **changes: object) -> FeedEntry:
    seance = Seance(
        id=7,
        uid="seance-7@test",
        body="comite",
        label="Comité d’engagement ; séance « longue », avec une virgule, et un intitulé qui dépasse la ligne",
        status=changes.pop("status", "planned"),
        mode=changes.pop("mode", "meeting"),
        starts_at=starts_at,
        duration_minutes=120,
        place="Mairie, salle 2",
        sequence=3,
    )
    agenda = ("D001 – Ateliers du soir\\été, suite ; fin",)
    return FeedEntry(seance, 1, starts_at - timedelta(days=30), agenda)


def test_lines_end_by_crlf_and_are_folded_at_75_octets() -> None:
    content = export_calendar([entry()], name="Contrat de ville")

    lines = content.split(b"\r\n")
    assert content.endswith(b"END:VCALENDAR\r\n")
    assert [line for line in lines if b"\n" in line or len(line) > 75] == []
    assert any(line.startswith(b" ") for line in lines)
    event = Calendar.from_ical(content).walk("VEVENT")[0]
    assert str(event["summary"]) == entry().seance.label
    assert str(event["description"]).splitlines()[1] == entry().agenda[0]


@pytest.mark.parametrize("starts_at", [MARCH, OCTOBER])
def test_moments_are_utc_on_both_sides_of_the_clock_changes(starts_at: datetime) -> None:
    content = export_calendar([entry(starts_at)], name="x")

    event = Calendar.from_ical(content).walk("VEVENT")[0]
    assert f"DTSTART:{starts_at:%Y%m%dT%H%M%SZ}".encode() in content
    assert b"TZID" not in content
    assert event.decoded("dtend") - event.decoded("dtstart") == timedelta(hours=2)
    assert event.decoded("dtstamp") == event.decoded("last-modified") == starts_at - timedelta(days=30)
    assert event["sequence"] == 3


@pytest.mark.parametrize(
    ("status", "said"),
    [
        ("planned", "TENTATIVE"),
        ("convoked", "CONFIRMED"),
        ("open", "CONFIRMED"),
        ("closed", "CONFIRMED"),
        ("cancelled", "CANCELLED"),
    ],
)
def test_each_status_has_its_word(status: str, said: str) -> None:
    event = Calendar.from_ical(export_calendar([entry(status=status)], name="x")).walk("VEVENT")[0]

    assert str(event["status"]) == said


def test_a_conference_in_writing_is_a_last_moment_and_takes_no_time() -> None:
    event = Calendar.from_ical(export_calendar([entry(mode="written")], name="x")).walk("VEVENT")[0]

    assert event.decoded("dtstart") == MARCH
    assert ("dtend" in event, "location" in event, str(event["transp"])) == (False, False, "TRANSPARENT")


def test_the_same_seances_give_the_same_bytes() -> None:
    assert export_calendar([entry()], name="x") == export_calendar([entry()], name="x")
