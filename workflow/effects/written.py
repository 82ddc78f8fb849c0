# SPDX-License-Identifier: EUPL-1.2
"""Effects of a conference held in writing: a meeting turned into a consultation, and its own minutes at closing."""

from typing import Any

from sqlalchemy import select

from workflow.effects import seances
from workflow.firing import Firing
from workflow.guards.written import WRITTEN, answered, lines_asked
from workflow.models import FundingLine, Journal, Seance
from workflow.stages import LINE_LABELS, LineState

ANSWERING = ("answer_indicative", "answer_firm", "answer_in_kind", "decline", "mark_not_concerned")


def hold_in_writing(firing: Firing) -> None:
    """The meeting becomes a consultation that closes at the new date."""
    seance: Seance = firing.subject
    firing.recorded["mode"] = {"before": seance.mode, "after": WRITTEN}
    seance.mode = WRITTEN
    seances.move(firing)


def close_consultation(firing: Firing) -> None:
    """Closed at its date: who answered and when, who did not. Nothing moves: the dossiers go on one by one."""
    seance: Seance = firing.subject
    seance.closed_at = firing.now
    lines, by = lines_asked(seance), _authors(firing, seance)
    names = {line.credit.organisation.code: line.credit.organisation.name for line in lines}
    written = [_financer(code or "", name, lines, by) for code, name in names.items()]
    seance.minutes = {"decisions": [], "present": [], "written": written}
    silent = [each["name"] for each in written if each["missing"]]
    firing.recorded.update(answered=len(written) - len(silent), silent=silent)
    firing.payload.update(seance=seance.id, sequence=seance.sequence, silent=silent)


def _financer(code: str, name: str, lines: Any, by: dict[tuple[str, str], tuple[str, str]]) -> dict[str, Any]:
    own: list[FundingLine] = [line for line in lines if line.credit.organisation.code == code]
    return {
        "financer": code,
        "name": name,
        "answers": [_answer(line, by) for line in own if answered(line)],
        "missing": [
            {"reference": line.dossier.reference, "line": line.key} for line in own if not answered(line)
        ],
    }


def _answer(line: FundingLine, by: dict[tuple[str, str], tuple[str, str]]) -> dict[str, Any]:
    at, who = by.get((f"dossier:{line.dossier_id}", f"line:{line.key}"), ("", ""))
    return {
        "reference": line.dossier.reference,
        "line": line.key,
        "answer": LINE_LABELS[LineState(line.state)],
        "amount": None if line.promised is None else str(line.promised),
        "reason": line.reason,
        "at": at or (line.answered_at.isoformat() if line.answered_at else ""),
        "by": who,
    }


def _authors(firing: Firing, seance: Seance) -> dict[tuple[str, str], tuple[str, str]]:
    """When each line was last answered and by whom, from the journal: (chain, subject) → (moment, address)."""
    chains = [f"dossier:{item.dossier_id}" for item in seance.items]
    rows = firing.db.scalars(
        select(Journal).where(Journal.chain.in_(chains), Journal.trigger.in_(ANSWERING)).order_by(Journal.seq)
    )
    return {(row.chain, row.subject): (row.at.isoformat(), row.actor) for row in rows}
