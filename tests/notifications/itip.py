# SPDX-License-Identifier: EUPL-1.2
"""What RFC 5545 and 5546 ask of our invitations, checked on the bytes by hand and on the entry by vobject."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from typing import Any

import vobject

PROPERTY = re.compile(r"^[A-Z-]+(;[A-Z-]+=(\"[^\"\x00-\x1f]*\"|[^\";:,\x00-\x1f]*)(,[^\";:,]*)*)*:.*$")
ONCE = ("UID", "SEQUENCE", "DTSTAMP", "DTSTART", "DTEND", "SUMMARY", "STATUS", "ORGANIZER")


@dataclass(frozen=True, slots=True)
class Read:
    """An invitation as another library reads it."""

    method: str
    uid: str
    sequence: int
    status: str
    starts: datetime
    ends: datetime
    organiser: str
    attendee: str
    place: str | None
    description: str


def read_back(content: bytes) -> Read:
    """By vobject, which shares no code with what wrote it."""
    calendar: Any = vobject.readOne(content.decode())
    event = calendar.vevent
    return Read(
        method=calendar.method.value,
        uid=event.uid.value,
        sequence=int(event.sequence.value),
        status=event.status.value,
        starts=event.dtstart.value,
        ends=event.dtend.value if hasattr(event, "dtend") else event.dtstart.value,
        organiser=event.organizer.value,
        attendee=event.attendee.value,
        place=event.location.value if hasattr(event, "location") else None,
        description=event.description.value,
    )


def faults(content: bytes) -> Iterator[str]:
    """Each rule of the two RFCs that this calendar object breaks."""
    if (
        not content.endswith(b"\r\n")
        or b"\n" in content.replace(b"\r\n", b"")
        or b"\r" in content.replace(b"\r\n", b"")
    ):
        yield "5545 3.1: lines end with CRLF and nothing else"
    folded = content.split(b"\r\n")
    if any(len(line) > 75 for line in folded):
        yield "5545 3.1: no line above 75 octets"
    for line in folded:
        try:
            line.decode()
        except UnicodeDecodeError:
            yield "5545 3.1: folding cuts a character"  # allowed, but readers in the wild break on it
    lines = content.decode().replace("\r\n ", "").rstrip("\r\n").split("\r\n")
    yield from (f"5545 3.1: unreadable line {line!r}" for line in lines if not PROPERTY.match(line))
    yield from _calendar(lines)
    yield from _event(_inside(lines, "VEVENT"), lines)


def _inside(lines: list[str], name: str) -> list[str]:
    if lines.count(f"BEGIN:{name}") != 1:
        return []
    return lines[lines.index(f"BEGIN:{name}") + 1 : lines.index(f"END:{name}")]


def _values(lines: list[str], name: str) -> list[str]:
    return [line for line in lines if re.match(rf"{name}[;:]", line)]


def _calendar(lines: list[str]) -> Iterator[str]:
    head = lines[: lines.index("BEGIN:VTIMEZONE")] if "BEGIN:VTIMEZONE" in lines else lines
    for name in ("PRODID", "VERSION", "METHOD"):
        if len(_values(head, name)) != 1:
            yield f"5546 3.2: {name} exactly once"
    if "VERSION:2.0" not in lines:
        yield "5545 3.7.4: VERSION is 2.0"
    zone = _inside(lines, "VTIMEZONE")
    if zone.count("TZID:Europe/Paris") != 1 or not {"BEGIN:STANDARD", "BEGIN:DAYLIGHT"} <= set(zone):
        yield "5545 3.6.5: the zone that DTSTART names is defined, both halves of the year"


def _event(event: list[str], lines: list[str]) -> Iterator[str]:
    deadline = "TRANSP:TRANSPARENT" in event
    for name in ONCE:
        if len(_values(event, name)) != (0 if deadline and name == "DTEND" else 1):
            yield f"5546 3.2.2: {name} exactly once"
    if not re.fullmatch(r"DTSTAMP:\d{8}T\d{6}Z", "".join(_values(event, "DTSTAMP"))):
        yield "5545 3.8.7.2: DTSTAMP in UTC"
    for name in ("DTSTART",) if deadline else ("DTSTART", "DTEND"):
        if not re.fullmatch(rf"{name};TZID=Europe/Paris:\d{{8}}T\d{{6}}", "".join(_values(event, name))):
            yield f"5545 3.3.5: {name} local, with its zone"
    for name in ("ORGANIZER", "ATTENDEE"):
        if not all(re.search(r":mailto:[^@\s]+@[^@\s]+$", line) for line in _values(event, name)):
            yield f"5545 3.3.3: {name} is a mailto address"
    yield from _asked(event, lines)


def _asked(event: list[str], lines: list[str]) -> Iterator[str]:
    attendees = _values(event, "ATTENDEE")
    cancelled = "METHOD:CANCEL" in lines
    if not attendees:
        yield "5546 3.2.2: at least one ATTENDEE"
    if cancelled != ("STATUS:CANCELLED" in event):
        yield "5546 3.2.5: CANCEL and it alone says CANCELLED"
    deadline = "TRANSP:TRANSPARENT" in event
    if not cancelled and not all(("RSVP=TRUE" in line) != deadline for line in attendees):
        yield "5546 3.2.2.1: the answer is asked for, unless nobody is to come"


def calendar_of(message: EmailMessage) -> bytes:
    """The invitation shown by the mail reader; its MIME type names the same method as its content."""
    parts = [part for part in message.walk() if part.get_content_type() == "text/calendar"]
    content: bytes = parts[0].get_payload(decode=True)
    for part in parts:
        assert part.get_payload(decode=True) == content
        assert f"METHOD:{part.get_param('method')}\r\n".encode() in content
        assert part.get_param("charset") == "utf-8"
    return content
