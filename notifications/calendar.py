# SPDX-License-Identifier: EUPL-1.2
"""Calendar invitations (RFC 5545, 5546): a request or a cancellation of one séance, in Paris time."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from icalendar import Calendar, Event, vCalAddress

from notifications.wording import PARIS

Method = Literal["REQUEST", "CANCEL"]

# Fixed on purpose: two rules say all of Paris time since 1996, where the library would write a list ending in 2038.
PARIS_TIMEZONE = """\
BEGIN:VTIMEZONE
TZID:Europe/Paris
BEGIN:STANDARD
DTSTART:19961027T030000
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10
TZNAME:CET
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:19810329T020000
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3
TZNAME:CEST
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
END:DAYLIGHT
END:VTIMEZONE
""".replace("\n", "\r\n")


@dataclass(frozen=True, slots=True)
class Attendee:
    """A person invited: the answer is asked for."""

    name: str
    address: str


@dataclass(frozen=True, slots=True)
class Invitation:
    """One séance as a calendar entry. `uid` never changes; `sequence` grows with each change of date or place."""

    uid: str
    sequence: int
    starts_at: datetime
    duration: timedelta
    summary: str
    description: str
    place: str | None
    url: str
    organiser: Attendee
    sent_by: str
    attendees: tuple[Attendee, ...]
    stamped_at: datetime
    method: Method = "REQUEST"
    is_deadline: bool = False  # nobody is asked to come: `starts_at` is the last moment to answer in writing


def _address(person: Attendee, **parameters: str) -> vCalAddress:
    address = vCalAddress(f"mailto:{person.address}")
    for name, value in {"CN": person.name.replace('"', "'"), **parameters}.items():
        address.params[name] = value
    return address


def _organiser(invitation: Invitation) -> vCalAddress:
    same = invitation.sent_by.lower() == invitation.organiser.address.lower()
    return _address(invitation.organiser, **({} if same else {"SENT-BY": f"mailto:{invitation.sent_by}"}))


def _asked(invitation: Invitation) -> dict[str, str]:
    """What is asked of each attendee: its answer; nothing for a deadline or a cancellation."""
    if invitation.is_deadline:
        return {"ROLE": "NON-PARTICIPANT", "RSVP": "FALSE"}
    if invitation.method == "CANCEL":
        return {"ROLE": "REQ-PARTICIPANT"}
    return {"ROLE": "REQ-PARTICIPANT", "PARTSTAT": "NEEDS-ACTION", "RSVP": "TRUE"}


def _entry(invitation: Invitation) -> Event:
    cancelled = invitation.method == "CANCEL"
    entry = Event()
    entry.add("UID", invitation.uid)
    entry.add("SEQUENCE", invitation.sequence)
    entry.add("DTSTAMP", invitation.stamped_at)
    entry.add("DTSTART", invitation.starts_at.astimezone(PARIS))
    if not invitation.is_deadline:  # a deadline has no duration, as in the calendars to subscribe to
        entry.add("DTEND", (invitation.starts_at + invitation.duration).astimezone(PARIS))
    entry.add("SUMMARY", invitation.summary)
    entry.add("DESCRIPTION", invitation.description)
    entry.add("TRANSP", "TRANSPARENT" if invitation.is_deadline else "OPAQUE")
    if invitation.place and not invitation.is_deadline:
        entry.add("LOCATION", invitation.place)
    if invitation.url:
        entry.add("URL", invitation.url)
    entry.add("STATUS", "CANCELLED" if cancelled else "CONFIRMED")
    entry.add("ORGANIZER", _organiser(invitation), encode=False)
    for attendee in invitation.attendees:
        entry.add("ATTENDEE", _address(attendee, **_asked(invitation)), encode=False)
    return entry


def write_invitation(invitation: Invitation) -> bytes:
    """The iCalendar text (CRLF, folded lines) of one request or cancellation."""
    calendar = Calendar()
    calendar.add("PRODID", "-//coinstruction//Contrat de ville//FR")
    calendar.add("VERSION", "2.0")
    calendar.add("CALSCALE", "GREGORIAN")
    calendar.add("METHOD", invitation.method)
    calendar.add_component(Calendar.from_ical(PARIS_TIMEZONE))
    calendar.add_component(_entry(invitation))
    text: bytes = calendar.to_ical()
    return text


def with_attendee(content: bytes, address: str) -> bytes:
    """The same entry, version included, sent to its attendee's new address."""
    calendar = Calendar.from_ical(content)
    for entry in calendar.walk("VEVENT"):
        invited = vCalAddress(f"mailto:{address}")
        invited.params.update(entry["ATTENDEE"].params)
        entry["ATTENDEE"] = invited
    text: bytes = calendar.to_ical()
    return text
