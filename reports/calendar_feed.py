# SPDX-License-Identifier: EUPL-1.2
"""Séances as one calendar (RFC 5545) to subscribe to or to open; nobody is invited by it."""

from collections.abc import Iterable
from datetime import timedelta

from icalendar import Calendar, Event

from workflow.calendar_feeds import FeedEntry
from workflow.stages import SEANCE_LABELS, SeanceStatus

PRODUCT = "-//coinstruction//seances//FR"
REFRESH = timedelta(hours=1)
STATUSES = {SeanceStatus.PLANNED: "TENTATIVE", SeanceStatus.CANCELLED: "CANCELLED"}


def export_calendar(entries: Iterable[FeedEntry], *, name: str, base_address: str | None = None) -> bytes:
    """Bytes of the .ics file, the same for the same séances. `base_address`: the site's, for links to the pages."""
    calendar = Calendar()
    for key, value in (
        ("prodid", PRODUCT),
        ("version", "2.0"),
        ("calscale", "GREGORIAN"),
        ("method", "PUBLISH"),
        ("x-wr-calname", name),
        ("x-wr-timezone", "Europe/Paris"),
        ("x-published-ttl", "PT1H"),
    ):
        calendar.add(key, value)
    calendar.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    for entry in entries:
        calendar.add_component(_event(entry, base_address))
    content: bytes = calendar.to_ical()
    return content


def _event(entry: FeedEntry, base_address: str | None) -> Event:
    """A meeting takes its hours; a conference in writing is its last moment to answer, without duration."""
    seance, event = entry.seance, Event()
    written = seance.mode == "written"
    event.add("uid", seance.uid)
    event.add("sequence", seance.sequence)
    event.add("dtstamp", entry.changed_at)
    event.add("last-modified", entry.changed_at)
    event.add("dtstart", seance.starts_at)
    if written:
        event.add("transp", "TRANSPARENT")
    else:
        event.add("dtend", seance.starts_at + timedelta(minutes=seance.duration_minutes))
    event.add("summary", f"Clôture de la consultation écrite : {seance.label}" if written else seance.label)
    event.add("status", STATUSES.get(SeanceStatus(seance.status), "CONFIRMED"))
    event.add("description", _description(entry))
    if seance.place and not written:
        event.add("location", seance.place)
    if base_address:
        event.add("url", f"{base_address.rstrip('/')}/seances/{seance.id}")
    return event


def _description(entry: FeedEntry) -> str:
    state = SEANCE_LABELS[SeanceStatus(entry.seance.status)]
    head = f"Séance {state}. Dossiers à l’ordre du jour : {entry.dossiers}."
    return "\n".join([head, *entry.agenda])
