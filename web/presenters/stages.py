# SPDX-License-Identifier: EUPL-1.2
"""Stages for the eye: their tone, and the path of one dossier."""

from workflow.stages import STAGE_LABELS, LineState, OpinionValue, SeanceStatus, Stage

S = Stage
PATH: tuple[tuple[str, tuple[Stage, ...]], ...] = (
    ("Dépôt", (S.DRAFT, S.SUBMITTED, S.INCOMPLETE, S.INADMISSIBLE)),
    ("Recevable", (S.ADMISSIBLE,)),
    ("Réparti", (S.DISPATCHED,)),
    ("Co-instruction", (S.CO_INSTRUCTION,)),
    ("Conférence des financeurs", (S.FINANCERS_CONFERENCE,)),
    ("Comité d’engagement", (S.COMMITMENT, S.DEFERRED, S.REJECTED)),
    ("Retenu", (S.COMMITTED, S.CANCELLED)),
    ("Conventionné", (S.CONTRACTED,)),
    ("Bilan et clôture", (S.REPORTED, S.CLOSED)),
)
_TONES = {
    S.COMMITTED: "good",
    S.CONTRACTED: "good",
    S.REPORTED: "good",
    S.CLOSED: "quiet",
    S.INCOMPLETE: "wait",
    S.DEFERRED: "wait",
    S.REJECTED: "bad",
    S.INADMISSIBLE: "bad",
    S.DRAFT: "quiet",
    S.REORIENTED: "quiet",
    S.WITHDRAWN: "quiet",
    S.CANCELLED: "quiet",
}
_LINE_TONES = {
    LineState.ASKED: "wait",
    LineState.INDICATIVE: "plain",
    LineState.FIRM: "good",
    LineState.IN_KIND: "good",
    LineState.RETAINED: "good",
    LineState.GRANTED: "good",
    LineState.DECLINED: "bad",
    LineState.REFUSED: "bad",
    LineState.INELIGIBLE: "bad",
    LineState.NO_REPLY: "wait",
}
_SEANCE_TONES = {
    SeanceStatus.CONVOKED: "plain",
    SeanceStatus.OPEN: "wait",
    SeanceStatus.CLOSED: "good",
    SeanceStatus.CANCELLED: "bad",
}
_OPINION_TONES = {
    OpinionValue.FAVOURABLE: "good",
    OpinionValue.FAVOURABLE_WITH_RESERVATIONS: "wait",
    OpinionValue.UNFAVOURABLE: "bad",
}


DECISION_TONES = {
    "retained": "good",
    "rejected": "bad",
    "deferred": "wait",
    "reoriented": "plain",
    "validated": "good",
    "sent_back": "bad",
}


def tone_of(stage: str) -> str:
    """good, bad, wait, quiet or plain."""
    return _TONES.get(Stage(stage), "plain")


def line_tone(state: str) -> str:
    """The tone of a funding line's state."""
    return _LINE_TONES.get(LineState(state), "quiet")


def seance_tone(status: str) -> str:
    """The tone of a séance's status."""
    return _SEANCE_TONES.get(SeanceStatus(status), "quiet")


def opinion_tone(value: str | None) -> str:
    """The tone of an opinion."""
    return _OPINION_TONES.get(OpinionValue(value), "quiet") if value in tuple(OpinionValue) else "quiet"


def path_of(stage: str) -> list[dict[str, str]]:
    """The steps of a dossier: done, current or ahead. A dossier that left the way shows where it stopped being one."""
    here = next((rank for rank, (_, stages) in enumerate(PATH) if stage in stages), None)
    if here is None:
        return []
    steps = []
    for rank, (label, _) in enumerate(PATH):
        state = "done" if rank < here else "current" if rank == here else "ahead"
        shown = STAGE_LABELS[Stage(stage)] if rank == here else label
        steps.append({"label": shown, "state": state})
    return steps
