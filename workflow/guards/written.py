# SPDX-License-Identifier: EUPL-1.2
"""Guards of a conference held in writing: it is never opened, each financer answers once, it closes at its date."""

from collections.abc import Iterable, Sequence

from sqlalchemy import select

from rules.findings import Finding
from workflow.firing import Firing, refusal
from workflow.models import FundingLine, Seance, SeanceItem
from workflow.stages import LineState, Role, SeanceStatus, Stage
from workflow.territory import BodyKind

MEETING, REMOTE, WRITTEN = "meeting", "remote", "written"
MODES = (MEETING, REMOTE, WRITTEN)
UNANSWERED = frozenset({LineState.ASKED, LineState.NO_REPLY})
NOBODY_ASKED = frozenset({LineState.NOT_ASKED, LineState.INELIGIBLE, LineState.CANCELLED})


def held_in_session(firing: Firing) -> Iterable[Finding]:
    """A séance held in writing is not opened as a meeting."""
    if firing.subject.mode == WRITTEN:
        yield refusal("guard.written", "session")


def held_in_writing(firing: Firing) -> Iterable[Finding]:
    """Only a séance held in writing closes without a meeting."""
    if firing.subject.mode != WRITTEN:
        yield refusal("guard.written", "meeting")


def may_be_written(firing: Firing) -> Iterable[Finding]:
    """Only a financers' conference is held in writing, and once."""
    body = firing.territory.body_by_code.get(firing.subject.body)
    if body is None or body.kind is not BodyKind.CONFERENCE:
        yield refusal("guard.written", "conference")
    elif firing.subject.mode == WRITTEN:
        yield refusal("guard.written", "already")


def consultation_over(firing: Firing) -> Iterable[Finding]:
    """The closing date has come, or every financer has answered."""
    seance: Seance = firing.subject
    if seance.mode != WRITTEN or seance.starts_at <= firing.now:
        return
    missing = [f"{line.dossier.reference} {line.key}" for line in lines_asked(seance) if not answered(line)]
    if missing:
        yield refusal("guard.written", "running", at=seance.starts_at, lines=missing)


def lines_asked(seance: Seance) -> Sequence[FundingLine]:
    """The lines of the agenda whose financer is asked, in order of the agenda."""
    return [line for item in seance.items for line in item.dossier.lines if line.state not in NOBODY_ASKED]


def answered(line: FundingLine) -> bool:
    """True when its financer has said something, before the consultation or in it."""
    return line.answered_at is not None and line.state not in UNANSWERED


def answers_once_in_writing(firing: Firing) -> Iterable[Finding]:
    """While a consultation runs, a financer answers once and before its date; its secretary types what came late."""
    line: FundingLine = firing.subject
    if line.dossier.stage != Stage.FINANCERS_CONFERENCE or firing.actor.has(
        Role.SECRETARY, line.dossier.contract_id
    ):
        return
    seance = firing.db.scalar(
        select(Seance)
        .join(SeanceItem, SeanceItem.seance_id == Seance.id)
        .where(SeanceItem.dossier_id == line.dossier_id)
        .where(Seance.mode == WRITTEN, Seance.status == SeanceStatus.CONVOKED)
        .limit(1)
    )
    if seance is None or seance.convoked_at is None:
        return
    if seance.starts_at < firing.now:
        yield refusal("guard.written", "late", at=seance.starts_at)
    elif line.answered_at is not None and line.answered_at >= seance.convoked_at and answered(line):
        yield refusal("guard.written", "once", line=line.key, at=line.answered_at)
