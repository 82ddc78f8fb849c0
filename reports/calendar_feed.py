# SPDX-License-Identifier: EUPL-1.2
"""The contract's séances as one calendar file to subscribe to or to open; nobody is invited by it."""

from collections.abc import Iterable
from datetime import timedelta

from icalendar import Calendar, Event

from workflow.models import Seance
from workflow.stages import SEANCE_LABELS, SeanceStatus

PRODUCT = "-//coinstruction//seances//FR"


def export_calendar(seances: Iterable[tuple[Seance, int]], *, name: str) -> bytes:
    """Bytes of the .ics file; `seances` with their number of dossiers, as `list_seances` gives them."""
    calendar = Calendar()
    for key, value in (
        ("prodid", PRODUCT),
        ("version", "2.0"),
        ("method", "PUBLISH"),
        ("x-wr-calname", name),
    ):
        calendar.add(key, value)
    for seance, dossiers in seances:
        calendar.add_component(_event(seance, dossiers))
    content: bytes = calendar.to_ical()
    return content


def _event(seance: Seance, dossiers: int) -> Event:
    event = Event()
    event.add("uid", seance.uid)
    event.add("sequence", seance.sequence)
    event.add("dtstamp", seance.convoked_at or seance.starts_at)
    event.add("dtstart", seance.starts_at)
    event.add("dtend", seance.starts_at + timedelta(minutes=seance.duration_minutes))
    event.add("summary", seance.label)
    event.add("status", "CANCELLED" if seance.status == SeanceStatus.CANCELLED else "CONFIRMED")
    event.add(
        "description",
        f"Séance {SEANCE_LABELS[SeanceStatus(seance.status)]}. Dossiers à l’ordre du jour : {dossiers}.",
    )
    if seance.place:
        event.add("location", seance.place)
    return event
