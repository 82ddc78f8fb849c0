# SPDX-License-Identifier: EUPL-1.2
"""Effects of the submission: filing date, lines asked, completion, lines that fall with admissibility."""

from rules.engine import ineligible_lines
from workflow.firing import Firing
from workflow.guards.commitment import Closing
from workflow.stages import LineState

FALLING = frozenset(
    {LineState.NOT_ASKED, LineState.ASKED, LineState.INDICATIVE, LineState.FIRM, LineState.IN_KIND}
)


def file_request(firing: Firing) -> None:
    """Dates the request and asks the financers named in it."""
    dossier = firing.dossier
    if dossier.filed_on is None:
        dossier.filed_on = firing.today
    for line in dossier.lines:
        if line.requested is not None and line.state == LineState.NOT_ASKED:
            firing.cascade(line, "ask")
    firing.payload["filed_on"] = dossier.filed_on.isoformat()


def ask_completion(firing: Firing) -> None:
    """Keeps the missing pieces and the deadline."""
    pieces, due = list(firing.details["pieces"]), firing.details["due"].isoformat()
    on = firing.today.isoformat()
    firing.dossier.completion = {"pieces": pieces, "due": due, "requested_on": on}
    firing.recorded.update(pieces=pieces, due=due)
    firing.payload.update(pieces=pieces, due=due)


def clear_completion(firing: Firing) -> None:
    """The pieces came: the request for them and its answer are kept with their dates."""
    dossier = firing.dossier
    if dossier.completion is not None:
        past = {**dossier.completion, "completed_on": firing.today.isoformat()}
        dossier.completions = [*dossier.completions, past]
    dossier.completion = None


def drop_ineligible_lines(firing: Firing) -> None:
    """Lines whose credit's condition is violated become ineligible; the others live."""
    for key, rules in ineligible_lines(firing.findings).items():
        line = firing.dossier.line(key)
        if line is not None and line.state in FALLING:
            firing.cascade(line, "make_ineligible", reason=", ".join(rules))


def keep_scheme(firing: Firing) -> None:
    """Names the other scheme the dossier goes to; its porteur stands where it stood until the letter leaves."""
    scheme, dossier = str(firing.details["scheme"]), firing.dossier
    dossier.follow_up = {
        **dossier.follow_up,
        "reoriented_to": scheme,
        "reoriented_from": str(dossier.stage),
    }
    firing.recorded["scheme"] = scheme
    firing.payload.update(scheme=scheme, reason=firing.reason)
    closing = firing.details.get("closing")
    if isinstance(closing, Closing):
        firing.recorded["seance"] = firing.payload["seance"] = closing.seance.id
