# SPDX-License-Identifier: EUPL-1.2
"""Effects on a séance: convocations and invitations, change of date, reminder, minutes released, cancellation."""

from typing import Any

from workflow.firing import Firing
from workflow.invitations import call_guests, days_late, due_on, to_remind
from workflow.models import Convocation, Seance
from workflow.queries import seated_persons
from workflow.stages import SeanceStatus


def convoke(firing: Firing) -> None:
    """One convocation per person seated in the body, one invitation per guest; whoever is already called stays."""
    seance: Seance = firing.subject
    known = {convocation.person_id: convocation for convocation in seance.convocations}
    for person, organisation in seated_persons(firing.db, firing.contract.id, seance.body, firing.today):
        if person.id not in known:
            made = known[person.id] = Convocation(person=person, organisation=organisation, kind="convoked")
            seance.convocations.append(made)
    unreachable = call_guests(firing.db, seance, firing.today)
    seance.convoked_at = seance.told_at = firing.now
    for convocation in seance.convocations:
        convocation.called_at = convocation.called_at or firing.now
    firing.db.flush()
    firing.recorded["convoked"] = sum(1 for c in seance.convocations if c.is_member)
    firing.recorded["invited"] = sum(1 for c in seance.convocations if not c.is_member)
    firing.recorded["unreachable"] = unreachable
    _note_delay(firing)
    firing.payload.update(_payload(seance), unreachable=unreachable)


def move(firing: Firing) -> None:
    """A new date, place or duration; the calendar entry's sequence grows, the members of a convoked séance are told."""
    seance: Seance = firing.subject
    before = _values(seance)
    seance.starts_at = firing.details.get("starts_at") or seance.starts_at
    seance.place = firing.details.get("place") or seance.place
    seance.duration_minutes = firing.details.get("duration_minutes") or seance.duration_minutes
    seance.sequence += 1
    after = _values(seance)
    if seance.status == SeanceStatus.CONVOKED and after["starts_at"] != before["starts_at"]:
        seance.told_at = firing.now
        _note_delay(firing)
    firing.recorded["before"] = before
    firing.payload.update(_payload(seance), before=before, after=after)


def cancel(firing: Firing) -> None:
    """Cancelled: the members are told with the same calendar entry."""
    seance: Seance = firing.subject
    seance.sequence += 1
    firing.payload.update(_payload(seance), reason=firing.reason)


def remind(firing: Firing) -> None:
    """Those silent are reminded, once that day."""
    seance: Seance = firing.subject
    reminded = to_remind(seance, firing.now)
    for convocation in reminded:
        convocation.reminded_at = firing.now
    firing.recorded["persons"] = [convocation.person.email for convocation in reminded]
    firing.payload.update(_payload(seance), convocations=[convocation.id for convocation in reminded])


def release_minutes(firing: Firing) -> None:
    """The minutes leave to everybody called."""
    seance: Seance = firing.subject
    seance.minutes_released_at = firing.now
    firing.payload.update(_payload(seance))


def _note_delay(firing: Firing) -> None:
    """A convocation sent too late is written in the journal, never refused."""
    late = days_late(firing.subject)
    if late:
        firing.recorded["days_late"] = late
        firing.recorded["due"] = due_on(firing.subject).isoformat()


def _values(seance: Seance) -> dict[str, Any]:
    return {
        "starts_at": seance.starts_at.isoformat(),
        "place": seance.place,
        "duration": seance.duration_minutes,
    }


def _payload(seance: Seance) -> dict[str, object]:
    return {"seance": seance.id, "sequence": seance.sequence, "starts_at": seance.starts_at.isoformat()}
