# SPDX-License-Identifier: EUPL-1.2
"""Invitations, parsed back."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from icalendar import Calendar

from notifications.calendar import Attendee, Invitation, write_invitation

INVITATION = Invitation(
    uid="019a@coinstruction",
    sequence=2,
    starts_at=datetime(2026, 3, 31, 7, 30, tzinfo=UTC),
    duration=timedelta(minutes=120),
    summary="Comité d’engagement",
    description="1. D001 – Ateliers ; du soir, « été »\n" + "x" * 200,
    place="Salle des fêtes, Valmont",
    url="https://ville.test/seances/3",
    organiser=Attendee("Sacha Secrétaire", "secretariat@epci.test"),
    sent_by="no-reply@epci.test",
    attendees=(Attendee('Zoé "Z" ; CN=x\r\nX-EVIL:1', "zoe@etat.test"),),
    stamped_at=datetime(2026, 3, 10, 9, 0, tzinfo=UTC),
)


def test_request_is_read_back_with_organiser_attendee_and_paris_time() -> None:
    calendar = Calendar.from_ical(write_invitation(INVITATION))
    (event,) = calendar.walk("VEVENT")

    assert calendar["METHOD"] == "REQUEST"
    assert (event["UID"], event["SEQUENCE"], event["STATUS"]) == ("019a@coinstruction", 2, "CONFIRMED")
    assert event["ORGANIZER"] == "mailto:secretariat@epci.test"
    assert event["ORGANIZER"].params["SENT-BY"] == "mailto:no-reply@epci.test"
    assert event["ATTENDEE"].params["RSVP"] == "TRUE"
    assert event["ATTENDEE"].params["PARTSTAT"] == "NEEDS-ACTION"
    assert event["DTSTART"].dt.isoformat() == "2026-03-31T09:30:00+02:00"
    assert event["DTEND"].dt - event["DTSTART"].dt == timedelta(hours=2)
    assert event["DTSTAMP"].dt == datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
    assert "« été »" in event["DESCRIPTION"]


def test_text_is_folded_and_no_line_is_injected() -> None:
    lines = write_invitation(INVITATION).split(b"\r\n")

    assert max(map(len, lines)) <= 75
    assert not [line for line in lines if line.startswith(b"X-EVIL")]
    assert b"\n" not in b"".join(lines)


def test_cancellation_has_the_same_uid_and_says_cancelled() -> None:
    calendar = Calendar.from_ical(write_invitation(replace(INVITATION, method="CANCEL", sequence=3)))
    (event,) = calendar.walk("VEVENT")

    assert calendar["METHOD"] == "CANCEL"
    assert (event["UID"], event["SEQUENCE"], event["STATUS"]) == ("019a@coinstruction", 3, "CANCELLED")
    assert "RSVP" not in event["ATTENDEE"].params


@pytest.mark.parametrize(
    ("utc", "local"),
    [
        (datetime(2026, 3, 28, 8, 30, tzinfo=UTC), "2026-03-28T09:30:00+01:00"),
        (datetime(2026, 3, 30, 7, 30, tzinfo=UTC), "2026-03-30T09:30:00+02:00"),
        (datetime(2026, 10, 24, 7, 30, tzinfo=UTC), "2026-10-24T09:30:00+02:00"),
        (datetime(2026, 10, 26, 8, 30, tzinfo=UTC), "2026-10-26T09:30:00+01:00"),
        (datetime(2050, 7, 1, 7, 30, tzinfo=UTC), "2050-07-01T09:30:00+02:00"),
    ],
)
def test_paris_time_is_right_on_both_sides_of_the_clock_changes(utc: datetime, local: str) -> None:
    calendar = Calendar.from_ical(write_invitation(replace(INVITATION, starts_at=utc)))
    (event,) = calendar.walk("VEVENT")
    (zone,) = calendar.walk("VTIMEZONE")

    assert event["DTSTART"].dt.isoformat() == local
    rules = zone.to_tz().utcoffset(utc.astimezone(zone.to_tz()).replace(tzinfo=None))
    assert rules == event["DTSTART"].dt.utcoffset()
