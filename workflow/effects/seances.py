# SPDX-License-Identifier: EUPL-1.2
"""Effects on a séance: convocations of its members, change of date, cancellation."""

from workflow.firing import Firing
from workflow.models import Convocation, Seance
from workflow.queries import seated_persons


def convoke(firing: Firing) -> None:
    """One convocation per person seated in the body; whoever is already convoked stays."""
    seance: Seance = firing.subject
    known = {convocation.person_id for convocation in seance.convocations}
    for person, organisation in seated_persons(firing.db, firing.contract.id, seance.body, firing.today):
        if person.id not in known:
            known.add(person.id)
            seance.convocations.append(Convocation(person=person, organisation=organisation))
    seance.convoked_at = firing.now
    firing.db.flush()
    firing.recorded["convoked"] = len(seance.convocations)
    firing.payload.update(_payload(seance))


def move(firing: Firing) -> None:
    """A new date, place or duration; the calendar entry's sequence grows."""
    seance: Seance = firing.subject
    before = {
        "starts_at": seance.starts_at.isoformat(),
        "place": seance.place,
        "duration": seance.duration_minutes,
    }
    seance.starts_at = firing.details.get("starts_at") or seance.starts_at
    seance.place = firing.details.get("place") or seance.place
    seance.duration_minutes = firing.details.get("duration_minutes") or seance.duration_minutes
    seance.sequence += 1
    firing.recorded["before"] = before
    firing.payload.update(_payload(seance))


def cancel(firing: Firing) -> None:
    """Cancelled: the members are told with the same calendar entry."""
    seance: Seance = firing.subject
    seance.sequence += 1
    firing.payload.update(_payload(seance), reason=firing.reason)


def _payload(seance: Seance) -> dict[str, object]:
    return {"seance": seance.id, "sequence": seance.sequence, "starts_at": seance.starts_at.isoformat()}
