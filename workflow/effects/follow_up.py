# SPDX-License-Identifier: EUPL-1.2
"""Effects of the follow-up: convention, reports, cancellation with the sums to recover."""

from workflow.firing import Firing
from workflow.forecasts import release_held
from workflow.recovery import unspent
from workflow.stages import LineState

RELEASABLE = frozenset(
    {LineState.RETAINED, LineState.GRANTED, LineState.FIRM, LineState.INDICATIVE, LineState.ASKED}
)


def keep_details(firing: Firing) -> None:
    """Keeps what was recorded at this step (convention, revised plan, reports, settlement)."""
    kept = {name: str(value) for name, value in firing.details.items() if value not in (None, "", [], False)}
    firing.dossier.follow_up = {**firing.dossier.follow_up, **kept}
    firing.recorded.update(kept)


def release_credits(firing: Firing) -> None:
    """Releases every line and the later years of its CPO; the journal tells what is to be recovered that day."""
    recover: dict[str, str] = {}
    for line in firing.dossier.lines:
        if unspent(line):
            recover[line.key] = str(unspent(line))
        if line.state in RELEASABLE:
            firing.cascade(line, "cancel", reason=firing.reason or "")
    released = release_held(firing.db, firing.dossier, firing.reason or "", firing.now, own_year=True)
    if released:
        firing.recorded["released"] = released
    firing.recorded["to_recover"] = recover
    firing.payload["reason"] = firing.reason
